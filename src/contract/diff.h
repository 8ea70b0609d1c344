// DiffContracts: whether a new contract accepts all that the old one accepted, item by item.
//
// Properties and lists are matched by their name in the file, with the lists and objects around it:
// `contatos.nome`. A difference is breaking where a row that the old contract let through can fail
// under the new one, where the same bytes now mean something else, or where rows that a list
// brought are no longer written. Where that cannot be told (two patterns), it counts as breaking.
// Pure.
#pragma once

#include <vector>

#include "contract/contract.h"
#include "core/result.h"

namespace eclusa {

struct Difference {
  Error item;  // a code contract.diff_*
  bool breaking = false;
};

// In the order of the new contract; removed properties last. Empty: they say the same.
std::vector<Difference> DiffContracts(const Contract& before, const Contract& after);

bool Compatible(const std::vector<Difference>& differences);

}  // namespace eclusa
