#include "model/outcome.h"

#include "core/check.h"

namespace eclusa {

std::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kInserted:
      return "inserted";
    case Outcome::kUpdated:
      return "updated";
    case Outcome::kUnchanged:
      return "unchanged";
    case Outcome::kDeleted:
      return "deleted";
    case Outcome::kSuperseded:
      return "superseded";
    case Outcome::kDuplicate:
      return "duplicate";
    case Outcome::kWaiting:
      return "waiting";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kSkipped:
      return "skipped";
  }
  CHECK(false);
}

}  // namespace eclusa
