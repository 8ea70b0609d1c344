#include "formats/json_late.h"

#include <arrow/array/array_binary.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

#include "formats/json_cursor.h"
#include "formats/json_shape.h"
#include "io/files.h"
#include "io/input.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kBlockBytes = 256 << 10;
// A name with escapes, or with blanks before its colon, that goes on behind the block.
constexpr size_t kKeptBytes = 64 << 10;

Error Stopped() { return {ErrorKind::kCancelled, code::load_cancelled}; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Names of the fields, at any level, that the columns lack.
void ListMissing(const std::vector<FieldShape>& expected, const arrow::FieldVector& columns,
                 std::vector<std::string>& names) {
  for (const FieldShape& field : expected) {
    const auto column = std::ranges::find_if(
        columns, [&](const auto& known) { return SameButForCase(known->name(), field.name); });
    if (column == columns.end()) {
      if (!field.always) names.push_back(field.name);
      continue;
    }
    const arrow::DataType* type = (*column)->type().get();
    if (type->id() == arrow::Type::LIST) type = type->field(0)->type().get();
    if (type->id() == arrow::Type::STRUCT) ListMissing(field.children, type->fields(), names);
  }
}

// Looks for member names in JSON text without parsing it: finds each of them, and now and then a
// text that only looks like one.
class NameSearch {
 public:
  explicit NameSearch(const std::vector<std::string>& names) {
    begins_['\\'] = true;
    for (const std::string& name : names) {
      std::string& folded = names_.emplace_back(name + '"');
      std::ranges::transform(folded, folded.begin(), Lower);
      begins_[static_cast<uint8_t>(folded[0])] = true;
      if (folded[0] >= 'a' && folded[0] <= 'z')
        begins_[static_cast<uint8_t>(folded[0] - 32)] = true;
    }
  }

  // Whether a name begins in the text; `*rest`: from where on what follows has to be known to tell.
  bool Look(std::string_view text, size_t* rest) const {
    for (size_t i = 0; i + 1 < text.size(); ++i) {
      if (text[i] != '"' || !begins_[static_cast<uint8_t>(text[i + 1])]) continue;
      const Found found = NameAt(text.substr(i + 1));
      if (found == Found::kYes) return true;
      if (found == Found::kUnknown) {
        *rest = i;
        return text.size() - i > kKeptBytes;
      }
    }
    *rest = text.empty() ? 0 : text.size() - 1;
    return false;
  }

 private:
  enum class Found : uint8_t { kNo, kYes, kUnknown };

  Found NameAt(std::string_view text) const {
    const bool begins = std::ranges::any_of(names_, [&](const std::string& name) {
      for (size_t i = 0; i < name.size(); ++i) {
        if (i == text.size() || text[i] == '\\') return true;
        if (Lower(text[i]) != name[i]) return false;
      }
      return true;
    });
    return begins ? IsName(text) : Found::kNo;
  }

  // Whether the string is followed by a colon.
  static Found IsName(std::string_view text) {
    size_t end = 0;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    const size_t next = text.find_first_not_of(" \t\r\n", end + 1);
    if (end >= text.size() || next == std::string_view::npos) return Found::kUnknown;
    return text[next] == ':' ? Found::kYes : Found::kNo;
  }

  std::vector<std::string> names_;  // in small letters, with the quote behind them
  std::array<bool, 256> begins_{};
};

Result<bool> HasAnyName(const SourceOptions& options, const std::vector<std::string>& names,
                        const std::stop_token& stop) {
  const NameSearch search(names);
  const Files& files = options.files == nullptr ? LocalDisk() : *options.files;
  const std::unique_ptr<Input> input = TRY(files.Open(options.path));
  std::string block(kKeptBytes + kBlockBytes, '\0');
  size_t kept = 0;
  while (true) {
    if (stop.stop_requested()) return Stopped();
    const size_t got = TRY(input->Read(std::span(block).subspan(kept, kBlockBytes)));
    const std::string_view text = std::string_view{block}.substr(0, kept + got);
    size_t rest = 0;
    if (search.Look(text, &rest)) return true;
    if (got < kBlockBytes) return false;
    kept = text.size() - rest;
    std::memmove(block.data(), block.data() + rest, kept);
  }
}

// The fields of all documents of the file.
Result<std::vector<FieldShape>> AllDocuments(const SourceOptions& options,
                                             const std::stop_token& stop) {
  SourceOptions documents = options;
  documents.wanted = {std::string(kDocumentColumn)};
  documents.keep_documents = true;
  const std::unique_ptr<Source> source = TRY(OpenSource(documents));
  JsonShapeFinder finder;
  std::string text;
  while (true) {
    if (stop.stop_requested()) return Stopped();
    const std::optional<Batch> batch = TRY(source->Next());
    if (!batch) return finder.Fields(options.expected);
    if (batch->rows == nullptr) continue;
    const auto& texts = static_cast<const arrow::StringArray&>(*batch->rows->columns().back());
    for (int64_t row = 0; row < texts.length(); ++row) {
      // Copied for what a cursor wants to find behind the end.
      text.assign(texts.GetView(row));
      const size_t size = text.size();
      text.append(kJsonPadding + 1, '\0');
      JsonCursor cursor(text.data(), text.data() + size);
      cursor.SkipSpace();
      finder.Look(cursor);  // it was read before: there is nothing wrong with it
    }
  }
}

const FieldShape* Find(const std::vector<FieldShape>& found, const std::string& name) {
  const auto exact = std::ranges::find(found, name, &FieldShape::name);
  if (exact != found.end()) return &*exact;
  const auto alike = std::ranges::find_if(
      found, [&](const FieldShape& field) { return SameButForCase(field.name, name); });
  return alike == found.end() ? nullptr : &*alike;
}

void MarkFound(const std::vector<FieldShape>& found, std::vector<FieldShape>& expected) {
  for (FieldShape& field : expected) {
    const FieldShape* const seen = Find(found, field.name);
    if (seen == nullptr) continue;
    // Two names that a caller knows for one field of the file.
    const bool twice = std::ranges::any_of(expected, [&](const FieldShape& other) {
      return &other != &field && other.always && other.name == seen->name;
    });
    if (twice) continue;
    field.name = seen->name;
    field.always = true;
    if (field.kind != ShapeKind::kObject && field.kind != ShapeKind::kObjects) continue;
    MarkFound(seen->children, field.children);
    if (std::ranges::any_of(field.children, &FieldShape::always)) continue;
    // Nothing but {} or []: no type can be made of it, and it comes as its text.
    field.kind = ShapeKind::kScalar;
    field.children.clear();
  }
}

}  // namespace

Result<bool> MarkLateFields(const Source& source, const std::stop_token& stop,
                            SourceOptions* options) {
  std::vector<std::string> missing;
  ListMissing(options->expected, source.schema().fields(), missing);
  std::ranges::sort(missing);
  const auto twice = std::ranges::unique(missing);
  missing.erase(twice.begin(), twice.end());
  if (missing.empty() || !TRY(HasAnyName(*options, missing, stop))) return false;
  MarkFound(TRY(AllDocuments(*options, stop)), options->expected);
  return true;
}

}  // namespace eclusa
