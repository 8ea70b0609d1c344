// JsonKinds: which kinds of values the fields of documents have, found by reading all of them.
//
// A tree of names, as deep as fields are ever told apart (formats/field_shape.h); what lies deeper
// stays JSON text. Other than formats/json_shape.h, which looks at the head of a file to know its
// columns, this knows texts from numbers, and what digits those have. Memory: the names; more than
// kFieldsMax of them are too many. Threads: one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "convert/number_digits.h"
#include "formats/json_cursor.h"

namespace eclusa {

// Of scalars; nulls are of no kind.
struct ScalarKinds {
  bool text = false;
  bool number = false;
  bool boolean = false;
  NumberDigits numbers;      // of numbers
  NumberDigits text_digits;  // of texts that are numbers

  int count() const { return int{text} + int{number} + int{boolean}; }
};

struct FieldKinds {
  std::string name;
  ScalarKinds scalars;
  bool object = false;
  bool list = false;
  ScalarKinds items;  // of lists
  bool object_items = false;
  bool list_items = false;
  std::vector<std::unique_ptr<FieldKinds>> members;  // of objects, and of objects in lists
  std::unordered_map<std::string_view, FieldKinds*> by_name;

  const FieldKinds* Find(std::string_view member) const;
};

class JsonKinds {
 public:
  static constexpr size_t kFieldsMax = 4000;  // as formats/json_shape.h

  // Reads one value into the field of that name of the outermost object. False: a fault.
  bool AddMember(std::string_view name, std::string_view json);
  // Reads one document. False: it is no object, or has a fault.
  bool AddDocument(std::string_view json);
  // A text that is no JSON, into the field of that name.
  void AddText(std::string_view name, std::string_view text);

  const FieldKinds& root() const { return root_; }
  bool too_many() const { return too_many_; }

 private:
  FieldKinds* Member(FieldKinds& object, std::string_view name);
  bool AddObject(FieldKinds& object, JsonCursor& cursor, int level);
  bool AddValue(FieldKinds& field, JsonCursor& cursor, int level);
  bool AddItems(FieldKinds& field, JsonCursor& cursor, int level);
  bool AddScalar(ScalarKinds& kinds, JsonCursor& cursor);
  void Begin(std::string_view json, JsonCursor& cursor);

  FieldKinds root_;
  size_t fields_ = 0;
  bool too_many_ = false;
  std::string text_;  // what is being read
  std::string scratch_;
};

}  // namespace eclusa
