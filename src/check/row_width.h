// Rows that no page of PostgreSQL holds.
//
// A row stands in one page of 8 KiB: what is long of it may go elsewhere and leave a pointer, so
// that it is many values, not long ones, which are too many: 8,160 bytes in all (MaxHeapTupleSize
// of PostgreSQL's access/htup_details.h), of which a value that was moved away takes 18 and one
// too short for that up to 21. The sizes are those of the stage, whose own columns are counted.
// That PostgreSQL may also compress a value below a pointer is left out. Pure.
#pragma once

#include <vector>

#include "check/checker.h"
#include "check/findings.h"
#include "model/typed_column.h"

namespace eclusa {

// Adds a reason (row.too_wide) to each row that is. `bound`: what the columns are.
void CheckRowWidths(const std::vector<BoundColumn>& bound, const std::vector<TypedColumn>& columns,
                    Findings& findings);

}  // namespace eclusa
