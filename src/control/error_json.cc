#include "control/error_json.h"

#include <array>
#include <boost/json.hpp>
#include <cstdint>

namespace eclusa {
namespace {

namespace json = boost::json;

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// In the order of ErrorKind.
constexpr std::array<std::string_view, 7> kKindNames = {
    "invalid", "not_found", "conflict", "unavailable", "commit_unknown", "cancelled", "internal"};

// Bytes of the well-formed UTF-8 sequence at the head of `text`, 0 where there is none (Unicode 15,
// table 3-7). U+0000 counts as none.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto continues = [&](size_t i, uint8_t low, uint8_t high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t first = byte(0);
  if (first != 0 && first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const uint8_t low = first == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

std::string StringAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

ErrorKind KindNamed(std::string_view name) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return static_cast<ErrorKind>(i);
  }
  return ErrorKind::kInternal;
}

}  // namespace

std::string FitText(std::string_view text) {
  std::string fit;
  fit.reserve(text.size());
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    if (length == 0) {
      fit += kReplacement;
      text.remove_prefix(1);
    } else {
      fit += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return fit;
}

std::string FitJson(std::string_view text) {
  std::string fit = FitText(text);
  for (size_t at = 0; (at = fit.find('\\', at)) != std::string::npos; at += 2) {
    if (fit.compare(at, 6, "\\u0000") == 0) fit.replace(at, 6, "\\uFFFD");
  }
  return fit;
}

std::string ErrorToJson(const Error& error) {
  json::object arguments;
  for (const auto& [name, value] : error.arguments()) arguments[name] = FitText(value);
  json::array context;
  for (const std::string& where : error.context()) context.emplace_back(FitText(where));
  json::object object;
  object["code"] = error.code();
  object["kind"] = kKindNames[static_cast<size_t>(error.kind())];
  object["sqlstate"] = error.sql_state();
  object["arguments"] = std::move(arguments);
  object["context"] = std::move(context);
  return json::serialize(object);
}

std::optional<Error> ErrorFromJson(std::string_view text) {
  boost::system::error_code failed;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), failed);
  if (failed || !value.is_object()) return std::nullopt;
  const json::object& object = value.get_object();
  const std::string code = StringAt(object, "code");
  if (code.empty()) return std::nullopt;
  ErrorArguments arguments;
  if (const json::value* given = object.if_contains("arguments"); given && given->is_object()) {
    for (const auto& [name, argument] : given->get_object()) {
      if (argument.is_string()) arguments.emplace_back(name, std::string(argument.get_string()));
    }
  }
  Error error = Error(KindNamed(StringAt(object, "kind")), code, std::move(arguments))
                    .WithSqlState(StringAt(object, "sqlstate"));
  if (const json::value* given = object.if_contains("context"); given && given->is_array()) {
    for (const json::value& where : given->get_array()) {
      if (where.is_string()) std::move(error).With(std::string(where.get_string()));
    }
  }
  return error;
}

}  // namespace eclusa
