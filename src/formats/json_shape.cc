#include "formats/json_shape.h"

#include <algorithm>
#include <unordered_map>

namespace eclusa {
namespace {

// A field that has to be there although no document had it: with all of its own members.
FieldShape Whole(const FieldShape& expected) {
  FieldShape shape = expected;
  std::erase_if(shape.children, [](const FieldShape& child) { return !child.always; });
  for (FieldShape& child : shape.children) child = Whole(child);
  return shape;
}

bool HasHints(const FieldShape* expected) {
  return expected != nullptr &&
         std::ranges::any_of(expected->children,
                             [](const FieldShape& child) { return !child.always; });
}

}  // namespace

// What a field was seen to be, and its members.
struct JsonShapeFinder::Seen {
  std::string name;
  bool scalar = false;
  bool object = false;
  bool list = false;
  bool scalar_items = false;
  bool object_items = false;
  bool list_items = false;
  std::vector<std::unique_ptr<Seen>> members;
  std::unordered_map<std::string_view, Seen*> by_name;
};

JsonShapeFinder::JsonShapeFinder() : root_(std::make_unique<Seen>()) {}
JsonShapeFinder::~JsonShapeFinder() = default;

bool JsonShapeFinder::Look(JsonCursor& cursor) {
  if (cursor.Peek() != '{') {
    return cursor.SkipValue() && cursor.Fail(JsonFault::kNotObject, cursor.at());
  }
  return LookAtObject(*root_, cursor, 0);
}

JsonShapeFinder::Seen* JsonShapeFinder::Find(Seen& seen, std::string name) {
  const auto known = seen.by_name.find(name);
  if (known != seen.by_name.end()) return known->second;
  if (fields_ >= kFieldsMax) return nullptr;
  ++fields_;
  seen.members.push_back(std::make_unique<Seen>());
  Seen* const member = seen.members.back().get();
  member->name = std::move(name);
  seen.by_name.emplace(member->name, member);
  return member;
}

bool JsonShapeFinder::LookAtObject(Seen& seen, JsonCursor& cursor, int level) {
  cursor.Take('{');
  bool more = false;
  cursor.First('}', &more);
  std::string text;
  while (more) {
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &text)) return false;
    Seen* const member = Find(seen, text);
    const bool read = member == nullptr || level >= kShapeLevelsMax
                          ? cursor.SkipValue()
                          : LookAtValue(*member, cursor, level + 1);
    if (!read || !cursor.Next('}', &more)) return false;
  }
  return true;
}

bool JsonShapeFinder::LookAtValue(Seen& seen, JsonCursor& cursor, int level) {
  switch (cursor.Peek()) {
    case '{':
      seen.object = true;
      return LookAtObject(seen, cursor, level);
    case '[':
      seen.list = true;
      return LookAtItems(seen, cursor, level);
    case 'n':
      return cursor.SkipValue();
    default:
      seen.scalar = true;
      return cursor.SkipValue();
  }
}

bool JsonShapeFinder::LookAtItems(Seen& seen, JsonCursor& cursor, int level) {
  cursor.Take('[');
  bool more = false;
  cursor.First(']', &more);
  while (more) {
    const char first = cursor.Peek();
    seen.object_items |= first == '{';
    seen.list_items |= first == '[';
    seen.scalar_items |= first != '{' && first != '[' && first != 'n';
    const bool read = first == '{' ? LookAtObject(seen, cursor, level) : cursor.SkipValue();
    if (!read || !cursor.Next(']', &more)) return false;
  }
  return true;
}

FieldShape JsonShapeFinder::Resolve(const Seen& seen, const FieldShape* expected, int lists,
                                    int level) {
  FieldShape shape;
  shape.name = seen.name;
  if (expected != nullptr && expected->kind != ShapeKind::kAny) {
    shape.kind = expected->kind;
  } else if (seen.scalar || (seen.object && seen.list)) {
    shape.kind = ShapeKind::kScalar;
  } else if (seen.object) {
    shape.kind = ShapeKind::kObject;
  } else if (seen.list && seen.object_items && !seen.scalar_items && !seen.list_items) {
    shape.kind = ShapeKind::kObjects;
  } else if (seen.list && !seen.object_items && !seen.list_items) {
    shape.kind = ShapeKind::kScalars;
  }
  const bool is_list = shape.kind == ShapeKind::kObjects || shape.kind == ShapeKind::kScalars;
  if ((is_list && lists == kListLevelsMax) || level >= kShapeLevelsMax) {
    shape.kind = ShapeKind::kScalar;
  }
  if (shape.kind != ShapeKind::kObject && shape.kind != ShapeKind::kObjects) return shape;
  // Of a list without items only the kind of its members is known, if that.
  if (shape.kind == ShapeKind::kObjects && !seen.object_items && HasHints(expected)) return shape;
  static const std::vector<FieldShape> kNothing;
  shape.children = ResolveMembers(seen, expected == nullptr ? kNothing : expected->children,
                                  lists + (is_list ? 1 : 0), level);
  // No type can be made of an object without members.
  if (shape.children.empty()) shape.kind = ShapeKind::kScalar;
  return shape;
}

std::vector<FieldShape> JsonShapeFinder::ResolveMembers(const Seen& seen,
                                                        const std::vector<FieldShape>& expected,
                                                        int lists, int level) {
  std::vector<FieldShape> shapes;
  for (const auto& member : seen.members) {
    shapes.push_back(Resolve(*member, FindExpected(expected, member->name), lists, level + 1));
  }
  for (const FieldShape& field : expected) {
    if (field.always && !seen.by_name.contains(field.name)) shapes.push_back(Whole(field));
  }
  return shapes;
}

std::vector<FieldShape> JsonShapeFinder::Fields(const std::vector<FieldShape>& expected) const {
  return ResolveMembers(*root_, expected, 0, 0);
}

const FieldShape* FindExpected(const std::vector<FieldShape>& expected, std::string_view name) {
  for (const FieldShape& field : expected) {
    if (field.name == name) return &field;
  }
  for (const FieldShape& field : expected) {
    if (!field.always && SameButForCase(field.name, name)) return &field;
  }
  return nullptr;
}

}  // namespace eclusa
