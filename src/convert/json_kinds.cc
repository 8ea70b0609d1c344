#include "convert/json_kinds.h"

#include "formats/field_shape.h"

namespace eclusa {
namespace {

void AddTextTo(ScalarKinds& kinds, std::string_view text) {
  kinds.text = true;
  // Most texts begin with a letter.
  if (!text.empty() && text[0] <= '9') kinds.text_digits.Add(text);
}

}  // namespace

const FieldKinds* FieldKinds::Find(std::string_view member) const {
  const auto found = by_name.find(member);
  return found == by_name.end() ? nullptr : found->second;
}

FieldKinds* JsonKinds::Member(FieldKinds& object, std::string_view name) {
  const auto known = object.by_name.find(name);
  if (known != object.by_name.end()) return known->second;
  if (fields_ >= kFieldsMax) {
    too_many_ = true;
    return nullptr;
  }
  ++fields_;
  object.members.push_back(std::make_unique<FieldKinds>());
  FieldKinds* const member = object.members.back().get();
  member->name = name;
  object.by_name.emplace(member->name, member);
  return member;
}

void JsonKinds::Begin(std::string_view json, JsonCursor& cursor) {
  // Copied for what a cursor wants to find behind the end.
  text_.assign(json);
  text_.append(kJsonPadding + 1, '\0');
  cursor.Reset(text_.data(), text_.data() + json.size());
  cursor.SkipSpace();
}

bool JsonKinds::AddDocument(std::string_view json) {
  JsonCursor cursor;
  Begin(json, cursor);
  return cursor.Peek() == '{' && AddObject(root_, cursor, 0);
}

bool JsonKinds::AddMember(std::string_view name, std::string_view json) {
  JsonCursor cursor;
  Begin(json, cursor);
  FieldKinds* const field = Member(root_, name);
  if (field == nullptr || !AddValue(*field, cursor, 1)) return false;
  cursor.SkipSpace();
  return cursor.AtEnd();
}

void JsonKinds::AddText(std::string_view name, std::string_view text) {
  FieldKinds* const field = Member(root_, name);
  if (field != nullptr) AddTextTo(field->scalars, text);
}

bool JsonKinds::AddObject(FieldKinds& object, JsonCursor& cursor, int level) {
  cursor.Take('{');
  bool more = false;
  cursor.First('}', &more);
  std::string name_text;
  while (more) {
    JsonString name;
    if (!cursor.ReadName(&name) || !cursor.TextOf(name, &name_text)) return false;
    FieldKinds* const member = level >= kShapeLevelsMax ? nullptr : Member(object, name_text);
    if (member == nullptr ? !cursor.SkipValue() : !AddValue(*member, cursor, level + 1)) {
      return false;
    }
    if (!cursor.Next('}', &more)) return false;
  }
  return true;
}

bool JsonKinds::AddValue(FieldKinds& field, JsonCursor& cursor, int level) {
  switch (cursor.Peek()) {
    case '{':
      field.object = true;
      return AddObject(field, cursor, level);
    case '[':
      field.list = true;
      return AddItems(field, cursor, level);
    default:
      return AddScalar(field.scalars, cursor);
  }
}

bool JsonKinds::AddItems(FieldKinds& field, JsonCursor& cursor, int level) {
  cursor.Take('[');
  bool more = false;
  cursor.First(']', &more);
  while (more) {
    bool read = false;
    if (cursor.Peek() == '{') {
      field.object_items = true;
      read = AddObject(field, cursor, level);
    } else if (cursor.Peek() == '[') {
      field.list_items = true;
      read = cursor.SkipValue();
    } else {
      read = AddScalar(field.items, cursor);
    }
    if (!read || !cursor.Next(']', &more)) return false;
  }
  return true;
}

bool JsonKinds::AddScalar(ScalarKinds& kinds, JsonCursor& cursor) {
  const char first = cursor.Peek();
  if (first == '"') {
    JsonString string;
    if (!cursor.ReadString(&string)) return false;
    if (string.escaped) {
      if (!cursor.TextOf(string, &scratch_)) return false;
      AddTextTo(kinds, scratch_);
    } else {
      AddTextTo(kinds, string.raw);
    }
    return true;
  }
  std::string_view literal;
  if (!cursor.ReadLiteral(&literal)) return false;
  if (first == 't' || first == 'f') {
    kinds.boolean = true;
  } else if (first != 'n') {
    kinds.number = true;
    kinds.numbers.Add(literal);
  }
  return true;
}

}  // namespace eclusa
