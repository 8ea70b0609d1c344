// eclusa_scan FILE [COLUMN...]: reads a file from front to back, as a load does, and prints its
// rows, the rows that could not be read, and the seconds that it took. For benchmarks; not
// installed.
#include <chrono>
#include <cstdio>

#include "formats/source.h"
#include "model/codes.h"

namespace {

int Scan(const eclusa::SourceOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  int64_t rows = 0;
  int64_t unreadable = 0;
  auto source = eclusa::OpenSource(options);
  while (source.ok()) {
    auto batch = (*source)->Next();
    if (!batch.ok()) {
      source = std::move(batch).error();
      break;
    }
    if (!batch->has_value()) break;
    rows += (**batch).row_count();
    unreadable += static_cast<int64_t>((**batch).unreadable.size());
  }
  if (!source.ok()) {
    std::printf("%s\n", eclusa::Text(source.error(), eclusa::Language::kEnglish).c_str());
    return 1;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("rows %lld unreadable %lld seconds %.3f\n", static_cast<long long>(rows),
              static_cast<long long>(unreadable), seconds.count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::printf("usage: eclusa_scan FILE [COLUMN...]\n");
    return 2;
  }
  eclusa::SourceOptions options;
  options.path = argv[1];
  options.wanted.assign(argv + 2, argv + argc);
  return Scan(options);
}
