// FileSample: what the columns of a file were seen to hold, from its schema and its first rows.
//
// Made by formats/sample.h, read by contract/derive.h. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/load_options.h"

namespace eclusa {

enum class SampledType : uint8_t {
  kUnknown,  // nothing but nulls was seen
  kBoolean,
  kInteger,
  kNumber,  // decimal point, or the sample's decimal character
  kDate,
  kTime,
  kTimestamp,
  kTimestamptz,  // with a zone or an offset
  kUuid,
  kBinary,
  kText,
  kList,    // of the column's `item`
  kNested,  // map, list of lists, what is too deep
};

// An object or a list of objects around a column.
struct SampledStep {
  std::string name;
  bool list = false;
  bool operator==(const SampledStep&) const = default;
};

struct ColumnSample {
  std::string name;
  std::vector<SampledStep> inside;  // outermost first
  SampledType type = SampledType::kUnknown;
  SampledType item = SampledType::kUnknown;  // kList
  bool from_schema = false;                  // the file declares it; not concluded from values
  int32_t precision = -1;                    // kNumber, kInteger declared as decimal; -1: not known
  int32_t scale = 0;
  int32_t bits = 0;          // kInteger, kNumber declared with a width: 16, 32, 64; 0: not known
  std::string date_pattern;  // kDate, kTimestamp not written as ISO 8601: "dd/MM/yyyy"
  int64_t nulls = 0;
  // Left as text because its values can be read in two ways.
  bool ambiguous_date = false;    // day/month as well as month/day
  bool ambiguous_number = false;  // 1.234 where other columns write 1,5

  // "contatos.endereco.cidade"
  std::string QualifiedName() const {
    std::string qualified;
    for (const SampledStep& step : inside) qualified += step.name + ".";
    return qualified + name;
  }
};

struct FileSample {
  std::string file;  // its name, without folders
  std::string format;
  Dialect dialect;     // csv: what was found; json: the pointer that was followed
  int64_t rows = 0;    // looked at
  bool whole = false;  // that was the whole file
  std::vector<ColumnSample> columns;
};

}  // namespace eclusa
