#include "io/memory_pool.h"

#include <arrow/memory_pool.h>

#include <algorithm>

namespace eclusa {

const char* PreferredMemoryPool() {
  const std::vector<std::string> there = arrow::SupportedMemoryBackendNames();
  const bool jemalloc = std::find(there.begin(), there.end(), "jemalloc") != there.end();
  return jemalloc ? "jemalloc" : "system";
}

}  // namespace eclusa
