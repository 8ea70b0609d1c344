#include "http/server.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/check.h"
#include "http/asio.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/server_core.h"
#include "model/codes.h"

namespace eclusa::http {
namespace {

// Connections beyond the limits that are told so; more are closed without a word.
constexpr int kRefusedMax = 64;

Result<std::unique_ptr<asio::ssl::context>> OpenTls(const ServerConfig& config) {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(tls->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // A connection that waits needs no buffers of 34 KiB.
  SSL_CTX_set_mode(tls->native_handle(), SSL_MODE_RELEASE_BUFFERS);
  NetError error;
  tls->use_certificate_chain_file(config.tls_certificate, error);
  std::string path = config.tls_certificate;
  if (!error) {
    path = config.tls_key;
    tls->use_private_key_file(path, asio::ssl::context::pem, error);
  }
  if (error) {
    return Error(ErrorKind::kInvalid, code::http_tls_file,
                 {{"path", path}, {"reason", error.message()}});
  }
  return tls;
}

}  // namespace

struct Server::Impl {
  Impl(ServerConfig config, Router router, ServerHooks hooks)
      : core(std::move(config), std::move(router), std::move(hooks)),
        loops(static_cast<size_t>(core.config.loop_threads)) {
    for (auto& loop : loops) loop = std::make_unique<Loop>();
  }

  Loop& NextLoop() { return *loops[next_loop++ % loops.size()]; }
  void OnAccept(Loop& loop, Socket socket, Peer peer, bool tcp);
  // Runs `action` on each connection, on its loop, and waits until that was done.
  void ForEachConnection(void (*action)(Connection&));
  void Stop(std::vector<std::jthread>& threads);

  ServerCore core;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<Loop>> loops;
  size_t next_loop = 0;  // of the first loop's thread
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::string> addresses;
};

void Server::Impl::OnAccept(Loop& loop, Socket socket, Peer peer, bool tcp) {
  const ServerConfig& config = core.config;
  const auto [all, of_address] = core.counts.Get(peer.count_key);
  std::optional<Refusal> refusal;
  if (all >= config.connections_max) {
    refusal = Refusal{503, code::http_connections, {}, {{"Retry-After", "1"}}};
  } else if (!peer.count_key.empty() && of_address >= config.connections_per_address) {
    refusal = Refusal{429,
                      code::http_connections_of_address,
                      {{"limit", std::to_string(config.connections_per_address)}},
                      {{"Retry-After", "1"}}};
  }
  asio::ssl::context* const layer = tcp ? tls.get() : nullptr;
  const bool told = layer == nullptr && all < config.connections_max + kRefusedMax &&
                    of_address < config.connections_per_address + kRefusedMax;
  if (refusal && !told) return;
  core.counts.Add(peer.count_key);
  auto start = [this, &loop, layer, socket = std::move(socket), peer = std::move(peer),
                refusal = std::move(refusal)]() mutable {
    const auto connection =
        std::make_shared<Connection>(core, loop, std::move(socket), layer, std::move(peer));
    if (refusal) return connection->StartRefused(*std::move(refusal));
    connection->Start();
  };
  asio::post(loop.context, std::move(start));
}

void Server::Impl::ForEachConnection(void (*action)(Connection&)) {
  std::mutex mutex;
  std::condition_variable done;
  size_t left = loops.size();
  for (const auto& loop : loops) {
    asio::post(loop->context, [&, loop = loop.get()] {
      std::vector<std::shared_ptr<Connection>> connections;
      for (Connection* const connection : loop->connections) {
        if (auto shared = connection->weak_from_this().lock()) {
          connections.push_back(std::move(shared));
        }
      }
      for (const auto& connection : connections) action(*connection);
      const std::lock_guard lock(mutex);
      if (--left == 0) done.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return left == 0; });
}

void Server::Impl::Stop(std::vector<std::jthread>& threads) {
  core.draining = true;
  asio::post(loops[0]->context, [this] {
    for (const auto& listener : listeners) listener->Close();
  });
  ForEachConnection([](Connection& connection) { connection.Drain(); });
  core.counts.WaitForNone(core.config.stop_timeout);
  // Twice: a connection may have been accepted while the first was under way.
  for (int round = 0; round < 2; ++round) {
    ForEachConnection([](Connection& connection) { connection.Close(AccessOutcome::kStopped); });
  }
  core.pool.Stop();
  for (const auto& loop : loops) loop->guard.reset();
  threads.clear();
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  for (const auto& listener : impl_->listeners) listener->Close();
}

Result<std::unique_ptr<Server>> Server::Open(ServerConfig config, Router router,
                                             ServerHooks hooks) {
  TRY(config.Validate());
  auto impl = std::make_unique<Impl>(std::move(config), std::move(router), std::move(hooks));
  if (!impl->core.config.tls_certificate.empty()) impl->tls = TRY(OpenTls(impl->core.config));
  for (const std::string& address : impl->core.config.listen) {
    impl->listeners.push_back(TRY(Listener::Open(address, impl->loops[0]->context)));
    impl->addresses.push_back(impl->listeners.back()->address());
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

const std::vector<std::string>& Server::addresses() const { return impl_->addresses; }
const Router& Server::router() const { return impl_->core.router; }

void Server::Serve(const std::stop_token& stop, const std::function<void()>& on_ready) {
  Impl& impl = *impl_;
  for (const auto& listener : impl.listeners) {
    listener->Start([&impl]() -> Loop& { return impl.NextLoop(); },
                    [&impl](Loop& loop, Socket socket, Peer peer, bool tcp) {
                      impl.OnAccept(loop, std::move(socket), std::move(peer), tcp);
                    });
  }
  std::vector<std::jthread> threads;
  for (const auto& loop : impl.loops) {
    threads.emplace_back([&context = loop->context] { context.run(); });
  }
  on_ready();
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
  impl.Stop(threads);
}

}  // namespace eclusa::http
