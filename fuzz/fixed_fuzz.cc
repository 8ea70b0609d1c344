// Fixed width from anybody: the first three bytes choose places, encoding and limits, the rest is
// the file. Whatever the steps and the size of batches, the same rows come out, each row once, with
// true places and valid arrays.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/fixed_source.h"
#include "read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  constexpr const char* kEncodings[] = {"utf-8", "windows-1252", "iso-8859-1"};
  constexpr char kPaddings[] = {' ', '0', '*', 'x'};
  eclusa::SourceOptions options;
  const int64_t width = 1 + (data[1] & 7);
  options.fixed = {{"b", width, 1 + (data[1] >> 3 & 7)}, {"a", 0, width}};
  if ((data[0] & 1) != 0) options.fixed.push_back({"c", width + 20, std::nullopt});
  if ((data[0] & 2) != 0) options.dialect.pad_short_lines = true;
  if ((data[0] & 4) != 0) options.dialect.line_length = 40;
  if ((data[0] & 8) != 0) options.dialect.header_lines = 1 + (data[1] >> 6);
  if ((data[0] & 16) != 0) options.dialect.row_bytes_max = 1 + (data[2] >> 2);
  if ((data[0] & 32) != 0) options.wanted = {"a"};
  options.dialect.padding = kPaddings[data[0] >> 6];
  options.dialect.padding_side = static_cast<eclusa::PaddingSide>(data[2] & 3);
  options.dialect.encoding = kEncodings[data[2] % 3];

  const auto read = [&](size_t block, size_t window) {
    auto input = eclusa::OpenMemoryInput(bytes, "f");
    if (!input.ok()) return std::string(input.error().code());
    auto source = eclusa::OpenFixed(std::move(input).value(), options, {block, window});
    return source.ok() ? eclusa::ReadAll(**source) : std::string(source.error().code());
  };
  const std::string whole = read(256 << 10, 32 << 10);
  // A damaged compressed file is noticed where the reading comes to it.
  const bool broken = whole.starts_with("file.");
  for (const size_t step : {size_t{1}, size_t{7}, size_t{64}, size_t{1000}}) {
    options.batch_rows = static_cast<int32_t>(step);
    if (read(step, 65 - step % 65) != whole && !broken) std::abort();
  }
  return 0;
}
