// Which of Arrow's memory pools suits batches that are made by one thread and freed by another.
#pragma once

namespace eclusa {

// Arrow takes its default pool's name from here, once.
inline constexpr const char* kMemoryPoolVariable = "ARROW_DEFAULT_MEMORY_POOL";

// "jemalloc" where Arrow was built with it: a load peaks a third lower than with mimalloc, Arrow's
// own choice, and spends less time on pages (./x bench load). Else "system".
const char* PreferredMemoryPool();

}  // namespace eclusa
