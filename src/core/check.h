// CHECK(condition): the program is wrong. Logs where and aborts; never for data, never for I/O.
#pragma once

namespace eclusa {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace eclusa

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]] {                         \
      ::eclusa::CheckFailed(#condition, __FILE__, __LINE__); \
    }                                                        \
  } while (false)
