#include "http/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "http/client_url.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kIdleMax = 8;
// Bodies that are collected beside a sink are words about an error.
constexpr int64_t kErrorBodyMax = 64 << 10;
// Headers of an answer; libcurl itself stops at 300 KiB in all.
constexpr size_t kHeadersMax = 200;
// What says what is asked for, and may be said to another host.
constexpr std::string_view kTravellingHeaders[] = {"accept",          "accept-encoding", "if-match",
                                                   "if-none-match",   "if-range",        "range",
                                                   "accept-language", "user-agent"};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// One request to one place and its answer; what libcurl's callbacks write to.
struct Exchange {
  const ClientRequest& request;
  const ClientUrl& url;
  const AddressPolicy& may_connect;
  ClientResponse response = {};
  std::optional<Error> error = {};  // what a callback ended it with
  std::string refused = {};         // an address
  int64_t sent = 0;
  int64_t received = 0;

  bool Ok2xx() const { return response.status >= 200 && response.status < 300; }
};

size_t OnHeader(char* data, size_t, size_t size, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::string_view line = Trimmed({data, size});
  if (line.starts_with("HTTP/")) {
    // Another answer after 100 Continue.
    exchange.response = {};
    const size_t space = line.find(' ');
    if (space != line.npos) exchange.response.status = std::atoi(line.data() + space);
    return size;
  }
  const size_t colon = line.find(':');
  if (colon != line.npos && exchange.response.headers.size() < kHeadersMax) {
    exchange.response.headers.emplace_back(Lower(line.substr(0, colon)),
                                           Trimmed(line.substr(colon + 1)));
  }
  return size;
}

size_t OnBody(char* data, size_t, size_t size, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  exchange.received += static_cast<int64_t>(size);
  const bool streamed = exchange.request.sink && exchange.Ok2xx();
  int64_t limit = exchange.request.limits.response_bytes_max;
  if (exchange.request.sink && !streamed) limit = std::min(limit, kErrorBodyMax);
  if (exchange.received > limit) {
    exchange.error.emplace(
        ErrorKind::kInvalid, code::http_response_too_large,
        ErrorArguments{{"host", exchange.url.host}, {"limit", std::to_string(limit)}});
    return 0;
  }
  if (!streamed) {
    exchange.response.body.append(data, size);
    return size;
  }
  Status taken = exchange.request.sink({data, size});
  if (taken.ok()) return size;
  exchange.error = std::move(taken).error();
  return 0;
}

size_t OnRead(char* data, size_t, size_t size, void* to) {
  auto& exchange = *static_cast<Exchange*>(to);
  const ClientRequest& request = exchange.request;
  size_t got = 0;
  if (request.body_reader) {
    const int64_t left = request.body_size - exchange.sent;
    if (left == 0) return 0;
    size = static_cast<size_t>(std::min(left, static_cast<int64_t>(size)));
    Result<size_t> read = request.body_reader({data, size});
    if (read.ok() && *read == 0) {
      // libcurl would wait for an answer, and the server for the rest.
      read = Error(ErrorKind::kInvalid, code::http_body_short,
                   {{"host", exchange.url.host},
                    {"found", std::to_string(exchange.sent)},
                    {"expected", std::to_string(request.body_size)}});
    }
    if (!read.ok()) {
      exchange.error = std::move(read).error();
      return CURL_READFUNC_ABORT;
    }
    got = *read;
  } else {
    const auto at = static_cast<size_t>(exchange.sent);
    got = std::min(size, request.body.size() - at);
    std::memcpy(data, request.body.data() + at, got);
  }
  exchange.sent += static_cast<int64_t>(got);
  return got;
}

// libcurl begins anew where a kept connection turns out to be closed.
int OnSeek(void* to, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(to);
  const auto size = static_cast<curl_off_t>(exchange.request.body.size());
  if (exchange.request.body_reader || origin != SEEK_SET || offset > size) {
    return CURL_SEEKFUNC_CANTSEEK;
  }
  exchange.sent = offset;
  return CURL_SEEKFUNC_OK;
}

std::string NumericAddress(const curl_sockaddr& to) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const void* address = nullptr;
  if (to.family == AF_INET) {
    address = &reinterpret_cast<const sockaddr_in*>(&to.addr)->sin_addr;
  } else if (to.family == AF_INET6) {
    address = &reinterpret_cast<const sockaddr_in6*>(&to.addr)->sin6_addr;
  }
  if (address == nullptr || inet_ntop(to.family, address, text.data(), text.size()) == nullptr) {
    return {};
  }
  return text.data();
}

// The last moment before a connection: the address is the one that it is made to.
curl_socket_t OnOpenSocket(void* to, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<Exchange*>(to);
  const std::string numeric = NumericAddress(*address);
  const bool fine =
      !numeric.empty() && (!exchange.may_connect ||
                           exchange.may_connect({exchange.url.host, numeric, exchange.url.port}));
  if (!fine) {
    exchange.refused = numeric.empty() ? "?" : numeric;
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Error Unreachable(const Exchange& exchange, const char* detail) {
  return {ErrorKind::kUnavailable,
          code::http_unreachable,
          {{"host", exchange.url.host}, {"detail", detail}}};
}

Error FailureOf(CURLcode outcome, Exchange& exchange) {
  if (exchange.error) return *std::move(exchange.error);
  const std::string& host = exchange.url.host;
  switch (outcome) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::kUnavailable, code::http_timed_out, {{"host", host}}};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorKind::kInvalid,
              code::http_certificate,
              {{"host", host}, {"detail", curl_easy_strerror(outcome)}}};
    case CURLE_COULDNT_CONNECT:
      if (!exchange.refused.empty()) {
        return {ErrorKind::kInvalid,
                code::http_address_refused,
                {{"host", host}, {"address", exchange.refused}}};
      }
      break;
    case CURLE_OUT_OF_MEMORY:
    default:
      break;
  }
  return Unreachable(exchange, curl_easy_strerror(outcome));
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void Add(const std::string& line) {
    curl_slist* longer = curl_slist_append(list_, line.c_str());
    CHECK(longer != nullptr);
    list_ = longer;
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void AddHeaders(const ClientRequest& request, bool all, HeaderList& list) {
  list.Add("Expect:");  // an answer to a body is waited for anyway
  for (const auto& [name, value] : request.headers) {
    CHECK((name + value).find_first_of("\r\n") == std::string::npos);
    const std::string lower = Lower(name);
    const auto* known =
        std::find(std::begin(kTravellingHeaders), std::end(kTravellingHeaders), lower);
    if (!all && known == std::end(kTravellingHeaders)) continue;
    list.Add(value.empty() ? name + ";" : name + ": " + value);
  }
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void SetMethod(CURL* easy, const ClientRequest& request) {
  const bool has_body = request.method == "PUT" || request.method == "POST" ||
                        !request.body.empty() || request.body_reader;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (has_body) {
    const int64_t size =
        request.body_reader ? request.body_size : static_cast<int64_t>(request.body.size());
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetLimits(CURL* easy, const ClientLimits& limits) {
  const auto longer = [](std::chrono::milliseconds time) {
    return static_cast<long>(time.count());
  };
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, longer(limits.connect));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, longer(limits.total));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(limits.low_speed_bytes));
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.low_speed_time.count()));
}

void SetWhatIsNeverDone(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
}

void SetCallbacks(CURL* easy, Exchange& exchange) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &OnRead);
  curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &OnSeek);
  curl_easy_setopt(easy, CURLOPT_SEEKDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &OnOpenSocket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
}

Error Cancelled() { return {ErrorKind::kCancelled, code::load_cancelled}; }

}  // namespace

std::string_view ClientResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

// libcurl's handles for one request at a time, with the connections that they keep.
class HttpClient::Session {
 public:
  Session() : easy_(curl_easy_init()), multi_(curl_multi_init()) {
    CHECK(easy_ != nullptr && multi_ != nullptr);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  // One exchange; `all_headers`: of the request, else only those that may go anywhere.
  Result<ClientResponse> Run(Exchange& exchange, const ClientOptions& options, bool all_headers,
                             const std::stop_token& stop) {
    curl_easy_reset(easy_);
    SetWhatIsNeverDone(easy_);
    SetMethod(easy_, exchange.request);
    SetLimits(easy_, exchange.request.limits);
    SetCallbacks(easy_, exchange);
    curl_easy_setopt(easy_, CURLOPT_URL, exchange.url.text.c_str());
    if (!options.ca_file.empty()) {
      curl_easy_setopt(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
    }
    HeaderList headers;
    AddHeaders(exchange.request, all_headers, headers);
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers.get());
    HeaderList names;
    if (options.resolve) {
      const std::string address = options.resolve(exchange.url.host);
      if (!address.empty()) {
        names.Add("+" + exchange.url.host + ":" + std::to_string(exchange.url.port) + ":" +
                  address);
        curl_easy_setopt(easy_, CURLOPT_RESOLVE, names.get());
      }
    }
    const CURLcode outcome = Perform(stop);
    if (stop.stop_requested() && outcome != CURLE_OK) return Cancelled();
    if (outcome != CURLE_OK) return FailureOf(outcome, exchange);
    return std::move(exchange.response);
  }

 private:
  // Until it has ended or `stop` is set, whichever is first.
  CURLcode Perform(const std::stop_token& stop) {
    CHECK(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_); });
    CURLcode outcome = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;
    while (!stop.stop_requested()) {
      CHECK(curl_multi_perform(multi_, &running) == CURLM_OK);
      if (running == 0) {
        int left = 0;
        const CURLMsg* message = curl_multi_info_read(multi_, &left);
        CHECK(message != nullptr && message->msg == CURLMSG_DONE);
        outcome = message->data.result;
        break;
      }
      // libcurl's own time-outs end it earlier.
      CHECK(curl_multi_poll(multi_, nullptr, 0, 1000, nullptr) == CURLM_OK);
    }
    curl_multi_remove_handle(multi_, easy_);
    return outcome;
  }

  CURL* easy_;
  CURLM* multi_;
};

HttpClient::HttpClient(ClientOptions options) : options_(std::move(options)) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  CHECK(ready);
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Session> HttpClient::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Session>();
  std::unique_ptr<Session> session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void HttpClient::GiveBack(std::unique_ptr<Session> session) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(session));
}

Result<ClientResponse> HttpClient::Send(const ClientRequest& request, const std::stop_token& stop) {
  const ClientUrl origin = TRY(ParseClientUrl(request.url));
  const bool may_follow = request.method == "GET" || request.method == "HEAD";
  ClientUrl url = origin;
  bool all_headers = true;
  std::unique_ptr<Session> session = Take();
  for (int redirects = 0;; ++redirects) {
    if (stop.stop_requested()) return Cancelled();
    Exchange exchange{request, url, options_.may_connect};
    // A session that failed is not kept: its connection may be in the middle of something.
    ClientResponse response = TRY(session->Run(exchange, options_, all_headers, stop));
    const std::string location(response.Header("location"));
    if (!IsRedirect(response.status) || !may_follow || request.limits.redirects_max == 0 ||
        location.empty()) {
      GiveBack(std::move(session));
      return response;
    }
    if (redirects == request.limits.redirects_max) {
      return Error(
          ErrorKind::kInvalid, code::http_too_many_redirects,
          {{"host", origin.host}, {"limit", std::to_string(request.limits.redirects_max)}});
    }
    ClientUrl next = TRY(ResolveClientUrl(url, location));
    if (url.scheme == "https" && next.scheme == "http") {
      return Error(ErrorKind::kInvalid, code::http_redirect_downgrade,
                   {{"host", url.host}, {"target", next.host}});
    }
    all_headers = all_headers && next.SameOrigin(origin);
    url = std::move(next);
  }
}

}  // namespace eclusa
