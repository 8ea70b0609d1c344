#include "pg/identifier.h"

#include <vector>

#include "model/codes.h"

namespace eclusa {
namespace {

// NAMEDATALEN - 1: PostgreSQL cuts what is longer, and then it is another table's name.
constexpr size_t kIdentifierBytesMax = 63;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// Bytes above ASCII count as letters, as in the server's scanner.
bool CanStart(char c) {
  return (c >= 'a' && c <= 'z') || IsUpper(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool CanContinue(char c) { return CanStart(c) || (c >= '0' && c <= '9') || c == '$'; }

std::string Doubled(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

class NameScanner {
 public:
  explicit NameScanner(std::string_view text) : text_(text) {}

  // The parts between dots; false: not a name.
  bool Scan(std::vector<std::string>* parts) {
    do {
      SkipSpace();
      std::string part;
      if (!(AtEnd() || text_[at_] != '"' ? ScanPlain(&part) : ScanQuoted(&part))) return false;
      if (part.empty() || part.size() > kIdentifierBytesMax) return false;
      if (part.find('\0') != std::string::npos) return false;
      parts->push_back(std::move(part));
      SkipSpace();
    } while (Take('.'));
    return AtEnd();
  }

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  void SkipSpace() {
    while (!AtEnd() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    if (AtEnd() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool ScanPlain(std::string* part) {
    if (AtEnd() || !CanStart(text_[at_])) return false;
    for (; !AtEnd() && CanContinue(text_[at_]); ++at_) {
      *part += IsUpper(text_[at_]) ? static_cast<char>(text_[at_] - 'A' + 'a') : text_[at_];
    }
    return true;
  }

  bool ScanQuoted(std::string* part) {
    Take('"');
    while (!AtEnd()) {
      if (Take('"') && !(!AtEnd() && text_[at_] == '"')) return true;
      if (AtEnd()) return false;
      *part += text_[at_++];
    }
    return false;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::string QuoteIdentifier(std::string_view name) { return Doubled(name, '"'); }

std::string QuoteQualified(const TableName& name) {
  if (name.schema.empty()) return QuoteIdentifier(name.name);
  return QuoteIdentifier(name.schema) + "." + QuoteIdentifier(name.name);
}

std::string QuoteLiteral(std::string_view text) {
  if (text.find('\\') == std::string_view::npos) return Doubled(text, '\'');
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') escaped += c;
    escaped += c;
  }
  return "E" + Doubled(escaped, '\'');
}

Result<TableName> ParseTableName(std::string_view text) {
  std::vector<std::string> parts;
  if (!NameScanner(text).Scan(&parts) || parts.size() > 2) {
    return Error(ErrorKind::kInvalid, code::table_name, {{"name", std::string(text)}});
  }
  if (parts.size() == 1) return TableName{"", std::move(parts[0])};
  return TableName{std::move(parts[0]), std::move(parts[1])};
}

}  // namespace eclusa
