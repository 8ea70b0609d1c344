#include "pg/conninfo.h"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

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

}  // namespace eclusa
