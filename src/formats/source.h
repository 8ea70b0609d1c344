// Source: gives the rows of one file, batch after batch, each with its place.
//
// A Source never fails because the data is bad: rows that cannot be read come as Batch::unreadable
// and reading goes on at the next row. It fails (Result) where the file as a whole cannot be read:
// gone, not what it says, truncated, cut off. Columns come under the file's own names.
// Ownership: the Source owns the open file. Threads: one at a time. Memory: a few batches, whatever
// the file's size or row groups. Does NOT convert values, know contracts, or know PostgreSQL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/field_shape.h"
#include "model/batch.h"
#include "model/load_options.h"

namespace arrow {
class Schema;
}

namespace eclusa {
class Files;
}

namespace eclusa {

// What was found in the file, for the report and for the failures file.
struct FormatDescription {
  std::string format;       // csv, fixed, json, avro, parquet
  std::string layout;       // json: ndjson, array, envelope, documents
  std::string compression;  // none, gzip, zstd (of the file as a whole)
  // csv, fixed, json. As long as all that was read of a CSV is ASCII, and nobody asked for one, it
  // is said to be utf-8 and may yet become windows-1252: final after the last Next.
  std::string encoding;
  // csv, fixed: asked, mark (of UTF-8), found (in the first bytes that are not ASCII), ascii (none
  // so far).
  std::string encoding_basis;
  char delimiter = 0;    // csv
  char quote = 0;        // csv
  bool header = false;   // csv
  bool bom = false;      // csv, fixed, json
  std::string line_end;  // csv, fixed: "\n", "\r\n", "\r"; of the first line

  // Values come as text in the file's own spelling, which the dialect describes.
  bool IsText() const { return format == "csv" || format == "fixed" || format == "json"; }
};

// Where a column of a fixed width file stands: characters of the decoded line.
struct FixedColumn {
  std::string name;
  int64_t offset = 0;            // from 0
  std::optional<int64_t> width;  // from 1; none: to the end of the line, of the last column only
};

// The column of a JSON source that holds each document's own text.
inline constexpr std::string_view kDocumentColumn = "_eclusa_document";

// A piece of a file that can be read by itself (formats/source_parts.h). All zero but `end`: none.
struct SourcePart {
  int64_t begin = 0;  // the first byte of text or of an Avro block, the first row group of Parquet
  int64_t end = 0;    // the first that is another part's
  int64_t first_row = 1;
  int64_t rows = 0;
  int64_t first_line = 0;  // of text
  // What the whole file was found to be written in; empty: as it is found, and Parquet.
  std::string encoding;
};

struct SourceOptions {
  std::string path;
  const Files* files = nullptr;  // where it is; null: the local disk
  int32_t file = 0;              // ordinal, copied into every batch
  Dialect dialect;               // csv, fixed, json
  // csv without a header: the names of its columns in order.
  std::vector<std::string> column_names;
  // Columns that share no character: what is text is read by fixed width. Empty: text is CSV.
  std::vector<FixedColumn> fixed;
  // Columns to read, by the file's names; the rest is skipped where the format allows. Empty: all.
  std::vector<std::string> wanted;
  // json: fields that the caller knows of, and whether kDocumentColumn comes behind the others.
  std::vector<FieldShape> expected;
  bool keep_documents = false;
  int32_t batch_rows = 8192;       // at most; fewer where rows are wide
  std::optional<SourcePart> part;  // nothing but this is read; a part that CutSource has given
};

class Source {
 public:
  virtual ~Source() = default;
  // Of the batches: the wanted columns in the file's order, a name that stands twice twice.
  virtual const arrow::Schema& schema() const = 0;
  virtual const FormatDescription& format() const = 0;
  // The next batch, with readable rows or unreadable ones or both; nothing at the end. Never called
  // again after the end or an error.
  virtual Result<std::optional<Batch>> Next() = 0;
  // Rows in all where the format knows (Parquet; JSON without a document), else -1; bytes of the
  // file and bytes read so far (compressed), for progress.
  virtual int64_t RowsTotal() const = 0;
  virtual int64_t BytesTotal() const = 0;
  virtual int64_t BytesRead() const = 0;
  // Names of columns of the schema that cannot be read (parquet, avro): the first Next refuses the
  // file. Opened again without them it can be read.
  virtual std::vector<std::string> Unreadable() const { return {}; }
  // Names of fields that rows had and that are no column, so far: they came too late to be one
  // (json). Not all of them, where there are many.
  virtual std::vector<std::string> PassedOver() const { return {}; }
};

// Opens a file by what it holds (magic bytes; { or [ where it looks like JSON), not by its name;
// the name decides only for text: what is called .parquet and is not is refused, and what is called
// .json, .jsonl or .ndjson is JSON. A text whose first line names `_eclusa_row` is a failures file,
// and CSV whatever the options say. What each format accepts is said in
// formats/{csv,fixed,json,avro,parquet}_source.h.
Result<std::unique_ptr<Source>> OpenSource(const SourceOptions& options);

}  // namespace eclusa
