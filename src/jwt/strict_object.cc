#include "jwt/strict_object.h"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace eclusa::jwt {
namespace {

namespace json = boost::json;
using boost::json::error_code;
using boost::json::string_view;

// Sees the names of members go by; false, with an error, at the second of one name.
struct NameWatch {
  static constexpr size_t kAny = std::numeric_limits<size_t>::max();
  static constexpr size_t max_object_size = kAny;
  static constexpr size_t max_array_size = kAny;
  static constexpr size_t max_key_size = kAny;
  static constexpr size_t max_string_size = kAny;

  std::vector<std::set<std::string>> open;  // objects around the place where the parser is
  std::string name;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(size_t, error_code&) {
    open.pop_back();
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(size_t, error_code&) { return true; }
  bool on_key_part(string_view part, size_t, error_code&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, size_t, error_code& failed) {
    name.append(part.data(), part.size());
    if (!open.back().insert(std::move(name)).second) {
      failed = make_error_code(json::error::syntax);
      return false;
    }
    name.clear();
    return true;
  }
  bool on_string_part(string_view, size_t, error_code&) { return true; }
  bool on_string(string_view, size_t, error_code&) { return true; }
  bool on_number_part(string_view, error_code&) { return true; }
  bool on_int64(int64_t, string_view, error_code&) { return true; }
  bool on_uint64(uint64_t, string_view, error_code&) { return true; }
  bool on_double(double, string_view, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

}  // namespace

std::optional<json::object> ParseStrictObject(std::string_view text) {
  error_code failed;
  json::value value = json::parse({text.data(), text.size()}, failed);
  if (failed || !value.is_object()) return std::nullopt;
  json::basic_parser<NameWatch> watch{json::parse_options()};
  watch.write_some(false, text.data(), text.size(), failed);
  if (failed) return std::nullopt;
  return std::move(value).as_object();
}

}  // namespace eclusa::jwt
