// Tokens: who calls, and what he may.
//
// A token is 64 hexadecimal digits of chance behind "ecl_"; only its SHA-256 is kept. Found ones
// are remembered for a few seconds, after which a revoked one is good no more. Threads: Tokens from
// any.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa::api {

// Each may what the one before it may.
enum class Role : uint8_t { kRead, kSubmit, kAdmin };
std::string_view Name(Role role);
std::optional<Role> ParseRole(std::string_view text);

struct Caller {
  std::string identity;             // no two callers have one: whose keys, whose rate
  std::optional<int64_t> token_id;  // nothing: a JWT
  std::string name;                 // of the token; the subject of a JWT
  Role role = Role::kRead;
  std::optional<std::vector<std::string>> tenants;   // nothing: all
  std::optional<std::vector<std::string>> datasets;  // nothing: all
  std::optional<int64_t> requests_per_minute;        // nothing: as the server is set up
  std::optional<int64_t> jobs_waiting_max;           // of those it registered; nothing: any

  bool MayAct(Role least) const { return role >= least; }
  bool FromNetwork() const { return identity.starts_with("network:"); }
  bool Speaks(const std::string& tenant) const;
  bool Sees(const std::string& dataset) const;
};

struct NewToken {
  std::string name;
  Role role = Role::kSubmit;
  std::optional<std::vector<std::string>> tenants;   // not empty
  std::optional<std::vector<std::string>> datasets;  // not empty
  std::optional<std::chrono::seconds> valid;         // nothing: for ever
  std::optional<int64_t> requests_per_minute;
  std::optional<int64_t> jobs_waiting_max;
};
struct MadeToken {
  int64_t id = 0;
  std::string token;  // told once
};
Result<MadeToken> CreateToken(Connection& connection, const NewToken& token);
// kNotFound where there is none, or it was taken back before.
Status RevokeToken(Connection& connection, int64_t id);

struct TokenSummary {
  int64_t id = 0;
  std::string name;
  std::string role;
  std::string tenants;   // "*": all
  std::string datasets;  // "*": all
  std::string state;     // valid, expired, revoked
};
Result<std::vector<TokenSummary>> ListTokens(Connection& connection);

class Tokens {
 public:
  // Of "Authorization: Bearer ..."; api.unauthorized where that is absent or no good.
  Result<Caller> Find(Connection& connection, const std::string* authorization);

 private:
  using Clock = std::chrono::steady_clock;
  struct Known {
    Caller caller;
    Clock::time_point until;
  };

  std::mutex mutex_;
  std::map<std::string, Known> known_;  // by hash
};

}  // namespace eclusa::api
