// Batch and CheckedBatch: rows on their way from a file to the stage.
//
// A Batch is an Arrow record batch as the file's reader made it plus the places of its rows, and
// the rows that could not be read at all, as raw bytes. A CheckedBatch is the same batch with the
// typed columns that the target asks for, and each row either accepted or rejected with all its
// reasons. Ownership: values, moved from thread to thread, not changed after the move.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/reason.h"
#include "model/typed_column.h"

namespace arrow {
class RecordBatch;
}

namespace eclusa {

// A row that could not be split or decoded into columns.
struct UnreadableRow {
  Place place;
  std::string raw;  // its bytes as they came, without the line's end; clipped at 64 KiB and at the
                    // longest row
  std::vector<Reason> reasons;
};

struct Batch {
  int32_t file = 0;
  // Columns as the file names them; never null from a Source, perhaps without rows. utf8 columns
  // are valid UTF-8 (U+0000 may occur: the checker's business). Text formats: all columns are utf8.
  // CSV: an empty field without quotes is an Arrow null, one in quotes the empty text; null markers
  // and Dialect::empty_is_null are the checker's, so that a row keeps the file's spelling.
  std::shared_ptr<arrow::RecordBatch> rows;
  // Row numbers: consecutive from first_row where row_numbers is empty.
  int64_t first_row = 1;
  std::vector<int64_t> row_numbers;
  std::vector<int64_t> lines;         // text formats: one a row, else empty
  std::vector<int64_t> byte_offsets;  // text formats: one a row, else empty
  std::vector<UnreadableRow> unreadable;

  int64_t row_count() const;  // readable rows
  Place PlaceOf(int64_t index) const;
};

struct RejectedRow {
  int64_t index = 0;  // in Batch::rows
  std::vector<Reason> reasons;
};

// Rows of one child table, of the documents of one batch, in their order.
struct CheckedChild {
  std::vector<TypedColumn> columns;  // as CheckedBatch::columns, of Checker::children()
  // One a row: the document (row of the batch), the row among the parent's rows, the place in its
  // list (0-based).
  std::vector<int32_t> documents;
  std::vector<int32_t> parents;
  std::vector<int32_t> items;
  std::vector<int32_t> lists;     // as CheckedBatch::lists
  std::vector<uint8_t> accepted;  // 1: goes to the stage
  std::vector<uint8_t> present;   // 1: failed on its own, and its key counts as present
  int64_t read = 0;               // without those of documents that are to be deleted
  int64_t rows() const { return static_cast<int64_t>(accepted.size()); }
  int64_t accepted_count() const;
};

struct CheckedBatch {
  Batch batch;
  // One per column of Checker::columns(), same order; rejected rows hold unspecified values.
  std::vector<TypedColumn> columns;
  std::vector<uint8_t> accepted;  // one a row, 1: goes to the stage
  std::vector<char> operations;   // mode mixed: 'U' or 'D', strict: 'I' too; else empty
  std::vector<RejectedRow> rejected;
  // Breaches of rules that null or flag, counted per counter name of Checker::counters().
  std::vector<int64_t> warnings;
  // Documents only. `rejected` then holds the reasons of a document's children too, also of such
  // children as fail alone, so that an accepted row may stand in it.
  std::vector<CheckedChild> children;  // one per child dataset, as DatasetNodes orders them
  std::vector<int32_t> lists;          // one a row: bit i: the list of the i-th child is there

  int64_t accepted_count() const;
  size_t ByteSize() const;
};

}  // namespace eclusa
