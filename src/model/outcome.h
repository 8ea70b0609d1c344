// Outcomes: what became of each row of a load, and the law that nothing is lost.
//
// Source: load.md section 1 of the design.
#pragma once

#include <cstdint>
#include <string_view>

namespace eclusa {

enum class Outcome : uint8_t {
  kInserted,
  kUpdated,
  kUnchanged,
  kDeleted,
  kSuperseded,
  kDuplicate,
  kWaiting,
  kFailed,
  kSkipped,
};

std::string_view Name(Outcome outcome);  // "inserted"

struct OutcomeCounts {
  int64_t read = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t deleted = 0;
  int64_t superseded = 0;
  int64_t duplicate = 0;
  int64_t waiting = 0;
  int64_t failed = 0;
  int64_t skipped = 0;
  // Outside the law, because nobody read them:
  int64_t removed = 0;   // absent from the file, taken away by replace
  int64_t cascaded = 0;  // taken along by ON DELETE CASCADE

  bool Balances() const {
    return read == inserted + updated + unchanged + deleted + superseded + duplicate + waiting +
                       failed + skipped;
  }
};

}  // namespace eclusa
