#include "check/split_documents.h"

#include <arrow/api.h>

#include <algorithm>

#include "core/check.h"
#include "model/codes.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

using Arrays = std::vector<std::shared_ptr<arrow::Array>>;
using Types = std::vector<std::shared_ptr<arrow::DataType>>;

void AddNodes(const Contract& dataset, int self, std::vector<DatasetNode>& nodes) {
  for (size_t i = 0; i < dataset.children.size(); ++i) {
    const ChildDataset& child = dataset.children[i];
    const auto node = static_cast<int>(nodes.size());
    nodes.push_back({&child.dataset, &child, self, static_cast<int>(i)});
    AddNodes(child.dataset, node, nodes);
  }
}

std::string Fold(const std::string& name) {
  std::string folded;
  if (!IsUtf8(name)) return name;
  AppendUpper(name, folded);
  return folded;
}

// A column of a table's row that is no struct, by the name that the contract gives it.
struct Leaf {
  std::string name;
  std::shared_ptr<arrow::Field> field;
  std::vector<int> path;
};

void AddLeaves(const arrow::Field& field, const std::string& prefix, std::vector<int> path,
               std::vector<Leaf>& leaves) {
  const std::string name = prefix + field.name();
  if (field.type()->id() != arrow::Type::STRUCT) {
    leaves.push_back({name, field.WithName(name), std::move(path)});
    return;
  }
  for (int i = 0; i < field.type()->num_fields(); ++i) {
    std::vector<int> inner = path;
    inner.push_back(i);
    AddLeaves(*field.type()->field(i), name + ".", std::move(inner), leaves);
  }
}

// The leaf that holds the child's list; -1: none.
Result<int> FindList(const ChildDataset& child, const std::vector<Leaf>& leaves) {
  std::vector<std::string> names{child.name};
  names.insert(names.end(), child.from.begin(), child.from.end());
  for (const bool fold : {false, true}) {
    for (const std::string& wanted : names) {
      const std::string name = QualifiedName(child.inside, wanted);
      int found = -1;
      for (size_t i = 0; i < leaves.size(); ++i) {
        if (fold ? Fold(leaves[i].name) != Fold(name) : leaves[i].name != name) continue;
        if (found >= 0) {
          return Error(ErrorKind::kInvalid, fold ? code::column_ambiguous : code::column_twice,
                       {{"column", name}, {"found", leaves[i].name}});
        }
        found = static_cast<int>(i);
      }
      if (found >= 0) return found;
    }
  }
  return -1;
}

bool IsStruct(const arrow::DataType& type) { return type.id() == arrow::Type::STRUCT; }

// What a list's items are; null: nothing, for the file's lists are all null or empty, or hold only
// nulls and objects without members.
std::shared_ptr<arrow::DataType> ItemType(const arrow::DataType& type) {
  if (type.id() != arrow::Type::LIST) return nullptr;
  const auto item = type.field(0)->type();
  return IsStruct(*item) && item->num_fields() > 0 ? item : nullptr;
}

bool HoldsNothing(const arrow::DataType& type) {
  if (type.id() != arrow::Type::LIST) return type.id() == arrow::Type::NA;
  const arrow::DataType& item = *type.field(0)->type();
  return item.id() == arrow::Type::NA || (IsStruct(item) && item.num_fields() == 0);
}

// Memory is all that can be wanting here.
template <class T>
T OrDie(arrow::Result<T> result) {
  CHECK(result.ok());
  return std::move(result).ValueUnsafe();
}

std::shared_ptr<arrow::Array> FieldAt(const Arrays& fields, const std::vector<int>& path) {
  std::shared_ptr<arrow::Array> array = fields[static_cast<size_t>(path[0])];
  for (size_t i = 1; i < path.size(); ++i) {
    array = OrDie(static_cast<const arrow::StructArray&>(*array).GetFlattenedField(path[i]));
  }
  return array;
}

// Items of the lists one after the other, without what stands under lists that are null.
struct Items {
  std::vector<int32_t> parents;
  std::vector<int32_t> places;
  std::shared_ptr<arrow::Array> values;
};

Items ItemsOf(const arrow::ListArray& lists) {
  Items items;
  Arrays pieces;
  int64_t begin = 0;
  int64_t end = 0;
  for (int64_t row = 0; row < lists.length(); ++row) {
    if (lists.IsNull(row) || lists.value_length(row) == 0) continue;
    const int64_t first = lists.value_offset(row);
    const int32_t length = lists.value_length(row);
    if (first != end) {
      if (end > begin) pieces.push_back(lists.values()->Slice(begin, end - begin));
      begin = first;
    }
    end = first + length;
    for (int32_t place = 0; place < length; ++place) {
      items.parents.push_back(static_cast<int32_t>(row));
      items.places.push_back(place);
    }
  }
  pieces.push_back(lists.values()->Slice(begin, end - begin));
  items.values = pieces.size() == 1 ? pieces[0] : OrDie(arrow::Concatenate(pieces));
  return items;
}

}  // namespace

std::vector<DatasetNode> DatasetNodes(const Contract& contract) {
  std::vector<DatasetNode> nodes{{&contract, nullptr, -1, 0}};
  AddNodes(contract, 0, nodes);
  return nodes;
}

Result<DocumentSplitter> DocumentSplitter::Create(const Contract& contract,
                                                  const arrow::Schema& source) {
  DocumentSplitter splitter;
  splitter.nodes_ = DatasetNodes(contract);
  splitter.tables_.resize(splitter.nodes_.size());
  Types types;
  for (const auto& field : source.fields()) types.push_back(field->type());
  TRY(splitter.Plan(0, types, source.field_names()));
  return splitter;
}

Status DocumentSplitter::Plan(size_t node, const Types& types,
                              const std::vector<std::string>& names) {
  std::vector<Leaf> leaves;
  for (size_t i = 0; i < types.size(); ++i) {
    AddLeaves(*arrow::field(names[i], types[i]), "", {static_cast<int>(i)}, leaves);
  }
  std::vector<bool> taken(leaves.size());
  std::vector<std::pair<size_t, std::shared_ptr<arrow::DataType>>> children;
  for (size_t child = node + 1; child < nodes_.size(); ++child) {
    if (nodes_[child].parent != static_cast<int>(node)) continue;
    const int found = TRY(FindList(*nodes_[child].child, leaves));
    if (found < 0) continue;
    const Leaf& leaf = leaves[static_cast<size_t>(found)];
    const auto item = ItemType(*leaf.field->type());
    if (item == nullptr && !HoldsNothing(*leaf.field->type())) {
      return Error(ErrorKind::kInvalid, code::column_type,
                   {{"column", leaf.name},
                    {"name", leaf.name},
                    {"found", leaf.field->type()->ToString()},
                    {"type", "list"}});
    }
    taken[static_cast<size_t>(found)] = true;
    tables_[node].lists.push_back({child, leaf.path});
    if (item != nullptr) children.emplace_back(child, item);
  }
  arrow::FieldVector fields;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (taken[i]) continue;
    fields.push_back(leaves[i].field);
    tables_[node].columns.push_back(leaves[i].path);
  }
  tables_[node].schema = arrow::schema(std::move(fields));
  for (const auto& [child, item] : children) {
    Types item_types;
    std::vector<std::string> item_names;
    for (const auto& field : item->fields()) {
      item_types.push_back(field->type());
      item_names.push_back(field->name());
    }
    TRY(Plan(child, item_types, item_names));
  }
  return Ok();
}

std::vector<FlatRows> DocumentSplitter::Split(
    const std::shared_ptr<arrow::RecordBatch>& rows) const {
  std::vector<FlatRows> out(nodes_.size());
  SplitInto(0, rows->columns(), rows->num_rows(), out);
  return out;
}

void DocumentSplitter::SplitInto(size_t node, const Arrays& fields, int64_t rows,
                                 std::vector<FlatRows>& out) const {
  const Table& table = tables_[node];
  Arrays columns;
  for (const Path& path : table.columns) columns.push_back(FieldAt(fields, path));
  out[node].rows = arrow::RecordBatch::Make(table.schema, rows, std::move(columns));
  const bool has_children = std::any_of(nodes_.begin(), nodes_.end(), [&](const DatasetNode& n) {
    return n.parent == static_cast<int>(node);
  });
  if (has_children) out[node].lists.assign(static_cast<size_t>(rows), 0);
  for (const List& list : table.lists) {
    const auto array = FieldAt(fields, list.path);
    if (array->type_id() == arrow::Type::NA) continue;
    const int32_t bit = 1 << nodes_[list.node].bit;
    for (int64_t row = 0; row < rows; ++row) {
      if (array->IsValid(row)) out[node].lists[static_cast<size_t>(row)] |= bit;
    }
    Items items = ItemsOf(static_cast<const arrow::ListArray&>(*array));
    FlatRows& flat = out[list.node];
    flat.parents = std::move(items.parents);
    flat.items = std::move(items.places);
    for (const int32_t parent : flat.parents) {
      flat.documents.push_back(node == 0 ? parent
                                         : out[node].documents[static_cast<size_t>(parent)]);
    }
    if (tables_[list.node].schema == nullptr) continue;
    Arrays item_fields;
    const auto& values = static_cast<const arrow::StructArray&>(*items.values);
    for (int i = 0; i < values.num_fields(); ++i) {
      item_fields.push_back(OrDie(values.GetFlattenedField(i)));
    }
    SplitInto(list.node, item_fields, values.length(), out);
  }
}

}  // namespace eclusa
