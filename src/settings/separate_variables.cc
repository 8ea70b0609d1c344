#include "settings/separate_variables.h"

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
constexpr const char* kBrokerHost = "RABBIT_CONTAINER_DNS";
constexpr const char* kBrokerPort = "RABBIT_CONTAINER_PORT";
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

std::string ValueOf(const Settings::Variables& variables, const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

Status CheckPort(const char* name, const std::string& text) {
  if (IsPort(text)) return Ok();
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", name}, {"value", text}, {"expected", "1 ... 65535"}});
}

}  // namespace

Result<std::optional<std::string>> DatabaseOfParts(const Settings::Variables& variables) {
  std::string conninfo;
  std::string given;
  std::string missing;
  for (const Part& part : kParts) {
    std::string text = ValueOf(variables, part.variable);
    const bool is_given = !text.empty();
    if (is_given || part.standard == nullptr) {
      std::string& names = is_given ? given : missing;
      names += (names.empty() ? "" : ", ") + std::string(part.variable);
    }
    if (!is_given && part.standard != nullptr) text = part.standard;
    if (part.keyword == std::string_view("port")) TRY(CheckPort(part.variable, text));
    conninfo += (conninfo.empty() ? "" : " ") + std::string(part.keyword) + "=" + Quoted(text);
  }
  if (given.empty()) return std::optional<std::string>();
  if (missing.empty()) return std::optional(conninfo);
  return Error(ErrorKind::kInvalid, code::config_variables_missing,
               {{"given", given}, {"missing", missing}});
}

Result<std::optional<std::string>> BrokerOfParts(const Settings::Variables& variables) {
  std::string host = ValueOf(variables, kBrokerHost);
  std::string port = ValueOf(variables, kBrokerPort);
  if (host.empty() && port.empty()) return std::optional<std::string>();
  if (host.empty()) host = "localhost";
  if (port.empty()) port = "5672";
  TRY(CheckPort(kBrokerPort, port));
  return std::optional("amqp://" + host + ":" + port);
}

}  // namespace eclusa
