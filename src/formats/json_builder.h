// JsonBuilder: JSON values of one shape, put together as an Arrow array while they are read.
//
// Text goes straight from the document into the buffers of the arrays, without an allocation per
// value. What stands where:
//   scalar   a string's text; numbers, true and false as written; an object or a list as its JSON
//            text, byte for byte; null and a missing member: null
//   json     any value as its JSON text, byte for byte; null and a missing member: null
//   object   an object; null and missing: null. Anything else: JsonFault::kKind with the path
//   lists    a list of objects (or null) or of scalars; null and missing: null
// A member that the shape does not have is read and passed over; PassedOver tells which. A member
// of which only the kind was told (FieldShape::always false) and that the caller did not find in
// the file's head must be null: kLateField. A faulty value leaves no trace. Ownership: arrays are
// handed over by Finish. Threads: one at a time. Memory: what was appended since Finish; beyond
// that kNamesMax names of members passed over.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "formats/field_shape.h"
#include "formats/json_cursor.h"

namespace arrow {
class Array;
class ResizableBuffer;
class Status;
template <class T>
class Result;
}  // namespace arrow

namespace eclusa {

class JsonBuilder {
 public:
  struct Options {
    int64_t values_expected = 0;  // between Finishes
    // Members of the outermost object that are in the file and are not to be read.
    std::vector<std::string> unwanted;
    // Members of which only the kind is known, at any level, and that are not in `shape`.
    std::vector<FieldShape> hints;
  };
  JsonBuilder(const FieldShape& shape, const Options& options);
  JsonBuilder(JsonBuilder&&) noexcept;
  ~JsonBuilder();

  // Reads one value. False: the cursor has a fault, or there is no memory; nothing was appended.
  bool Append(JsonCursor& cursor);
  void AppendNull();
  // Takes the last value back.
  void RemoveLast();
  int64_t length() const;
  int64_t values() const { return values_; }  // of leaves, about
  bool out_of_memory() const { return out_of_memory_; }

  // The values so far; begins anew.
  arrow::Result<std::shared_ptr<arrow::Array>> Finish();

  // Paths of members that were passed over since the beginning, at most kNamesMax.
  std::vector<std::string> PassedOver() const;
  static constexpr size_t kNamesMax = 1000;

 private:
  enum class Role : uint8_t { kScalar, kObject, kList, kSkipped, kLate };
  template <class T>
  struct Growing;
  struct Node;

  static std::unique_ptr<Node> MakeNode(const FieldShape& shape,
                                        const std::vector<FieldShape>& hints);
  static void AddChildren(Node& node, const FieldShape& shape,
                          const std::vector<FieldShape>& hints);
  static Node* AddChild(Node& node, std::unique_ptr<Node> child);

  bool ReadValue(Node& node, JsonCursor& cursor);
  bool ReadScalar(Node& node, JsonCursor& cursor);
  bool ReadText(Node& node, JsonCursor& cursor);
  bool ReadObject(Node& node, JsonCursor& cursor);
  bool ReadMember(Node& node, Node& child, JsonCursor& cursor);
  bool ReadList(Node& node, JsonCursor& cursor);
  Node* FindChild(Node& node, size_t& hint, JsonCursor& cursor, JsonString* name);
  Node* NameChild(Node& node, const JsonString& name, JsonCursor& cursor);

  bool AppendBytes(Node& node, std::string_view bytes);
  bool EndScalar(Node& node, int32_t size, bool valid);
  bool EndNull(Node& node);
  bool Pad(Node& node, int64_t length);
  bool Mark(Node& node, bool valid);
  void Truncate(Node& node, int64_t length);
  static std::string PathOf(const Node& node);
  static void ListPassedOver(const Node& node, std::vector<std::string>& names);
  arrow::Result<std::shared_ptr<arrow::Array>> FinishNode(Node& node, int64_t length);

  std::unique_ptr<Node> root_;
  int64_t values_ = 0;
  size_t names_ = 0;  // of nodes made for members that are passed over
  bool out_of_memory_ = false;
};

}  // namespace eclusa
