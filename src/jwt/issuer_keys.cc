#include "jwt/issuer_keys.h"

#include <fstream>

#include "core/log.h"
#include "jwt/signed_token.h"
#include "model/codes.h"

namespace eclusa::jwt {
namespace {

constexpr size_t kSetMax = 1 << 20;
constexpr std::chrono::seconds kPatience{5};
// Of the server's handlers, so many may wait for the issuer at once; opaque tokens go on.
constexpr int kWaitingMax = 4;

bool OnThisMachine(const PeerAddress& peer) {
  return peer.address.starts_with("127.") || peer.address == "::1";
}

bool IsUrl(const std::string& location) {
  return location.starts_with("https://") || location.starts_with("http://");
}

// In clear text, keys that anybody on the way could change come from this machine only.
ClientOptions OptionsFor(const std::string& location) {
  ClientOptions options;
  if (location.starts_with("http://")) options.may_connect = OnThisMachine;
  return options;
}

Error Unavailable() { return Error(ErrorKind::kUnavailable, code::api_issuer_unavailable); }

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kSetMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (file.bad() || text.empty() || text.size() > kSetMax) return Unavailable();
  return text;
}

Result<std::string> ReadUrl(HttpClient& client, const std::string& url) {
  ClientRequest request;
  request.url = url;
  request.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  request.limits.connect = kPatience / 2;
  request.limits.total = kPatience;
  request.limits.response_bytes_max = kSetMax;
  ClientResponse answer = TRY(client.Send(request));
  if (answer.status != 200) return Unavailable();
  return std::move(answer.body);
}

Result<KeySet> ReadKeys(HttpClient& client, const std::string& location) {
  const std::string text = TRY(IsUrl(location) ? ReadUrl(client, location) : ReadFile(location));
  auto keys = KeySet::Parse(text);
  if (!keys) return Unavailable();
  return *std::move(keys);
}

}  // namespace

IssuerKeys::IssuerKeys(IssuerKeysConfig config)
    : config_(std::move(config)), client_(OptionsFor(config_.location)) {}

void IssuerKeys::Prepare() {
  Lock lock(mutex_);
  if (!fetching_ && MayFetch()) Fetch(lock);
}

Result<PublicKey> IssuerKeys::Find(const std::optional<std::string>& kid, Algorithm algorithm) {
  Lock lock(mutex_);
  const auto known = Look(kid, algorithm);
  if (known && (!Due() || fetching_)) return *known;
  if (fetching_) {
    TRY(Await(lock));
  } else if (MayFetch()) {
    Fetch(lock);
  }
  if (auto found = Look(kid, algorithm)) return *std::move(found);
  if (failed_ || !keys_) return Unavailable();
  return Refused("unknown key");
}

std::optional<PublicKey> IssuerKeys::Look(const std::optional<std::string>& kid,
                                          Algorithm algorithm) const {
  if (!keys_ || config_.now() >= read_at_ + config_.valid) return std::nullopt;
  const PublicKey* found = keys_->Find(kid, algorithm);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

// Four fifths of their time are over: the rest is for an issuer that is away for a moment.
bool IssuerKeys::Due() const { return !keys_ || config_.now() >= read_at_ + config_.valid * 4 / 5; }

bool IssuerKeys::MayFetch() const {
  return !tried_ || (Due() && !failed_) || config_.now() >= *tried_ + config_.refetch;
}

void IssuerKeys::Fetch(Lock& lock) {
  fetching_ = true;
  tried_ = config_.now();
  lock.unlock();
  Result<KeySet> read = ReadKeys(client_, config_.location);
  lock.lock();
  fetching_ = false;
  failed_ = !read.ok();
  if (read.ok()) {
    keys_ = std::move(read).value();
    read_at_ = *tried_;
    LogInfo("jwt_keys_read", {{"keys", std::to_string(keys_->size())}});
  } else {
    LogWarning("jwt_keys_unreadable", {{"code", read.error().code()}});
  }
  fetched_.notify_all();
}

Status IssuerKeys::Await(Lock& lock) {
  if (waiting_ >= kWaitingMax) return Unavailable();
  ++waiting_;
  const bool ended =
      fetched_.wait_for(lock, kPatience + std::chrono::seconds(1), [this] { return !fetching_; });
  --waiting_;
  if (!ended) return Unavailable();
  return Ok();
}

}  // namespace eclusa::jwt
