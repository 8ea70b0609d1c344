#include "convert/field_plan.h"

#include <arrow/type.h>

#include <algorithm>
#include <utility>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int kDecimal128Digits = 38;

bool IsNestedShape(ShapeKind shape) {
  return shape == ShapeKind::kObject || shape == ShapeKind::kObjects ||
         shape == ShapeKind::kScalars;
}

std::string NamesOf(const ScalarKinds& kinds, bool object, bool list) {
  std::string names;
  const auto add = [&](bool there, std::string_view name) {
    if (!there) return;
    if (!names.empty()) names += ", ";
    names += name;
  };
  add(kinds.text, "text");
  add(kinds.number, "number");
  add(kinds.boolean, "boolean");
  add(object, "object");
  add(list, "list");
  return names;
}

void MakeJson(FieldPlan& plan) {
  plan.shape = ShapeKind::kJson;
  plan.leaf = {.kind = LeafKind::kText, .mark = JsonMark::kValue};
  plan.children.clear();
}

// A property whose value is JSON: it names no properties, and its items have no type.
bool IsJsonValue(const Property& property) {
  if (property.logical_type == LogicalType::kObject) return true;
  return property.logical_type == LogicalType::kArray &&
         property.item_type.value_or(LogicalType::kObject) == LogicalType::kObject;
}

const PgType* PhysicalOf(const Property& property) {
  if (!property.physical_type) return nullptr;
  const PgType& type = *property.physical_type;
  return type.kind == TypeKind::kArray && type.element ? type.element.get() : &type;
}

LeafKind TimeKind(LogicalType type, const PgType* physical) {
  const TypeKind kind = physical == nullptr ? TypeKind::kUnsupported : physical->kind;
  if (kind == TypeKind::kDate) return LeafKind::kDate;
  if (kind == TypeKind::kTimestamp) return LeafKind::kTimestamp;
  if (kind == TypeKind::kTimestamptz) return LeafKind::kTimestamptz;
  if (type == LogicalType::kDate) return LeafKind::kDate;
  return type == LogicalType::kTime ? LeafKind::kTime : LeafKind::kTimestamp;
}

int BitsOf(const PgType* physical) {
  if (physical == nullptr) return 64;
  switch (physical->kind) {
    case TypeKind::kInt2:
      return 16;
    case TypeKind::kInt4:
    case TypeKind::kFloat4:
      return 32;
    default:
      return 64;
  }
}

}  // namespace

void FieldPlanner::Note(std::string_view code, const At& at, std::string kinds) {
  notes_.push_back({std::string(code), at.path, std::move(kinds)});
}

FieldPlanner::At FieldPlanner::Below(const At& at, const std::string& name, bool list) const {
  return {.path = at.path.empty() ? name : at.path + "." + name,
          .mark = JsonMarkPath(at.mark, name),
          .lists = at.lists + (list ? 1 : 0),
          .level = at.level + 1};
}

FieldPlan FieldPlanner::FromKinds(const FieldKinds& seen, const ContractField* expected) {
  return Kinds(seen, expected,
               {.path = seen.name, .mark = JsonMarkPath({}, seen.name), .lists = 0, .level = 1});
}

FieldPlan FieldPlanner::FromJsonText(const FieldKinds& seen, const ContractField* expected) {
  // What came as JSON text and has no kind of its own stays JSON text.
  const bool mixed_as_json = std::exchange(options_.mixed_as_json, true);
  FieldPlan plan = FromKinds(seen, expected);
  options_.mixed_as_json = mixed_as_json;
  plan.read_json = true;
  return plan;
}

FieldPlan FieldPlanner::FromContract(const ContractField& field) {
  FieldPlan plan{.name = field.names.front(), .leaf = {}, .children = {}};
  if (field.property != nullptr) {
    FieldPlanner planner({});
    FieldKinds nothing;
    nothing.name = plan.name;
    return planner.FromKinds(nothing, &field);
  }
  plan.shape = field.list ? ShapeKind::kObjects : ShapeKind::kObject;
  for (const ContractField& child : field.children) plan.children.push_back(FromContract(child));
  if (plan.children.empty()) MakeJson(plan);
  return plan;
}

ShapeKind FieldPlanner::ShapeOf(const FieldKinds& seen, const At& at) {
  const int scalars = seen.scalars.count();
  if ((seen.object || seen.list) && (scalars > 0 || (seen.object && seen.list))) {
    Note(code::convert_mixed_json, at, NamesOf(seen.scalars, seen.object, seen.list));
    return ShapeKind::kJson;
  }
  if (seen.object) return seen.members.empty() ? ShapeKind::kJson : ShapeKind::kObject;
  if (!seen.list) return IsMixed(seen.scalars, at) ? ShapeKind::kJson : ShapeKind::kScalar;
  const int items = seen.items.count();
  if (seen.object_items && !seen.list_items && items == 0) {
    return seen.members.empty() ? ShapeKind::kJson : ShapeKind::kObjects;
  }
  if (seen.object_items || (seen.list_items && items > 0)) {
    Note(code::convert_mixed_json, at, NamesOf(seen.items, seen.object_items, seen.list_items));
    return ShapeKind::kJson;
  }
  if (seen.list_items) {
    Note(code::convert_deep_json, at);
    return ShapeKind::kJson;
  }
  return IsMixed(seen.items, at) ? ShapeKind::kJson : ShapeKind::kScalars;
}

// Whether scalars of several kinds are to become JSON text.
bool FieldPlanner::IsMixed(const ScalarKinds& kinds, const At& at) {
  if (kinds.count() < 2) return false;
  Note(options_.mixed_as_json ? code::convert_mixed_json : code::convert_mixed_text, at,
       NamesOf(kinds, false, false));
  return options_.mixed_as_json;
}

FieldPlan FieldPlanner::Kinds(const FieldKinds& seen, const ContractField* expected, const At& at) {
  FieldPlan plan{.name = seen.name, .leaf = {}, .children = {}};
  if (expected != nullptr && expected->property != nullptr) {
    PlanProperty(*expected->property, seen, at, plan);
  } else if (expected != nullptr) {
    plan.shape = expected->list ? ShapeKind::kObjects : ShapeKind::kObject;
  } else {
    plan.shape = ShapeOf(seen, at);
  }
  const bool list = plan.shape == ShapeKind::kObjects || plan.shape == ShapeKind::kScalars;
  if ((list && at.lists == kListLevelsMax) || at.level >= kShapeLevelsMax) {
    if (IsNestedShape(plan.shape)) {
      Note(code::convert_deep_json, at);
      MakeJson(plan);
    }
  }
  if (plan.shape == ShapeKind::kJson || (options_.nested_as_json && IsNestedShape(plan.shape))) {
    MakeJson(plan);
    return plan;
  }
  if (plan.shape == ShapeKind::kObject || plan.shape == ShapeKind::kObjects) {
    const std::vector<ContractField>* fields = expected == nullptr ? nullptr : &expected->children;
    for (const auto& member : seen.members) {
      plan.children.push_back(
          Kinds(*member, FindField(fields, member->name), Below(at, member->name, list)));
    }
    // No type can be made of an object without members.
    if (plan.children.empty() && expected != nullptr) {
      const std::string name = plan.name;
      plan = FromContract(*expected);
      plan.name = name;
    }
    return plan;
  }
  if (expected == nullptr) {
    plan.leaf = ScalarLeaf(plan.shape == ShapeKind::kScalars ? seen.items : seen.scalars, at);
  }
  return plan;
}

void FieldPlanner::PlanProperty(const Property& property, const FieldKinds& seen, const At& at,
                                FieldPlan& plan) {
  if (IsJsonValue(property)) {
    plan.shape = ShapeKind::kJson;
  } else if (property.logical_type == LogicalType::kArray) {
    plan.shape = ShapeKind::kScalars;
    plan.leaf = PropertyLeaf(property, *property.item_type, &seen.items, at);
  } else {
    plan.shape = ShapeKind::kScalar;
    plan.leaf = PropertyLeaf(property, property.logical_type, &seen.scalars, at);
  }
}

LeafPlan FieldPlanner::NumberLeaf(const NumberDigits& digits, const At& at) {
  if (digits.fits_decimal()) {
    return {.kind = LeafKind::kDecimal, .precision = digits.precision(), .scale = digits.scale()};
  }
  Note(code::convert_number_text, at);
  return {.kind = LeafKind::kText, .mark = JsonMark::kNumber};
}

LeafPlan FieldPlanner::ScalarLeaf(const ScalarKinds& kinds, const At& at) {
  if (kinds.count() != 1 || kinds.text) return {.kind = LeafKind::kText};
  if (kinds.boolean) return {.kind = LeafKind::kBoolean};
  if (kinds.numbers.all_integers()) return {.kind = LeafKind::kInteger};
  return NumberLeaf(kinds.numbers, at);
}

LeafPlan FieldPlanner::PropertyLeaf(const Property& property, LogicalType type,
                                    const ScalarKinds* seen, const At& at) {
  const PgType* const physical = PhysicalOf(property);
  const TypeKind kind = physical == nullptr ? TypeKind::kUnsupported : physical->kind;
  LeafPlan leaf{.bits = BitsOf(physical), .property = &property};
  switch (type) {
    case LogicalType::kBoolean:
      leaf.kind = LeafKind::kBoolean;
      return leaf;
    case LogicalType::kDate:
    case LogicalType::kTime:
    case LogicalType::kTimestamp:
      leaf.kind = TimeKind(type, physical);
      return leaf;
    case LogicalType::kInteger:
      if (kind != TypeKind::kNumeric) {
        leaf.kind = LeafKind::kInteger;
        return leaf;
      }
      break;
    case LogicalType::kNumber:
      break;
    default:
      leaf.kind = LeafKind::kText;
      return leaf;
  }
  if (kind == TypeKind::kFloat4 || kind == TypeKind::kFloat8) {
    leaf.kind = LeafKind::kFloat;
    return leaf;
  }
  if (kind == TypeKind::kNumeric && physical->precision > 0 && physical->scale >= 0 &&
      std::max(physical->precision, physical->scale) <= NumberDigits::kDigitsMax) {
    leaf.kind = LeafKind::kDecimal;
    leaf.precision = std::max(physical->precision, physical->scale);
    leaf.scale = physical->scale;
    return leaf;
  }
  if (seen == nullptr) return leaf;  // the file's own type
  NumberDigits digits = seen->numbers;
  digits.Merge(seen->text_digits);
  LeafPlan number =
      digits.any() ? NumberLeaf(digits, at) : LeafPlan{.kind = LeafKind::kDecimal, .precision = 1};
  number.property = &property;
  return number;
}

FieldPlan FieldPlanner::FromType(const std::string& name, const arrow::DataType& type,
                                 const ContractField* expected, const FieldKinds* seen) {
  const At at{.path = name, .mark = JsonMarkPath({}, name), .lists = 0, .level = 1};
  FieldPlan plan = Type(name, type, expected, at);
  const bool text = type.id() == arrow::Type::STRING;
  if (text && seen != nullptr && plan.leaf.property != nullptr && plan.shape != ShapeKind::kJson) {
    const Property& property = *plan.leaf.property;
    plan.leaf = PropertyLeaf(property, property.logical_type, &seen->scalars, at);
  }
  return plan;
}

FieldPlan FieldPlanner::Type(const std::string& name, const arrow::DataType& type,
                             const ContractField* expected, const At& at) {
  FieldPlan plan{.name = name, .leaf = {}, .children = {}};
  const Property* const property = expected == nullptr ? nullptr : expected->property;
  const bool list = type.id() == arrow::Type::LIST;
  const arrow::DataType& item = list ? *type.field(0)->type() : type;
  if (item.id() == arrow::Type::STRUCT) {
    plan.shape = list ? ShapeKind::kObjects : ShapeKind::kObject;
    const std::vector<ContractField>* fields = expected == nullptr ? nullptr : &expected->children;
    for (const auto& field : item.fields()) {
      plan.children.push_back(Type(field->name(), *field->type(), FindField(fields, field->name()),
                                   Below(at, field->name(), list)));
    }
  } else {
    plan.shape = list ? ShapeKind::kScalars : ShapeKind::kScalar;
    plan.leaf.mark = MarkAt(marks_, at.mark);
    if (property != nullptr && IsJsonValue(*property)) {
      if (type.id() == arrow::Type::STRING) MakeJson(plan);
    } else if (property != nullptr && list == (property->logical_type == LogicalType::kArray)) {
      plan.leaf = PropertyLeaf(*property, list ? *property->item_type : property->logical_type,
                               nullptr, at);
    }
  }
  if (at.level == 1 && options_.nested_as_json && IsNestedShape(plan.shape)) plan.write_json = true;
  return plan;
}

FieldShape ShapeOf(const FieldPlan& plan) {
  FieldShape shape{.name = plan.name, .kind = plan.shape, .always = true, .children = {}};
  for (const FieldPlan& child : plan.children) shape.children.push_back(ShapeOf(child));
  return shape;
}

namespace {

std::shared_ptr<arrow::DataType> LeafType(const LeafPlan& leaf,
                                          const std::shared_ptr<arrow::DataType>& source) {
  switch (leaf.kind) {
    case LeafKind::kAsIs:
      return source;
    case LeafKind::kText:
      break;
    case LeafKind::kBoolean:
      return arrow::boolean();
    case LeafKind::kInteger:
      return leaf.bits == 16 ? arrow::int16() : leaf.bits == 32 ? arrow::int32() : arrow::int64();
    case LeafKind::kDecimal:
      if (leaf.precision <= kDecimal128Digits) return arrow::decimal128(leaf.precision, leaf.scale);
      return arrow::decimal256(leaf.precision, leaf.scale);
    case LeafKind::kFloat:
      return leaf.bits == 32 ? arrow::float32() : arrow::float64();
    case LeafKind::kDate:
      return arrow::date32();
    case LeafKind::kTime:
      return arrow::time64(arrow::TimeUnit::MICRO);
    case LeafKind::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO);
    case LeafKind::kTimestamptz:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  }
  return arrow::utf8();
}

}  // namespace

std::shared_ptr<arrow::DataType> OutputType(const FieldPlan& plan,
                                            const std::shared_ptr<arrow::DataType>& source) {
  if (plan.write_json) return arrow::utf8();
  if (plan.shape == ShapeKind::kScalars) {
    return arrow::list(LeafType(plan.leaf, source->field(0)->type()));
  }
  if (plan.shape != ShapeKind::kObject && plan.shape != ShapeKind::kObjects) {
    return LeafType(plan.leaf, source);
  }
  const bool list = plan.shape == ShapeKind::kObjects;
  const arrow::DataType& object = list ? *source->field(0)->type() : *source;
  arrow::FieldVector fields;
  for (int i = 0; i < object.num_fields(); ++i) {
    const auto& field = object.field(i);
    const auto child = std::ranges::find(plan.children, field->name(), &FieldPlan::name);
    fields.push_back(arrow::field(field->name(), child == plan.children.end()
                                                     ? field->type()
                                                     : OutputType(*child, field->type())));
  }
  auto made = arrow::struct_(fields);
  return list ? arrow::list(std::move(made)) : made;
}

void AddMarks(const FieldPlan& plan, const std::string& path, JsonMarks& marks) {
  const JsonMark mark = plan.write_json ? JsonMark::kValue : plan.leaf.mark;
  if (mark != JsonMark::kText) marks[path] = mark;
  if (plan.write_json) return;
  for (const FieldPlan& child : plan.children) {
    AddMarks(child, JsonMarkPath(path, child.name), marks);
  }
}

}  // namespace eclusa
