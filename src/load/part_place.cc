#include "load/part_place.h"

#include <boost/json.hpp>
#include <limits>

#include "model/codes.h"

namespace eclusa {
namespace {

namespace json = boost::json;

json::array ToJson(const std::vector<FieldShape>& fields) {
  json::array array;
  for (const FieldShape& field : fields) {
    array.push_back({{"name", field.name},
                     {"kind", static_cast<int>(field.kind)},
                     {"always", field.always},
                     {"children", ToJson(field.children)}});
  }
  return array;
}

std::vector<FieldShape> FieldsFromJson(const json::value& value) {
  std::vector<FieldShape> fields;
  for (const json::value& field : value.as_array()) {
    fields.push_back({.name = json::value_to<std::string>(field.at("name")),
                      .kind = static_cast<ShapeKind>(field.at("kind").to_number<int>()),
                      .always = field.at("always").as_bool(),
                      .children = FieldsFromJson(field.at("children"))});
  }
  return fields;
}

// What `read` makes of the object; it throws, as Boost.JSON does, where that is not as it should
// be.
template <class Value>
Result<Value> FromJson(const std::string& text, Value (*read)(const json::object&)) {
  try {
    return read(json::parse(text).as_object());
  } catch (const std::exception&) {
    return Error(ErrorKind::kInternal, code::job_part_unreadable);
  }
}

PartPlace PlaceOf(const json::object& object) {
  PartPlace place{.part = {},
                  .expected = FieldsFromJson(object.at("expected")),
                  .children_per_row = object.at("children_per_row").to_number<int64_t>(),
                  .layout = json::value_to<std::string>(object.at("layout"))};
  if (!object.contains("begin")) return place;
  place.part = SourcePart{.begin = object.at("begin").to_number<int64_t>(),
                          .end = object.at("end").to_number<int64_t>(),
                          .first_row = object.at("first_row").to_number<int64_t>(),
                          .rows = object.at("rows").to_number<int64_t>(),
                          .first_line = object.at("first_line").to_number<int64_t>(),
                          .encoding = json::value_to<std::string>(object.at("encoding"))};
  return place;
}

PartFindings FindingsOf(const json::object& object) {
  PartFindings findings{
      .warnings = {},
      .present = object.at("present").to_number<int64_t>(),
      .key_unreadable = object.at("key_unreadable").as_bool(),
      .passed_over = json::value_to<std::vector<std::string>>(object.at("passed_over")),
      .children = {}};
  for (const auto& warning : object.at("warnings").as_object()) {
    findings.warnings.emplace_back(warning.key(), warning.value().to_number<int64_t>());
  }
  for (const json::value& child : object.at("children").as_array()) {
    findings.children.push_back({.read = child.at(0).to_number<int64_t>(),
                                 .staged = child.at(1).to_number<int64_t>(),
                                 .failed = child.at(2).to_number<int64_t>()});
  }
  return findings;
}

}  // namespace

std::pair<int64_t, int64_t> PartPlace::ChildNumbers() const {
  if (!part || children_per_row == 0) return {0, std::numeric_limits<int64_t>::max()};
  const int64_t before = part->first_row - 1;
  return {before * children_per_row, (before + part->rows) * children_per_row};
}

std::string ToJson(const PartPlace& place) {
  json::object object{{"layout", place.layout},
                      {"expected", ToJson(place.expected)},
                      {"children_per_row", place.children_per_row}};
  if (place.part) {
    object["begin"] = place.part->begin;
    object["end"] = place.part->end;
    object["first_row"] = place.part->first_row;
    object["rows"] = place.part->rows;
    object["first_line"] = place.part->first_line;
    object["encoding"] = place.part->encoding;
  }
  return json::serialize(object);
}

Result<PartPlace> PartPlaceFromJson(const std::string& text) { return FromJson(text, PlaceOf); }

std::string ToJson(const PartFindings& findings) {
  json::object warnings;
  for (const auto& [counter, count] : findings.warnings) warnings[counter] = count;
  json::array children;
  for (const StagedChild& child : findings.children) {
    children.push_back({child.read, child.staged, child.failed});
  }
  return json::serialize(json::object{{"warnings", std::move(warnings)},
                                      {"present", findings.present},
                                      {"key_unreadable", findings.key_unreadable},
                                      {"passed_over", json::value_from(findings.passed_over)},
                                      {"children", std::move(children)}});
}

Result<PartFindings> PartFindingsFromJson(const std::string& text) {
  return FromJson(text, FindingsOf);
}

}  // namespace eclusa
