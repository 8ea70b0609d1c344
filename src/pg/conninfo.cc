#include "pg/conninfo.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "model/codes.h"

namespace eclusa {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

Options Parse(const std::string& text) {
  char* wrong = nullptr;
  Options options(PQconninfoParse(text.c_str(), &wrong), &PQconninfoFree);
  if (wrong != nullptr) PQfreemem(wrong);
  return options;
}

}  // namespace

bool IsConninfo(const std::string& text) { return !text.empty() && Parse(text) != nullptr; }

bool HoldsSecret(const std::string& text) {
  const Options options = Parse(text);
  if (options == nullptr) return false;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    // "*" is libpq's own mark of what is not to be shown: password, sslpassword.
    const bool secret = std::string_view(option->dispchar) == "*" || keyword == "password";
    if (secret && option->val != nullptr && *option->val != '\0') return true;
  }
  return false;
}

Status CheckConninfo(const std::string& text) {
  const bool uri = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (!uri && text.find('=') == std::string::npos) return Ok();  // the name of a database
  const Error wrong(ErrorKind::kInvalid, code::database_conninfo);
  if (Parse(text) == nullptr) return wrong;
  if (!uri) return Ok();
  // user:password@ stands before all else, and once.
  const std::string_view places = std::string_view{text}.substr(0, text.find('?'));
  const size_t begin = places.find("://") + 3;
  const size_t at = places.find('@', begin);
  if (at == std::string_view::npos) return Ok();
  const bool once = places.find('@', at + 1) == std::string_view::npos;
  return once && places.find('/', begin) > at ? Ok() : Status(wrong);
}

}  // namespace eclusa
