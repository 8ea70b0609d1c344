#include "http/request_head.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <random>

#include "model/codes.h"

namespace eclusa::http {
namespace {

// What HTTP has; a path that lacks one of these answers 405, any other word is a 501.
constexpr std::string_view kMethods[] = {"DELETE", "GET", "HEAD",  "OPTIONS", "PATCH",
                                         "POST",   "PUT", "QUERY", "TRACE"};

Refusal BadRequest(std::string_view code) { return {400, code, {}, {}}; }

// Calls `each` with the elements of a comma-separated list, without the spaces around them.
template <class Each>
void ForEachElement(std::string_view list, const Each& each) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    std::string_view element = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) {
      element.remove_prefix(1);
    }
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) {
      element.remove_suffix(1);
    }
    each(element);
  }
}

bool ConnectionSays(const Headers& headers, std::string_view word) {
  bool said = false;
  for (const auto& [name, value] : headers) {
    if (!SameName(name, "Connection")) continue;
    ForEachElement(value, [&](std::string_view element) { said |= SameName(element, word); });
  }
  return said;
}

std::optional<Refusal> ReadBodyLength(const RawHead& head, HeadFacts& facts) {
  const size_t lengths = head.headers.Count("Content-Length");
  const size_t codings = head.headers.Count("Transfer-Encoding");
  if (lengths + codings > 1) return BadRequest(code::http_body_length);
  if (lengths == 1) {
    const std::string& text = *head.headers.Find("Content-Length");
    uint64_t length = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc{} || stop != end) return BadRequest(code::http_body_length);
    facts.content_length = length;
  }
  if (codings == 1) {
    if (!facts.http11) return BadRequest(code::http_body_length);
    const std::string& coding = *head.headers.Find("Transfer-Encoding");
    if (!SameName(coding, "chunked")) {
      return Refusal{501, code::http_transfer_coding, {{"value", coding}}, {}};
    }
    facts.chunked = true;
  }
  return std::nullopt;
}

std::optional<Refusal> CheckHost(const RawHead& head) {
  const size_t hosts = head.headers.Count("Host");
  if (hosts == 0 && head.version == 10) return std::nullopt;
  if (hosts != 1 || !IsAuthority(*head.headers.Find("Host"))) return BadRequest(code::http_host);
  return std::nullopt;
}

std::optional<Refusal> CheckExpect(const RawHead& head, HeadFacts& facts) {
  const std::string* const expect = head.headers.Find("Expect");
  if (expect == nullptr || !facts.http11) return std::nullopt;  // 1.0 does not know it
  if (!SameName(*expect, "100-continue")) {
    return Refusal{417, code::http_expectation, {{"value", *expect}}, {}};
  }
  facts.expects_continue = true;
  return std::nullopt;
}

bool IsLowerHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == text.npos; }

}  // namespace

std::variant<HeadFacts, Refusal> ReadHeadFacts(const RawHead& head) {
  HeadFacts facts;
  facts.http11 = head.version == 11;
  if (auto refusal = ReadBodyLength(head, facts)) return *std::move(refusal);
  if (auto refusal = CheckHost(head)) return *std::move(refusal);
  if (std::ranges::find(kMethods, head.method) == std::end(kMethods)) {
    return Refusal{501, code::http_method_unknown, {{"method", head.method}}, {}};
  }
  auto target = ParseTarget(head.target);
  if (auto* refusal = std::get_if<Refusal>(&target)) return std::move(*refusal);
  facts.target = std::get<Target>(std::move(target));
  if (facts.target.asterisk && head.method != "OPTIONS") {
    return BadRequest(code::http_target_malformed);
  }
  if (auto refusal = CheckExpect(head, facts)) return *std::move(refusal);
  facts.keep_alive = facts.http11 ? !ConnectionSays(head.headers, "close")
                                  : ConnectionSays(head.headers, "keep-alive");
  return facts;
}

std::string_view TraceIdOf(const Headers& headers) {
  if (headers.Count("traceparent") != 1) return {};
  const std::string_view text = *headers.Find("traceparent");
  // version "-" trace-id "-" parent-id "-" flags; versions after 00 may go on with "-".
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  if (!IsLowerHex(version) || version == "ff" || !IsLowerHex(text.substr(53, 2))) return {};
  if (text.size() > 55 && (version == "00" || text[55] != '-')) return {};
  if (!IsLowerHex(trace) || IsZero(trace) || !IsLowerHex(parent) || IsZero(parent)) return {};
  return trace;
}

std::string NewTraceId() {
  thread_local std::mt19937_64 random{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }()};
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id(32, '0');
  for (size_t half = 0; half < 2; ++half) {
    uint64_t bits = random() | 1;
    for (size_t digit = 0; digit < 16; ++digit, bits >>= 4) {
      id[half * 16 + digit] = kDigits[bits & 15];
    }
  }
  return id;
}

}  // namespace eclusa::http
