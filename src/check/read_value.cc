#include "check/read_value.h"

#include <cstring>

#include "check/convert_text.h"

namespace eclusa {
namespace {

TextSet LabelsOf(const PgType& type) { return {type.enum_labels.begin(), type.enum_labels.end()}; }

}  // namespace

std::shared_ptr<const TypedColumn> ReadValue(const ValueReading& reading, std::string_view text) {
  ColumnPlan plan;
  plan.value = reading;
  plan.value.style = {};
  plan.value.patterns.clear();
  plan.value.excess = Excess::kRefuse;
  plan.value.truncate = false;
  plan.value.zero_date_is_null = false;
  plan.value.on_bad_document = OnViolation::kReject;
  plan.element = PlanElements(plan);
  Findings findings(1);
  std::vector<std::vector<uint8_t>> no_flags;
  ColumnRun run(plan, findings, no_flags);
  TextColumnBuilder builder(1);
  if (!builder.Append(text)) return nullptr;
  auto column = std::make_shared<TypedColumn>(ConvertTexts(std::move(builder).Finish(), run));
  if (run.StateOf(0) != kValue) return nullptr;
  return column;
}

std::shared_ptr<const TypedColumn> ReadValue(const PgType& type, std::string_view text,
                                             const Zone* zone) {
  ValueReading reading;
  reading.type = type;
  reading.enum_labels = LabelsOf(type);
  reading.fraction.digits_max = type.fraction_max;
  if (zone != nullptr) reading.zone = *zone;
  return ReadValue(reading, text);
}

std::shared_ptr<const ColumnPlan> PlanElements(const ColumnPlan& plan) {
  const PgType& type = plan.value.type;
  if (type.kind != TypeKind::kArray || type.element == nullptr) return nullptr;
  auto element = std::make_shared<ColumnPlan>();
  element->bound = plan.bound;
  element->value = plan.value;
  element->value.type = *type.element;
  element->value.enum_labels = LabelsOf(*type.element);
  element->value.fraction.digits_max = type.element->fraction_max;
  element->value.document.reset();
  return element;
}

TypedColumn RepeatValue(const TypedColumn& value, int64_t rows) {
  TypedColumn column(value.kind(), rows);
  const auto count = static_cast<size_t>(rows);
  if (const int width = FixedWidth(value.kind()); width != 0) {
    column.AllocateFixed();
    auto* to = column.MutableFixed<uint8_t>();
    for (size_t row = 0; row < count; ++row) {
      std::memcpy(to + row * static_cast<size_t>(width), value.FixedBytes(0, width),
                  static_cast<size_t>(width));
    }
    return column;
  }
  const std::string_view bytes = value.Bytes(0);
  std::vector<int32_t> ends{0};
  std::vector<char> data;
  data.reserve(bytes.size() * count);
  for (size_t row = 0; row < count; ++row) {
    data.insert(data.end(), bytes.begin(), bytes.end());
    ends.push_back(static_cast<int32_t>(data.size()));
  }
  column.SetOwned(std::move(ends), std::move(data));
  return column;
}

TypedColumn FillNulls(const TypedColumn& column, const TypedColumn& value, ColumnRun& run) {
  TypedColumn filled(column.kind(), column.rows());
  const auto width = static_cast<size_t>(FixedWidth(column.kind()));
  std::vector<int32_t> ends{0};
  std::vector<char> data;
  if (width != 0) filled.AllocateFixed();
  for (int64_t row = 0; row < column.rows(); ++row) {
    const bool null = run.StateOf(row) == kNull;
    const TypedColumn& from = null ? value : column;
    const int64_t from_row = null ? 0 : row;
    if (width != 0) {
      std::memcpy(filled.MutableFixed<uint8_t>() + static_cast<size_t>(row) * width,
                  from.FixedBytes(from_row, static_cast<int>(width)), width);
    } else {
      const std::string_view bytes = from.Bytes(from_row);
      data.insert(data.end(), bytes.begin(), bytes.end());
      ends.push_back(static_cast<int32_t>(data.size()));
    }
    if (null) {
      run.SetState(row, kValue);
      run.Changed(row, Change::kDefault);
    }
  }
  if (width == 0) filled.SetOwned(std::move(ends), std::move(data));
  return filled;
}

}  // namespace eclusa
