#include "io/memory_pool.h"

#include <arrow/memory_pool.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>

namespace eclusa {

const char* PreferredMemoryPool() {
  const std::vector<std::string> there = arrow::SupportedMemoryBackendNames();
  const bool jemalloc = std::find(there.begin(), there.end(), "jemalloc") != there.end();
  return jemalloc ? "jemalloc" : "system";
}

void ShareMemoryAmongThreads() {
  setenv(kMemoryPoolVariable, "system", /*overwrite=*/1);
  mallopt(M_ARENA_MAX, 2);
}

}  // namespace eclusa
