#include "convert/convert_values.h"

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>

#include <algorithm>

#include "formats/json_texts.h"
#include "formats/value_text.h"
#include "model/codes.h"
#include "types/datetime.h"
#include "types/number.h"
#include "types/scalar.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

constexpr int64_t kEpochMicroseconds = kPostgresEpochDays * kMicrosecondsPerDay;
// What `booleans: pt` stands for, as the checker reads it.
constexpr std::string_view kPortugueseTrue[] = {"S", "V", "Sim", "Verdadeiro"};
constexpr std::string_view kPortugueseFalse[] = {"N", "F", "Não", "NÃO", "Nao", "Falso"};

std::string_view CodeOf(Fault fault, const LeafPlan& plan) {
  if (fault == Fault::kOverflow) return code::number_overflow;
  if (fault == Fault::kScale) return code::number_scale;
  if (fault == Fault::kZone) return code::type_time_zone;
  if (plan.mark == JsonMark::kValue) return code::type_json;
  switch (plan.kind) {
    case LeafKind::kBoolean:
      return code::type_boolean;
    case LeafKind::kInteger:
      return code::type_integer;
    case LeafKind::kDate:
      return code::type_date;
    case LeafKind::kTime:
      return code::type_time;
    case LeafKind::kTimestamp:
    case LeafKind::kTimestamptz:
      return code::type_timestamp;
    default:
      return code::type_decimal;
  }
}

bool IsZero(std::string_view number) {
  return number.substr(0, number.find_first_of("eE")).find_first_of("123456789") ==
         std::string_view::npos;
}

bool Holds(const std::vector<std::string>& words, std::string_view text) {
  return std::ranges::any_of(
      words, [&](const std::string& word) { return EqualsIgnoringCase(word, text); });
}

bool Holds(std::span<const std::string_view> words, std::string_view text) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return EqualsIgnoringCase(word, text); });
}

}  // namespace

// One leaf column as it is read.
struct ValueConverter::Leaf {
  const LeafPlan& plan;
  NumberStyle style;
  std::vector<DatePattern> patterns;
  const Dialect* dialect = nullptr;
  bool trim = false;
  bool empty_as_null = false;
  mutable std::string scratch;

  Fault Boolean(std::string_view text, bool* value) const {
    uint8_t read = 0;
    if (dialect != nullptr) {
      const bool pt = dialect->portuguese_booleans;
      if (Holds(dialect->true_values, text) || (pt && Holds(kPortugueseTrue, text))) {
        *value = true;
        return Fault::kNone;
      }
      if (Holds(dialect->false_values, text) || (pt && Holds(kPortugueseFalse, text))) {
        *value = false;
        return Fault::kNone;
      }
    }
    const Fault fault = ReadBoolean(text, &read);
    *value = read != 0;
    return fault;
  }

  Fault Integer(std::string_view text, int64_t* value) const {
    const auto plain = PlainNumber(text, style, scratch);
    if (!plain) return Fault::kForm;
    const Fault fault = ReadInteger(*plain, value);
    if (fault != Fault::kNone || plan.bits == 64) return fault;
    const int64_t most = (int64_t{1} << (plan.bits - 1)) - 1;
    return *value > most || *value < -most - 1 ? Fault::kOverflow : Fault::kNone;
  }

  template <class Decimal>
  Fault Number(std::string_view text, Decimal* value) const {
    const auto plain = PlainNumber(text, style, scratch);
    NumberDigits digits;
    if (!plain || !digits.Add(*plain)) return Fault::kForm;
    if (IsZero(*plain)) {  // whatever its exponent, which Arrow would work out
      *value = Decimal();
      return Fault::kNone;
    }
    if (digits.precision() > NumberDigits::kDigitsMax) {
      return digits.scale() > plan.scale ? Fault::kScale : Fault::kOverflow;
    }
    int32_t precision = 0;
    int32_t scale = 0;
    arrow::Decimal256 wide;
    if (!arrow::Decimal256::FromString(*plain, &wide, &precision, &scale).ok()) return Fault::kForm;
    // Zeros behind the last digit that counts are no digits that would be lost.
    const auto fitted = wide.Rescale(scale, plan.scale);
    if (!fitted.ok()) return scale > plan.scale ? Fault::kScale : Fault::kOverflow;
    if (!fitted->FitsInPrecision(plan.precision)) return Fault::kOverflow;
    if constexpr (std::is_same_v<Decimal, arrow::Decimal256>) {
      *value = *fitted;
    } else {
      // What 38 digits hold stands in the lower half.
      const auto& words = fitted->little_endian_array();
      *value = arrow::Decimal128(static_cast<int64_t>(words[1]), words[0]);
    }
    return Fault::kNone;
  }

  template <class Real>
  Fault Float(std::string_view text, Real* value) const {
    const auto plain = PlainNumber(text, style, scratch);
    return plain ? ReadFloat(*plain, value) : Fault::kForm;
  }

  Fault Date(std::string_view text, int32_t* value) const {
    int32_t days = 0;
    Fault fault = ReadDate(text, &days);
    if (fault != Fault::kNone) {
      WrittenTimestamp written;
      if (!ReadPatterns(text, &written)) return fault;
      const int64_t day = written.microseconds / kMicrosecondsPerDay -
                          (written.microseconds % kMicrosecondsPerDay < 0 ? 1 : 0);
      if (written.microseconds % kMicrosecondsPerDay != 0) return Fault::kForm;
      days = static_cast<int32_t>(day);
    }
    if (days == kDateInfinity || days == kDateMinusInfinity) return Fault::kOverflow;
    return __builtin_add_overflow(days, static_cast<int32_t>(kPostgresEpochDays), value)
               ? Fault::kOverflow
               : Fault::kNone;
  }

  Fault Timestamp(std::string_view text, int64_t* value) const {
    WrittenTimestamp written;
    bool bent = false;
    Fault fault = Fault::kNone;
    if (!ReadPatterns(text, &written)) fault = ReadTimestamp(text, {}, &written, &bent);
    if (fault != Fault::kNone) return fault;
    if (written.kind != WrittenTimestamp::Kind::kFinite) return Fault::kOverflow;
    int64_t micros = written.microseconds;
    if (plan.kind == LeafKind::kTimestamptz) {
      // A moment that is not said is none: no zone is made up for it.
      if (!written.has_offset) return Fault::kZone;
      micros -= written.offset_seconds * kMicrosecondsPerSecond;
    } else if (written.has_offset) {
      return Fault::kZone;
    }
    return __builtin_add_overflow(micros, kEpochMicroseconds, value) ? Fault::kOverflow
                                                                     : Fault::kNone;
  }

  bool ReadPatterns(std::string_view text, WrittenTimestamp* written) const {
    bool bent = false;
    return std::ranges::any_of(patterns, [&](const DatePattern& pattern) {
      *written = {};
      return pattern.Read(text, {}, written, &bent) == Fault::kNone;
    });
  }
};

ValueConverter::ValueConverter(const Contract* contract, bool text_format)
    : contract_(contract), text_format_(text_format) {}

ValueConverter::Leaf ValueConverter::MakeLeaf(const LeafPlan& plan) const {
  Leaf leaf{.plan = plan, .style = {}, .patterns = {}, .scratch = {}};
  if (contract_ == nullptr) return leaf;
  if (text_format_) {
    leaf.dialect = &contract_->dialect;
    leaf.style = {contract_->dialect.decimal.value_or('.'),
                  contract_->dialect.thousands.value_or(0)};
  }
  if (plan.property == nullptr) return leaf;
  leaf.trim = plan.property->trim;
  leaf.empty_as_null = plan.property->empty_as_null;
  std::vector<std::string> patterns = plan.property->date_patterns;
  if (patterns.empty() && text_format_) {
    patterns = plan.kind == LeafKind::kDate ? contract_->dialect.date_patterns
                                            : contract_->dialect.timestamp_patterns;
  }
  const auto pivot =
      plan.property->pivot_year ? plan.property->pivot_year : contract_->dialect.pivot_year;
  for (const std::string& text : patterns) {
    if (auto pattern = DatePattern::Compile(text, pivot)) {
      leaf.patterns.push_back(*std::move(pattern));
    }
  }
  return leaf;
}

bool ValueConverter::IsNullText(std::string_view text) const {
  if (contract_ == nullptr || !text_format_) return false;
  if (text.empty()) return contract_->dialect.empty_is_null.value_or(false);
  return std::ranges::find(contract_->dialect.null_markers, text) !=
         contract_->dialect.null_markers.end();
}

namespace {

// As PostgreSQL calls the type.
std::string TypeName(const LeafPlan& plan) {
  if (plan.property != nullptr && !plan.property->physical_type_name.empty()) {
    return plan.property->physical_type_name;
  }
  if (plan.mark == JsonMark::kValue) return "json";
  switch (plan.kind) {
    case LeafKind::kBoolean:
      return "boolean";
    case LeafKind::kInteger:
      return "bigint";
    case LeafKind::kFloat:
      return "double precision";
    case LeafKind::kDate:
      return "date";
    case LeafKind::kTime:
      return "time";
    case LeafKind::kTimestamp:
      return "timestamp";
    case LeafKind::kTimestamptz:
      return "timestamptz";
    default:
      return "numeric(" + std::to_string(plan.precision) + "," + std::to_string(plan.scale) + ")";
  }
}

Reason FaultOf(std::string_view code, const LeafPlan& plan, const std::string& path,
               std::string_view value) {
  Reason reason;
  reason.rule = TypeName(plan);
  reason.code = code;
  reason.column = path;
  reason.value = ClipValue(value);
  return reason;
}

// Which values are there, as a bitmap without an offset; null: all are.
arrow::Result<std::shared_ptr<arrow::Buffer>> BitmapOf(const arrow::Array& array) {
  if (array.null_count() == 0) return nullptr;
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> bitmap,
                        arrow::AllocateEmptyBitmap(array.length()));
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsValid(i)) arrow::bit_util::SetBit(bitmap->mutable_data(), i);
  }
  return bitmap;
}

// Texts, or the values as texts; nulls stay nulls. `read(text, row)` appends one.
template <class Builder, class Read>
arrow::Result<std::shared_ptr<arrow::Array>> Build(const arrow::Array& array, Builder& builder,
                                                   Read read) {
  ARROW_RETURN_NOT_OK(builder.Reserve(array.length()));
  const bool is_text = array.type_id() == arrow::Type::STRING;
  std::string text;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (array.IsNull(row)) {
      ARROW_RETURN_NOT_OK(builder.AppendNull());
    } else if (is_text) {
      ARROW_RETURN_NOT_OK(read(static_cast<const arrow::StringArray&>(array).GetView(row), row));
    } else {
      text.clear();
      AppendText(array, row, text);
      ARROW_RETURN_NOT_OK(read(std::string_view(text), row));
    }
  }
  return builder.Finish();
}

}  // namespace

ValueConverter::Converted ValueConverter::Leaves(const LeafPlan& plan,
                                                 const std::shared_ptr<arrow::Array>& array,
                                                 const std::string& path, Faults& faults) const {
  const bool is_text = array->type_id() == arrow::Type::STRING;
  const bool makes_nulls = is_text && contract_ != nullptr && text_format_;
  const bool stays = plan.kind == LeafKind::kAsIs || (plan.kind == LeafKind::kText && is_text);
  if (stays && plan.mark == JsonMark::kText && !makes_nulls) return array;
  const Leaf leaf = MakeLeaf(plan);
  // Appends what `read` makes of a text, or a null where it is none.
  const auto build = [&]<class Builder>(Builder&& builder, auto value, auto read) -> Converted {
    return Build(*array, builder, [&](std::string_view text, int64_t row) -> arrow::Status {
      if (leaf.trim) text = TrimSpace(text);
      if ((is_text && IsNullText(text)) || (text.empty() && leaf.empty_as_null)) {
        return builder.AppendNull();
      }
      const Fault fault = read(text, &value);
      if (fault == Fault::kNone) return builder.Append(value);
      faults.push_back({row, FaultOf(CodeOf(fault, plan), plan, path, text)});
      return builder.AppendNull();
    });
  };
  switch (plan.kind) {
    case LeafKind::kBoolean:
      return build(arrow::BooleanBuilder(), bool{},
                   [&](std::string_view text, bool* to) { return leaf.Boolean(text, to); });
    case LeafKind::kInteger: {
      const auto read = [&](std::string_view text, int64_t* to) { return leaf.Integer(text, to); };
      if (plan.bits == 16) {
        return build(arrow::Int16Builder(), int64_t{}, read);
      }
      if (plan.bits == 32) return build(arrow::Int32Builder(), int64_t{}, read);
      return build(arrow::Int64Builder(), int64_t{}, read);
    }
    case LeafKind::kDecimal: {
      const auto read = [&](std::string_view text, auto* to) { return leaf.Number(text, to); };
      const auto type = OutputType({.name = {}, .leaf = plan, .children = {}}, nullptr);
      if (type->id() == arrow::Type::DECIMAL128) {
        return build(arrow::Decimal128Builder(type), arrow::Decimal128(), read);
      }
      return build(arrow::Decimal256Builder(type), arrow::Decimal256(), read);
    }
    case LeafKind::kFloat: {
      const auto read = [&](std::string_view text, auto* to) { return leaf.Float(text, to); };
      if (plan.bits == 32) return build(arrow::FloatBuilder(), float{}, read);
      return build(arrow::DoubleBuilder(), double{}, read);
    }
    case LeafKind::kDate:
      return build(arrow::Date32Builder(), int32_t{},
                   [&](std::string_view text, int32_t* to) { return leaf.Date(text, to); });
    case LeafKind::kTime:
      return build(
          arrow::Time64Builder(arrow::time64(arrow::TimeUnit::MICRO), arrow::default_memory_pool()),
          int64_t{}, [&](std::string_view text, int64_t* to) {
            bool bent = false;
            return ReadTime(text, {}, to, &bent);
          });
    case LeafKind::kTimestamp:
    case LeafKind::kTimestamptz:
      return build(
          arrow::TimestampBuilder(OutputType({.name = {}, .leaf = plan, .children = {}}, nullptr),
                                  arrow::default_memory_pool()),
          int64_t{}, [&](std::string_view text, int64_t* to) { return leaf.Timestamp(text, to); });
    case LeafKind::kAsIs:
    case LeafKind::kText:
      break;
  }
  return stays && !is_text ? array : Texts(plan, array, path, faults);
}

ValueConverter::Converted ValueConverter::Texts(const LeafPlan& plan,
                                                const std::shared_ptr<arrow::Array>& array,
                                                const std::string& path, Faults& faults) const {
  const bool is_text = array->type_id() == arrow::Type::STRING;
  arrow::StringBuilder builder;
  return Build(*array, builder, [&](std::string_view text, int64_t row) -> arrow::Status {
    if (is_text && IsNullText(text)) return builder.AppendNull();
    if (IsMarkedText(plan.mark, text)) return builder.Append(text);
    faults.push_back({row, FaultOf(CodeOf(Fault::kForm, plan), plan, path, text)});
    return builder.AppendNull();
  });
}

ValueConverter::Converted ValueConverter::Objects(const FieldPlan& plan,
                                                  const std::shared_ptr<arrow::Array>& array,
                                                  const std::string& path, Faults& faults) const {
  const auto& objects = static_cast<const arrow::StructArray&>(*array);
  arrow::ArrayVector members;
  arrow::FieldVector fields;
  for (int i = 0; i < objects.num_fields(); ++i) {
    const std::string& name = array->type()->field(i)->name();
    const auto child = std::ranges::find(plan.children, name, &FieldPlan::name);
    // What stands under an object that is null is nobody's value.
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Array> member, objects.GetFlattenedField(i));
    if (child != plan.children.end()) {
      ARROW_ASSIGN_OR_RAISE(member, Nested(*child, member, path + "." + name, faults));
    }
    fields.push_back(arrow::field(name, member->type()));
    members.push_back(std::move(member));
  }
  ARROW_ASSIGN_OR_RAISE(auto bitmap, BitmapOf(*array));
  return std::make_shared<arrow::StructArray>(arrow::struct_(fields), array->length(),
                                              std::move(members), std::move(bitmap));
}

ValueConverter::Converted ValueConverter::Lists(const FieldPlan& plan,
                                                const std::shared_ptr<arrow::Array>& array,
                                                const std::string& path, Faults& faults) const {
  const auto& lists = static_cast<const arrow::ListArray&>(*array);
  const int64_t length = lists.length();
  const int32_t begin = lists.value_offset(0);
  std::shared_ptr<arrow::Array> items =
      lists.values()->Slice(begin, lists.value_offset(length) - begin);
  Faults of_items;
  if (plan.shape == ShapeKind::kObjects) {
    ARROW_ASSIGN_OR_RAISE(items, Objects(plan, items, path, of_items));
  } else {
    ARROW_ASSIGN_OR_RAISE(items, Leaves(plan.leaf, items, path, of_items));
  }
  std::vector<int32_t> ends;
  for (int64_t i = 0; i <= length; ++i) ends.push_back(lists.value_offset(i) - begin);
  for (ValueFault& fault : of_items) {
    const auto end = std::ranges::upper_bound(ends, static_cast<int32_t>(fault.row));
    const auto list = end - ends.begin() - 1;
    const auto place = std::to_string(fault.row - ends[static_cast<size_t>(list)]);
    // Told from the outermost list inwards; lists are left from the innermost one.
    Reason& reason = fault.reason;
    reason.path =
        path + "[" + place + "]" + reason.path.substr(std::min(path.size(), reason.path.size()));
    fault.row = list;
    faults.push_back(std::move(fault));
  }
  const auto size = static_cast<int64_t>(ends.size() * sizeof(int32_t));
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::Buffer> offsets, arrow::AllocateBuffer(size));
  std::copy(ends.begin(), ends.end(), reinterpret_cast<int32_t*>(offsets->mutable_data()));
  ARROW_ASSIGN_OR_RAISE(auto bitmap, BitmapOf(*array));
  return std::make_shared<arrow::ListArray>(arrow::list(items->type()), length, std::move(offsets),
                                            std::move(items), std::move(bitmap));
}

ValueConverter::Converted ValueConverter::Nested(const FieldPlan& plan,
                                                 const std::shared_ptr<arrow::Array>& array,
                                                 const std::string& path, Faults& faults) const {
  if (array->type_id() == arrow::Type::STRUCT) return Objects(plan, array, path, faults);
  if (array->type_id() == arrow::Type::LIST) return Lists(plan, array, path, faults);
  return Leaves(plan.leaf, array, path, faults);
}

ValueConverter::Converted ValueConverter::Convert(const FieldPlan& plan,
                                                  const std::shared_ptr<arrow::Array>& array,
                                                  const JsonMarks& marks, Faults& faults) const {
  std::shared_ptr<arrow::Array> values = array;
  if (plan.read_json) {
    std::vector<JsonTextFault> of_texts;
    ARROW_ASSIGN_OR_RAISE(values, JsonTextsToArray(static_cast<const arrow::StringArray&>(*array),
                                                   ShapeOf(plan), &of_texts));
    for (JsonTextFault& fault : of_texts) faults.push_back({fault.row, std::move(fault.reason)});
  }
  ARROW_ASSIGN_OR_RAISE(values, Nested(plan, values, plan.name, faults));
  if (!plan.write_json) return values;
  const MarkedJsonWriter writer(*values->type(), JsonMarkPath({}, plan.name), marks);
  arrow::StringBuilder builder;
  std::string text;
  for (int64_t row = 0; row < values->length(); ++row) {
    if (values->IsNull(row)) {
      ARROW_RETURN_NOT_OK(builder.AppendNull());
      continue;
    }
    text.clear();
    writer.Append(*values, row, text);
    ARROW_RETURN_NOT_OK(builder.Append(text));
  }
  return builder.Finish();
}

}  // namespace eclusa
