#include "http/server_fixture.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <future>
#include <stdexcept>

#include "model/codes.h"

namespace eclusa::http {
namespace {

constexpr std::chrono::seconds kPatience(20);

class CountingSink : public BodySink {
 public:
  CountingSink(BodyLog& log, std::string how) : log_(log), how_(std::move(how)) {
    const std::lock_guard lock(log_.mutex);
    ++log_.begun;
  }
  ~CountingSink() override {
    const std::lock_guard lock(log_.mutex);
    ++log_.destroyed;
    log_.changed.notify_all();
  }
  Result<std::optional<Response>> Write(std::string_view bytes) override {
    const std::lock_guard lock(log_.mutex);
    log_.bytes += bytes.size();
    log_.largest_piece = std::max(log_.largest_piece, bytes.size());
    if (how_ == "early") return std::optional(Response{.status = 422, .body = "enough"});
    if (how_ == "fail") return Error(ErrorKind::kUnavailable, "secret.code");
    return std::optional<Response>();
  }
  Result<Response> Finish() override {
    const std::lock_guard lock(log_.mutex);
    ++log_.finished;
    return Response{.status = 201, .body = std::to_string(log_.bytes)};
  }

 private:
  BodyLog& log_;
  const std::string how_;
};

// Counts its end as a sink does.
struct PullLife {
  explicit PullLife(BodyLog& log_in) : log(log_in) {}
  ~PullLife() {
    const std::lock_guard lock(log.mutex);
    ++log.destroyed;
    log.changed.notify_all();
  }
  BodyLog& log;
  int calls = 0;
};

// Eight pieces of 100,000 bytes, or what `how` says.
Result<Response> Pull(BodyLog& log, const std::string& how) {
  if (how == "first") {
    return Response{.pull = [](std::string&) -> Result<bool> {
      return Error(ErrorKind::kInternal, "secret.code");
    }};
  }
  Response response;
  if (how == "sized") response.pull_length = 800'000;
  if (how == "short") response.pull_length = 900'000;
  response.pull = [how,
                   life = std::make_shared<PullLife>(log)](std::string& chunk) -> Result<bool> {
    if (how == "fails" && life->calls == 3) return Error(ErrorKind::kInternal, "secret.code");
    chunk.assign(100'000, static_cast<char>('a' + life->calls % 8));
    return ++life->calls < 8 || how == "endless";
  };
  return response;
}

Result<Response> Fail(const std::string& how) {
  if (how == "throws") throw std::runtime_error("secret");
  if (how == "throws-int") throw 7;
  if (how == "unavailable") return Error(ErrorKind::kUnavailable, "secret.code");
  if (how == "splits") return Response{.headers = {{"X", "a\r\nSet-Cookie: secret"}}};
  return Error(ErrorKind::kInternal, "secret.code");
}

std::string EchoText(const Request& request) {
  std::string text = request.method + " " + request.path + " host=" + request.host;
  for (const auto& [name, value] : request.path_parameters) text += " {" + name + "=" + value + "}";
  for (const auto& [name, value] : request.query_parameters) text += " ?" + name + "=" + value;
  return text + " peer=" + request.peer + " secure=" + (request.secure ? "yes" : "no") +
         " trace=" + request.trace_id + " body=" + request.body;
}

// The plain page with a mark; for some paths a page that fails.
Response Page(const Refusal& refusal, const Request& request) {
  if (request.path == "/page/throws") throw std::runtime_error("secret");
  Response page = PlainErrorPage(refusal, request);
  page.headers.Add("X-Page", request.path == "/page/splits" ? "a\r\nX: secret" : "ours");
  return page;
}

int Connect(const std::string& address) {
  int socket = -1;
  int connected = -1;
  if (address.starts_with("unix:")) {
    sockaddr_un to{.sun_family = AF_UNIX};
    std::strncpy(to.sun_path, address.c_str() + 5, sizeof(to.sun_path) - 1);
    socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    connected = connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  } else {
    const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    if (address.starts_with('[')) {
      sockaddr_in6 to{
          .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
      socket = ::socket(AF_INET6, SOCK_STREAM, 0);
      connected = connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to));
    } else {
      sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(port)};
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socket = ::socket(AF_INET, SOCK_STREAM, 0);
      connected = connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof(to));
    }
  }
  if (connected != 0) {
    close(socket);
    return -1;
  }
  const timeval patience{.tv_sec = kPatience.count()};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  return socket;
}

}  // namespace

void Gate::Pass() {
  std::unique_lock lock(mutex_);
  ++arrived_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return open_; });
}

void Gate::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::WaitFor(int count) {
  std::unique_lock lock(mutex_);
  ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&] { return arrived_ >= count; }));
}

void BodyLog::WaitForDestroyed(int count) {
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, kPatience, [&] { return destroyed >= count; }));
}

// --- RawClient ---------------------------------------------------------------------------------

RawClient::RawClient(const std::string& address, bool tls) : socket_(Connect(address)) {
  if (!tls || socket_ < 0) return;
  context_ = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, socket_);
  if (SSL_connect(ssl_) == 1) {
    tls_version_ = SSL_get_version(ssl_);
  } else {
    Close();
  }
}

RawClient::~RawClient() { Close(); }

void RawClient::Close() {
  if (ssl_ != nullptr) SSL_free(ssl_);
  if (context_ != nullptr) SSL_CTX_free(context_);
  if (socket_ >= 0) close(socket_);
  ssl_ = nullptr;
  context_ = nullptr;
  socket_ = -1;
}

bool RawClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ssl_ != nullptr
                             ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                             : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawClient::ReadMore() {
  char buffer[65536];
  const ssize_t count = ssl_ != nullptr ? SSL_read(ssl_, buffer, sizeof(buffer))
                                        : recv(socket_, buffer, sizeof(buffer), 0);
  timed_out_ = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (count <= 0) return false;
  received_.append(buffer, static_cast<size_t>(count));
  return true;
}

std::string RawClient::ReadResponse(bool head_request) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == received_.npos) {
    if (!ReadMore()) return std::exchange(received_, {}) + (timed_out_ ? "timeout" : "end");
  }
  const auto take = [&](size_t count) {
    while (received_.size() < count && ReadMore()) {
    }
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
  };
  std::string response = take(end + 4);
  if (head_request || response.starts_with("HTTP/1.1 1") || response.starts_with("HTTP/1.1 204")) {
    return response;
  }
  if (const size_t at = response.find("Content-Length: "); at != response.npos) {
    return response + take(std::stoul(response.substr(at + 16)));
  }
  if (response.find("Transfer-Encoding: chunked") == response.npos) return response + ReadAll();
  while (true) {
    while (received_.find("\r\n") == received_.npos) {
      if (!ReadMore()) return response + "end";
    }
    const size_t size = std::stoul(received_, nullptr, 16);
    take(received_.find("\r\n") + 2);
    response += take(size);
    take(2);
    if (size == 0) return response;
  }
}

std::string RawClient::ReadAll() {
  while (ReadMore()) {
  }
  return std::exchange(received_, {}) + (timed_out_ ? "timeout" : "");
}

void RawClient::EndSending() { shutdown(socket_, SHUT_WR); }

// --- RunningServer -----------------------------------------------------------------------------

RunningServer::RunningServer(ServerConfig config) {
  if (config.listen == ServerConfig{}.listen) config.listen = {"127.0.0.1:0"};
  ServerHooks hooks;
  hooks.error_page = Page;
  hooks.access_log = [this](const AccessEvent& event) { LogAccess(event); };
  auto server = Server::Open(std::move(config), Router(Routes()), std::move(hooks));
  if (!server.ok()) {
    ADD_FAILURE() << Text(server.error(), Language::kEnglish);
    std::abort();
  }
  server_ = std::move(server).value();
  std::promise<void> ready;
  thread_ = std::jthread([&] { server_->Serve(stop_.get_token(), [&] { ready.set_value(); }); });
  ready.get_future().wait();
}

RunningServer::~RunningServer() {
  gate.Open();
  RequestStop();
  Join();
}

void RunningServer::Join() {
  if (thread_.joinable()) thread_.join();
}

std::vector<LoggedAccess> RunningServer::WaitForAccess(size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(logged_.wait_for(lock, kPatience, [&] { return accesses_.size() >= count; }));
  accesses_.resize(std::max(accesses_.size(), count));
  return accesses_;
}

std::string RunningServer::Exchange(std::string_view bytes) {
  RawClient client(address());
  client.Send(bytes);
  return client.ReadAll();
}

void RunningServer::LogAccess(const AccessEvent& event) {
  const std::lock_guard lock(mutex_);
  accesses_.push_back({.method = std::string(event.method),
                       .operation = std::string(event.operation),
                       .trace_id = std::string(event.trace_id),
                       .peer = std::string(event.peer),
                       .refusal_code = std::string(event.refusal_code),
                       .error_code = event.error == nullptr ? "" : event.error->code(),
                       .status = event.status,
                       .bytes_in = event.bytes_in,
                       .bytes_out = event.bytes_out,
                       .outcome = event.outcome});
  logged_.notify_all();
}

std::vector<Route> RunningServer::Routes() {
  const auto get = [](std::string pattern, std::string operation, Handler handler) {
    return Route{.method = "GET",
                 .pattern = std::move(pattern),
                 .operation = std::move(operation),
                 .handler = std::move(handler)};
  };
  const auto sink = [this](Request& request) -> Result<Streamed> {
    const std::string* const how = request.PathParameter("how");
    if (how != nullptr && *how == "now") return Streamed(Response{.status = 403, .body = "no"});
    return Streamed(std::make_unique<CountingSink>(bodies, how == nullptr ? "" : *how));
  };
  const auto put = [&](std::string pattern, std::string operation, bool length_required) {
    return Route{.method = "PUT",
                 .pattern = std::move(pattern),
                 .operation = std::move(operation),
                 .body = BodyKind::kStreamed,
                 .body_max = uint64_t{64} << 20,
                 .length_required = length_required,
                 .stream_handler = sink};
  };
  const Handler echo = [](Request& request) -> Result<Response> {
    return Response{.headers = {{"Content-Type", "text/plain"}}, .body = EchoText(request)};
  };
  return {get("/hello", "hello",
              [](Request&) -> Result<Response> { return Response{.body = "hello"}; }),
          get("/gate", "gate",
              [this](Request&) -> Result<Response> {
                gate.Pass();
                return Response{.body = "passed"};
              }),
          get("/until-stopped", "untilStopped",
              [this](Request& request) -> Result<Response> {
                const std::stop_callback open(request.stop, [this] { gate.Open(); });
                gate.Pass();
                return Response{.body = "stopped"};
              }),
          get("/fail/{how}", "fail",
              [](Request& request) { return Fail(*request.PathParameter("how")); }),
          get("/pull/{how}", "pull",
              [this](Request& request) { return Pull(bodies, *request.PathParameter("how")); }),
          get("/echo/{name}", "echo", echo),
          Route{.method = "POST",
                .pattern = "/echo",
                .operation = "echoBody",
                .body = BodyKind::kBuffered,
                .body_max = 1000,
                .handler = echo},
          put("/sink", "sink", false),
          put("/sink/{how}", "sinkHow", false),
          put("/measured", "measured", true)};
}

std::string GetOf(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string PutOf(std::string_view path, uint64_t length) {
  return "PUT " + std::string(path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

int StatusOf(std::string_view response) {
  if (!response.starts_with("HTTP/1.1 ")) return 0;
  int status = 0;
  std::from_chars(response.data() + 9, response.data() + response.size(), status);
  return status;
}

std::string BodyOf(std::string_view response) {
  const size_t end = response.find("\r\n\r\n");
  return end == response.npos ? "" : std::string(response.substr(end + 4));
}

int CountOf(std::string_view text, std::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

}  // namespace eclusa::http
