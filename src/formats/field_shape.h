// FieldShape: what a field of a document is: one value, an object, or a list of either.
//
// A small tree of names, for sources whose files do not say it themselves (JSON) and for callers
// that know it better than the head of a file does. Values; pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class DataType;
}

namespace eclusa {

enum class ShapeKind : uint8_t {
  kScalar,   // one value; an object or list in its place is its JSON text, a text is itself
  kObject,   // its members are `children`
  kObjects,  // a list of objects with these members
  kScalars,  // a list of values
  kJson,     // one value of any kind as its JSON text, a text in its quotes; null is null
  kAny,      // of what a caller expects: as it is found
};

// Lists inside lists, and objects and lists inside one another. What lies deeper stays JSON text.
inline constexpr int kListLevelsMax = 3;
inline constexpr int kShapeLevelsMax = 8;

struct FieldShape {
  std::string name;
  ShapeKind kind = ShapeKind::kScalar;
  // The caller wants the field to be there even where the head of the file lacks it. False: only
  // its kind is told, for where the file has it; then names match whatever the case of their ASCII
  // letters.
  bool always = true;
  std::vector<FieldShape> children;
};

// Whether two names are the same but for the case of ASCII letters.
bool SameButForCase(std::string_view a, std::string_view b);

// The Arrow type of such a field: utf8, and structs and lists of it.
std::shared_ptr<arrow::DataType> TypeOf(const FieldShape& shape);
// Leaf columns of the field.
int64_t LeavesOf(const FieldShape& shape);

}  // namespace eclusa
