// AvroColumn: the values of one field of Avro's records, put together as an Arrow array.
//
// Values are taken without checks of their meaning but for what Arrow cannot hold: text that is not
// UTF-8, times past midnight, decimals of too many digits are faults of their row (avro_cursor.h).
// Ownership: types outlive their columns. Threads: one at a time. Memory: what was read since
// Finish. Does NOT say which types are read: avro_rows.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "formats/avro_cursor.h"
#include "formats/avro_schema.h"

namespace arrow {
class Array;
class DataType;
class Field;
template <class T>
class Result;
}  // namespace arrow

namespace eclusa {

// One column, or what is within one.
class AvroColumn {
 public:
  virtual ~AvroColumn() = default;
  // Appends the next value. False: the bytes hold none, or the row is too long; then Rewind.
  virtual bool Read(AvroCursor& in) = 0;
  virtual void AppendNull() = 0;
  virtual void Rewind(int64_t values) = 0;  // keeps so many from the beginning
  virtual arrow::Result<std::shared_ptr<arrow::Array>> Finish() = 0;  // begins anew

  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  // Bytes that each value takes in memory whatever it holds, and columns without columns.
  int64_t value_bytes() const { return value_bytes_; }
  int64_t leaves() const { return leaves_; }

 protected:
  std::shared_ptr<arrow::DataType> type_;
  int64_t value_bytes_ = 0;
  int64_t leaves_ = 1;
};

// `null_branch`: of the union with null, -1: the type stands alone. `path`: for faults.
std::unique_ptr<AvroColumn> MakePlainColumn(const AvroType& type, const std::string& path,
                                            int null_branch);
std::unique_ptr<AvroColumn> MakeStructColumn(const std::string& path, int null_branch,
                                             std::vector<std::unique_ptr<AvroColumn>> columns,
                                             std::vector<std::shared_ptr<arrow::Field>> fields);
// `item_bytes_min`: at least 1.
std::unique_ptr<AvroColumn> MakeListColumn(const std::string& path, int null_branch,
                                           std::unique_ptr<AvroColumn> item,
                                           int64_t item_bytes_min);

}  // namespace eclusa
