#include "pg/copy_encoder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/check.h"

namespace eclusa {
namespace {

// Rows of a block: their output (some 100 to 500 bytes a row) should stay in the second-level cache
// while each column is added to it.
constexpr size_t kBlockRows = 512;
constexpr size_t kInitialBytes = 1 << 20;
constexpr char kJsonbVersion = 1;
// "PGCOPY\n\377\r\n\0", no flags, no extension.
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
constexpr std::string_view kTrailer("\377\377", 2);

template <class T>
T BigEndian(T value) {
  if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) {
    return value;
  } else if constexpr (sizeof(T) == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  } else {
    return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

template <class T>
char* Put(char* to, T value) {
  const T swapped = BigEndian(value);
  std::memcpy(to, &swapped, sizeof swapped);
  return to + sizeof swapped;
}

// Short texts are the rule: two overlapping words are cheaper than a call to memcpy.
char* PutBytes(char* to, const char* from, size_t size) {
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

// The rows of a block and where the next field of each goes.
struct Block {
  std::span<const int32_t> order;
  char** cursors;
};

// Adds a field of `kWidth` bytes to each row; `put(to, row)` writes them.
template <int kWidth, class PutValue>
void AddFixed(const TypedColumn& column, const Block& block, PutValue put) {
  const bool nulls = column.HasNulls();
  for (size_t i = 0; i < block.order.size(); ++i) {
    const int32_t row = block.order[i];
    char* to = block.cursors[i];
    if (nulls && column.IsNull(row)) {
      block.cursors[i] = Put<int32_t>(to, -1);
      continue;
    }
    to = Put<int32_t>(to, kWidth);
    put(to, row);
    block.cursors[i] = to + kWidth;
  }
}

template <class T>
void AddNumber(const TypedColumn& column, const Block& block) {
  AddFixed<sizeof(T)>(column, block,
                      [&](char* to, int32_t row) { Put<T>(to, column.Fixed<T>(row)); });
}

void AddUuid(const TypedColumn& column, const Block& block) {
  AddFixed<16>(column, block,
               [&](char* to, int32_t row) { std::memcpy(to, column.FixedBytes(row, 16), 16); });
}

// Host order in the column: int64 microseconds, int32 days, int32 months; so in COPY, big-endian.
void AddInterval(const TypedColumn& column, const Block& block) {
  AddFixed<16>(column, block, [&](char* to, int32_t row) {
    const uint8_t* from = column.FixedBytes(row, 16);
    int64_t microseconds = 0;
    int32_t days = 0;
    int32_t months = 0;
    std::memcpy(&microseconds, from, 8);
    std::memcpy(&days, from + 8, 4);
    std::memcpy(&months, from + 12, 4);
    Put(Put(Put(to, microseconds), days), months);
  });
}

template <bool kJsonb>
void AddVarying(const TypedColumn& column, const Block& block) {
  const bool nulls = column.HasNulls();
  for (size_t i = 0; i < block.order.size(); ++i) {
    const int32_t row = block.order[i];
    char* to = block.cursors[i];
    if (nulls && column.IsNull(row)) {
      block.cursors[i] = Put<int32_t>(to, -1);
      continue;
    }
    const std::string_view value = column.Bytes(row);
    to = Put<int32_t>(to, static_cast<int32_t>(value.size() + (kJsonb ? 1 : 0)));
    if (kJsonb) *to++ = kJsonbVersion;
    block.cursors[i] = PutBytes(to, value.data(), value.size());
  }
}

using AddField = void (*)(const TypedColumn&, const Block&);

// How a kind is written; null: it cannot stand in a stage.
AddField FieldWriter(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
      return AddNumber<uint8_t>;
    case TypeKind::kInt2:
      return AddNumber<int16_t>;
    case TypeKind::kInt4:
    case TypeKind::kFloat4:
    case TypeKind::kDate:
      return AddNumber<int32_t>;
    case TypeKind::kInt8:
    case TypeKind::kFloat8:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestamptz:
      return AddNumber<int64_t>;
    case TypeKind::kUuid:
      return AddUuid;
    case TypeKind::kInterval:
      return AddInterval;
    case TypeKind::kJsonb:
      return AddVarying<true>;
    case TypeKind::kNumeric:
    case TypeKind::kText:
    case TypeKind::kVarchar:
    case TypeKind::kBpchar:
    case TypeKind::kCitext:
    case TypeKind::kBytea:
    case TypeKind::kJson:
    case TypeKind::kInet:
    case TypeKind::kCidr:
    case TypeKind::kEnum:
    case TypeKind::kArray:
      return AddVarying<false>;
    case TypeKind::kUnsupported:
      return nullptr;
  }
  return nullptr;
}

// The bytes of a value without its length word; 0: of varying length.
size_t ValueWidth(TypeKind kind) { return static_cast<size_t>(FixedWidth(kind)); }

// Adds to each row's size what varies: lengths, and the absence of nulls.
void AddSizes(const TypedColumn& column, std::span<const int32_t> order, size_t* sizes) {
  const size_t width = ValueWidth(column.kind());
  const size_t extra = column.kind() == TypeKind::kJsonb ? 1 : 0;
  const bool nulls = column.HasNulls();
  if (width != 0) {
    if (!nulls) return;  // counted once for all rows
    for (size_t i = 0; i < order.size(); ++i) sizes[i] += column.IsNull(order[i]) ? 0 : width;
    return;
  }
  for (size_t i = 0; i < order.size(); ++i) {
    if (nulls && column.IsNull(order[i])) continue;
    sizes[i] += column.Bytes(order[i]).size() + extra;
  }
}

}  // namespace

void CopyEncoder::Reserve(size_t bytes) {
  if (bytes <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(bytes);
  if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
  buffer_ = std::move(larger);
  capacity_ = bytes;
}

char* CopyEncoder::Extend(size_t bytes) {
  if (size_ + bytes > capacity_) {
    Reserve(std::max({capacity_ * 2, size_ + bytes, kInitialBytes}));
  }
  char* begin = buffer_.get() + size_;
  size_ += bytes;
  return begin;
}

void CopyEncoder::AppendHeader() {
  PutBytes(Extend(kHeader.size()), kHeader.data(), kHeader.size());
}

void CopyEncoder::AppendTrailer() {
  PutBytes(Extend(kTrailer.size()), kTrailer.data(), kTrailer.size());
}

void CopyEncoder::AppendRows(const CopyRows& rows) {
  for (const TypedColumn& column : rows.columns) CHECK(FieldWriter(column.kind()) != nullptr);
  for (size_t at = 0; at < rows.order.size(); at += kBlockRows) {
    AppendBlock(rows, rows.order.subspan(at, std::min(kBlockRows, rows.order.size() - at)));
  }
}

void CopyEncoder::AppendBlock(const CopyRows& rows, std::span<const int32_t> order) {
  const bool operations = !rows.operations.empty();
  const size_t fields = rows.columns.size() + 1 + (operations ? 1 : 0);
  size_t constant = sizeof(int16_t) + 4 * fields + sizeof(int64_t) + (operations ? 1 : 0);
  for (const TypedColumn& column : rows.columns) {
    if (!column.HasNulls()) constant += ValueWidth(column.kind());
  }
  row_bytes_.assign(order.size(), constant);
  for (const TypedColumn& column : rows.columns) AddSizes(column, order, row_bytes_.data());

  size_t total = 0;
  for (const size_t bytes : row_bytes_) total += bytes;
  char* to = Extend(total);
  cursors_.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    char* field = Put(to, static_cast<int16_t>(fields));
    field = Put<int32_t>(field, sizeof(int64_t));
    field = Put(field, rows.row_ids[order[i]]);
    if (operations) {
      field = Put<int32_t>(field, 1);
      *field++ = rows.operations[order[i]];
    }
    cursors_[i] = field;
    to += row_bytes_[i];
    row_ends_.push_back(static_cast<size_t>(to - buffer_.get()));
  }
  const Block block{order, cursors_.data()};
  for (const TypedColumn& column : rows.columns) FieldWriter(column.kind())(column, block);
  CHECK(cursors_.empty() || cursors_.back() == buffer_.get() + size_);
}

}  // namespace eclusa
