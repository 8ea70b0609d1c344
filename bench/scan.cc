// eclusa_scan FILE [COLUMN...]: reads a file from front to back, as a load does, and prints its
// rows, the rows that could not be read, and the seconds that it took. NAME@OFFSET+WIDTH is a
// column of a fixed width file (without +WIDTH to the end of the line). For benchmarks; not
// installed.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

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

// Of NAME@OFFSET+WIDTH.
eclusa::FixedColumn FixedColumnOf(const std::string& word) {
  const size_t at = word.find('@');
  const size_t plus = word.find('+', at);
  eclusa::FixedColumn column;
  column.name = word.substr(0, at);
  column.offset = std::atoll(word.c_str() + at + 1);
  if (plus != std::string::npos) column.width = std::atoll(word.c_str() + plus + 1);
  return column;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::printf("usage: eclusa_scan FILE [COLUMN...]\n");
    return 2;
  }
  eclusa::SourceOptions options;
  options.path = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.find('@') != std::string::npos) {
      options.fixed.push_back(FixedColumnOf(word));
    } else {
      options.wanted.push_back(word);
    }
  }
  return Scan(options);
}
