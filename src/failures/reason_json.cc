#include "failures/reason_json.h"

#include <boost/json.hpp>

#include "control/error_json.h"

namespace eclusa {
namespace {

namespace json = boost::json;

std::string StringAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::object ObjectOf(const Reason& reason) {
  json::object arguments;
  for (const auto& [name, value] : reason.arguments) arguments[name] = FitText(value);
  json::object object;
  object["code"] = reason.code;
  object["column"] = FitText(reason.column);
  object["value"] = FitText(reason.value);
  object["rule"] = FitText(reason.rule);
  if (!reason.path.empty()) object["path"] = FitText(reason.path);
  object["message"] = FitText(Text(reason, Language::kEnglish));
  object["arguments"] = std::move(arguments);
  return object;
}

Reason ReasonOf(const json::object& object) {
  Reason reason{.code = StringAt(object, "code"),
                .column = StringAt(object, "column"),
                .value = StringAt(object, "value"),
                .rule = StringAt(object, "rule"),
                .path = StringAt(object, "path"),
                .arguments = {}};
  if (const json::value* given = object.if_contains("arguments"); given && given->is_object()) {
    for (const auto& [name, argument] : given->get_object()) {
      if (argument.is_string()) {
        reason.arguments.emplace_back(name, std::string(argument.get_string()));
      }
    }
  }
  return reason;
}

json::value Parse(std::string_view text) {
  boost::system::error_code failed;
  json::value value = json::parse(json::string_view(text.data(), text.size()), failed);
  return failed ? json::value() : value;
}

}  // namespace

std::string ReasonsToJson(const std::vector<Reason>& reasons) {
  json::array array;
  for (const Reason& reason : reasons) array.emplace_back(ObjectOf(reason));
  return json::serialize(array);
}

std::vector<Reason> ReasonsFromJson(std::string_view text) {
  std::vector<Reason> reasons;
  const json::value value = Parse(text);
  if (!value.is_array()) return reasons;
  for (const json::value& element : value.get_array()) {
    if (element.is_object()) reasons.push_back(ReasonOf(element.get_object()));
  }
  return reasons;
}

Reason ReasonFromJson(std::string_view text) {
  const json::value value = Parse(text);
  return value.is_object() ? ReasonOf(value.get_object()) : Reason{};
}

std::string DescribeReasons(const std::vector<Reason>& reasons, Language language) {
  std::string text;
  for (const Reason& reason : reasons) {
    if (!text.empty()) text += " | ";
    if (!reason.path.empty()) text += reason.path + (reason.column.empty() ? ": " : ".");
    if (!reason.column.empty()) text += reason.column + ": ";
    text += Text(reason, language) + " (" + reason.code + ")";
  }
  return text;
}

}  // namespace eclusa
