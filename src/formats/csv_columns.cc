#include "formats/csv_columns.h"

#include <arrow/array/array_binary.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <cstring>

#include "formats/copy_value.h"

namespace eclusa {
namespace {

constexpr size_t kSlack = kCopySlack;
static_assert(kSlack <= kCsvPadding);

// The content of a quoted field with its doubled quotes halved.
size_t CopyHalvingQuotes(char* out, const char* in, size_t length, char quote) {
  char* const begin = out;
  const char* const end = in + length;
  while (in < end) {
    const void* found = std::memchr(in, quote, static_cast<size_t>(end - in));
    const auto* stop = found == nullptr ? end : static_cast<const char*>(found) + 1;
    std::memcpy(out, in, static_cast<size_t>(stop - in));
    out += stop - in;
    in = found == nullptr ? end : stop + 1;
  }
  return static_cast<size_t>(out - begin);
}

}  // namespace

struct CsvColumns::Column {
  int position = 0;  // in the file
  std::shared_ptr<arrow::ResizableBuffer> offsets;
  std::shared_ptr<arrow::ResizableBuffer> data;
  std::shared_ptr<arrow::ResizableBuffer> validity;  // null: no nulls so far
  int32_t size = 0;                                  // of the data
  int64_t nulls = 0;
  int64_t expected_size = 0;  // what the last batch had

  arrow::Status Reserve(size_t more) {
    const int64_t needed = size + static_cast<int64_t>(more + kSlack);
    if (needed <= data->size()) return arrow::Status::OK();
    return data->Resize(std::max(needed, data->size() * 2), /*shrink_to_fit=*/false);
  }
};

// Where the fields of the rows being appended lie.
struct CsvColumns::Fields {
  const char* data;
  const uint32_t* ends;
  std::span<const CsvRowAt> rows;
  bool doubled_quotes;
};

CsvColumns::CsvColumns(std::vector<int> columns, int64_t rows_max, TextEncoding encoding,
                       char quote)
    : rows_max_(rows_max), quote_(quote), columns_(columns.size()) {
  SetEncoding(encoding);
  for (size_t i = 0; i < columns.size(); ++i) columns_[i].position = columns[i];
}

CsvColumns::CsvColumns(CsvColumns&&) noexcept = default;
CsvColumns::~CsvColumns() = default;

void CsvColumns::SetEncoding(TextEncoding encoding) {
  characters_ = encoding == TextEncoding::kUtf8 ? nullptr : &CharactersOf(encoding);
}

arrow::Status CsvColumns::Begin(Column& column) const {
  ARROW_ASSIGN_OR_RAISE(column.offsets, arrow::AllocateResizableBuffer((rows_max_ + 1) * 4));
  reinterpret_cast<int32_t*>(column.offsets->mutable_data())[0] = 0;
  const int64_t expected = column.expected_size + column.expected_size / 16 + 256;
  ARROW_ASSIGN_OR_RAISE(column.data, arrow::AllocateResizableBuffer(expected));
  column.validity.reset();
  column.size = 0;
  column.nulls = 0;
  return arrow::Status::OK();
}

template <bool kQuotes, bool kDecode>
arrow::Status CsvColumns::AppendColumn(const Fields& fields, Column& column) {
  const auto position = static_cast<uint32_t>(column.position);
  auto* offsets = reinterpret_cast<int32_t*>(column.offsets->mutable_data()) + rows_;
  char* out = reinterpret_cast<char*>(column.data->mutable_data());
  auto capacity = static_cast<size_t>(column.data->size());
  auto size = static_cast<size_t>(column.size);
  uint8_t* present = present_.data();
  for (const CsvRowAt& row : fields.rows) {
    const uint32_t* end = fields.ends + row.first_end + position;
    const uint32_t begin = position == 0 ? row.begin : end[-1] + 1;
    size_t length = *end - begin;
    const char* in = fields.data + begin;
    *present++ = length != 0;
    const size_t room = kDecode ? 3 * length : length;
    if (size + room + kSlack > capacity) [[unlikely]] {
      column.size = static_cast<int32_t>(size);
      ARROW_RETURN_NOT_OK(column.Reserve(room));
      out = reinterpret_cast<char*>(column.data->mutable_data());
      capacity = static_cast<size_t>(column.data->size());
    }
    if (kQuotes && length != 0 && *in == quote_) {
      ++in;
      length -= 2;
      if (fields.doubled_quotes && std::memchr(in, quote_, length) != nullptr) {
        if constexpr (kDecode) {
          // Quotes are ASCII: halved first, in the bytes of the file, then decoded.
          std::string halved(length, '\0');
          halved.resize(CopyHalvingQuotes(halved.data(), in, length, quote_));
          size += CopyDecoding(out + size, halved.data(), halved.size(), *characters_);
        } else {
          size += CopyHalvingQuotes(out + size, in, length, quote_);
        }
        *++offsets = static_cast<int32_t>(size);
        continue;
      }
    }
    if constexpr (kDecode) {
      size += CopyDecoding(out + size, in, length, *characters_);
    } else {
      CopyShort(out + size, in, length);
      size += length;
    }
    *++offsets = static_cast<int32_t>(size);
  }
  column.size = static_cast<int32_t>(size);
  return arrow::Status::OK();
}

arrow::Status CsvColumns::MarkNulls(Column& column, size_t rows) const {
  size_t count = 0;
  for (size_t i = 0; i < rows; ++i) count += present_[i];
  if (count == rows && column.validity == nullptr) return arrow::Status::OK();
  if (column.validity == nullptr) {
    ARROW_ASSIGN_OR_RAISE(column.validity,
                          arrow::AllocateResizableBuffer(arrow::bit_util::BytesForBits(rows_max_)));
    // The rows before were there; those to come are set or cleared below, when they come.
    std::memset(column.validity->mutable_data(), 0xFF,
                static_cast<size_t>(column.validity->size()));
  }
  uint8_t* bits = column.validity->mutable_data();
  for (size_t i = 0; i < rows; ++i) {
    const size_t bit = static_cast<size_t>(rows_) + i;
    const auto mask = static_cast<uint8_t>(1 << (bit % 8));
    bits[bit / 8] = static_cast<uint8_t>((bits[bit / 8] & ~mask) | (present_[i] != 0 ? mask : 0));
  }
  column.nulls += static_cast<int64_t>(rows - count);
  return arrow::Status::OK();
}

arrow::Status CsvColumns::Append(const char* data, const CsvStructure& structure,
                                 std::span<const CsvRowAt> rows) {
  if (rows.empty()) return arrow::Status::OK();
  CHECK(rows_ + static_cast<int64_t>(rows.size()) <= rows_max_);
  const Fields fields{data, structure.field_ends(), rows, structure.has_doubled_quotes()};
  if (present_.size() < rows.size()) present_.resize(rows.size());
  const bool decode = characters_ != nullptr && structure.has_non_ascii();
  bytes_ = 0;
  for (Column& column : columns_) {
    if (column.data == nullptr) ARROW_RETURN_NOT_OK(Begin(column));
    if (structure.has_quotes()) {
      ARROW_RETURN_NOT_OK(decode ? (AppendColumn<true, true>(fields, column))
                                 : (AppendColumn<true, false>(fields, column)));
    } else {
      ARROW_RETURN_NOT_OK(decode ? (AppendColumn<false, true>(fields, column))
                                 : (AppendColumn<false, false>(fields, column)));
    }
    ARROW_RETURN_NOT_OK(MarkNulls(column, rows.size()));
    bytes_ += column.size;
  }
  rows_ += static_cast<int64_t>(rows.size());
  return arrow::Status::OK();
}

arrow::Status CsvColumns::Finish(const std::shared_ptr<arrow::Schema>& schema,
                                 std::shared_ptr<arrow::RecordBatch>* batch) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  arrays.reserve(columns_.size());
  for (Column& column : columns_) {
    if (column.data == nullptr) ARROW_RETURN_NOT_OK(Begin(column));
    column.expected_size = column.size;
    ARROW_RETURN_NOT_OK(column.offsets->Resize((rows_ + 1) * 4, /*shrink_to_fit=*/false));
    ARROW_RETURN_NOT_OK(column.data->Resize(column.size, /*shrink_to_fit=*/false));
    if (column.validity != nullptr) {
      ARROW_RETURN_NOT_OK(
          column.validity->Resize(arrow::bit_util::BytesForBits(rows_), /*shrink_to_fit=*/false));
    }
    arrays.push_back(std::make_shared<arrow::StringArray>(
        rows_, std::move(column.offsets), std::move(column.data), std::move(column.validity),
        column.nulls));
    column.offsets.reset();
    column.data.reset();
    column.validity.reset();
  }
  *batch = arrow::RecordBatch::Make(schema, rows_, std::move(arrays));
  rows_ = 0;
  bytes_ = 0;
  return arrow::Status::OK();
}

}  // namespace eclusa
