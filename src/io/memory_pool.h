// Which of Arrow's memory pools suits batches that are made by one thread and freed by another.
#pragma once

namespace eclusa {

// Arrow takes its default pool's name from here, once.
inline constexpr const char* kMemoryPoolVariable = "ARROW_DEFAULT_MEMORY_POOL";

// "jemalloc" where Arrow was built with it: a load peaks a third lower than with mimalloc, Arrow's
// own choice, and spends less time on pages (./x bench load). Else "system".
const char* PreferredMemoryPool();

// For a process that loads nothing and looks at files in many threads, before it has any: the
// system's pool with two arenas. jemalloc, and an arena for each thread, kept more and more for
// half an hour and longer (./x soak).
void ShareMemoryAmongThreads();

}  // namespace eclusa
