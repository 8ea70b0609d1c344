// FieldPlan: what a column of the input becomes in the output, and what there is to tell of it.
//
// Types come from the contract where it knows the field; then from the file where that has types;
// then from the values, all of which were looked at (json_kinds.h):
//
//   only numbers, whole and in int64's range     int64
//   only numbers that a decimal holds exactly    decimal of as many digits as are needed
//   only numbers, others                         text, marked as number (formats/json_marks.h)
//   only true and false                          boolean
//   only texts, or nothing but nulls             text; never a number, whatever the texts hold
//   texts beside numbers or booleans             text, or JSON text where the caller wants that
//   objects or lists beside anything else,       JSON text, marked as value
//   lists of lists, levels that are too many
//
// A contract gives types and no rules: patterns, lengths, check digits and words that change values
// (trim, upper, padZeros) are the load's business. A conversion changes what rows are written in,
// not the rows, so it asks no more of a value than that the type holds it; and fields that the
// contract does not know are kept. This is why it is not the checker (check/checker.h), which binds
// to a table, judges rules and leaves out what nobody asked for. Values; pure functions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "convert/contract_fields.h"
#include "convert/json_kinds.h"
#include "formats/field_shape.h"
#include "formats/json_marks.h"

namespace arrow {
class DataType;
}

namespace eclusa {

enum class LeafKind : uint8_t {
  kAsIs,
  kText,
  kBoolean,
  kInteger,
  kDecimal,
  kFloat,
  kDate,
  kTime,
  kTimestamp,
  kTimestamptz,
};

struct LeafPlan {
  LeafKind kind = LeafKind::kAsIs;
  int bits = 64;  // kInteger, kFloat
  int precision = 0;
  int scale = 0;
  JsonMark mark = JsonMark::kText;
  const Property* property = nullptr;  // null: the contract does not know it
};

struct FieldPlan {
  std::string name;
  ShapeKind shape = ShapeKind::kScalar;  // kJson: JSON text
  bool read_json = false;                // the input has it as JSON text
  bool write_json = false;               // nested in the input, JSON text in the output
  LeafPlan leaf;                         // of scalars and of items
  std::vector<FieldPlan> children;
};

struct PlanNote {
  std::string code;
  std::string column;
  std::string kinds;  // "text, number"
};

struct PlanOptions {
  bool nested_as_json = false;
  bool mixed_as_json = false;
};

class FieldPlanner {
 public:
  explicit FieldPlanner(PlanOptions options) : options_(options) {}

  // Of a field of documents. `expected`: what the contract says, or null.
  FieldPlan FromKinds(const FieldKinds& seen, const ContractField* expected);
  // Of a column of a file with types; `seen`: its texts, where they were looked at.
  FieldPlan FromType(const std::string& name, const arrow::DataType& type,
                     const ContractField* expected, const FieldKinds* seen);
  // Of a text column with JSON in it.
  FieldPlan FromJsonText(const FieldKinds& seen, const ContractField* expected);
  // Of a contract's field that no row has.
  static FieldPlan FromContract(const ContractField& field);

  // Marks of the input's own columns.
  void SetMarks(JsonMarks marks) { marks_ = std::move(marks); }

  std::vector<PlanNote> TakeNotes() { return std::move(notes_); }

 private:
  struct At {
    std::string path;  // for people: contatos.nome
    std::string mark;  // formats/json_marks.h
    int lists = 0;
    int level = 1;
  };
  At Below(const At& at, const std::string& name, bool list) const;
  FieldPlan Kinds(const FieldKinds& seen, const ContractField* expected, const At& at);
  FieldPlan Type(const std::string& name, const arrow::DataType& type,
                 const ContractField* expected, const At& at);
  ShapeKind ShapeOf(const FieldKinds& seen, const At& at);
  bool IsMixed(const ScalarKinds& kinds, const At& at);
  LeafPlan ScalarLeaf(const ScalarKinds& kinds, const At& at);
  LeafPlan PropertyLeaf(const Property& property, LogicalType type, const ScalarKinds* seen,
                        const At& at);
  LeafPlan NumberLeaf(const NumberDigits& digits, const At& at);
  void PlanProperty(const Property& property, const FieldKinds& seen, const At& at,
                    FieldPlan& plan);
  void Note(std::string_view code, const At& at, std::string kinds = {});

  PlanOptions options_;
  JsonMarks marks_;
  std::vector<PlanNote> notes_;
};

// The shape of the column as JSON is read into it.
FieldShape ShapeOf(const FieldPlan& plan);
// The output's type; `source`: the input's, after JSON text was read.
std::shared_ptr<arrow::DataType> OutputType(const FieldPlan& plan,
                                            const std::shared_ptr<arrow::DataType>& source);
// Adds the marks of the column, which stands at `path`.
void AddMarks(const FieldPlan& plan, const std::string& path, JsonMarks& marks);

}  // namespace eclusa
