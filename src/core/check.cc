#include "core/check.h"

#include <cstdlib>

#include "core/log.h"

namespace eclusa {

void CheckFailed(const char* condition, const char* file, int line) {
  LogError("program", {{"check", condition}, {"file", file}, {"line", std::to_string(line)}});
  std::abort();
}

}  // namespace eclusa
