#include "formats/json_builder.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_nested.h>
#include <arrow/buffer.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/check.h"

namespace eclusa {
namespace {

// Texts are copied 16 bytes at a time.
constexpr int64_t kSlack = 32;

}  // namespace

// A buffer that grows, with its address at hand.
template <class T>
struct JsonBuilder::Growing {
  std::shared_ptr<arrow::ResizableBuffer> buffer;
  T* data = nullptr;
  int64_t room = 0;
  int64_t expected = 0;  // what the last batch used

  bool Reserve(int64_t count) {
    if (count <= room) [[likely]]
      return true;
    return Grow(count);
  }
  bool Grow(int64_t count) {
    const int64_t wanted = std::max({count + 64, room * 2, expected + expected / 16});
    if (buffer == nullptr) {
      auto made = arrow::AllocateResizableBuffer(wanted * static_cast<int64_t>(sizeof(T)));
      if (!made.ok()) return false;
      buffer = *std::move(made);
    } else if (!buffer->Resize(wanted * static_cast<int64_t>(sizeof(T)), false).ok()) {
      return false;
    }
    data = reinterpret_cast<T*>(buffer->mutable_data());
    room = wanted;
    return true;
  }
  // The first `count` elements.
  arrow::Result<std::shared_ptr<arrow::Buffer>> Take(int64_t count) {
    expected = count;
    if ((buffer == nullptr || room < count) && !Grow(count)) {
      return arrow::Status::OutOfMemory("JSON");
    }
    ARROW_RETURN_NOT_OK(buffer->Resize(count * static_cast<int64_t>(sizeof(T)), false));
    std::shared_ptr<arrow::Buffer> taken = std::move(buffer);
    buffer = nullptr;
    data = nullptr;
    room = 0;
    return taken;
  }
};

struct JsonBuilder::Node {
  std::string name;
  std::string quoted;  // as it usually stands in a document: "name"
  Role role = Role::kScalar;
  Node* parent = nullptr;
  size_t index = 0;    // among the parent's children
  int64_t length = 0;  // values; missing ones are made up for when the next one comes
  int64_t leaves = 1;
  Growing<int32_t> offsets;  // scalars, lists
  Growing<char> data;        // scalars
  Growing<uint8_t> valid;    // one a value
  int32_t size = 0;          // of the data
  bool has_nulls = false;    // perhaps
  bool verbatim = false;     // texts keep their quotes and escapes
  // Members of an object, the item of a list. Those that are built come first.
  std::vector<std::unique_ptr<Node>> children;
  size_t built = 0;
  std::unordered_map<std::string_view, Node*> by_name;
};

JsonBuilder::JsonBuilder(JsonBuilder&&) noexcept = default;
JsonBuilder::~JsonBuilder() = default;

JsonBuilder::JsonBuilder(const FieldShape& shape, const Options& options)
    : root_(MakeNode(shape, options.hints)) {
  for (const std::string& name : options.unwanted) {
    auto child = std::make_unique<Node>();
    child->name = name;
    child->role = Role::kSkipped;
    child->leaves = 0;  // tells it from what was passed over
    AddChild(*root_, std::move(child));
  }
  if (root_->role != Role::kObject) return;
  for (size_t i = 0; i < root_->built; ++i) {
    Node& child = *root_->children[i];
    child.offsets.expected = options.values_expected + 1;
    child.valid.expected = options.values_expected;
  }
}

JsonBuilder::Node* JsonBuilder::AddChild(Node& node, std::unique_ptr<Node> child) {
  child->parent = &node;
  child->index = node.children.size();
  if (child->name.find_first_of("\"\\") == std::string::npos) {
    child->quoted = '"' + child->name + '"';
  }
  node.children.push_back(std::move(child));
  Node* added = node.children.back().get();
  node.by_name.emplace(added->name, added);
  return added;
}

void JsonBuilder::AddChildren(Node& node, const FieldShape& shape,
                              const std::vector<FieldShape>& hints) {
  static const std::vector<FieldShape> kNoHints;
  node.role = Role::kObject;
  for (const FieldShape& member : shape.children) {
    const auto hint = std::ranges::find(hints, member.name, &FieldShape::name);
    auto child = MakeNode(member, hint == hints.end() ? kNoHints : hint->children);
    child->name = member.name;
    AddChild(node, std::move(child));
  }
  node.built = node.children.size();
  for (const FieldShape& hint : hints) {
    const bool found = std::ranges::any_of(shape.children, [&](const FieldShape& member) {
      return SameButForCase(member.name, hint.name);
    });
    // Where no object was seen, there is not even what every one of them should have.
    if (found || (hint.always && !shape.children.empty())) continue;
    auto child = std::make_unique<Node>();
    child->name = hint.name;
    child->role = Role::kLate;
    AddChild(node, std::move(child));
  }
}

std::unique_ptr<JsonBuilder::Node> JsonBuilder::MakeNode(const FieldShape& shape,
                                                         const std::vector<FieldShape>& hints) {
  auto node = std::make_unique<Node>();
  node->name = shape.name;
  node->leaves = LeavesOf(shape);
  switch (shape.kind) {
    case ShapeKind::kScalar:
    case ShapeKind::kAny:
      break;
    case ShapeKind::kJson:
      node->verbatim = true;
      break;
    case ShapeKind::kObject:
      AddChildren(*node, shape, hints);
      break;
    case ShapeKind::kObjects:
    case ShapeKind::kScalars: {
      node->role = Role::kList;
      auto item = std::make_unique<Node>();
      item->leaves = node->leaves;
      if (shape.kind == ShapeKind::kObjects) AddChildren(*item, shape, hints);
      AddChild(*node, std::move(item));
      node->built = 1;
      break;
    }
  }
  return node;
}

int64_t JsonBuilder::length() const { return root_->length; }

bool JsonBuilder::Append(JsonCursor& cursor) {
  const int64_t before = root_->length;
  if (ReadValue(*root_, cursor)) {
    values_ += root_->leaves;
    return true;
  }
  Truncate(*root_, before);
  return false;
}

void JsonBuilder::AppendNull() { out_of_memory_ = !EndNull(*root_) || out_of_memory_; }

void JsonBuilder::RemoveLast() { Truncate(*root_, root_->length - 1); }

bool JsonBuilder::Mark(Node& node, bool valid) {
  if (!node.valid.Reserve(node.length + 1)) {
    out_of_memory_ = true;
    return false;
  }
  node.valid.data[node.length] = valid ? 1 : 0;
  node.has_nulls |= !valid;
  ++node.length;
  return true;
}

bool JsonBuilder::EndScalar(Node& node, int32_t size, bool valid) {
  if (!node.offsets.Reserve(node.length + 2)) {
    out_of_memory_ = true;
    return false;
  }
  node.offsets.data[node.length] = node.size;
  node.offsets.data[node.length + 1] = size;
  node.size = size;
  return Mark(node, valid);
}

bool JsonBuilder::EndNull(Node& node) {
  switch (node.role) {
    case Role::kScalar:
      return EndScalar(node, node.size, false);
    case Role::kList: {
      const auto items = static_cast<int32_t>(node.children[0]->length);
      node.size = items;
      return EndScalar(node, items, false);
    }
    case Role::kObject:
      return Mark(node, false);
    default:
      node.length += 1;
      return true;
  }
}

// Members that a document did not have.
bool JsonBuilder::Pad(Node& node, int64_t length) {
  if (node.role == Role::kSkipped || node.role == Role::kLate) {
    node.length = length;
    return true;
  }
  while (node.length < length) {
    if (!EndNull(node)) return false;
  }
  return true;
}

void JsonBuilder::Truncate(Node& node, int64_t length) {
  if (node.length < length) return;  // its last values were missing
  node.length = length;
  if (node.role == Role::kScalar || node.role == Role::kList) {
    node.size = node.offsets.room == 0 || length == 0 ? 0 : node.offsets.data[length];
  }
  if (node.role == Role::kList) {
    Truncate(*node.children[0], node.size);
  } else {
    for (const auto& child : node.children) Truncate(*child, length);
  }
}

bool JsonBuilder::AppendBytes(Node& node, std::string_view bytes) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (!node.data.Reserve(node.size + size + kSlack)) {
    out_of_memory_ = true;
    return false;
  }
  std::memcpy(node.data.data + node.size, bytes.data(), bytes.size());
  return EndScalar(node, static_cast<int32_t>(node.size + size), true);
}

bool JsonBuilder::ReadValue(Node& node, JsonCursor& cursor) {
  if (node.role == Role::kScalar) return ReadScalar(node, cursor);
  const char* const begin = cursor.at();
  const char first = cursor.Peek();
  if (node.role == Role::kObject && first == '{') return ReadObject(node, cursor);
  if (node.role == Role::kList && first == '[') return ReadList(node, cursor);
  if (!cursor.SkipValue()) return false;
  if (first == 'n') return EndNull(node);
  return cursor.FailAt(JsonFault::kKind, begin, PathOf(node));
}

bool JsonBuilder::ReadScalar(Node& node, JsonCursor& cursor) {
  const char first = cursor.Peek();
  if (first == '"' && !node.verbatim) return ReadText(node, cursor);
  const char* const begin = cursor.at();
  if (first == '{' || first == '[' || first == '"') {
    if (!cursor.SkipValue()) return false;
    return AppendBytes(node, {begin, static_cast<size_t>(cursor.at() - begin)});
  }
  std::string_view text;
  if (!cursor.ReadLiteral(&text)) return false;
  return first == 'n' ? EndNull(node) : AppendBytes(node, text);
}

// Copies while it looks for the closing quote.
bool JsonBuilder::ReadText(Node& node, JsonCursor& cursor) {
  const char* at = cursor.at() + 1;
  int64_t size = node.size;
  while (true) {
    if (!node.data.Reserve(size + kSlack)) {
      out_of_memory_ = true;
      return false;
    }
    std::memcpy(node.data.data + size, at, 16);
    const unsigned marks = JsonStringMarks(at);
    if (marks == 0) {
      at += 16;
      size += 16;
      continue;
    }
    const int count = std::countr_zero(marks);
    at += count;
    size += count;
    if (*at == '"') break;
    // Escapes, or what must not be: once more, slowly.
    JsonString string;
    if (!cursor.ReadString(&string)) return false;
    const auto most = static_cast<int64_t>(string.raw.size());
    if (!node.data.Reserve(node.size + most + kSlack)) {
      out_of_memory_ = true;
      return false;
    }
    size_t unescaped = 0;
    if (!cursor.Unescape(string.raw, node.data.data + node.size, &unescaped)) return false;
    return EndScalar(node, node.size + static_cast<int32_t>(unescaped), true);
  }
  cursor.MoveTo(at + 1);
  return EndScalar(node, static_cast<int32_t>(size), true);
}

bool JsonBuilder::ReadList(Node& node, JsonCursor& cursor) {
  Node& item = *node.children[0];
  cursor.Take('[');
  bool more = false;
  cursor.First(']', &more);
  while (more) {
    if (!ReadValue(item, cursor)) return false;
    values_ += item.leaves;
    if (!cursor.Next(']', &more)) return false;
  }
  // The offsets of a list count items, as those of a text count bytes.
  return EndScalar(node, static_cast<int32_t>(item.length), true);
}

bool JsonBuilder::ReadObject(Node& node, JsonCursor& cursor) {
  cursor.Take('{');
  const size_t names = cursor.MarkNames();
  size_t hint = 0;
  bool more = false;
  cursor.First('}', &more);
  while (more) {
    JsonString name;
    Node* const child = FindChild(node, hint, cursor, &name);
    if (cursor.fault() != JsonFault::kNone) return false;
    if (!cursor.TakeColon()) return false;
    if (child != nullptr ? !ReadMember(node, *child, cursor)
                         : !cursor.AddName(name) || !cursor.SkipValue()) {
      return false;
    }
    if (!cursor.Next('}', &more)) return false;
  }
  if (cursor.MarkNames() != names && !cursor.CloseNames(names)) return false;
  return Mark(node, true);
}

bool JsonBuilder::ReadMember(Node& node, Node& child, JsonCursor& cursor) {
  const int64_t number = node.length;
  if (child.length > number) {
    return cursor.FailAt(JsonFault::kDuplicateKey, cursor.at(), PathOf(child));
  }
  if (child.length < number && !Pad(child, number)) return false;
  if (child.role != Role::kSkipped && child.role != Role::kLate) return ReadValue(child, cursor);
  const char* const begin = cursor.at();
  if (!cursor.SkipValue()) return false;
  ++child.length;
  if (child.role == Role::kSkipped || *begin == 'n') return true;
  return cursor.FailAt(JsonFault::kLateField, begin, PathOf(child));
}

// The member whose name comes next; null: there are too many names to be kept.
JsonBuilder::Node* JsonBuilder::FindChild(Node& node, size_t& hint, JsonCursor& cursor,
                                          JsonString* name) {
  // As a rule members come in the same order in each document.
  if (hint < node.children.size()) {
    Node& likely = *node.children[hint];
    const std::string& quoted = likely.quoted;
    if (static_cast<size_t>(cursor.end() - cursor.at()) >= quoted.size() && !quoted.empty() &&
        std::memcmp(cursor.at(), quoted.data(), quoted.size()) == 0) {
      cursor.MoveTo(cursor.at() + quoted.size());
      ++hint;
      return &likely;
    }
  }
  if (cursor.Peek() != '"') {
    cursor.FailHere();
    return nullptr;
  }
  if (!cursor.ReadString(name)) return nullptr;
  Node* const child = NameChild(node, *name, cursor);
  if (child != nullptr) hint = child->index + 1;
  return child;
}

JsonBuilder::Node* JsonBuilder::NameChild(Node& node, const JsonString& name, JsonCursor& cursor) {
  std::string text;
  std::string_view key = name.raw;
  if (name.escaped) {
    if (!cursor.TextOf(name, &text)) return nullptr;
    key = text;
  }
  if (const auto known = node.by_name.find(key); known != node.by_name.end()) return known->second;
  if (names_ >= kNamesMax) return nullptr;
  ++names_;
  auto child = std::make_unique<Node>();
  child->name = key;
  child->role = Role::kSkipped;
  for (const auto& other : node.children) {
    if (other->role == Role::kLate && SameButForCase(other->name, key)) child->role = Role::kLate;
  }
  return AddChild(node, std::move(child));
}

std::string JsonBuilder::PathOf(const Node& node) {
  std::string path;
  for (const Node* at = &node; at != nullptr && at->parent != nullptr; at = at->parent) {
    if (at->name.empty() && at->parent->role == Role::kList) continue;
    path = path.empty() ? at->name : at->name + "." + path;
  }
  return path;
}

void JsonBuilder::ListPassedOver(const Node& node, std::vector<std::string>& names) {
  for (const auto& child : node.children) {
    if (child->role == Role::kSkipped && child->leaves > 0) {
      names.push_back(PathOf(*child));
    } else {
      ListPassedOver(*child, names);
    }
  }
}

std::vector<std::string> JsonBuilder::PassedOver() const {
  std::vector<std::string> names;
  ListPassedOver(*root_, names);
  return names;
}

arrow::Result<std::shared_ptr<arrow::Array>> JsonBuilder::Finish() {
  auto array = FinishNode(*root_, root_->length);
  values_ = 0;
  return array;
}

arrow::Result<std::shared_ptr<arrow::Array>> JsonBuilder::FinishNode(Node& node, int64_t length) {
  if (!Pad(node, length)) return arrow::Status::OutOfMemory("JSON");
  std::shared_ptr<arrow::Buffer> validity;
  int64_t nulls = 0;
  if (node.has_nulls) {
    for (int64_t i = 0; i < length; ++i) nulls += node.valid.data[i] == 0 ? 1 : 0;
  }
  if (nulls > 0) {
    ARROW_ASSIGN_OR_RAISE(validity, arrow::AllocateBuffer(arrow::bit_util::BytesForBits(length)));
    uint8_t* bits = validity->mutable_data();
    std::memset(bits, 0, static_cast<size_t>(validity->size()));
    for (int64_t i = 0; i < length; ++i) bits[i / 8] |= node.valid.data[i] << (i % 8);
  }
  node.valid.expected = length;
  node.has_nulls = false;
  node.length = 0;
  if (node.role == Role::kObject) {
    arrow::ArrayVector members;
    arrow::FieldVector fields;
    for (size_t i = 0; i < node.children.size(); ++i) {
      Node& child = *node.children[i];
      if (i >= node.built) {
        child.length = 0;
        continue;
      }
      ARROW_ASSIGN_OR_RAISE(auto member, FinishNode(child, length));
      fields.push_back(arrow::field(child.name, member->type()));
      members.push_back(std::move(member));
    }
    return std::make_shared<arrow::StructArray>(arrow::struct_(fields), length, std::move(members),
                                                std::move(validity), nulls);
  }
  if (length == 0) {
    if (!node.offsets.Reserve(1)) return arrow::Status::OutOfMemory("JSON");
    node.offsets.data[0] = 0;
  }
  ARROW_ASSIGN_OR_RAISE(auto offsets, node.offsets.Take(length + 1));
  const int32_t size = node.size;
  node.size = 0;
  if (node.role == Role::kScalar) {
    ARROW_ASSIGN_OR_RAISE(auto data, node.data.Take(size));
    return std::make_shared<arrow::StringArray>(length, std::move(offsets), std::move(data),
                                                std::move(validity), nulls);
  }
  ARROW_ASSIGN_OR_RAISE(auto items, FinishNode(*node.children[0], node.children[0]->length));
  return std::make_shared<arrow::ListArray>(arrow::list(items->type()), length, std::move(offsets),
                                            std::move(items), std::move(validity), nulls);
}

}  // namespace eclusa
