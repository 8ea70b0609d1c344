#include "formats/text_source.h"

#include "io/files.h"

namespace eclusa {

Status ContinueAtPart(const SourceOptions& options, size_t block_bytes, TextRows& rows) {
  const SourcePart& part = *options.part;
  const Files& files = options.files == nullptr ? LocalDisk() : *options.files;
  CsvBuffer buffer(InputFrom(TRY(files.OpenAnywhere(options.path)), part.begin, options.path),
                   block_bytes, part.begin);
  rows.Continue(std::move(buffer),
                {.byte_offset = part.begin, .row = part.first_row, .line = part.first_line},
                part.end);
  return Ok();
}

}  // namespace eclusa
