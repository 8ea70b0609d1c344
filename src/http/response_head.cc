#include "http/response_head.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <iterator>

namespace eclusa::http {
namespace {

// IMF-fixdate, made once a second by each thread.
std::string_view Date() {
  thread_local time_t made_at = 0;
  thread_local std::string text;
  const time_t now = time(nullptr);
  if (now == made_at) return text;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  tm utc{};
  gmtime_r(&now, &utc);
  text = fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[utc.tm_wday], utc.tm_mday,
                     kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  made_at = now;
  return text;
}

bool IsOurs(std::string_view name) {
  return SameName(name, "Content-Length") || SameName(name, "Transfer-Encoding") ||
         SameName(name, "Connection") || SameName(name, "Date");
}

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

ResponseFrame FrameOf(const Response& response, bool http11) {
  ResponseFrame frame{.http11 = http11};
  frame.length = response.pull ? response.pull_length.value_or(0) : response.body.size();
  if (HasNoBody(response.status)) {
    frame.framing = BodyFraming::kNone;
  } else if (!response.pull || response.pull_length.has_value()) {
    frame.framing = BodyFraming::kLength;
  } else {
    frame.framing = http11 ? BodyFraming::kChunked : BodyFraming::kUntilClose;
  }
  return frame;
}

bool IsWritable(const Response& response) {
  const auto token = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  const auto control = [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; };
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers, [&](const Headers::Field& field) {
           return !field.first.empty() && std::ranges::all_of(field.first, token) &&
                  std::ranges::none_of(field.second, control);
         });
}

void AppendResponseHead(const Response& response, const ResponseFrame& frame, std::string& out) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 ReasonPhrase(response.status), Date());
  for (const auto& [name, value] : response.headers) {
    if (IsOurs(name)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (frame.framing == BodyFraming::kLength) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", frame.length);
  } else if (frame.framing == BodyFraming::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (!frame.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!frame.http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace eclusa::http
