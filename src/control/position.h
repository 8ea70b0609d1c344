// Source positions and the ledger's memory of files: what keeps a load from being done twice.
//
// Both are asked inside the final transaction, after the target's lock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

// Moves the named position from `expected` to `next` (empty `expected`: the name must be new).
// Waits for a concurrent mover to end. kInvalid (position.moved) where it stands elsewhere: the
// same load would be wrong again, so it is not retried.
Status CompareAndSetPosition(Connection& connection, const std::string& name,
                             const std::string& expected, const std::string& next);
Result<std::optional<std::string>> ReadPosition(Connection& connection, const std::string& name);

struct EarlierAppend {
  int64_t job_id = 0;
  std::string sha256;
  std::string committed_at;  // as the server writes it
};
// The first load that appended one of these files to this target and committed; nothing: none did.
Result<std::optional<EarlierAppend>> AppendedBefore(Connection& connection, const TableName& target,
                                                    const std::vector<std::string>& sha256s);

}  // namespace eclusa
