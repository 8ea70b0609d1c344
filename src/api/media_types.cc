#include "api/media_types.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "model/codes.h"

namespace eclusa::api {
namespace {

constexpr std::string_view kJson = "application/json";

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before the separator off `rest`.
std::string_view Next(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Trimmed(taken);
}

struct Range {
  std::string_view type;  // "text/csv", "text/*", "*/*"
  double weight = 1;
};

// "text/csv;header=present;q=0.5": parameters other than q are not looked at.
Range ParseRange(std::string_view text) {
  Range range{.type = Next(text, ';')};
  while (!text.empty()) {
    std::string_view parameter = Next(text, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    parameter.remove_prefix(2);
    double weight = 1;
    const char* end = parameter.data() + parameter.size();
    if (std::from_chars(parameter.data(), end, weight).ec == std::errc()) range.weight = weight;
  }
  return range;
}

// How closely a range names the type: 3 by its name, 2 by its first half, 1 as any, 0 not.
int Closeness(const Range& range, std::string_view type) {
  if (http::SameName(range.type, type)) return 3;
  if (range.type == "*/*" || range.type == "*") return 1;
  const size_t slash = type.find('/') + 1;
  const bool half = range.type.size() == slash + 1 && range.type.ends_with('*') &&
                    http::SameName(range.type.substr(0, slash), type.substr(0, slash));
  return half ? 2 : 0;
}

// What the header gives a type: the weight of the range that names it most closely.
double WeightOf(std::string_view accept, std::string_view type) {
  int closest = 0;
  double weight = 0;
  while (!accept.empty()) {
    const Range range = ParseRange(Next(accept, ','));
    const int closeness = Closeness(range, type);
    if (closeness <= closest) continue;
    closest = closeness;
    weight = range.weight;
  }
  return weight;
}

std::string Listed(const std::vector<std::string_view>& types) {
  std::string text;
  for (const std::string_view type : types) text += (text.empty() ? "" : ", ") + std::string(type);
  return text;
}

}  // namespace

const std::vector<std::string_view>& AnswerTypes(std::string_view operation) {
  static const std::vector<std::string_view> json = {kJson};
  static const std::map<std::string_view, std::vector<std::string_view>> others = {
      {"listFailures",
       {kJson, "text/csv", "application/jsonl", "application/x-ndjson",
        "application/vnd.apache.parquet"}},
      {"showContract", {"application/yaml"}},
      {"metrics", {"text/plain"}},
  };
  const auto found = others.find(operation);
  return found == others.end() ? json : found->second;
}

Result<std::string_view> ChooseAnswerType(const http::Request& request) {
  const std::vector<std::string_view>& types = AnswerTypes(request.operation);
  if (request.headers.Count("Accept") == 0) return types.front();
  std::string accept;
  for (const auto& [name, value] : request.headers) {
    if (http::SameName(name, "Accept")) accept += (accept.empty() ? "" : ",") + value;
  }
  if (Trimmed(accept).empty()) return types.front();
  std::string_view best;
  double best_weight = 0;
  for (const std::string_view type : types) {
    const double weight = WeightOf(accept, type);
    if (weight <= best_weight) continue;
    best = type;
    best_weight = weight;
  }
  if (!best.empty()) return best;
  return Error(ErrorKind::kInvalid, code::api_not_acceptable, {{"types", Listed(types)}});
}

Status CheckJsonBody(const http::Request& request) {
  const std::string* field = request.headers.Find("Content-Type");
  if (field == nullptr) return Ok();
  std::string_view rest = *field;
  const std::string_view type = Next(rest, ';');
  if (http::SameName(type, kJson)) return Ok();
  return Error(ErrorKind::kInvalid, code::api_media_type, {{"type", std::string(type)}});
}

}  // namespace eclusa::api
