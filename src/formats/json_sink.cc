#include "formats/json_sink.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/json_cursor.h"
#include "formats/json_marks.h"
#include "formats/source.h"
#include "formats/value_text.h"
#include "io/output_file.h"

namespace eclusa {
namespace {

constexpr std::string_view kOwnPrefix = "_eclusa_";

// A document's members without those of our own names, as they stand, without the braces. The
// document is sound: a Source read it.
std::string MembersOf(std::string_view document) {
  std::string text(document);
  text.append(kJsonPadding + 1, '\0');
  JsonCursor cursor(text.data(), text.data() + document.size());
  cursor.SkipSpace();
  bool more = false;
  if (!cursor.Take('{')) return {};
  const char* const inside = cursor.at();
  const char* kept_end = inside;
  bool own_before = false;  // one of ours stands before one that is kept
  bool own = false;
  std::string kept;
  std::string name_text;
  cursor.First('}', &more);
  while (more) {
    const char* const begin = cursor.at();
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &name_text) || !cursor.SkipValue()) break;
    if (name_text.starts_with(kOwnPrefix)) {
      own = true;
    } else {
      own_before |= own;
      kept_end = cursor.at();
      if (!kept.empty()) kept += ", ";
      kept.append(begin, kept_end);
    }
    if (!cursor.Next('}', &more)) break;
  }
  // As a rule ours stand last, as they were written: what stands before stays as it is.
  return own_before ? kept : std::string(inside, kept_end);
}

// What stands between the document's braces.
std::string Inside(std::string_view document) {
  const size_t begin = document.find('{');
  const size_t end = document.rfind('}');
  if (begin == document.npos || end == document.npos || end < begin) return {};
  return std::string(document.substr(begin + 1, end - begin - 1));
}

class JsonSink final : public Sink {
 public:
  JsonSink(OutputFile file, const SinkOptions& options)
      : file_(std::move(file)),
        array_(options.format == "json"),
        document_(options.documents ? options.schema->GetFieldIndex(std::string(kDocumentColumn))
                                    : -1) {
    const JsonMarks marks = MarksOf(options.schema->metadata().get());
    for (const auto& field : options.schema->fields()) {
      std::string& name = names_.emplace_back();
      AppendJsonString(field->name(), name);
      name += ':';
      own_.push_back(field->name().starts_with(kOwnPrefix));
      writers_.emplace_back(*field->type(), JsonMarkPath({}, field->name()), marks);
    }
    // Nothing of ours beside the document: it is written as it is, whatever its members are called.
    whole_documents_ = document_ >= 0 && options.schema->num_fields() == 1;
  }

  Status Append(const arrow::RecordBatch& batch) override {
    std::string line;
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      line.clear();
      if (array_) line += any_ ? ",\n" : "[\n";
      any_ = true;
      line += '{';
      AppendMembers(batch, row, line);
      line += '}';
      if (!array_) line += '\n';
      TRY(file_.Write(line));
    }
    return Ok();
  }

  Status Finish() && override {
    if (array_) TRY(file_.Write(any_ ? "\n]\n" : "[]\n"));
    return std::move(file_).Finish();
  }

 private:
  void AppendMembers(const arrow::RecordBatch& batch, int64_t row, std::string& line) const {
    const size_t begin = line.size();
    if (document_ >= 0 && batch.column(document_)->IsValid(row)) {
      const std::string_view document =
          static_cast<const arrow::StringArray&>(*batch.column(document_)).GetView(row);
      line += whole_documents_ ? Inside(document) : MembersOf(document);
      // Line breaks stand between tokens only: in texts they are escapes.
      if (!array_) {
        std::replace_if(
            line.begin() + static_cast<ptrdiff_t>(begin), line.end(),
            [](char c) { return c == '\n' || c == '\r'; }, ' ');
      }
    }
    for (int i = 0; i < batch.num_columns(); ++i) {
      if (i == document_ || (document_ >= 0 && !own_[static_cast<size_t>(i)])) continue;
      if (line.size() > begin) line += ',';
      line += names_[static_cast<size_t>(i)];
      writers_[static_cast<size_t>(i)].Append(*batch.column(i), row, line);
    }
  }

  OutputFile file_;
  const bool array_;
  const int document_;  // column; -1: none
  std::vector<std::string> names_;
  std::vector<bool> own_;
  std::vector<MarkedJsonWriter> writers_;
  bool whole_documents_ = false;
  bool any_ = false;
};

}  // namespace

Result<std::unique_ptr<Sink>> CreateJsonSink(const SinkOptions& options) {
  return std::unique_ptr<Sink>(
      std::make_unique<JsonSink>(TRY(OutputFile::Create(options.path)), options));
}

}  // namespace eclusa
