#include "contract/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <map>
#include <set>

#include "contract/parse.h"
#include "core/check.h"
#include "model/codes.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

// Turns the library's columns (bytes) into characters. Places mostly come in the order of the text,
// so that counting goes on from the last one: a document of one long line stays linear.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
    }
  }
  int Column(int line, int bytes) const {
    if (line < 0 || bytes < 0 || static_cast<size_t>(line) >= starts_.size()) return 1;
    if (line != line_ || bytes < bytes_) {
      line_ = line;
      bytes_ = 0;
      characters_ = 0;
    }
    for (; bytes_ < bytes; ++bytes_) {
      const size_t at = starts_[line] + static_cast<size_t>(bytes_);
      if (at < text_.size() && (static_cast<uint8_t>(text_[at]) & 0xC0) != 0x80) ++characters_;
    }
    return characters_ + 1;
  }

 private:
  std::string_view text_;
  std::vector<size_t> starts_;
  mutable int line_ = 0;
  mutable int bytes_ = 0;
  mutable int characters_ = 0;
};

ErrorArguments At(const YAML::Mark& mark, const Lines& lines) {
  return {{"line", std::to_string(mark.line + 1)},
          {"column", std::to_string(lines.Column(mark.line, mark.column))}};
}

// What the builder throws through the library; never leaves this file.
struct Refusal {
  Error error;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const Lines& lines) : lines_(lines) {}

  YamlNode TakeRoot() { return std::move(root_); }
  const YAML::Mark& last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = Node(YamlNode::Kind::kNull, mark);
    node.text = "null";
    Complete(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(code::contract_alias, mark);
    Count(found->second.count, mark);
    if (open_.size() + found->second.height > kContractDepthMax) TooDeep(mark);
    if (!open_.empty()) {
      open_.back().height = std::max(open_.back().height, found->second.height);
    }
    Place(found->second.node, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // The library turns some escapes ("\\N") into single bytes that are no character.
    if (!IsUtf8(value) || HasNul(value)) Refuse(code::contract_encoding, mark);
    YamlNode node = Node(YamlNode::Kind::kScalar, mark);
    node.quoted = tag == "!";
    if (node.quoted) last_quoted_ = mark;
    node.text = value;
    Complete(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMap, mark, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    size_t count_before;
    size_t height = 0;  // of what it holds
    bool has_key = false;
    std::set<std::string> seen;  // keys
  };
  struct Anchored {
    YamlNode node;
    size_t count;
    size_t height;
  };

  [[noreturn]] void Refuse(std::string_view code, const YAML::Mark& mark,
                           std::pair<std::string, std::string> more = {}) {
    ErrorArguments arguments = At(mark, lines_);
    if (!more.first.empty()) arguments.push_back(std::move(more));
    throw Refusal{Error(ErrorKind::kInvalid, code, std::move(arguments))};
  }
  [[noreturn]] void TooDeep(const YAML::Mark& mark) {
    Refuse(code::contract_too_deep, mark, {"limit", std::to_string(kContractDepthMax)});
  }
  void Count(size_t more, const YAML::Mark& mark) {
    count_ += more;
    if (count_ > kContractNodesMax) {
      Refuse(code::contract_too_many_values, mark, {"limit", std::to_string(kContractNodesMax)});
    }
  }
  YamlNode Node(YamlNode::Kind kind, const YAML::Mark& mark) {
    Count(1, mark);
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = lines_.Column(mark.line, mark.column);
    mark_ = mark;
    return node;
  }
  void Open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= kContractDepthMax) TooDeep(mark);
    const size_t before = count_;
    open_.push_back({Node(kind, mark), anchor, mark, before, 0, false, {}});
  }
  void Close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    const size_t height = frame.height + 1;
    if (!open_.empty()) open_.back().height = std::max(open_.back().height, height);
    Remember(frame.node, frame.anchor, count_ - frame.count_before, height, frame.mark);
    Place(std::move(frame.node), frame.mark);
  }
  void Complete(YamlNode node, YAML::anchor_t anchor) {
    Remember(node, anchor, 1, 0, mark_);
    Place(std::move(node), mark_);
  }
  void Remember(const YamlNode& node, YAML::anchor_t anchor, size_t count, size_t height,
                const YAML::Mark& mark) {
    if (anchor == 0) return;
    Count(count, mark);  // the copy that is kept
    anchors_[anchor] = {node, count, height};
  }
  // Puts a whole value where it belongs.
  void Place(YamlNode node, const YAML::Mark& mark) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    if (frame.node.kind == YamlNode::Kind::kMap && !frame.has_key) {
      if (!node.IsScalar()) Refuse(code::contract_key, mark);
      if (!frame.seen.insert(node.text).second) {
        Refuse(code::contract_word_twice, mark, {"word", node.text});
      }
      frame.node.keys.push_back(std::move(node));
      frame.has_key = true;
      return;
    }
    frame.node.values.push_back(std::move(node));
    frame.has_key = false;
  }

  const Lines& lines_;
  YamlNode root_;
  std::vector<Frame> open_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  YAML::Mark mark_;
  YAML::Mark last_quoted_;
  size_t count_ = 0;
};

// Says the line; a column would count characters that are none.
Status CheckEncoding(std::string_view text) {
  if (IsUtf8(text) && !HasNul(text)) return Ok();
  int line = 1;
  while (true) {
    const size_t end = std::min(text.find('\n'), text.size());
    if (!IsUtf8(text.substr(0, end)) || HasNul(text.substr(0, end))) {
      return Error(ErrorKind::kInvalid, code::contract_encoding, {{"line", std::to_string(line)}});
    }
    CHECK(end < text.size());
    text.remove_prefix(end + 1);
    ++line;
  }
}

// The library keeps what it reads of nested brackets until the outermost one is decided, some 250
// bytes for each: more of them than there may be values are refused before it sees them.
Status CheckBrackets(std::string_view text) {
  size_t brackets = 0;
  size_t line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    if ((c == '[' || c == '{') && ++brackets > kContractNodesMax) {
      return Error(ErrorKind::kInvalid, code::contract_too_many_values,
                   {{"line", std::to_string(line)},
                    {"column", "1"},
                    {"limit", std::to_string(kContractNodesMax)}});
    }
  }
  return Ok();
}

// Whether the scalar that begins at `at` ends. The library takes a quote that is never closed for
// one that is closed by the end of the file, if a line's end stands there.
bool IsClosed(std::string_view text, size_t at) {
  // Anchor and tag come first.
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \t\r\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return true;
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != quote) return true;
      ++at;
    }
  }
  return false;
}

// Reads from the text where it stands.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // streambuf only reads it
    setg(begin, begin, begin + text.size());
  }
};

// Words that YAML readers take for something else than text when they stand without quotes.
bool IsReserved(std::string_view text) {
  static constexpr std::string_view kReserved[] = {"null", "true", "false", "yes", "no",
                                                   "on",   "off",  "y",     "n"};
  std::string lower(text);
  for (char& c : lower) {
    if ('A' <= c && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::find(kReserved, lower) != std::end(kReserved);
}

bool IsLetter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z'); }

// Characters that mean nothing to YAML wherever they stand.
bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return IsLetter(c) || ('0' <= c && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-' ||
           c == '+';
  });
}

std::string Quoted(std::string_view text) {
  // Line ends that YAML knows besides \n, and the byte order mark, as UTF-8.
  static constexpr std::pair<std::string_view, std::string_view> kEscapes[] = {
      {"\"", "\\\""},
      {"\\", "\\\\"},
      {"\n", "\\n"},
      {"\t", "\\t"},
      {"\xC2\x85", "\\u0085"},
      {"\xE2\x80\xA8", "\\u2028"},
      {"\xE2\x80\xA9", "\\u2029"},
      {"\xEF\xBB\xBF", "\\uFEFF"},
  };
  std::string out = "\"";
  while (!text.empty()) {
    const auto* const escape = std::ranges::find_if(
        kEscapes, [&](const auto& entry) { return text.starts_with(entry.first); });
    if (escape != std::end(kEscapes)) {
      out += escape->second;
      text.remove_prefix(escape->first.size());
      continue;
    }
    const auto byte = static_cast<uint8_t>(text[0]);
    if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02X}", byte);
    } else {
      out += text[0];
    }
    text.remove_prefix(1);
  }
  return out + '"';
}

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (size_t i = 0; i < values.size() && i < keys.size(); ++i) {
    if (keys[i].text == key) return &values[i];
  }
  return nullptr;
}

Result<YamlNode> ReadYaml(std::string_view text) {
  if (text.size() > kContractBytesMax) {
    return Error(
        ErrorKind::kInvalid, code::contract_too_large,
        {{"size", std::to_string(text.size())}, {"limit", std::to_string(kContractBytesMax)}});
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const Lines lines(text);
  TRY(CheckEncoding(text));
  TRY(CheckBrackets(text));
  TreeBuilder builder(lines);
  try {
    ViewBuffer buffer(text);
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      return Error(ErrorKind::kInvalid, code::contract_empty);
    }
    const YAML::Mark& quoted = builder.last_quoted();
    if (!IsClosed(text, static_cast<size_t>(quoted.pos))) {
      throw YAML::ParserException(quoted, YAML::ErrorMsg::EOF_IN_SCALAR);
    }
    YamlNode root = builder.TakeRoot();
    TreeBuilder second(lines);
    if (parser.HandleNextDocument(second)) {
      return Error(ErrorKind::kInvalid, code::contract_documents);
    }
    return root;
  } catch (Refusal& refusal) {
    return std::move(refusal.error);
  } catch (const YAML::DeepRecursion& deep) {
    ErrorArguments arguments = At(deep.mark, lines);
    arguments.emplace_back("limit", std::to_string(kContractDepthMax));
    return Error(ErrorKind::kInvalid, code::contract_too_deep, std::move(arguments));
  } catch (const YAML::Exception& wrong) {
    ErrorArguments arguments = At(wrong.mark, lines);
    arguments.emplace_back("detail", wrong.msg);
    return Error(ErrorKind::kInvalid, code::contract_syntax, std::move(arguments));
  }
}

std::string YamlOnOneLine(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "null";
    case YamlNode::Kind::kScalar:
      // A plain number, date or boolean stays one.
      return !node.quoted && IsPlain(node.text) && !node.text.empty() && node.text != "-"
                 ? node.text
                 : YamlScalar(node.text);
    case YamlNode::Kind::kList: {
      std::string out;
      for (const YamlNode& value : node.values) {
        out += (out.empty() ? "" : ", ") + YamlOnOneLine(value);
      }
      return "[" + out + "]";
    }
    case YamlNode::Kind::kMap: {
      std::map<std::string_view, const YamlNode*> sorted;
      for (size_t i = 0; i < node.keys.size(); ++i) sorted[node.keys[i].text] = &node.values[i];
      std::string out;
      for (const auto& [key, value] : sorted) {
        out += (out.empty() ? "" : ", ") + YamlScalar(key) + ": " + YamlOnOneLine(*value);
      }
      return "{" + out + "}";
    }
  }
  return "null";
}

std::string YamlScalar(std::string_view text) {
  const bool plain = !text.empty() && (IsLetter(text[0]) || text[0] == '_' || text[0] == '/') &&
                     IsPlain(text) && !IsReserved(text);
  return plain ? std::string(text) : Quoted(text);
}

ErrorArguments PlaceArguments(const YamlNode& node) {
  return {{"line", std::to_string(node.line)}, {"column", std::to_string(node.column)}};
}

}  // namespace eclusa
