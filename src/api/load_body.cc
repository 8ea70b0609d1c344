#include "api/load_body.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

// A string that PostgreSQL and libpq can hold: NUL ends theirs.
bool IsText(const json::value& value) {
  return value.is_string() && value.as_string().find('\0') == json::string::npos;
}

// As JSON means them: 5 and 5.0 are one number.
std::optional<int64_t> WholeNumber(const json::value& value) {
  constexpr double kExact = 9007199254740992;  // beyond it not every whole number is a double
  if (value.is_int64()) return value.as_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.as_double();
  if (std::trunc(number) != number || std::abs(number) > kExact) return std::nullopt;
  return static_cast<int64_t>(number);
}

// A whole number or a text, as a text: "5", "1%".
Result<std::string> NumberOrText(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (IsText(*value)) return std::string(value->as_string());
  if (const auto number = WholeNumber(*value)) return std::to_string(*number);
  return FieldError(name, "5, \"5\", \"1%\"");
}

Status ReadReplaceWords(const json::object& body, LoadFlags& flags) {
  flags.filter = TRY(TextsField(body, "filter"));
  flags.min_rows = TRY(NumberField(body, "min_rows")).value_or(0);
  flags.max_removals = TRY(NumberOrText(body, "max_removals"));
  flags.again = TRY(FlagField(body, "again")).value_or(false);
  flags.operation_column = TRY(TextField(body, "operation_column")).value_or("");
  flags.version_column = TRY(TextField(body, "version_column")).value_or("");
  return Ok();
}

// Each is looked at while the caller waits.
constexpr size_t kFilesMax = 500;

Status ReadFiles(const json::object& body, LoadBody& load) {
  const std::vector<std::string> names = {"url", "urls", "upload_id", "upload_ids"};
  TRY(CheckNotEmpty(body, names, true));
  const auto given = std::count_if(names.begin(), names.end(),
                                   [&](const std::string& name) { return body.contains(name); });
  load.urls = TRY(TextsField(body, "urls"));
  load.upload_ids = TRY(TextsField(body, "upload_ids"));
  if (const auto url = TRY(TextField(body, "url"))) load.urls.push_back(*url);
  if (const auto id = TRY(TextField(body, "upload_id"))) load.upload_ids.push_back(*id);
  if (given != 1 || load.urls.empty() == load.upload_ids.empty()) {
    return FieldError("url", "url, urls, upload_id, upload_ids: one of them");
  }
  if (load.urls.size() + load.upload_ids.size() > kFilesMax) {
    return FieldError(load.urls.empty() ? "upload_ids" : "urls",
                      "1 .. " + std::to_string(kFilesMax) + " files");
  }
  return Ok();
}

}  // namespace

Error FieldError(const std::string& name, const std::string& expected) {
  return Error(ErrorKind::kInvalid, code::api_field,
               {{"field", name}, {"expected", expected}, {"pointer", "/" + name}});
}

Result<json::object> ParseBody(const std::string& body) {
  boost::system::error_code failed;
  json::value value = json::parse(body, failed);
  if (failed || !value.is_object()) {
    return Error(ErrorKind::kInvalid, code::api_syntax,
                 {{"detail", failed ? failed.message() : "not an object"}});
  }
  return std::move(value).as_object();
}

Result<std::optional<std::string>> TextField(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>();
  if (!IsText(*value)) return FieldError(name, "\"...\"");
  return std::optional<std::string>(value->as_string());
}

Result<std::optional<int64_t>> NumberField(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<int64_t>();
  const std::optional<int64_t> number = WholeNumber(*value);
  if (!number || *number < 0) return FieldError(name, "0, 1, 2 ...");
  return number;
}

Result<std::optional<bool>> FlagField(const json::object& body, const char* name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<bool>();
  if (!value->is_bool()) return FieldError(name, "true, false");
  return std::optional<bool>(value->as_bool());
}

Result<std::vector<std::string>> TextsField(const json::object& body, const char* name) {
  std::vector<std::string> texts;
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return texts;
  if (IsText(*value)) return std::vector<std::string>{std::string(value->as_string())};
  if (!value->is_array()) return FieldError(name, "[\"...\"]");
  for (const json::value& item : value->as_array()) {
    if (!IsText(item)) return FieldError(name, "[\"...\"]");
    texts.emplace_back(item.as_string());
  }
  return texts;
}

Status CheckFields(const json::object& body, const std::vector<std::string>& known) {
  for (const auto& field : body) {
    const std::string name(field.key());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return Error(ErrorKind::kInvalid, code::api_unknown_field,
                 {{"field", name}, {"pointer", "/" + name}});
  }
  return Ok();
}

Status CheckNotEmpty(const json::object& body, const std::vector<std::string>& names,
                     bool null_too) {
  for (const std::string& name : names) {
    const json::value* value = body.if_contains(name);
    if (value == nullptr) continue;
    if (value->is_null() && null_too) return FieldError(name, "\"...\"");
    if (value->is_string() && value->as_string().empty()) return FieldError(name, "\"...\"");
  }
  return Ok();
}

namespace {

Result<std::string> TenantValue(const json::object& body, const std::string& column) {
  const json::value* value = body.if_contains(column);
  if (value == nullptr || value->is_null()) return std::string();
  if (IsText(*value)) return std::string(value->as_string());
  if (const auto number = WholeNumber(*value)) return std::to_string(*number);
  return FieldError(column, "47, \"47\"");
}

}  // namespace

Result<std::vector<std::string>> TenantFlags(const json::object& body, const Contract& contract) {
  std::vector<std::string> flags;
  for (const std::string& column : contract.tenant_columns) {
    const std::string value = TRY(TenantValue(body, column));
    if (value.empty()) {
      return Error(ErrorKind::kInvalid, code::load_tenant_missing,
                   {{"column", column}, {"pointer", "/" + column}});
    }
    flags.push_back(column + "=" + value);
  }
  return flags;
}

Result<std::string> TenantOf(const json::object& body, const Contract& contract) {
  if (!contract.tenant_columns.empty()) {
    const std::string tenant = TRY(TenantValue(body, contract.tenant_columns.front()));
    if (!tenant.empty()) return tenant;
  }
  return TenantValue(body, "tenant");
}

namespace {

Status CheckWords(const json::object& body, const Contract& contract,
                  const std::vector<std::string>& others) {
  std::vector<std::string> known = {
      "tenant",           "mode",         "filter",       "min_rows", "max_removals",
      "operation_column", "max_failures", "duplicates",   "dry_run",  "priority",
      "version_column",   "again",        "rows_per_part"};
  known.insert(known.end(), others.begin(), others.end());
  known.insert(known.end(), contract.tenant_columns.begin(), contract.tenant_columns.end());
  return CheckFields(body, known);
}

Status ReadWords(const json::object& body, const Contract& contract, LoadBody& load) {
  TRY(ReadReplaceWords(body, load.flags));
  load.flags.mode = TRY(TextField(body, "mode")).value_or("");
  load.flags.duplicates = TRY(TextField(body, "duplicates")).value_or("");
  load.flags.max_failures = TRY(NumberOrText(body, "max_failures"));
  load.flags.dry_run = TRY(FlagField(body, "dry_run")).value_or(false);
  load.flags.rows_per_part = TRY(NumberField(body, "rows_per_part"));
  if (load.flags.rows_per_part.value_or(1) < 1) return FieldError("rows_per_part", ">= 1");
  load.flags.tenant = TRY(TenantFlags(body, contract));
  const int64_t priority = TRY(NumberField(body, "priority")).value_or(0);
  if (priority > 100) return FieldError("priority", "0 ... 100");
  load.priority = static_cast<int16_t>(priority);
  return Ok();
}

}  // namespace

Result<LoadBody> ReadLoadBody(const json::object& body, const Contract& contract) {
  TRY(CheckWords(body, contract, {"url", "urls", "upload_id", "upload_ids"}));
  LoadBody load;
  TRY(ReadFiles(body, load));
  TRY(ReadWords(body, contract, load));
  return load;
}

Result<LoadBody> ReadLoadForm(const json::object& body, const Contract& contract) {
  TRY(CheckWords(body, contract, {"size", "sha256"}));
  LoadBody load;
  TRY(ReadWords(body, contract, load));
  return load;
}

}  // namespace eclusa::api
