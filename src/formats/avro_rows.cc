#include "formats/avro_rows.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/codes.h"

namespace eclusa {
namespace {

using Kind = AvroType::Kind;

constexpr int kListDepthMax = 3;
constexpr int kRecordDepthMax = 16;
// Of all wanted columns together, and the bytes that they take with nothing in them: a row of them
// must fit a batch.
constexpr int64_t kLeavesMax = 20'000;
constexpr int64_t kRowBytesMax = 64 << 20;
// Skipping goes as deep as a schema may, and around in recursive ones.
constexpr int kSkipDepthMax = 500;

// Makes the columns of types; null where the type is refused, and `why` says what it is.
class Planner {
 public:
  std::unique_ptr<AvroColumn> Plan(const AvroType& type, const std::string& path) {
    int null_branch = -1;
    const AvroType* value = type.Optional(&null_branch);
    if (value == nullptr) value = &type;
    switch (value->kind) {
      case Kind::kRecord:
        return PlanRecord(*value, path, null_branch);
      case Kind::kArray:
        return PlanList(*value, path, null_branch);
      case Kind::kMap:
      case Kind::kUnion:
        return Refuse(value->Describe());
      default:
        if (value->precision > arrow::Decimal256Type::kMaxPrecision) {
          return Refuse(fmt::format("decimal({}, {})", value->precision, value->scale));
        }
        return MakePlainColumn(*value, path, null_branch);
    }
  }

  const std::string& why() const { return why_; }

 private:
  std::unique_ptr<AvroColumn> Refuse(std::string why) {
    if (why_.empty()) why_ = std::move(why);
    return nullptr;
  }

  std::unique_ptr<AvroColumn> PlanRecord(const AvroType& type, const std::string& path,
                                         int null_branch) {
    if (std::ranges::find(open_, &type) != open_.end()) {
      return Refuse(fmt::format("{} within itself", type.name));
    }
    if (open_.size() == kRecordDepthMax)
      return Refuse(fmt::format("> {} records", kRecordDepthMax));
    open_.push_back(&type);
    std::vector<std::unique_ptr<AvroColumn>> columns;
    arrow::FieldVector fields;
    for (const AvroField& field : type.fields) {
      if (++planned_ > kLeavesMax) return Refuse(fmt::format("> {} columns", kLeavesMax));
      auto column = Plan(*field.type, path + "." + field.name);
      if (column == nullptr) return nullptr;
      fields.push_back(arrow::field(field.name, column->type()));
      columns.push_back(std::move(column));
    }
    open_.pop_back();
    return MakeStructColumn(path, null_branch, std::move(columns), std::move(fields));
  }

  std::unique_ptr<AvroColumn> PlanList(const AvroType& type, const std::string& path,
                                       int null_branch) {
    const AvroType& item = *type.of[0];
    int ignored = -1;
    const AvroType* value = item.Optional(&ignored);
    if ((value == nullptr ? item : *value).kind == Kind::kArray) return Refuse("array of array");
    if (item.bytes_min == 0) return Refuse("array of " + item.Describe() + " without content");
    if (lists_ == kListDepthMax) return Refuse(fmt::format("> {} arrays", kListDepthMax));
    ++lists_;
    auto column = Plan(item, path);
    --lists_;
    if (column == nullptr) return nullptr;
    return MakeListColumn(path, null_branch, std::move(column), item.bytes_min);
  }

  std::string why_;
  std::vector<const AvroType*> open_;  // records around the type being planned
  int lists_ = 0;
  int64_t planned_ = 0;
};

bool SkipValue(const AvroType& type, AvroCursor& in, int depth);

// The items of an array, or the values of a map behind their keys.
bool SkipItems(const AvroType& type, AvroCursor& in, int depth) {
  const AvroType& item = *type.of[0];
  const bool map = type.kind == Kind::kMap;
  const int64_t bytes_min = item.bytes_min + (map ? 1 : 0);
  int64_t count = 0;
  do {
    if (!in.ReadItems(count)) return false;
    if (bytes_min == 0) continue;  // nothing to skip, however many there are
    if (count > static_cast<int64_t>(in.rest()) / bytes_min) return false;
    std::string_view key;
    for (int64_t i = 0; i < count; ++i) {
      if ((map && !in.ReadBytes(key)) || !SkipValue(item, in, depth)) return false;
    }
  } while (count != 0);
  return true;
}

bool SkipValue(const AvroType& type, AvroCursor& in, int depth) {
  if (depth == kSkipDepthMax) return false;
  int64_t number = 0;
  int32_t small = 0;
  uint8_t byte = 0;
  size_t index = 0;
  std::string_view bytes;
  switch (type.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return in.ReadBoolean(byte);
    case Kind::kInt:
      return in.ReadInt(small);
    case Kind::kLong:
      return in.ReadLong(number);
    case Kind::kFloat:
      return in.ReadFixed(4, bytes);
    case Kind::kDouble:
      return in.ReadFixed(8, bytes);
    case Kind::kBytes:
    case Kind::kString:
      return in.ReadBytes(bytes);
    case Kind::kFixed:
      return in.ReadFixed(static_cast<size_t>(type.size), bytes);
    case Kind::kEnum:
      return in.ReadIndex(type.symbols.size(), index);
    case Kind::kUnion:
      return in.ReadIndex(type.of.size(), index) && SkipValue(*type.of[index], in, depth + 1);
    case Kind::kArray:
    case Kind::kMap:
      return SkipItems(type, in, depth + 1);
    case Kind::kRecord:
      return std::ranges::all_of(type.fields, [&](const AvroField& field) {
        return SkipValue(*field.type, in, depth + 1);
      });
  }
  return false;
}

}  // namespace

Result<AvroRows> AvroRows::Plan(const AvroType& record, const std::vector<std::string>& wanted,
                                const std::string& path) {
  AvroRows rows;
  rows.record_ = &record;
  arrow::FieldVector fields;
  for (const AvroField& field : record.fields) {
    std::unique_ptr<AvroColumn>& column = rows.columns_.emplace_back();
    if (!wanted.empty() && std::ranges::find(wanted, field.name) == wanted.end()) continue;
    Planner planner;
    column = planner.Plan(*field.type, field.name);
    if (column != nullptr) {
      rows.row_bytes_ += column->value_bytes();
      rows.leaves_ += column->leaves();
    }
    std::string why = planner.why();
    if (!why.empty()) rows.unreadable_.push_back(field.name);
    if (rows.leaves_ > kLeavesMax) why = fmt::format("> {} columns", kLeavesMax);
    if (rows.row_bytes_ > kRowBytesMax) why = fmt::format("> {} bytes", kRowBytesMax);
    if (!why.empty()) {
      const Error refused(ErrorKind::kInvalid, code::avro_type,
                          {{"path", path}, {"column", ClipValue(field.name)}, {"type", why}});
      if (!wanted.empty()) return refused;
      if (!rows.refused_) rows.refused_ = refused;
    }
    fields.push_back(arrow::field(
        field.name, why.empty() ? column->type() : arrow::dense_union(arrow::FieldVector{})));
  }
  rows.schema_ = arrow::schema(std::move(fields));
  return rows;
}

bool AvroRows::Read(AvroCursor& in) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i] != nullptr) [[likely]] {
      if (!columns_[i]->Read(in)) return false;
    } else if (!SkipValue(*record_->fields[i].type, in, 0)) {
      return false;
    }
  }
  return true;
}

bool AvroRows::Skip(AvroCursor& in) const { return SkipValue(*record_, in, 0); }

void AvroRows::Rewind(int64_t rows) {
  for (const auto& column : columns_) {
    if (column != nullptr) column->Rewind(rows);
  }
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> AvroRows::Finish(int64_t rows) {
  arrow::ArrayVector arrays;
  for (const auto& column : columns_) {
    if (column == nullptr) continue;
    ARROW_ASSIGN_OR_RAISE(auto array, column->Finish());
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(schema_, rows, std::move(arrays));
}

}  // namespace eclusa
