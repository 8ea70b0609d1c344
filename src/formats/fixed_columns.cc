#include "formats/fixed_columns.h"

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

static_assert(kCopySlack <= kCsvPadding);

uint64_t LoadEight(const char* at) {
  uint64_t eight;
  std::memcpy(&eight, at, 8);
  return eight;
}

// Where a value begins and ends in its text; `text` is the first byte that may be read, and eight
// bytes behind `end` may be.
struct Value {
  const char* begin;
  const char* end;

  [[gnu::always_inline]] void TrimRight(const char* text, char padding, uint64_t eight_paddings) {
    while (end - text >= 8) {
      const uint64_t different = LoadEight(end - 8) ^ eight_paddings;
      const int same = different == 0 ? 8 : __builtin_clzll(different) / 8;
      end -= std::min<ptrdiff_t>(same, end - begin);
      if (same < 8 || end == begin) return;
    }
    while (end > begin && end[-1] == padding) --end;
  }
  [[gnu::always_inline]] void TrimLeft(uint64_t eight_paddings) {
    while (begin < end) {
      const uint64_t different = LoadEight(begin) ^ eight_paddings;
      const int same = different == 0 ? 8 : __builtin_ctzll(different) / 8;
      begin += std::min<ptrdiff_t>(same, end - begin);
      if (same < 8) return;
    }
  }
};

}  // namespace

struct FixedColumns::Column {
  FixedLayout::Column place;
  std::shared_ptr<arrow::ResizableBuffer> offsets;
  std::shared_ptr<arrow::ResizableBuffer> data;
  std::vector<uint8_t> present;  // one a row
  int32_t size = 0;              // of the data
  int64_t nulls = 0;
  int64_t expected_size = 0;  // what the last batch had

  arrow::Status Begin(int64_t rows_max) {
    ARROW_ASSIGN_OR_RAISE(offsets, arrow::AllocateResizableBuffer((rows_max + 1) * 4));
    reinterpret_cast<int32_t*>(offsets->mutable_data())[0] = 0;
    ARROW_ASSIGN_OR_RAISE(data,
                          arrow::AllocateResizableBuffer(expected_size + expected_size / 16 + 256));
    present.resize(static_cast<size_t>(rows_max));
    size = 0;
    nulls = 0;
    return arrow::Status::OK();
  }

  arrow::Status Reserve(size_t more) {
    const int64_t needed = size + static_cast<int64_t>(more + kCopySlack);
    if (needed <= data->size()) return arrow::Status::OK();
    return data->Resize(std::max(needed, data->size() * 2), /*shrink_to_fit=*/false);
  }

  arrow::Result<std::shared_ptr<arrow::Array>> Finish(int64_t rows) {
    expected_size = size;
    ARROW_RETURN_NOT_OK(offsets->Resize((rows + 1) * 4, /*shrink_to_fit=*/false));
    ARROW_RETURN_NOT_OK(data->Resize(size, /*shrink_to_fit=*/false));
    std::shared_ptr<arrow::Buffer> validity;
    if (nulls > 0) {
      ARROW_ASSIGN_OR_RAISE(auto bits, arrow::AllocateEmptyBitmap(rows));
      for (int64_t i = 0; i < rows; ++i) {
        bits->mutable_data()[i / 8] |=
            static_cast<uint8_t>(present[static_cast<size_t>(i)] << (i % 8));
      }
      validity = std::move(bits);
    }
    return std::make_shared<arrow::StringArray>(rows, std::move(offsets), std::move(data),
                                                std::move(validity), nulls);
  }
};

// The lines being appended.
struct FixedColumns::Piece {
  const char* data;
  const FixedWindow* window;
  size_t from;
  size_t count;
};

FixedColumns::FixedColumns(const FixedLayout& layout, const std::vector<size_t>& wanted,
                           int64_t rows_max, TextEncoding encoding, FixedPadding padding)
    : layout_(layout),
      rows_max_(rows_max),
      characters_(encoding == TextEncoding::kUtf8 ? nullptr : &CharactersOf(encoding)),
      padding_(padding),
      columns_(wanted.size()) {
  for (size_t i = 0; i < wanted.size(); ++i) columns_[i].place = layout.columns()[wanted[i]];
}

FixedColumns::FixedColumns(FixedColumns&&) noexcept = default;
FixedColumns::~FixedColumns() = default;

template <bool kMapped, bool kDecode>
arrow::Status FixedColumns::AppendColumn(const Piece& piece, Column& column) {
  const bool left = padding_.side == PaddingSide::kBoth || padding_.side == PaddingSide::kLeft;
  const bool right = padding_.side == PaddingSide::kBoth || padding_.side == PaddingSide::kRight;
  const uint64_t eight_paddings = 0x0101010101010101 * static_cast<uint8_t>(padding_.character);
  auto* offsets = reinterpret_cast<int32_t*>(column.offsets->mutable_data()) + rows_;
  uint8_t* present = column.present.data() + rows_;
  char* out = reinterpret_cast<char*>(column.data->mutable_data());
  auto capacity = static_cast<size_t>(column.data->size());
  auto size = static_cast<size_t>(column.size);
  const FixedLayout::Column& place = column.place;
  const size_t cuts = layout_.cuts().size();
  int64_t nulls = 0;
  for (size_t i = piece.from; i < piece.from + piece.count; ++i) {
    const FixedWindow::Line line = piece.window->lines[i];
    size_t begin;
    size_t end;
    if constexpr (kMapped) {
      const uint32_t* of_line = piece.window->cuts.data() + i * cuts;
      begin = of_line[place.begin_cut];
      end = place.end_cut == cuts ? line.length : of_line[place.end_cut];
    } else {
      begin = std::min<size_t>(place.begin, line.length);
      end = std::min<size_t>(place.end, line.length);
    }
    const char* text = piece.data + line.begin;
    Value value{text + begin, text + end};
    if (right) value.TrimRight(piece.data, padding_.character, eight_paddings);
    if (left) value.TrimLeft(eight_paddings);
    // Of zeros, one is left.
    if (value.begin == value.end && padding_.character == '0' && end > begin) {
      value = {text + begin, text + begin + 1};
    }
    const auto length = static_cast<size_t>(value.end - value.begin);
    *present++ = length != 0;
    nulls += length == 0 ? 1 : 0;
    const size_t room = kDecode ? 3 * length : length;
    if (size + room + kCopySlack > capacity) [[unlikely]] {
      column.size = static_cast<int32_t>(size);
      ARROW_RETURN_NOT_OK(column.Reserve(room));
      out = reinterpret_cast<char*>(column.data->mutable_data());
      capacity = static_cast<size_t>(column.data->size());
    }
    if constexpr (kDecode) {
      size += CopyDecoding(out + size, value.begin, length, *characters_);
    } else {
      CopyShort(out + size, value.begin, length);
      size += length;
    }
    *++offsets = static_cast<int32_t>(size);
  }
  column.size = static_cast<int32_t>(size);
  column.nulls += nulls;
  return arrow::Status::OK();
}

arrow::Status FixedColumns::Append(const char* data, const FixedWindow& window, size_t from,
                                   size_t count) {
  if (count == 0) return arrow::Status::OK();
  CHECK(rows_ + static_cast<int64_t>(count) <= rows_max_);
  const Piece piece{data, &window, from, count};
  const bool decode = characters_ != nullptr && window.has_non_ascii;
  bytes_ = 0;
  for (Column& column : columns_) {
    if (column.data == nullptr) ARROW_RETURN_NOT_OK(column.Begin(rows_max_));
    if (!window.cuts.empty()) {
      ARROW_RETURN_NOT_OK((AppendColumn<true, false>(piece, column)));
    } else if (decode) {
      ARROW_RETURN_NOT_OK((AppendColumn<false, true>(piece, column)));
    } else {
      ARROW_RETURN_NOT_OK((AppendColumn<false, false>(piece, column)));
    }
    bytes_ += column.size;
  }
  rows_ += static_cast<int64_t>(count);
  return arrow::Status::OK();
}

arrow::Status FixedColumns::Finish(const std::shared_ptr<arrow::Schema>& schema,
                                   std::shared_ptr<arrow::RecordBatch>* batch) {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  arrays.reserve(columns_.size());
  for (Column& column : columns_) {
    if (column.data == nullptr) ARROW_RETURN_NOT_OK(column.Begin(rows_max_));
    ARROW_ASSIGN_OR_RAISE(auto array, column.Finish(rows_));
    arrays.push_back(std::move(array));
    column.offsets.reset();
    column.data.reset();
  }
  *batch = arrow::RecordBatch::Make(schema, rows_, std::move(arrays));
  rows_ = 0;
  bytes_ = 0;
  return arrow::Status::OK();
}

}  // namespace eclusa
