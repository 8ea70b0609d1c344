// JsonShapeFinder: which fields documents have, found by reading some of them.
//
//   only objects (and nulls)          an object, if any has a member
//   only lists of objects             a list of objects, if any has a member
//   only lists of scalars, or empty   a list of scalars
//   anything else                     a scalar: what is no scalar comes as its JSON text
// What a caller expects decides over what was found. Fields come in the order in which they were
// met, then those expected that were not. Lists in lists, a fourth level of lists, a ninth level of
// nesting and fields beyond kFieldsMax stay JSON text or are left out. Memory: the names.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/field_shape.h"
#include "formats/json_cursor.h"

namespace eclusa {

class JsonShapeFinder {
 public:
  JsonShapeFinder();
  ~JsonShapeFinder();

  // Reads one document. False: the cursor has a fault; what was seen until then counts.
  bool Look(JsonCursor& cursor);
  // Members of the outermost object.
  std::vector<FieldShape> Fields(const std::vector<FieldShape>& expected) const;

  static constexpr size_t kFieldsMax = 4000;

 private:
  struct Seen;

  bool LookAtObject(Seen& seen, JsonCursor& cursor, int level);
  bool LookAtValue(Seen& seen, JsonCursor& cursor, int level);
  bool LookAtItems(Seen& seen, JsonCursor& cursor, int level);
  Seen* Find(Seen& seen, std::string name);
  static FieldShape Resolve(const Seen& seen, const FieldShape* expected, int lists, int level);
  static std::vector<FieldShape> ResolveMembers(const Seen& seen,
                                                const std::vector<FieldShape>& expected, int lists,
                                                int level);

  std::unique_ptr<Seen> root_;
  size_t fields_ = 0;
};

// The entry that speaks of a field of this name: exactly, else, where it only tells a kind,
// whatever the case. Null: none does.
const FieldShape* FindExpected(const std::vector<FieldShape>& expected, std::string_view name);

}  // namespace eclusa
