#include "http/router.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "core/check.h"

namespace eclusa::http {
namespace {

// "GET, HEAD, OPTIONS, PUT": sorted, with what the server answers by itself.
std::string AllowText(std::set<std::string_view> methods) {
  if (methods.contains("GET")) methods.insert("HEAD");
  methods.insert("OPTIONS");
  std::string text;
  for (const std::string_view method : methods) {
    if (!text.empty()) text += ", ";
    text += method;
  }
  return text;
}

void CheckRoute(const Route& route) {
  CHECK(!route.method.empty() && !route.operation.empty());
  CHECK((route.body == BodyKind::kStreamed) == (route.stream_handler != nullptr));
  CHECK((route.body != BodyKind::kStreamed) == (route.handler != nullptr));
}

}  // namespace

Router::Pattern Router::ParsePattern(std::string_view text) {
  Pattern pattern;
  if (text.starts_with('/')) text.remove_prefix(1);
  while (true) {
    const size_t slash = text.find('/');
    const std::string_view part = text.substr(0, slash);
    if (!part.starts_with('{')) {
      pattern.push_back({Segment::Kind::kLiteral, std::string(part)});
    } else {
      CHECK(part.ends_with('}'));
      std::string_view name = part.substr(1, part.size() - 2);
      const bool many = name.ends_with("...");
      if (many) name.remove_suffix(3);
      CHECK(!name.empty());
      pattern.push_back({many ? Segment::Kind::kMany : Segment::Kind::kOne, std::string(name)});
    }
    if (slash == text.npos) break;
    text.remove_prefix(slash + 1);
  }
  for (size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at].kind != Segment::Kind::kMany) continue;
    CHECK(at == 0 && pattern.size() > 1 && pattern[1].kind == Segment::Kind::kLiteral);
  }
  return pattern;
}

// Below zero: `a` is tried first. Zero: they fit the same paths, and none goes before the other.
int Router::Compare(const Pattern& a, const Pattern& b) {
  const auto many = [](const Pattern& p) { return p[0].kind == Segment::Kind::kMany ? 1 : 0; };
  if (many(a) != many(b)) return many(a) - many(b);
  for (size_t at = 0; at < std::min(a.size(), b.size()); ++at) {
    if (a[at].kind != b[at].kind) return a[at].kind < b[at].kind ? -1 : 1;
    if (a[at].kind != Segment::Kind::kLiteral) continue;
    if (const int order = a[at].text.compare(b[at].text); order != 0) return order;
  }
  return static_cast<int>(a.size()) - static_cast<int>(b.size());
}

bool Router::Fits(const Pattern& pattern, std::span<const std::string> segments,
                  Parameters& parameters) {
  parameters.clear();
  size_t first = 0;
  if (pattern[0].kind == Segment::Kind::kMany) {
    const auto next = std::ranges::find(segments, pattern[1].text);
    const auto count = static_cast<size_t>(next - segments.begin());
    if (next == segments.end() || count == 0) return false;
    std::string joined;
    for (const std::string& segment : segments.first(count)) {
      if (segment.empty()) return false;
      if (!joined.empty()) joined += '/';
      joined += segment;
    }
    parameters.emplace_back(pattern[0].text, std::move(joined));
    segments = segments.subspan(count);
    first = 1;
  }
  if (segments.size() != pattern.size() - first) return false;
  for (size_t at = 0; at < segments.size(); ++at) {
    const Segment& segment = pattern[at + first];
    if (segment.kind == Segment::Kind::kLiteral) {
      if (segments[at] != segment.text) return false;
    } else {
      if (segments[at].empty()) return false;
      parameters.emplace_back(segment.text, segments[at]);
    }
  }
  return true;
}

Router::Router(std::vector<Route> routes) {
  std::vector<Pattern> patterns;
  for (const Route& route : routes) {
    CheckRoute(route);
    patterns.push_back(ParsePattern(route.pattern));
  }
  std::vector<size_t> order(routes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) {
    const int compared = Compare(patterns[a], patterns[b]);
    if (compared != 0) return compared < 0;
    CHECK(a == b || routes[a].method != routes[b].method);
    return routes[a].method < routes[b].method;
  });
  for (const size_t index : order) {
    routes_.push_back(std::move(routes[index]));
    patterns_.push_back(std::move(patterns[index]));
  }
}

RouteMatch Router::Match(std::string_view method, std::span<const std::string> segments) const {
  RouteMatch match;
  std::set<std::string_view> methods;
  const Route* get = nullptr;
  Parameters get_parameters;
  for (size_t at = 0; at < routes_.size(); ++at) {
    if (!Fits(patterns_[at], segments, match.parameters)) continue;
    if (routes_[at].method == method) {
      match.route = &routes_[at];
      return match;
    }
    if (get == nullptr && method == "HEAD" && routes_[at].method == "GET") {
      get = &routes_[at];
      get_parameters = match.parameters;
    }
    methods.insert(routes_[at].method);
  }
  match.parameters = std::move(get_parameters);
  match.route = get;
  if (get == nullptr && !methods.empty()) match.allowed = AllowText(std::move(methods));
  return match;
}

std::string Router::AllMethods() const {
  std::set<std::string_view> methods;
  for (const Route& route : routes_) methods.insert(route.method);
  return AllowText(std::move(methods));
}

}  // namespace eclusa::http
