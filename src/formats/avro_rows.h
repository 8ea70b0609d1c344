// AvroRows: the records of an Avro file, put together as a batch of Arrow columns.
//
//   null null · boolean bool · int int32 · long int64 · float, double · bytes binary · fixed
//   fixed_size_binary · string, enum, uuid utf8 · record struct · array list · decimal decimal128
//   or decimal256 · date date32 · time-millis, time-micros time · timestamp-* timestamp in UTC ·
//   local-timestamp-* timestamp · union of null and one type, in either order: that type
//
// Refused by name where they are wanted (avro.type): maps, other unions, records within themselves,
// decimals of more than 76 digits, lists of lists, more than three levels of lists, more than 16
// of records, arrays whose items have no bytes. What is not wanted is skipped, whatever it is.
// Ownership: the schema outlives it. Threads: one at a time. Memory: what was read since Finish.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "formats/avro_columns.h"
#include "formats/avro_cursor.h"
#include "formats/avro_schema.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace eclusa {

class AvroRows {
 public:
  // `record`: the file's root. Wanted names; empty: all. A column that is refused is an error where
  // it is named; else it stands in the schema as a union of nothing, and `refused()` says why.
  static Result<AvroRows> Plan(const AvroType& record, const std::vector<std::string>& wanted,
                               const std::string& path);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  const std::optional<Error>& refused() const { return refused_; }
  // Columns of types that are not read, of a record that was planned whole.
  const std::vector<std::string>& unreadable() const { return unreadable_; }
  int64_t row_bytes() const { return row_bytes_; }  // in memory, whatever the row holds
  int64_t leaves() const { return leaves_; }

  bool Read(AvroCursor& in);
  bool Skip(AvroCursor& in) const;
  void Rewind(int64_t rows);
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Finish(int64_t rows);

 private:
  const AvroType* record_ = nullptr;
  std::vector<std::unique_ptr<AvroColumn>> columns_;  // one a field; null: not wanted
  std::shared_ptr<arrow::Schema> schema_;
  std::optional<Error> refused_;
  std::vector<std::string> unreadable_;
  int64_t row_bytes_ = 0;
  int64_t leaves_ = 0;
};

}  // namespace eclusa
