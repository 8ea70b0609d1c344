#include "http/listener.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <utility>

#include "model/codes.h"

namespace eclusa::http {
namespace {

// Descriptors ran out, or the like: trying again at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause(100);

Error ListenFailed(const std::string& address, const NetError& error) {
  return Error(ErrorKind::kUnavailable, code::http_listen_failed,
               {{"address", address}, {"reason", error.message()}});
}

// Addresses of one customer line are counted together: an IPv6 line has 2^64 of them.
Peer PeerOf(const asio::ip::tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  Peer peer;
  peer.address = address.to_string();
  peer.count_key = peer.address;
  if (address.is_v6()) {
    const auto bytes = address.to_v6().to_bytes();
    peer.count_key.assign(bytes.begin(), bytes.begin() + 8);
  }
  return peer;
}

// "host:port" or "[host]:port", the host an address.
bool SplitAddress(std::string_view text, std::string& host, uint16_t& port) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return false;
  std::string_view name = text.substr(0, colon);
  if (name.starts_with('[') && name.ends_with(']')) {
    name = name.substr(1, name.size() - 2);
  } else if (name.find(':') != name.npos) {
    return false;
  }
  host = name;
  const std::string_view digits = text.substr(colon + 1);
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  return error == std::errc{} && stop == end;
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::Open(const std::string& address,
                                                 asio::io_context& context) {
  const std::shared_ptr<Listener> listener(new Listener(context));
  listener->address_ = address;
  constexpr std::string_view kUnix = "unix:";
  if (address.starts_with(kUnix)) {
    TRY(listener->OpenUnix(address.substr(kUnix.size())));
    return listener;
  }
  std::string host;
  uint16_t port = 0;
  if (!SplitAddress(address, host, port)) {
    return Error(ErrorKind::kInvalid, code::http_listen_address, {{"address", address}});
  }
  TRY(listener->OpenTcp(host, port));
  return listener;
}

Status Listener::OpenTcp(const std::string& host, uint16_t port) {
  NetError error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Error(ErrorKind::kInvalid, code::http_listen_address, {{"address", address_}});
  const asio::ip::tcp::endpoint endpoint(address, port);
  tcp_.open(endpoint.protocol(), error);
  if (!error) tcp_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && address.is_v6()) tcp_.set_option(asio::ip::v6_only(true), error);
  if (!error) tcp_.bind(endpoint, error);
  if (!error) tcp_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return ListenFailed(address_, error);
  address_ = fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.to_string(),
                         tcp_.local_endpoint(error).port());
  return Ok();
}

// A socket that a killed server left is in the way, and nobody listens to it: it is replaced.
Status Listener::OpenUnix(const std::string& path) {
  sockaddr_un longest{};
  if (path.empty() || path.size() >= sizeof(longest.sun_path)) {
    return Error(ErrorKind::kInvalid, code::http_listen_address, {{"address", address_}});
  }
  const asio::local::stream_protocol::endpoint endpoint(path);
  struct stat found {};
  if (stat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) {
    asio::basic_stream_socket<asio::local::stream_protocol, LoopExecutor> probe(
        local_.get_executor());
    NetError refused;
    probe.connect(endpoint, refused);
    if (refused == asio::error::connection_refused) unlink(path.c_str());
  }
  NetError error;
  local_.open(endpoint.protocol(), error);
  if (!error) local_.bind(endpoint, error);
  if (!error) {
    path_ = path;
    local_.listen(asio::socket_base::max_listen_connections, error);
  }
  if (error) return ListenFailed(address_, error);
  return Ok();
}

void Listener::Start(NextLoop next_loop, OnAccept on_accept) {
  next_loop_ = std::move(next_loop);
  on_accept_ = std::move(on_accept);
  if (tcp_.is_open()) Accept(tcp_);
  if (local_.is_open()) Accept(local_);
}

template <class Acceptor>
void Listener::Accept(Acceptor& acceptor) {
  constexpr bool kTcp = std::is_same_v<Acceptor, TcpAcceptor>;
  Loop& loop = next_loop_();
  acceptor.async_accept(loop.context.get_executor(),
                        [self = shared_from_this(), &acceptor, &loop](NetError error, auto socket) {
                          if (!acceptor.is_open()) return;
                          if (error) {
                            self->timer_.expires_after(kAcceptPause);
                            self->timer_.async_wait([self, &acceptor](NetError) {
                              if (acceptor.is_open()) self->Accept(acceptor);
                            });
                            return;
                          }
                          Peer peer{.address = "unix"};
                          if constexpr (kTcp) {
                            NetError gone;
                            peer = PeerOf(socket.remote_endpoint(gone));
                            socket.set_option(asio::ip::tcp::no_delay(true), gone);
                          }
                          self->on_accept_(loop, Socket(std::move(socket)), std::move(peer), kTcp);
                          self->Accept(acceptor);
                        });
}

void Listener::Close() {
  NetError ignored;
  tcp_.close(ignored);
  local_.close(ignored);
  timer_.cancel();
  if (!path_.empty()) unlink(path_.c_str());
  path_.clear();
}

}  // namespace eclusa::http
