#include "api/idempotency.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/problem.h"
#include "api/sql.h"
#include "core/log.h"
#include "io/sha256.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

constexpr size_t kKeyMax = 255;

// Printable ASCII: whatever encoding the client has.
bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= kKeyMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

std::string FingerprintOf(const http::Request& request) {
  Sha256 digest;
  for (const std::string* part : {&request.method, &request.path, &request.body}) {
    digest.Update(std::to_string(part->size()));
    digest.Update(":");
    digest.Update(*part);
  }
  return HexText(digest.Finish());
}

http::Response Stored(const QueryResult& row) {
  http::Response response;
  response.status = static_cast<int>(row.Int(0, 1));
  const json::value fields = json::parse(row.Text(0, 2));
  for (const json::value& field : fields.as_array()) {
    response.headers.Add(std::string_view(field.at(0).as_string()),
                         std::string_view(field.at(1).as_string()));
  }
  response.headers.Set("Idempotent-Replayed", "true");
  response.body = row.Text(0, 3);
  return response;
}

std::string HeadersJson(const http::Response& response) {
  json::array fields;
  for (const auto& [name, value] : response.headers) fields.push_back(json::array{name, value});
  return json::serialize(fields);
}

}  // namespace

namespace {

struct Key {
  std::string caller;
  std::string text;
  std::string fingerprint;
};

// The answer that was given before; nothing: this is the first request.
Result<std::optional<http::Response>> AnswerBefore(Connection& session, const Key& key) {
  const QueryResult mine = TRY(session.Query(std::string(sql::kLockKey), {key.caller, key.text}));
  if (!mine.Bool(0, 0)) {
    return Error(ErrorKind::kConflict, code::api_key_in_use, {{"key", key.text}});
  }
  const QueryResult before =
      TRY(session.Query(std::string(sql::kSelectKey), {key.caller, key.text}));
  if (before.rows() == 0) return std::optional<http::Response>();
  if (before.Text(0, 0) != key.fingerprint) {
    return Error(ErrorKind::kInvalid, code::api_key_reused, {{"key", key.text}});
  }
  return std::optional(Stored(before));
}

// What may be otherwise when the same is asked again.
bool PassesByItself(int status) { return status >= 500 || status == 429 || status == 409; }

// Inside a transaction: what the endpoint did is undone where it answers with an error.
Result<http::Response> Try(Call& call, const Endpoint& endpoint) {
  TRY(call.session.Execute("SAVEPOINT eclusa_endpoint"));
  auto answer = endpoint(call);
  if (answer.ok()) return answer;
  TRY(call.session.Execute("ROLLBACK TO SAVEPOINT eclusa_endpoint"));
  if (PassesByItself(StatusOf(answer.error()))) return answer;
  return Problem(answer.error(), call.request);
}

}  // namespace

Result<http::Response> AnswerOnce(Call& call, const Endpoint& endpoint) {
  const std::string* text = call.request.headers.Find("Idempotency-Key");
  if (text != nullptr && !IsKey(*text)) {
    return Error(ErrorKind::kInvalid, code::api_syntax, {{"detail", "Idempotency-Key"}});
  }
  Transaction transaction = TRY(Transaction::Begin(call.session));
  if (text == nullptr) {
    http::Response answer = TRY(endpoint(call));
    TRY(std::move(transaction).Commit());
    return answer;
  }
  const Key key{call.caller.identity, *text, FingerprintOf(call.request)};
  if (auto before = TRY(AnswerBefore(call.session, key))) return *std::move(before);
  const http::Response answer = TRY(Try(call, endpoint));
  TRY(call.session.Query(std::string(sql::kKeepAnswer),
                         {key.caller, key.text, key.fingerprint, std::to_string(answer.status),
                          HeadersJson(answer), answer.body}));
  TRY(std::move(transaction).Commit());
  return answer;
}

}  // namespace eclusa::api
