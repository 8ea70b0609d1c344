#include "settings/separate_variables.h"

#include <algorithm>
#include <charconv>

#include "model/codes.h"

namespace eclusa {
namespace {

struct Part {
  const char* variable;
  const char* keyword;   // of libpq
  const char* standard;  // null: mandatory
};
constexpr Part kParts[] = {{"DB_HOST", "host", nullptr},
                           {"DB_PORT", "port", "5432"},
                           {"DB_NAME", "dbname", nullptr},
                           {"DB_USER", "user", nullptr},
                           {"DB_PASS", "password", nullptr}};
constexpr int kPortMax = 65535;

std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

bool IsPort(const std::string& text) {
  int port = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && port >= 1 &&
         port <= kPortMax;
}

}  // namespace

Result<std::optional<std::string>> DatabaseOfParts(const Settings::Variables& variables) {
  std::string conninfo;
  std::string given;
  std::string missing;
  for (const Part& part : kParts) {
    const auto found = variables.find(part.variable);
    const bool is_given = found != variables.end() && !found->second.empty();
    if (is_given || part.standard == nullptr) {
      std::string& names = is_given ? given : missing;
      names += (names.empty() ? "" : ", ") + std::string(part.variable);
    }
    const std::string text = is_given ? found->second : part.standard ? part.standard : "";
    if (part.keyword == std::string_view("port") && !IsPort(text)) {
      return Error(ErrorKind::kInvalid, code::config_bad_value,
                   {{"name", part.variable}, {"value", text}, {"expected", "1 ... 65535"}});
    }
    conninfo += (conninfo.empty() ? "" : " ") + std::string(part.keyword) + "=" + Quoted(text);
  }
  if (given.empty()) return std::optional<std::string>();
  if (missing.empty()) return std::optional(conninfo);
  return Error(ErrorKind::kInvalid, code::config_variables_missing,
               {{"given", given}, {"missing", missing}});
}

}  // namespace eclusa
