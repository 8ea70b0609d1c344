#include "jwt/claims.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "jwt/signed_token.h"
#include "jwt/strict_object.h"

namespace eclusa::jwt {
namespace {

namespace json = boost::json;
using Texts = std::vector<std::string>;

constexpr size_t kSubjectMax = 255;  // OpenID Connect Core, section 2
constexpr size_t kListMax = 1000;
constexpr std::string_view kAll = "*";

std::optional<std::string> TextOf(const json::value* value) {
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

// Seconds since 1970, fractions allowed.
std::optional<double> DateOf(const json::value& value) {
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.to_number<double>();
  return std::isfinite(seconds) ? std::optional(seconds) : std::nullopt;
}

std::optional<std::string> NameOf(const json::value& value) {
  if (value.is_int64()) return std::to_string(value.as_int64());
  if (value.is_uint64()) return std::to_string(value.as_uint64());
  auto text = TextOf(&value);
  return text && !text->empty() ? text : std::nullopt;
}

Result<Texts> ListOf(const json::value& value, const char* what) {
  Texts names;
  const auto add = [&](const json::value& entry) {
    auto name = NameOf(entry);
    if (!name) return false;
    names.push_back(*std::move(name));
    return true;
  };
  const json::array* list = value.if_array();
  const bool good = list == nullptr
                        ? add(value)
                        : list->size() <= kListMax && std::all_of(list->begin(), list->end(), add);
  if (!good) return Refused(std::string("malformed ") + what);
  return names;
}

// A list that has "*" is all; nothing.
std::optional<Texts> AllOr(Texts names) {
  if (std::find(names.begin(), names.end(), kAll) != names.end()) return std::nullopt;
  return names;
}

Status CheckTimes(const json::object& claims, std::chrono::system_clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
  const auto leeway = static_cast<double>(kClockLeeway.count());
  const json::value* expires = claims.if_contains("exp");
  const auto until = expires == nullptr ? std::nullopt : DateOf(*expires);
  if (!until) return Refused("no expiry");
  if (seconds >= *until + leeway) return Refused("expired");
  if (const json::value* begins = claims.if_contains("nbf")) {
    const auto from = DateOf(*begins);
    if (!from) return Refused("malformed nbf");
    if (seconds < *from - leeway) return Refused("not valid yet");
  }
  return Ok();
}

bool IsFor(const json::value* audience, const std::string& me) {
  if (audience == nullptr) return false;
  const json::array* list = audience->if_array();
  if (list == nullptr) return TextOf(audience) == me;
  return std::any_of(list->begin(), list->end(),
                     [&](const json::value& entry) { return TextOf(&entry) == me; });
}

}  // namespace

Result<Claims> CheckClaims(std::string_view payload, const ClaimRules& rules,
                           std::chrono::system_clock::time_point now) {
  const auto object = ParseStrictObject(payload);
  if (!object) return Refused("malformed claims");
  if (TextOf(object->if_contains("iss")) != rules.issuer) return Refused("wrong issuer");
  if (!IsFor(object->if_contains("aud"), rules.audience)) return Refused("wrong audience");
  TRY(CheckTimes(*object, now));
  const auto subject = TextOf(object->if_contains("sub"));
  if (!subject || subject->empty() || subject->size() > kSubjectMax ||
      subject->find('\0') != std::string::npos) {
    return Refused("no subject");
  }
  Claims claims{.subject = *subject, .role = "read", .tenants = Texts(), .datasets = {}};
  if (const json::value* role = object->if_contains(rules.role_claim)) {
    const auto name = TextOf(role);
    if (!name) return Refused("malformed role");
    claims.role = *name;
  }
  if (const json::value* tenants = object->if_contains(rules.tenants_claim)) {
    claims.tenants = AllOr(TRY(ListOf(*tenants, "tenants")));
  }
  if (const json::value* datasets = object->if_contains(rules.datasets_claim)) {
    claims.datasets = AllOr(TRY(ListOf(*datasets, "datasets")));
  }
  return claims;
}

}  // namespace eclusa::jwt
