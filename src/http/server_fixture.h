// A running server and raw clients of it, for tests: bytes in, bytes out, over real sockets.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"

namespace eclusa::http {

inline constexpr std::string_view kGetHello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

// Holds whoever passes until it is opened.
class Gate {
 public:
  void Pass();
  void Open();
  // Returns when `count` have come to it.
  void WaitFor(int count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

// What sinks and pull bodies of the test routes did.
struct BodyLog {
  std::mutex mutex;
  std::condition_variable changed;
  uint64_t bytes = 0;
  size_t largest_piece = 0;
  int begun = 0;
  int finished = 0;
  int destroyed = 0;

  void WaitForDestroyed(int count);
};

struct LoggedAccess {
  std::string method, operation, trace_id, peer, refusal_code, error_code;
  int status;
  uint64_t bytes_in, bytes_out;
  AccessOutcome outcome;
};

// One connection; a wait of more than 20 seconds fails the test.
class RawClient {
 public:
  explicit RawClient(const std::string& address, bool tls = false);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  // False: the server has closed the connection.
  bool Send(std::string_view bytes);
  // One response, by its own framing: the head and the decoded body.
  std::string ReadResponse(bool head_request = false);
  // All until the server ends the connection; "timeout" at the end if it does not.
  std::string ReadAll();
  // Waits for the next bytes. False: the end.
  bool ReadMore();
  void EndSending();
  void Close();
  const std::string& tls_version() const { return tls_version_; }

 private:
  int socket_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  std::string tls_version_;
  std::string received_;
  bool timed_out_ = false;
};

// The routes of the tests, answered until the end of the object.
//
//   GET /hello, GET /gate (waits), GET /until-stopped, GET /fail/{how}, GET /echo/{name}, POST
//   /echo (1,000 bytes), PUT /sink (streamed, 64 MiB), PUT /sink/{answer} (streamed; "early",
//   "now", "fail"), PUT /measured (needs a length), GET /pull/{how} ("chunks", "sized", "fails",
//   "short", "endless")
class RunningServer {
 public:
  explicit RunningServer(ServerConfig config = {});
  ~RunningServer();

  const std::string& address() const { return server_->addresses()[0]; }
  const std::vector<std::string>& addresses() const { return server_->addresses(); }
  // Asks for the stop; Join waits for it.
  void RequestStop() { stop_.request_stop(); }
  void Join();
  // The first `count` events.
  std::vector<LoggedAccess> WaitForAccess(size_t count);
  // Sends `bytes` on a connection of its own, and returns all that comes back.
  std::string Exchange(std::string_view bytes);

  Gate gate;
  BodyLog bodies;

 private:
  std::vector<Route> Routes();
  void LogAccess(const AccessEvent& event);

  std::mutex mutex_;
  std::condition_variable logged_;
  std::vector<LoggedAccess> accesses_;
  std::unique_ptr<Server> server_;
  std::stop_source stop_;
  std::jthread thread_;
};

std::string GetOf(std::string_view path);
// The head alone.
std::string PutOf(std::string_view path, uint64_t length);

int StatusOf(std::string_view response);  // 0: none
std::string BodyOf(std::string_view response);
int CountOf(std::string_view text, std::string_view part);

}  // namespace eclusa::http
