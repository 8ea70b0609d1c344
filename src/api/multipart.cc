#include "api/multipart.h"

#include <algorithm>
#include <vector>

#include "http/message.h"
#include "http/target.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

constexpr size_t kHeadMax = 8192;
constexpr size_t kBoundaryMax = 70;  // RFC 2046, section 5.1.1

Error Malformed(const char* detail) {
  return {ErrorKind::kInvalid, code::api_multipart, {{"detail", detail}}};
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// `form-data; name="a;b"; filename=c` taken apart.
struct FieldValue {
  std::string_view value;
  std::vector<std::pair<std::string_view, std::string>> parameters;

  // Null: it is not there.
  const std::string* Find(std::string_view name) const {
    for (const auto& [known, text] : parameters) {
      if (http::SameName(known, name)) return &text;
    }
    return nullptr;
  }
};

// Behind a quote: the text up to the next one, which is taken too. `\"` and `\\` are what older
// clients write, "%22" what newer do.
std::optional<std::string> TakeQuoted(std::string_view& rest) {
  std::string text;
  while (!rest.empty() && rest.front() != '"') {
    const bool escape =
        rest.front() == '\\' && rest.size() > 1 && (rest[1] == '"' || rest[1] == '\\');
    text += escape ? rest[1] : rest.front();
    rest.remove_prefix(escape ? 2 : 1);
  }
  if (rest.empty()) return std::nullopt;
  rest.remove_prefix(1);
  return text;
}

std::optional<FieldValue> ParseFieldValue(std::string_view rest) {
  FieldValue field;
  size_t end = std::min(rest.find(';'), rest.size());
  field.value = Trimmed(rest.substr(0, end));
  rest.remove_prefix(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the semicolon
    const size_t equals = rest.find('=');
    if (equals == rest.npos) return std::nullopt;
    const std::string_view name = Trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    std::string text;
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      auto quoted = TakeQuoted(rest);
      if (!quoted) return std::nullopt;
      text = *std::move(quoted);
      end = std::min(rest.find(';'), rest.size());
      if (!Trimmed(rest.substr(0, end)).empty()) return std::nullopt;
    } else {
      end = std::min(rest.find(';'), rest.size());
      text = Trimmed(rest.substr(0, end));
    }
    rest.remove_prefix(end);
    if (name.empty() || field.Find(name) != nullptr) return std::nullopt;
    field.parameters.emplace_back(name, std::move(text));
  }
  return field;
}

// What the HTML standard has browsers and curl write for a quote and a line end in a name.
std::string WithoutEscapes(std::string text) {
  constexpr std::pair<std::string_view, char> kEscapes[] = {
      {"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}};
  for (const auto& [escape, character] : kEscapes) {
    for (size_t at = text.find(escape); at != text.npos; at = text.find(escape, at + 1)) {
      text.replace(at, escape.size(), 1, character);
    }
  }
  return text;
}

Status ReadDisposition(std::string_view value, PartHead& head) {
  const std::optional<FieldValue> field = ParseFieldValue(value);
  if (!field || !http::SameName(field->value, "form-data")) return Malformed("Content-Disposition");
  const std::string* name = field->Find("name");
  if (name == nullptr || name->empty()) return Malformed("a part without a name");
  head.name = WithoutEscapes(*name);
  if (const std::string* file = field->Find("filename")) head.file_name = WithoutEscapes(*file);
  const std::string all = head.name + head.file_name.value_or("");
  if (!http::IsUtf8(all) || all.find('\0') != all.npos) {
    return Malformed("a name that is not UTF-8");
  }
  return Ok();
}

Status ReadHeadLine(std::string_view line, PartHead& head) {
  const size_t colon = line.find(':');
  if (colon == line.npos || colon == 0 || line.find('\0') != line.npos) {
    return Malformed("a line of a part's head");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (http::SameName(name, "Content-Disposition")) {
    if (!head.name.empty()) return Malformed("Content-Disposition twice");
    return ReadDisposition(value, head);
  }
  if (http::SameName(name, "Content-Type")) head.content_type = value;
  const bool plain = http::SameName(value, "binary") || http::SameName(value, "8bit") ||
                     http::SameName(value, "7bit");
  if (http::SameName(name, "Content-Transfer-Encoding") && !plain) {
    return Malformed("Content-Transfer-Encoding");
  }
  return Ok();
}

}  // namespace

Result<std::string> BoundaryOf(const std::string& content_type) {
  const std::optional<FieldValue> field = ParseFieldValue(content_type);
  if (!field || !http::SameName(field->value, "multipart/form-data")) {
    return Malformed("Content-Type is not multipart/form-data");
  }
  const std::string* boundary = field->Find("boundary");
  if (boundary == nullptr || boundary->empty()) return Malformed("Content-Type has no boundary");
  const auto permitted = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
  };
  if (boundary->size() > kBoundaryMax || boundary->ends_with(' ') ||
      !std::all_of(boundary->begin(), boundary->end(), permitted)) {
    return Malformed("the boundary is longer than 70 characters, or has others than RFC 2046's");
  }
  return *boundary;
}

Result<PartHead> ParsePartHead(std::string_view lines) {
  PartHead head;
  while (!lines.empty()) {
    const size_t end = std::min(lines.find("\r\n"), lines.size());
    TRY(ReadHeadLine(lines.substr(0, end), head));
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
  if (head.name.empty()) return Malformed("a part without Content-Disposition");
  return head;
}

Status Multipart::Write(std::string_view bytes) {
  pending_ += bytes;
  std::string_view rest = pending_;
  while (TRY(Step(rest))) {
  }
  pending_.erase(0, pending_.size() - rest.size());
  return Ok();
}

Status Multipart::Finish() const {
  if (place_ != Place::kEnd) return Malformed("it ends before its last boundary");
  if (!pending_.empty() && pending_ != "\r\n") return Malformed("text behind the last boundary");
  return Ok();
}

Result<bool> Multipart::Step(std::string_view& rest) {
  switch (place_) {
    case Place::kBoundary:
      return StepBoundary(rest);
    case Place::kHead:
      return StepHead(rest);
    case Place::kContent:
      return StepContent(rest);
    case Place::kEnd:
      if (rest.size() > 2) return Malformed("text behind the last boundary");
      return false;
  }
  CHECK(false);
}

// At a delimiter, and what says whether another part follows.
Result<bool> Multipart::StepBoundary(std::string_view& rest) {
  const size_t known = std::min(rest.size(), delimiter_.size());
  if (rest.substr(0, known) != std::string_view(delimiter_).substr(0, known)) {
    return Malformed("it does not begin with its boundary");
  }
  if (rest.size() < delimiter_.size() + 2) return false;
  const std::string_view next = rest.substr(delimiter_.size(), 2);
  if (next != "\r\n" && next != "--") return Malformed("text behind a boundary");
  place_ = next == "--" ? Place::kEnd : Place::kHead;
  rest.remove_prefix(delimiter_.size() + 2);
  return true;
}

Result<bool> Multipart::StepHead(std::string_view& rest) {
  const size_t end = rest.substr(0, kHeadMax + 4).find("\r\n\r\n");
  if (end == rest.npos) {
    if (rest.size() > kHeadMax) return Malformed("a part's head of more than 8192 bytes");
    return false;
  }
  PartHead head = TRY(ParsePartHead(rest.substr(0, end)));
  TRY(receiver_.Begin(std::move(head)));
  rest.remove_prefix(end + 4);
  place_ = Place::kContent;
  return true;
}

Result<bool> Multipart::StepContent(std::string_view& rest) {
  const size_t end = rest.find(delimiter_);
  // What may be the beginning of a delimiter waits for the rest of it.
  const size_t sure =
      end != rest.npos ? end : rest.size() - std::min(rest.size(), delimiter_.size() - 1);
  if (sure > 0) TRY(receiver_.Take(rest.substr(0, sure)));
  rest.remove_prefix(sure);
  if (end == rest.npos) return false;
  TRY(receiver_.End());
  place_ = Place::kBoundary;
  return true;
}

}  // namespace eclusa::api
