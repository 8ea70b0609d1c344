// What a SQLSTATE means for the caller: the one translator from the server's errors to ours.
//
// Source: PostgreSQL 15 manual, appendix A.
#pragma once

#include <string_view>

#include "core/result.h"

namespace eclusa {

// Conflict: 40xxx and lock not available: do the unit again. Unavailable: 08, 53, 57P: later.
// Cancelled: 57014. Invalid: the rest.
ErrorKind KindOfSqlState(std::string_view sql_state);

// Whether a failing statement's SQLSTATE can be some row's fault (load.md 3.5): every class but
// 08, 40, 53, 57 and XX; of 54 only 54000, an index row that is too large.
bool IsRowsFault(std::string_view sql_state);

}  // namespace eclusa
