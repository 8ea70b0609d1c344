// eclusa check-document: whether numbers of documents are sound, and what exactly is wrong.
//
// Names no other number as the right one: of several that would do, the value does not tell which
// was meant. Reads nothing but its arguments.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "app/command.h"

namespace eclusa {

struct CheckDocumentOptions {
  std::vector<std::string> values;
  std::string kind;  // cpf, cnpj, cpf_or_cnpj, cep, uf, ibge; empty: by the length
  bool json = false;
};

void AddCheckDocumentCommand(CLI::App& app, CommandContext& context);

// kExitGood, or kExitFailures where one of the values is not valid.
int RunCheckDocument(const CheckDocumentOptions& options, const CommandContext& context,
                     std::ostream& out);

}  // namespace eclusa
