#include "formats/csv_buffer.h"

#include <algorithm>
#include <cstring>

#include "formats/csv_structure.h"
#include "formats/text_encoding.h"

namespace eclusa {

CsvBuffer::CsvBuffer(std::unique_ptr<Input> input, size_t block_bytes, int64_t offset)
    : input_(std::move(input)), block_bytes_(block_bytes), offset_(offset) {}

Status CsvBuffer::Fill() {
  CHECK(!at_end_);
  const size_t kept = end_ - begin_;
  const size_t wanted = std::max(block_bytes_, kept);
  if (begin_ > 0 && kept > 0) std::memmove(data_.data(), data_.data() + begin_, kept);
  begin_ = 0;
  end_ = kept;
  if (data_.size() < kept + wanted + kCsvPadding) data_.resize(kept + wanted + kCsvPadding);
  const size_t got = TRY(input_->Read(std::span(data_).subspan(kept, wanted)));
  if (non_ascii_at_ < 0) {
    const size_t ascii = AsciiBytes({data_.data() + kept, got});
    if (ascii < got) non_ascii_at_ = offset_ + static_cast<int64_t>(kept + ascii);
  }
  end_ += got;
  std::memset(data_.data() + end_, 0, kCsvPadding);
  at_end_ = got < wanted;
  return Ok();
}

void CsvBuffer::Consume(size_t bytes) {
  CHECK(bytes <= end_ - begin_);
  begin_ += bytes;
  offset_ += static_cast<int64_t>(bytes);
}

}  // namespace eclusa
