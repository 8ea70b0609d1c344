#include "api/tokens.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/sql.h"
#include "control/worker.h"
#include "io/sha256.h"
#include "model/codes.h"
#include "pg/text_array.h"
#include "store/object_name.h"

namespace eclusa::api {
namespace {

constexpr std::string_view kPrefix = "ecl_";
constexpr size_t kRandomBytes = 32;
constexpr std::chrono::seconds kRemembered{5};
constexpr size_t kKnownMax = 10'000;

std::string HashOf(std::string_view token) { return HexText(Sha256::Of(token)); }

bool Holds(const std::optional<std::vector<std::string>>& list, const std::string& value) {
  return !list || std::find(list->begin(), list->end(), value) != list->end();
}

// As JSON: what a token may is never a matter of quoting.
Parameter ListOf(const std::optional<std::vector<std::string>>& list) {
  if (!list) return std::nullopt;
  CHECK(!list->empty());  // it would mean all
  return boost::json::serialize(boost::json::value_from(*list));
}

std::optional<std::vector<std::string>> ListAt(const QueryResult& result, int column) {
  if (result.IsNull(0, column)) return std::nullopt;
  return ParseTextArray(result.Text(0, column));
}

Error Unauthorized() { return Error(ErrorKind::kInvalid, code::api_unauthorized); }

}  // namespace

std::string_view Name(Role role) {
  constexpr std::string_view kNames[] = {"read", "submit", "admin"};
  return kNames[static_cast<size_t>(role)];
}

std::optional<Role> ParseRole(std::string_view text) {
  for (const Role role : {Role::kRead, Role::kSubmit, Role::kAdmin}) {
    if (text == Name(role)) return role;
  }
  return std::nullopt;
}

bool Caller::Speaks(const std::string& tenant) const { return Holds(tenants, tenant); }
bool Caller::Sees(const std::string& dataset) const { return Holds(datasets, dataset); }

Result<MadeToken> CreateToken(Connection& connection, const NewToken& token) {
  MadeToken made;
  made.token = std::string(kPrefix) + RandomHex(kRandomBytes);
  Parameter valid;
  if (token.valid) valid = std::to_string(token.valid->count());
  const auto number = [](const std::optional<int64_t>& value) -> Parameter {
    if (!value) return std::nullopt;
    return std::to_string(*value);
  };
  const QueryResult inserted =
      TRY(connection.Query(std::string(sql::kInsertToken),
                           {token.name, HashOf(made.token), std::string(Name(token.role)),
                            ListOf(token.tenants), ListOf(token.datasets), WorkerName(), valid,
                            number(token.requests_per_minute), number(token.jobs_waiting_max)}));
  made.id = inserted.Int(0, 0);
  return made;
}

Status RevokeToken(Connection& connection, int64_t id) {
  const QueryResult revoked =
      TRY(connection.Query(std::string(sql::kRevokeToken), {std::to_string(id)}));
  if (revoked.affected() == 1) return Ok();
  return Error(ErrorKind::kNotFound, code::api_no_token, {{"token", std::to_string(id)}});
}

Result<std::vector<TokenSummary>> ListTokens(Connection& connection) {
  const QueryResult found = TRY(connection.Execute(std::string(sql::kSelectTokens)));
  std::vector<TokenSummary> tokens;
  for (int row = 0; row < found.rows(); ++row) {
    tokens.push_back({.id = found.Int(row, 0),
                      .name = std::string(found.Text(row, 1)),
                      .role = std::string(found.Text(row, 2)),
                      .tenants = std::string(found.Text(row, 3)),
                      .datasets = std::string(found.Text(row, 4)),
                      .state = std::string(found.Text(row, 5))});
  }
  return tokens;
}

Result<Caller> Tokens::Find(Connection& connection, const std::string* authorization) {
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization == nullptr || !authorization->starts_with(kBearer)) return Unauthorized();
  const std::string hash = HashOf(std::string_view(*authorization).substr(kBearer.size()));
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(hash);
    if (known != known_.end() && Clock::now() < known->second.until) return known->second.caller;
  }
  const QueryResult found = TRY(connection.QueryPrepared(sql::kSelectToken, {hash}));
  if (found.rows() == 0) return Unauthorized();
  const std::optional<Role> role = ParseRole(found.Text(0, 2));
  if (!role) return Unauthorized();
  Caller caller{.identity = "token:" + std::string(found.Text(0, 0)),
                .token_id = found.Int(0, 0),
                .name = std::string(found.Text(0, 1)),
                .role = *role,
                .tenants = ListAt(found, 3),
                .datasets = ListAt(found, 4),
                .requests_per_minute = {},
                .jobs_waiting_max = {}};
  if (!found.IsNull(0, 5)) caller.requests_per_minute = found.Int(0, 5);
  if (!found.IsNull(0, 6)) caller.jobs_waiting_max = found.Int(0, 6);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kKnownMax) known_.clear();
  known_[hash] = {caller, Clock::now() + kRemembered};
  return caller;
}

}  // namespace eclusa::api
