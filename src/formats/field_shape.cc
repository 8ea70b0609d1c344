#include "formats/field_shape.h"

#include <arrow/type.h>

#include <algorithm>

namespace eclusa {
namespace {

std::shared_ptr<arrow::DataType> StructOf(const FieldShape& shape) {
  arrow::FieldVector fields;
  for (const FieldShape& child : shape.children) {
    fields.push_back(arrow::field(child.name, TypeOf(child)));
  }
  return arrow::struct_(fields);
}

char Folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool SameButForCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, Folded, Folded);
}

std::shared_ptr<arrow::DataType> TypeOf(const FieldShape& shape) {
  switch (shape.kind) {
    case ShapeKind::kObject:
      return StructOf(shape);
    case ShapeKind::kObjects:
      return arrow::list(StructOf(shape));
    case ShapeKind::kScalars:
      return arrow::list(arrow::utf8());
    case ShapeKind::kScalar:
    case ShapeKind::kJson:
    case ShapeKind::kAny:
      break;
  }
  return arrow::utf8();
}

int64_t LeavesOf(const FieldShape& shape) {
  if (shape.kind != ShapeKind::kObject && shape.kind != ShapeKind::kObjects) return 1;
  int64_t leaves = 0;
  for (const FieldShape& child : shape.children) leaves += LeavesOf(child);
  return leaves;
}

}  // namespace eclusa
