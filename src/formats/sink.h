// Sink: writes record batches to one file of a format.
//
// The file appears at Finish, whole; a Sink destroyed without Finish leaves nothing behind
// (io/output_file.h). What a Sink writes, the Source of its format reads back: nulls, empty texts,
// quotes and line breaks included.
//
//   csv      any column; what is not text is written as PostgreSQL reads it, what is nested as
//   JSON.
//            null: an empty field, the empty text: "". Characters that the encoding lacks are
//            written as ?
//   jsonl    one object a line; numbers, booleans, structs and lists as JSON has them, the rest as
//            text. Where the schema has kDocumentColumn (source.h) a row is that document as it
//            came, its line breaks made blanks, with the other `_eclusa_*` columns in the place of
//            its own members of such names; a row without a document has only those columns.
//            Texts that the schema's metadata marks as JSON (json_marks.h) are JSON
//   json     the same in an array, a document's line breaks kept
//   avro     deflate, blocks of 64 KiB; what is written as what is said in avro_sink.h
//   parquet  zstd, row groups of 131,072 rows, types as they come, the schema's metadata kept
//
// Ownership: owns the file. Threads: one at a time. Memory: a row group for Parquet, a block for
// Avro, else 256 KiB.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace eclusa {

struct SinkOptions {
  std::string path;    // empty: standard output
  std::string format;  // csv, json, jsonl, avro, parquet
  std::shared_ptr<arrow::Schema> schema;
  bool documents = true;  // json, jsonl: kDocumentColumn is no column like others
  // csv; a FormatDescription's fields fit here as they are.
  char delimiter = ',';
  char quote = '"';
  std::string encoding = "utf-8";
  std::string line_end = "\n";
  bool header = true;
  bool bom = false;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // Batches of the schema that the sink was created with.
  virtual Status Append(const arrow::RecordBatch& batch) = 0;
  virtual Status Finish() && = 0;
};

Result<std::unique_ptr<Sink>> CreateSink(const SinkOptions& options);

// The format that a file's name asks for by its ending; empty: none that is written.
std::string OutputFormatOf(std::string_view path);
std::vector<std::string> OutputFormats();

}  // namespace eclusa
