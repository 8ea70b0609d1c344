#include "formats/avro_columns.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>
#include <fmt/format.h>

#include <algorithm>

#include "formats/avro_column_buffers.h"
#include "formats/copy_value.h"
#include "formats/text_encoding.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Kind = AvroType::Kind;
using Logical = AvroType::Logical;
using arrow::TimeUnit;

constexpr int64_t kMillisPerDay = 86'400'000;

// What every kind of column has: its place among its neighbours, and its nulls.
template <class Derived>
class ColumnOf : public AvroColumn {
 public:
  bool Read(AvroCursor& in) final {
    if (null_branch_ >= 0) {
      size_t branch = 0;
      if (!in.ReadIndex(2, branch)) return false;
      if (branch == static_cast<size_t>(null_branch_)) {
        AppendNull();
        return true;
      }
    }
    if (!static_cast<Derived*>(this)->ReadValue(in)) return false;
    presence_.Push();
    return true;
  }
  void AppendNull() final {
    static_cast<Derived*>(this)->AppendPlaceholder();
    presence_.PushNull();
  }

 protected:
  ColumnOf(std::string path, int null_branch) : path_(std::move(path)), null_branch_(null_branch) {}

  void Fault(AvroCursor& in, std::string_view code, std::string value, std::string rule = {}) {
    in.AddFault({in.row, &path_, code, std::move(value), std::move(rule)});
  }

  const std::string path_;
  const int null_branch_;  // of the union with null; -1: none
  Presence presence_;
};

class NullColumn final : public ColumnOf<NullColumn> {
 public:
  NullColumn(const std::string& path, int null_branch) : ColumnOf(path, null_branch) {
    type_ = arrow::null();
  }
  static bool ReadValue(AvroCursor& /*in*/) { return true; }
  void AppendPlaceholder() {}
  void Rewind(int64_t values) override { presence_.Rewind(values); }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = presence_.size();
    presence_.Take();
    return std::make_shared<arrow::NullArray>(size);
  }
};

// Numbers, and what is stored as one. `limit`: of times; 0: none.
template <class Number>
class NumberColumn final : public ColumnOf<NumberColumn<Number>> {
 public:
  using Base = ColumnOf<NumberColumn<Number>>;
  NumberColumn(const std::string& path, int null_branch, std::shared_ptr<arrow::DataType> type,
               int64_t limit = 0)
      : Base(path, null_branch), limit_(limit) {
    this->type_ = std::move(type);
    this->value_bytes_ = sizeof(Number) + 1;
  }

  bool ReadValue(AvroCursor& in) {
    Number number = 0;
    if constexpr (std::is_same_v<Number, int32_t>) {
      if (!in.ReadInt(number)) return false;
    } else if constexpr (std::is_same_v<Number, int64_t>) {
      if (!in.ReadLong(number)) return false;
    } else {
      if (!in.ReadNumber(number)) return false;
    }
    if (limit_ > 0 && (number < 0 || static_cast<int64_t>(number) >= limit_)) [[unlikely]] {
      this->Fault(in, code::type_time, fmt::format("{}", number));
      number = 0;
    }
    values_.Push(number);
    return true;
  }
  void AppendPlaceholder() { values_.Push(0); }
  void Rewind(int64_t values) override {
    values_.Rewind(values);
    this->presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = values_.size();
    auto [validity, nulls] = this->presence_.Take();
    return arrow::MakeArray(
        arrow::ArrayData::Make(this->type_, size, {std::move(validity), values_.Take()}, nulls));
  }

 private:
  const int64_t limit_;
  Growable<Number> values_;
};

class BooleanColumn final : public ColumnOf<BooleanColumn> {
 public:
  BooleanColumn(const std::string& path, int null_branch) : ColumnOf(path, null_branch) {
    type_ = arrow::boolean();
    value_bytes_ = 2;
  }
  bool ReadValue(AvroCursor& in) {
    uint8_t value = 0;
    if (!in.ReadBoolean(value)) return false;
    values_.Push(value);
    return true;
  }
  void AppendPlaceholder() { values_.Push(0); }
  void Rewind(int64_t values) override {
    values_.Rewind(values);
    presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    auto bits = PackBits(values_.data(), values_.size());
    auto [validity, nulls] = presence_.Take();
    auto array = std::make_shared<arrow::BooleanArray>(values_.size(), std::move(bits),
                                                       std::move(validity), nulls);
    values_.Rewind(0);
    return array;
  }

 private:
  Growable<uint8_t> values_;
};

bool IsAscii(std::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  uint64_t bits = 0;
  for (; left >= 8; left -= 8, at += 8) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    bits |= eight;
  }
  // Bytes behind the value may be read, and are shifted out.
  if (left > 0) {
    uint64_t eight;
    std::memcpy(&eight, at, 8);
    bits |= eight << (8 * (8 - left));
  }
  return (bits & 0x8080808080808080) == 0;
}

// string, bytes, and enum, whose values are the names of its symbols.
class TextColumn final : public ColumnOf<TextColumn> {
 public:
  TextColumn(const std::string& path, int null_branch, const AvroType& type)
      : ColumnOf(path, null_branch),
        symbols_(type.kind == Kind::kEnum ? &type.symbols : nullptr),
        utf8_(type.kind == Kind::kString) {
    type_ = type.kind == Kind::kBytes ? arrow::binary() : arrow::utf8();
    value_bytes_ = 5;
    if (symbols_ != nullptr) {
      for (const std::string& symbol : *symbols_) {
        value_bytes_ = std::max(value_bytes_, 5 + static_cast<int64_t>(symbol.size()));
      }
    }
    ends_.Push(0);
  }

  bool ReadValue(AvroCursor& in) {
    std::string_view value;
    if (symbols_ != nullptr) {
      size_t index = 0;
      if (!in.ReadIndex(symbols_->size(), index)) return false;
      Append((*symbols_)[index]);
      return true;
    }
    if (!in.ReadBytes(value)) return false;
    if (utf8_ && !IsAscii(value) && !IsValidUtf8(value)) [[unlikely]] {
      Fault(in, code::text_encoding, ClipValue(EscapedBytes(value, kReasonValueCharactersMax)),
            std::string(Name(TextEncoding::kUtf8)));
      value = {};
    }
    const auto size = static_cast<int64_t>(value.size());
    data_.Reserve(size + static_cast<int64_t>(kCopySlack));
    CopyShort(data_.data() + data_.size(), value.data() != nullptr ? value.data() : kNothing,
              value.size());
    data_.Add(size);
    ends_.Push(static_cast<int32_t>(data_.size()));
    return true;
  }
  void AppendPlaceholder() { ends_.Push(static_cast<int32_t>(data_.size())); }
  void Rewind(int64_t values) override {
    ends_.Rewind(values + 1);
    data_.Rewind(ends_[values]);
    presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = ends_.size() - 1;
    auto [validity, nulls] = presence_.Take();
    auto array = arrow::MakeArray(arrow::ArrayData::Make(
        type_, size, {std::move(validity), ends_.Take(), data_.Take()}, nulls));
    ends_.Push(0);
    return array;
  }

 private:
  static constexpr char kNothing[16] = {};

  void Append(const std::string& value) {
    const auto size = static_cast<int64_t>(value.size());
    data_.Reserve(size);
    std::memcpy(data_.data() + data_.size(), value.data(), value.size());
    data_.Add(size);
    ends_.Push(static_cast<int32_t>(data_.size()));
  }

  const std::vector<std::string>* const symbols_;
  const bool utf8_;
  Growable<int32_t> ends_;
  Growable<char> data_;
};

// Values of the same number of bytes each.
template <class Derived>
class SlotColumn : public ColumnOf<Derived> {
 public:
  void AppendPlaceholder() { data_.Fill(width_, 0); }
  void Rewind(int64_t values) override {
    data_.Rewind(values * width_);
    this->presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = this->presence_.size();
    auto [validity, nulls] = this->presence_.Take();
    return arrow::MakeArray(
        arrow::ArrayData::Make(this->type_, size, {std::move(validity), data_.Take()}, nulls));
  }

 protected:
  SlotColumn(const std::string& path, int null_branch, int64_t width)
      : ColumnOf<Derived>(path, null_branch), width_(width) {
    this->value_bytes_ = width + 1;
  }

  const int64_t width_;
  Growable<char> data_;
};

class FixedBytesColumn final : public SlotColumn<FixedBytesColumn> {
 public:
  FixedBytesColumn(const std::string& path, int null_branch, int32_t width)
      : SlotColumn(path, null_branch, width) {
    type_ = arrow::fixed_size_binary(width);
  }
  bool ReadValue(AvroCursor& in) {
    std::string_view value;
    if (!in.ReadFixed(static_cast<size_t>(width_), value)) return false;
    data_.Reserve(width_);
    std::memcpy(data_.data() + data_.size(), value.data(), value.size());
    data_.Add(width_);
    return true;
  }
};

// Two's complement, the highest byte first, of any length; in Arrow 16 or 32 bytes, lowest first.
class DecimalColumn final : public SlotColumn<DecimalColumn> {
 public:
  DecimalColumn(const std::string& path, int null_branch, const AvroType& type)
      : SlotColumn(path, null_branch,
                   type.precision <= arrow::Decimal128Type::kMaxPrecision ? 16 : 32),
        fixed_size_(type.kind == Kind::kFixed ? type.size : -1),
        precision_(type.precision) {
    type_ = width_ == 16 ? arrow::decimal128(type.precision, type.scale)
                         : arrow::decimal256(type.precision, type.scale);
  }

  bool ReadValue(AvroCursor& in) {
    std::string_view bytes;
    const bool there = fixed_size_ >= 0 ? in.ReadFixed(static_cast<size_t>(fixed_size_), bytes)
                                        : in.ReadBytes(bytes);
    if (!there) return false;
    const char fill = !bytes.empty() && bytes.front() < 0 ? '\xFF' : '\0';
    data_.Fill(width_, fill);
    if (!Store(bytes, fill, data_.data() + data_.size() - width_)) [[unlikely]] {
      Fault(in, code::number_overflow, EscapedBytes(bytes, kReasonValueCharactersMax),
            type_->ToString());
    }
    return true;
  }

 private:
  // False: more digits than the type has; then a zero stands there.
  bool Store(std::string_view bytes, char fill, char* out) const {
    while (bytes.size() > static_cast<size_t>(width_) && bytes.front() == fill) {
      bytes.remove_prefix(1);
    }
    bool fits = bytes.size() <= static_cast<size_t>(width_);
    if (fits) {
      std::reverse_copy(bytes.begin(), bytes.end(), out);
      const auto* stored = reinterpret_cast<const uint8_t*>(out);
      // What was cut off must not have been the sign.
      fits = (out[width_ - 1] < 0) == (fill != 0) &&
             (width_ == 16 ? arrow::Decimal128(stored).FitsInPrecision(precision_)
                           : arrow::Decimal256(stored).FitsInPrecision(precision_));
    }
    if (!fits) std::fill_n(out, width_, 0);
    return fits;
  }

  const int32_t fixed_size_;  // -1: bytes
  const int32_t precision_;
};

class StructColumn final : public ColumnOf<StructColumn> {
 public:
  StructColumn(const std::string& path, int null_branch,
               std::vector<std::unique_ptr<AvroColumn>> columns, arrow::FieldVector fields)
      : ColumnOf(path, null_branch), columns_(std::move(columns)) {
    type_ = arrow::struct_(fields);
    value_bytes_ = 1;
    leaves_ = 0;
    for (const auto& column : columns_) {
      value_bytes_ += column->value_bytes();
      leaves_ += column->leaves();
    }
  }
  bool ReadValue(AvroCursor& in) {
    return std::ranges::all_of(columns_, [&](const auto& column) { return column->Read(in); });
  }
  void AppendPlaceholder() {
    for (const auto& column : columns_) column->AppendNull();
  }
  void Rewind(int64_t values) override {
    for (const auto& column : columns_) column->Rewind(values);
    presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = presence_.size();
    arrow::ArrayVector children;
    for (const auto& column : columns_) {
      ARROW_ASSIGN_OR_RAISE(auto child, column->Finish());
      children.push_back(std::move(child));
    }
    auto [validity, nulls] = presence_.Take();
    return std::make_shared<arrow::StructArray>(type_, size, std::move(children),
                                                std::move(validity), nulls);
  }

 private:
  std::vector<std::unique_ptr<AvroColumn>> columns_;
};

class ListColumn final : public ColumnOf<ListColumn> {
 public:
  ListColumn(const std::string& path, int null_branch, std::unique_ptr<AvroColumn> item,
             int64_t item_bytes_min)
      : ColumnOf(path, null_branch), item_(std::move(item)), item_bytes_min_(item_bytes_min) {
    type_ = arrow::list(item_->type());
    value_bytes_ = 5;
    leaves_ = item_->leaves();
    ends_.Push(0);
  }
  bool ReadValue(AvroCursor& in) {
    int32_t end = ends_[ends_.size() - 1];
    int64_t count = 0;
    do {
      if (!in.ReadItems(count)) return false;
      if (count > static_cast<int64_t>(in.rest()) / item_bytes_min_) return false;
      in.items_budget -= count * item_->value_bytes();
      if (in.items_budget < 0) {
        in.row_too_long = true;
        return false;
      }
      for (int64_t i = 0; i < count; ++i) {
        if (!item_->Read(in)) return false;
      }
      end += static_cast<int32_t>(count);
    } while (count != 0);
    ends_.Push(end);
    return true;
  }
  void AppendPlaceholder() { ends_.Push(ends_[ends_.size() - 1]); }
  void Rewind(int64_t values) override {
    ends_.Rewind(values + 1);
    item_->Rewind(ends_[values]);
    presence_.Rewind(values);
  }
  arrow::Result<std::shared_ptr<arrow::Array>> Finish() override {
    const int64_t size = ends_.size() - 1;
    ARROW_ASSIGN_OR_RAISE(auto items, item_->Finish());
    auto [validity, nulls] = presence_.Take();
    auto array = std::make_shared<arrow::ListArray>(type_, size, ends_.Take(), std::move(items),
                                                    std::move(validity), nulls);
    ends_.Push(0);
    return array;
  }

 private:
  std::unique_ptr<AvroColumn> item_;
  const int64_t item_bytes_min_;
  Growable<int32_t> ends_;
};

std::shared_ptr<arrow::DataType> MomentType(Logical logical) {
  switch (logical) {
    case Logical::kTimestampMillis:
      return arrow::timestamp(TimeUnit::MILLI, "UTC");
    case Logical::kTimestampMicros:
      return arrow::timestamp(TimeUnit::MICRO, "UTC");
    case Logical::kTimestampNanos:
      return arrow::timestamp(TimeUnit::NANO, "UTC");
    case Logical::kLocalTimestampMillis:
      return arrow::timestamp(TimeUnit::MILLI);
    case Logical::kLocalTimestampMicros:
      return arrow::timestamp(TimeUnit::MICRO);
    case Logical::kLocalTimestampNanos:
      return arrow::timestamp(TimeUnit::NANO);
    default:
      return arrow::int64();
  }
}

std::unique_ptr<AvroColumn> MakeInt(const AvroType& type, const std::string& path,
                                    int null_branch) {
  if (type.logical == Logical::kTimeMillis) {
    return std::make_unique<NumberColumn<int32_t>>(path, null_branch,
                                                   arrow::time32(TimeUnit::MILLI), kMillisPerDay);
  }
  return std::make_unique<NumberColumn<int32_t>>(
      path, null_branch, type.logical == Logical::kDate ? arrow::date32() : arrow::int32());
}

std::unique_ptr<AvroColumn> MakeLong(const AvroType& type, const std::string& path,
                                     int null_branch) {
  if (type.logical == Logical::kTimeMicros) {
    return std::make_unique<NumberColumn<int64_t>>(
        path, null_branch, arrow::time64(TimeUnit::MICRO), 1000 * kMillisPerDay);
  }
  return std::make_unique<NumberColumn<int64_t>>(path, null_branch, MomentType(type.logical));
}

}  // namespace

std::unique_ptr<AvroColumn> MakePlainColumn(const AvroType& type, const std::string& path,
                                            int null_branch) {
  switch (type.kind) {
    case Kind::kNull:
      return std::make_unique<NullColumn>(path, null_branch);
    case Kind::kBoolean:
      return std::make_unique<BooleanColumn>(path, null_branch);
    case Kind::kInt:
      return MakeInt(type, path, null_branch);
    case Kind::kLong:
      return MakeLong(type, path, null_branch);
    case Kind::kFloat:
      return std::make_unique<NumberColumn<float>>(path, null_branch, arrow::float32());
    case Kind::kDouble:
      return std::make_unique<NumberColumn<double>>(path, null_branch, arrow::float64());
    case Kind::kBytes:
    case Kind::kString:
    case Kind::kEnum:
      if (type.logical == Logical::kDecimal) {
        return std::make_unique<DecimalColumn>(path, null_branch, type);
      }
      return std::make_unique<TextColumn>(path, null_branch, type);
    case Kind::kFixed:
      if (type.logical == Logical::kDecimal) {
        return std::make_unique<DecimalColumn>(path, null_branch, type);
      }
      return std::make_unique<FixedBytesColumn>(path, null_branch, type.size);
    default:
      CHECK(false);
  }
}

std::unique_ptr<AvroColumn> MakeStructColumn(const std::string& path, int null_branch,
                                             std::vector<std::unique_ptr<AvroColumn>> columns,
                                             arrow::FieldVector fields) {
  return std::make_unique<StructColumn>(path, null_branch, std::move(columns), std::move(fields));
}

std::unique_ptr<AvroColumn> MakeListColumn(const std::string& path, int null_branch,
                                           std::unique_ptr<AvroColumn> item,
                                           int64_t item_bytes_min) {
  return std::make_unique<ListColumn>(path, null_branch, std::move(item), item_bytes_min);
}

}  // namespace eclusa
