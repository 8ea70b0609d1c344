// The keys of the advisory locks that control takes, in one place, so that no two mean the same.
//
// A job's lock is the 64-bit key (kJobLockSpace << 32) | (id & 0xFFFFFFFF), a session's lock:
// whoever holds it works on the job. Locks of other spaces may be added here.
#pragma once

#include <cstdint>
#include <string>

namespace eclusa {

inline constexpr int64_t kJobLockSpace = 0x45434C4A;     // "ECLJ": a job is alive
inline constexpr int64_t kSchemaLockSpace = 0x45434C53;  // "ECLS": the control schema is upgraded

// As a parameter of the statements that build or look for such keys.
inline std::string JobLockSpace() { return std::to_string(kJobLockSpace); }

}  // namespace eclusa
