#include "store/upload_signature.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "io/sha256.h"
#include "model/codes.h"
#include "store/object_name.h"
#include "store/signing.h"

namespace eclusa {
namespace {

constexpr std::string_view kMethod = "PUT";
constexpr size_t kQueryMax = 2000;

void Append(std::string& query, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!query.empty()) query += '&';
  query += name;
  query += '=';
  query += UriEncode(value);
}

// The query in its one form, without the signature.
std::string Unsigned(const UploadGrant& grant, const std::string& key) {
  std::string query;
  if (grant.size) {
    Append(query, "size", std::to_string(*grant.size));
  } else {
    Append(query, "max", std::to_string(grant.max_size));
  }
  Append(query, "sha256", grant.sha256);
  Append(query, "type", grant.content_type);
  Append(query, "upload", grant.upload_id);
  if (grant.part > 0) Append(query, "part", std::to_string(grant.part));
  Append(query, "expires", std::to_string(grant.expires.time_since_epoch().count()));
  Append(query, "key", key);
  return query;
}

std::string Signature(const UploadKey& key, const std::string& object, const std::string& query) {
  return HexText(
      HmacSha256(key.secret, fmt::format("eclusa-upload-1\n{}\n{}\n{}", kMethod, object, query)));
}

// False: not of the form that we write.
bool ReadNumber(const std::map<std::string, std::string>& fields, const char* name,
                int64_t* value) {
  const auto field = fields.find(name);
  if (field == fields.end()) return false;
  const char* end = field->second.data() + field->second.size();
  const auto [stop, error] = std::from_chars(field->second.data(), end, *value);
  return error == std::errc() && stop == end && *value >= 0;
}

bool ReadFields(std::string_view query, std::map<std::string, std::string>* fields) {
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), field.size() + 1));
    const size_t equals = field.find('=');
    if (equals == field.npos) return false;
    std::string value;
    if (!UriDecode(field.substr(equals + 1), &value)) return false;
    if (!fields->emplace(field.substr(0, equals), value).second) return false;
  }
  return true;
}

// The grant that a query of ours states; what is not ours shows when it is written again.
UploadGrant Stated(const std::string& object, std::map<std::string, std::string>& fields) {
  UploadGrant grant;
  grant.object = object;
  int64_t number = 0;
  if (ReadNumber(fields, "size", &number)) grant.size = number;
  if (ReadNumber(fields, "max", &number)) grant.max_size = number;
  if (ReadNumber(fields, "part", &number)) {
    grant.part = static_cast<int>(std::min<int64_t>(number, 1 << 20));
  }
  if (ReadNumber(fields, "expires", &number)) {
    grant.expires = std::chrono::sys_seconds(std::chrono::seconds(number));
  }
  grant.sha256 = fields["sha256"];
  grant.content_type = fields["type"];
  grant.upload_id = fields["upload"];
  return grant;
}

Error Refusal(std::string_view code, ErrorArguments arguments) {
  return {ErrorKind::kInvalid, code, std::move(arguments)};
}

}  // namespace

std::string SignedUploadQuery(const UploadKey& key, const UploadGrant& grant) {
  CHECK(key.secret.size() >= 32 && !key.id.empty());
  const std::string query = Unsigned(grant, key.id);
  return query + "&signature=" + Signature(key, grant.object, query);
}

Result<UploadGrant> VerifyUploadAttempt(const std::vector<UploadKey>& keys,
                                        const UploadAttempt& attempt,
                                        std::chrono::sys_seconds now) {
  TRY(CheckObjectName(attempt.object));
  std::map<std::string, std::string> fields;
  const Error not_ours = Refusal(code::store_upload_signature, {});
  if (attempt.query.size() > kQueryMax || !ReadFields(attempt.query, &fields)) return not_ours;
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const UploadKey& candidate) {
    return candidate.id == fields["key"];
  });
  if (key == keys.end()) return not_ours;
  const UploadGrant grant = Stated(attempt.object, fields);
  const std::string query = Unsigned(grant, key->id);
  // All of it in one form, so that a query that only says the same is refused too.
  if (!EqualInConstantTime(attempt.query,
                           query + "&signature=" + Signature(*key, grant.object, query))) {
    return not_ours;
  }
  if (attempt.method != kMethod) {
    return Refusal(code::store_upload_method,
                   {{"expected", std::string(kMethod)}, {"found", attempt.method}});
  }
  if (now >= grant.expires) {
    return Refusal(
        code::store_upload_expired,
        {{"object", grant.object}, {"expires", fmt::format("{:%FT%TZ}", grant.expires)}});
  }
  if (!grant.content_type.empty() && attempt.content_type != grant.content_type) {
    return Refusal(code::store_upload_type,
                   {{"expected", grant.content_type}, {"found", attempt.content_type}});
  }
  if (grant.size && attempt.content_length.value_or(*grant.size) != *grant.size) {
    return Refusal(code::store_upload_length, {{"object", grant.object},
                                               {"found", std::to_string(*attempt.content_length)},
                                               {"expected", std::to_string(*grant.size)}});
  }
  if (!grant.size && attempt.content_length.value_or(0) > grant.max_size) {
    return Refusal(code::store_too_large,
                   {{"object", grant.object}, {"limit", std::to_string(grant.max_size)}});
  }
  return grant;
}

}  // namespace eclusa
