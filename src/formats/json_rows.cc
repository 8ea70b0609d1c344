#include "formats/json_rows.h"

#include <algorithm>

#include "core/check.h"
#include "formats/json_fault.h"
#include "formats/text_encoding.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// A fault so near to the end of what was read may come from the end.
constexpr ptrdiff_t kNearEnd = 16;
// UTF-8 is looked at in pieces that stay in the cache.
constexpr size_t kSoundBytes = 32 << 10;

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

JsonRows::JsonRows(CsvBuffer buffer, JsonLayout layout, Options options)
    : buffer_(std::move(buffer)),
      layout_(layout),
      options_(options),
      next_line_(options.first_line) {}

Result<bool> JsonRows::Read(JsonBuilder& builder, JsonTarget& target,
                            std::vector<UnreadableRow>& unreadable) {
  builder_ = &builder;
  target_ = &target;
  unreadable_ = &unreadable;
  if (state_ == State::kDone) return false;
  return layout_.kind == JsonLayoutKind::kLines ? ReadLine() : ReadElement();
}

void JsonRows::Continue(CsvBuffer buffer, const RowPosition& from, int64_t end) {
  CHECK(layout_.kind == JsonLayoutKind::kLines);
  buffer_ = std::move(buffer);
  next_row_ = from.row;
  next_line_ = from.line;
  end_ = end;
}

RowPosition JsonRows::Next() const {
  return {.byte_offset = buffer_.offset(), .row = next_row_, .line = next_line_};
}

RowPosition JsonRows::PositionOf(int64_t row) const {
  CHECK(row == passed_.row);
  return passed_;
}

Result<bool> JsonRows::Read() {
  passed_ = Next();
  const std::optional<Line> line = TRY(FindLine());
  if (!line) return false;
  ++next_row_;
  if (line->too_long) {
    TRY(SkipLine());
  } else {
    buffer_.Consume(line->bytes);
    ++next_line_;
  }
  return true;
}

// The next line that is not blank, which is then consumed as far as its first byte.
Result<std::optional<JsonRows::Line>> JsonRows::FindLine() {
  while (buffer_.offset() < end_) {
    const std::string_view rest = buffer_.text();
    const size_t end = std::min(rest.find('\n'), rest.size());
    const bool found = end < rest.size();
    if (static_cast<int64_t>(end) > options_.row_bytes_max) {
      return std::optional(Line{.text = rest, .too_long = true});
    }
    if (!found && !buffer_.at_end()) {
      TRY(buffer_.Fill());
      continue;
    }
    const size_t behind = end + (found ? 1 : 0);
    const size_t begin = rest.substr(0, end).find_first_not_of(" \t\r");
    if (begin != std::string_view::npos) {
      buffer_.Consume(begin);
      return std::optional(Line{.text = rest.substr(begin, end - begin), .bytes = behind - begin});
    }
    if (!found) break;
    buffer_.Consume(behind);
    ++next_line_;
  }
  return std::optional<Line>();
}

Result<bool> JsonRows::ReadLine() {
  const std::optional<Line> line = TRY(FindLine());
  if (!line) return false;
  if (line->too_long) {
    UnreadableRow row = Unreadable(line->text);
    row.reasons.push_back(SimpleReason(code::row_too_long));
    Add(std::move(row));
    TRY(SkipLine());
    return true;
  }
  if (!TakeLine(line->text)) return true;
  buffer_.Consume(line->bytes);
  ++next_line_;
  return true;
}

// False: no memory.
bool JsonRows::TakeLine(std::string_view line) {
  size_t used = 0;
  const bool built = Build(line, &used);
  if (builder_->out_of_memory()) return false;
  if (built && IsSound(line)) {
    if (!target_->Take(NextPlace(), line.substr(0, used))) return false;
    ++next_row_;
    return true;
  }
  UnreadableRow row = Unreadable(line.substr(0, line.find_last_not_of(" \t\r") + 1));
  if (built) builder_->RemoveLast();
  row.reasons.push_back(built ? EncodingReason(line) : FaultReason());
  Add(std::move(row));
  return true;
}

// Consumes as far as behind the next line end.
Status JsonRows::SkipLine() {
  while (true) {
    const std::string_view rest = buffer_.text();
    const size_t end = rest.find('\n');
    if (end != std::string_view::npos) {
      buffer_.Consume(end + 1);
      ++next_line_;
      return Ok();
    }
    buffer_.Consume(rest.size());
    if (buffer_.at_end()) return Ok();
    TRY(buffer_.Fill());
  }
}

Result<bool> JsonRows::ReadElement() {
  TRY(SkipBlanks());
  const bool list = layout_.kind != JsonLayoutKind::kDocuments;
  if (buffer_.rest().empty()) {
    state_ = State::kDone;
    if (!list) return false;
    // The list is not closed: what came behind is lost, and nobody knows how much.
    UnreadableRow row = Unreadable({});
    row.reasons.push_back(SimpleReason(code::json_truncated));
    Add(std::move(row));
    return true;
  }
  if (list && TRY(ReadSeparator())) return true;
  TRY(ReadDocument(!list || state_ != State::kBehindDocument));
  if (state_ != State::kDone) state_ = State::kBehindDocument;
  return true;
}

// What stands between the documents of a list, and its end. False: a document comes.
Result<bool> JsonRows::ReadSeparator() {
  const char c = buffer_.rest()[0];
  if (c == ',' && state_ == State::kBehindDocument) {
    Consume(1);
    state_ = State::kBehindComma;
    return true;
  }
  if (c != ']') return false;
  if (state_ == State::kBehindComma) {
    UnreadableRow row = Unreadable("]");
    row.reasons.push_back(SimpleReason(code::json_trailing_comma));
    Add(std::move(row));
  }
  Consume(1);
  state_ = State::kDone;
  TRY(ReadTail());
  return true;
}

// One document, wherever it ends.
Status JsonRows::ReadDocument(bool after_comma) {
  while (true) {
    const std::string_view rest = buffer_.text();
    size_t used = 0;
    const bool built = Build(rest, &used);
    if (builder_->out_of_memory()) return Ok();
    if (!built) {
      // Cut off by the end of what was read, perhaps.
      if (cursor_.end() - cursor_.fault_at() < kNearEnd && !buffer_.at_end() &&
          static_cast<int64_t>(rest.size()) <= options_.row_bytes_max + kNearEnd) {
        TRY(buffer_.Fill());
        continue;
      }
      UnreadableRow row = Unreadable({});
      row.reasons.push_back(FaultReason());
      return SkipDocument(std::move(row));
    }
    const std::string_view text = rest.substr(0, used);
    const bool too_long = static_cast<int64_t>(used) > options_.row_bytes_max;
    if (!too_long && after_comma && IsSound(text)) {
      if (!target_->Take(NextPlace(), text)) return Ok();
      ++next_row_;
    } else {
      UnreadableRow row = Unreadable(text);
      builder_->RemoveLast();
      row.reasons.push_back(too_long       ? SimpleReason(code::row_too_long)
                            : !after_comma ? SimpleReason(code::json_malformed)
                                           : EncodingReason(text));
      Add(std::move(row));
    }
    Consume(used);
    return Ok();
  }
}

// Goes on behind a document that could not be read, where its end can be found.
Status JsonRows::SkipDocument(UnreadableRow row) {
  Skip skip;
  const bool found = TRY(SkipToEnd(skip, &row.raw));
  // Whatever else is wrong with it: how much of it was looked at depends on what was read at once.
  if (buffer_.offset() - row.place.byte_offset > options_.row_bytes_max) {
    row.reasons.front() = SimpleReason(code::row_too_long);
  }
  if (!found) return FailRest(std::move(row));
  TRY(SkipBlanks());
  const std::span<const char> rest = buffer_.rest();
  const bool list = layout_.kind != JsonLayoutKind::kDocuments;
  const bool separated = rest.empty() ? true
                         : list       ? rest[0] == ',' || rest[0] == ']'
                                      : rest[0] == '{';
  if (!separated) return FailRest(std::move(row));
  Add(std::move(row));
  return Ok();
}

// Looks for brackets and quotes only. False: the file ended first, or what was found is no end.
Result<bool> JsonRows::SkipToEnd(Skip& skip, std::string* raw) {
  while (true) {
    const std::string_view rest = buffer_.text();
    size_t at = 0;
    bool ended = false;
    for (; at < rest.size() && !ended; ++at) {
      const char c = rest[at];
      if (skip.in_escape) {
        skip.in_escape = false;
      } else if (skip.in_string) {
        skip.in_escape = c == '\\';
        skip.in_string = c != '"';
        ended = c == '"' && skip.depth == 0;
      } else if (c == '"') {
        skip.in_string = true;
      } else if (c == '{' || c == '[') {
        ++skip.depth;
      } else if (c == '}' || c == ']') {
        // Of a word that is no document the list's own bracket is the end.
        if (skip.depth == 0) {
          ended = true;
          break;
        }
        ended = --skip.depth == 0;
      } else if (skip.depth == 0 && (c == ',' || (skip.begun && IsBlank(c)))) {
        ended = true;
        break;
      }
      skip.begun = true;
    }
    if (raw != nullptr && raw->size() < kRawBytesMax) {
      raw->append(rest.substr(0, std::min(at, kRawBytesMax - raw->size())));
    }
    Consume(at);
    if (ended) return true;
    if (buffer_.at_end()) return false;
    TRY(buffer_.Fill());
  }
}

// Behind the list: what closes the envelope, and nothing more.
Status JsonRows::ReadTail() {
  for (int depth = layout_.depth; depth > 0; --depth) {
    Skip skip{.depth = 1, .begun = true};
    if (!TRY(SkipToEnd(skip, nullptr))) {
      UnreadableRow row = Unreadable({});
      row.reasons.push_back(SimpleReason(code::json_truncated));
      Add(std::move(row));
      return Ok();
    }
  }
  TRY(SkipBlanks());
  if (buffer_.rest().empty()) return Ok();
  UnreadableRow row = Unreadable(buffer_.text());
  row.reasons.push_back(SimpleReason(code::json_malformed));
  return FailRest(std::move(row));
}

// The rest of the file is one row that cannot be read.
Status JsonRows::FailRest(UnreadableRow row) {
  row.reasons.push_back(SimpleReason(code::json_rest_unreadable));
  Add(std::move(row));
  state_ = State::kDone;
  while (true) {
    Consume(buffer_.rest().size());
    if (buffer_.at_end()) return Ok();
    TRY(buffer_.Fill());
  }
}

Status JsonRows::SkipBlanks() {
  while (true) {
    const std::span<const char> rest = buffer_.rest();
    size_t at = 0;
    while (at < rest.size() && IsBlank(rest[at])) ++at;
    if (at > 0) Consume(at);
    if (at < rest.size() || buffer_.at_end()) return Ok();
    TRY(buffer_.Fill());
  }
}

// One document at the text's beginning. In lines nothing may follow it.
bool JsonRows::Build(std::string_view text, size_t* used) {
  const char* const begin = text.data();
  // Behind a line stands its end, behind the last byte of the buffer a zero.
  cursor_.Reset(begin, begin + text.size());
  if (*begin != '{') {
    // Reads it all the same: it may be no JSON at all.
    return cursor_.SkipValue() && cursor_.Fail(JsonFault::kNotObject, begin);
  }
  if (!builder_->Append(cursor_)) return false;
  *used = static_cast<size_t>(cursor_.at() - begin);
  if (layout_.kind != JsonLayoutKind::kLines) return true;
  cursor_.SkipSpace();
  if (cursor_.AtEnd()) return true;
  builder_->RemoveLast();
  return cursor_.Fail(JsonFault::kMalformed, cursor_.at());
}

bool JsonRows::IsSound(std::string_view text) {
  const std::string_view rest = buffer_.text();
  const int64_t end =
      buffer_.offset() + (text.data() - rest.data()) + static_cast<int64_t>(text.size());
  if (end <= sound_until_) return true;
  if (end <= unsound_until_) return IsValidUtf8(text);
  // As far ahead as pays, to the last byte that is a character of its own.
  size_t ahead = std::min(rest.size(), std::max(kSoundBytes, text.size()));
  while (ahead > 0 && static_cast<uint8_t>(rest[ahead - 1]) >= 0x80) --ahead;
  const std::string_view piece = rest.substr(0, ahead);
  if (ahead >= text.size() && IsValidUtf8(piece)) {
    sound_until_ = buffer_.offset() + static_cast<int64_t>(ahead);
    return true;
  }
  unsound_until_ = buffer_.offset() + static_cast<int64_t>(ahead);
  return IsValidUtf8(text);
}

Place JsonRows::NextPlace() const {
  return {
      .file = options_.file, .row = next_row_, .line = next_line_, .byte_offset = buffer_.offset()};
}

UnreadableRow JsonRows::Unreadable(std::string_view raw) const {
  const size_t most = std::min(kRawBytesMax, static_cast<size_t>(options_.row_bytes_max));
  return {NextPlace(), std::string(raw.substr(0, most)), {}};
}

Reason JsonRows::SimpleReason(std::string_view reason_code) const {
  Reason reason;
  reason.code = reason_code;
  if (reason_code == code::row_too_long) reason.rule = std::to_string(options_.row_bytes_max);
  const std::string_view rest = buffer_.text();
  reason.value = JsonExcerpt(rest.data(), rest.data() + rest.size());
  reason.arguments = {{"line", std::to_string(next_line_)},
                      {"at", std::to_string(buffer_.offset())}};
  return reason;
}

Reason JsonRows::FaultReason() const {
  return JsonFaultReason(cursor_, buffer_.rest().data(), next_line_, buffer_.offset());
}

// The member of the document in which the first wrong byte stands.
Reason JsonRows::EncodingReason(std::string_view text) const {
  Reason reason;
  reason.code = code::text_encoding;
  reason.rule = Name(TextEncoding::kUtf8);
  JsonCursor cursor(text.data(), text.data() + text.size());
  bool more = false;
  cursor.Take('{');
  cursor.First('}', &more);
  while (more) {
    const char* const begin = cursor.at();
    JsonString name;
    if (!cursor.ReadName(&name)) break;
    const char* const value = cursor.at();
    if (!cursor.SkipValue()) break;
    if (!IsValidUtf8({begin, static_cast<size_t>(cursor.at() - begin)})) {
      reason.column = ClipValue(EscapedBytes(name.raw, kReasonValueCharactersMax));
      reason.value = ClipValue(EscapedBytes({value, static_cast<size_t>(cursor.at() - value)},
                                            kReasonValueCharactersMax));
      break;
    }
    if (!cursor.Next('}', &more)) break;
  }
  return reason;
}

void JsonRows::Add(UnreadableRow row) {
  const auto most = static_cast<size_t>(options_.row_bytes_max);
  if (row.raw.size() > most) row.raw.resize(most);
  unreadable_->push_back(std::move(row));
  ++next_row_;
}

void JsonRows::Consume(size_t bytes) {
  const std::span<const char> rest = buffer_.rest();
  next_line_ += std::count(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(bytes), '\n');
  buffer_.Consume(bytes);
}

}  // namespace eclusa
