// The HTTP/1.1 server: listens, reads requests strictly, runs their handlers on a pool, answers.
//
// Memory of a connection is bounded: a head, a buffered body within its route's limit, or two
// pieces of a streamed one. Slow clients hold no thread. A request whose answer leaves a part of it
// unread is answered, then the connection is closed once the client had time to read the answer.
// TLS 1.2 and newer by OpenSSL. What it does not do: HTTP/2, compression, files, authorization.
//
// Ownership: owns sockets and threads. Threads: Serve runs in the caller's until it is stopped; the
// rest is called before it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"
#include "http/router.h"
#include "http/server_config.h"

namespace eclusa::http {

enum class AccessOutcome : uint8_t {
  kAnswered,
  kClientGone,  // before it had sent or taken all
  kTimedOut,    // did not take the answer in time
  kBroken,      // the answer's pull body failed half-way
  kStopped,     // the server's stop did not wait for it
};

// One per request. Holds nothing of queries and bodies. Views are valid during the call.
struct AccessEvent {
  std::string_view method;     // empty: not understood
  std::string_view operation;  // empty: no route
  int status = 0;              // 0: none was sent
  uint64_t bytes_in = 0;       // of the body
  uint64_t bytes_out = 0;
  std::chrono::microseconds duration{0};
  std::string_view trace_id;
  std::string_view peer;
  AccessOutcome outcome = AccessOutcome::kAnswered;
  std::string_view refusal_code;  // of what the server refused by itself
  const Error* error = nullptr;   // what the handler failed with
};

struct ServerHooks {
  ErrorPage error_page = PlainErrorPage;
  // Called on the event loop: must not wait.
  std::function<void(const AccessEvent&)> access_log = [](const AccessEvent&) {};
};

class Server {
 public:
  // Listens, so that the port is known; connections wait until Serve.
  static Result<std::unique_ptr<Server>> Open(ServerConfig config, Router router,
                                              ServerHooks hooks = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // As in the configuration, with the ports that were given: "127.0.0.1:43121".
  const std::vector<std::string>& addresses() const;
  const Router& router() const;

  // Serves until `stop` is asked for; `on_ready` is called once connections are answered. Then:
  // accepts no more, closes idle connections, lets what runs finish until config.stop_timeout,
  // closes the rest (their Request::stop is asked for) and returns when the last handler has. Once.
  void Serve(const std::stop_token& stop, const std::function<void()>& on_ready);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace eclusa::http
