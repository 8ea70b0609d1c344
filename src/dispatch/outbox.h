// The outbox: rows of eclusa.outbox, each a hint that waits to be sent.
//
// Who makes a job or a part ready writes its row in the same statement, if somebody sends:
// WantMessages says so, for a minute. Functions are one statement each, autocommitted. Threads: as
// the connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/result.h"
#include "dispatch/hint.h"
#include "pg/connection.h"

namespace eclusa {

Status WantMessages(Connection& connection);

struct DueHint {
  int64_t id = 0;
  ReadyHint hint;
};
// What may be sent now, the oldest first, so many at most.
Result<std::vector<DueHint>> ReadDue(Connection& connection, int most);
// How long until the next may be; nothing: there is none.
Result<std::optional<std::chrono::milliseconds>> ReadNextDue(Connection& connection);
Status DeleteSent(Connection& connection, const std::vector<DueHint>& sent);
// Those that could have been sent so long ago: all who look by themselves have seen what they tell.
// How many there were.
Result<int64_t> DiscardLate(Connection& connection, std::chrono::milliseconds late);

}  // namespace eclusa
