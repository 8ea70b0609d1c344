// ValueConverter: arrays of the input as arrays of the output's types, as a FieldPlan says.
//
// A value that its type does not hold exactly is a fault of its row, never something near it:
// letters in a number, a digit more than the scale keeps, a day that no month has. Texts are read
// as a load reads them (docs/types.md, the contract's dialect); values of other types by their text
// (formats/value_text.h). Errors: of memory only. Threads: Convert is const and safe from several.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "convert/field_plan.h"
#include "core/result.h"
#include "model/reason.h"
#include "types/date_pattern.h"
#include "types/fault.h"

namespace arrow {
class Array;
template <class T>
class Result;
}  // namespace arrow

namespace eclusa {

struct ValueFault {
  int64_t row = 0;
  Reason reason;
};

class ValueConverter {
 public:
  using Converted = arrow::Result<std::shared_ptr<arrow::Array>>;

  // `contract` may be null and must outlive this; `text_format`: its dialect is the input's.
  ValueConverter(const Contract* contract, bool text_format);

  // `marks`: of the input's column, which stands at formats/json_marks.h's path for its name.
  Converted Convert(const FieldPlan& plan, const std::shared_ptr<arrow::Array>& array,
                    const JsonMarks& marks, std::vector<ValueFault>& faults) const;

 private:
  struct Leaf;
  using Faults = std::vector<ValueFault>;

  Converted Nested(const FieldPlan& plan, const std::shared_ptr<arrow::Array>& array,
                   const std::string& path, Faults& faults) const;
  Converted Objects(const FieldPlan& plan, const std::shared_ptr<arrow::Array>& array,
                    const std::string& path, Faults& faults) const;
  Converted Lists(const FieldPlan& plan, const std::shared_ptr<arrow::Array>& array,
                  const std::string& path, Faults& faults) const;
  Converted Leaves(const LeafPlan& plan, const std::shared_ptr<arrow::Array>& array,
                   const std::string& path, Faults& faults) const;
  Converted Texts(const LeafPlan& plan, const std::shared_ptr<arrow::Array>& array,
                  const std::string& path, Faults& faults) const;
  Leaf MakeLeaf(const LeafPlan& plan) const;
  bool IsNullText(std::string_view text) const;

  const Contract* contract_;
  bool text_format_;
};

}  // namespace eclusa
