// Avro from anybody: the file, read whole and column by column, in batches of several sizes. The
// same rows come out, each row once, in valid arrays.
#include <arrow/type.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "formats/avro_source.h"
#include "read_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  eclusa::SourceOptions options;
  std::string first;
  const auto read = [&] {
    auto input = eclusa::OpenMemoryInput(bytes, "f");
    if (!input.ok()) return std::string(input.error().code());
    auto source = eclusa::OpenAvro(std::move(input).value(), options);
    if (!source.ok()) return std::string(source.error().code());
    if ((*source)->schema().num_fields() > 0) first = (*source)->schema().field(0)->name();
    return eclusa::ReadAll(**source);
  };
  const std::string whole = read();
  for (const int32_t rows : {1, 7, 100}) {
    options.batch_rows = rows;
    if (read() != whole) std::abort();
  }
  // What is skipped and what is read are of the same length.
  if (first.empty()) return 0;
  options.wanted = {first};
  read();
  options.wanted = {first + "?"};
  read();
  return 0;
}
