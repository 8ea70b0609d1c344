#include <algorithm>
#include <map>
#include <span>

#include "contract/names.h"
#include "contract/write_parts.h"

namespace eclusa {
namespace {

std::vector<std::string> ListCustom(const ChildDataset& child) {
  CustomList custom;
  custom.AddList("eclusa.from", child.from);
  custom.AddKept(child.kept);
  return custom.items();
}

std::vector<std::string> ItemsCustom(const ChildDataset& child) {
  CustomList custom;
  custom.AddList("eclusa.parentColumns", child.parent_columns);
  if (child.list == ListMeans::kReplaces) custom.Add("eclusa.children", "replace");
  if (child.failure == ChildFailure::kItself) custom.Add("eclusa.onChildFailure", "itself");
  custom.AddKept(child.dataset.dataset_kept);
  return custom.items();
}

// What a table holds, regrouped as the document has it: columns and objects in their order, then
// lists, which is the order in which contract/read_table reads.
class TableWriter {
 public:
  TableWriter(const Contract& table, std::string& out) : table_(table), out_(out) {
    for (const FlattenedObject& object : table.objects) objects_[object.path] = &object;
  }

  // `indent`: of the words of its properties.
  void Write(int indent) {
    Lists lists;
    for (const ChildDataset& child : table_.children) lists.push_back(&child);
    WriteLevel(table_.properties, std::move(lists), 0, indent);
  }

 private:
  using Lists = std::vector<const ChildDataset*>;

  // Properties and lists whose first `depth` objects are the same.
  void WriteLevel(std::span<const Property> properties, Lists lists, size_t depth, int indent) {
    while (!properties.empty()) {
      const std::vector<std::string>& inside = properties.front().inside;
      if (inside.size() == depth) {
        WriteProperty(properties.front(), indent, out_);
        properties = properties.subspan(1);
        continue;
      }
      const auto end = std::ranges::find_if(properties, [&](const Property& property) {
        return !IsIn(property.inside, depth, inside[depth]);
      });
      const auto count = static_cast<size_t>(end - properties.begin());
      WriteObject(Outer(inside, depth), properties.first(count), Take(lists, depth, inside[depth]),
                  indent);
      properties = properties.subspan(count);
    }
    while (!lists.empty()) {
      const std::vector<std::string>& inside = lists.front()->inside;
      if (inside.size() == depth) {
        WriteList(*lists.front(), indent);
        lists.erase(lists.begin());
      } else {
        WriteObject(Outer(inside, depth), {}, Take(lists, depth, inside[depth]), indent);
      }
    }
  }

  static bool IsIn(const std::vector<std::string>& inside, size_t depth,
                   const std::string& object) {
    return inside.size() > depth && inside[depth] == object;
  }

  static std::vector<std::string> Outer(const std::vector<std::string>& inside, size_t depth) {
    return {inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(depth) + 1};
  }

  // The lists in an object, which are no longer in `lists` then.
  static Lists Take(Lists& lists, size_t depth, const std::string& object) {
    const auto rest = std::ranges::stable_partition(
        lists, [&](const ChildDataset* child) { return !IsIn(child->inside, depth, object); });
    Lists taken(rest.begin(), rest.end());
    lists.erase(rest.begin(), rest.end());
    return taken;
  }

  void WriteObject(const std::vector<std::string>& path, std::span<const Property> properties,
                   Lists lists, int indent) {
    Block block(out_, indent);
    block.Add("name", YamlScalar(path.back()));
    block.Add("logicalType", "object");
    const auto words = objects_.find(path);
    if (words != objects_.end()) {
      const FlattenedObject& object = *words->second;
      block.AddText("description", object.description);
      CustomList custom;
      custom.AddKept(object.kept);
      block.AddItems("customProperties", custom.items());
      AddKept(object.kept, block);
    }
    block.Open("properties");
    WriteLevel(properties, std::move(lists), path.size(), indent + 4);
  }

  void WriteList(const ChildDataset& child, int indent) {
    Block block(out_, indent);
    block.Add("name", YamlScalar(child.name));
    block.Add("logicalType", "array");
    block.AddText("description", child.dataset.description);
    if (child.required) block.Add("required", "true");
    block.AddItems("customProperties", ListCustom(child));
    AddKept(child.kept, block);
    block.Open("items");
    Block items(out_, indent + 2, Block::Of::kMap);
    items.Add("logicalType", "object");
    items.Add("physicalName", YamlScalar(WriteTableName(child.dataset.target)));
    items.AddItems("quality", DatasetQuality(child.dataset));
    items.AddItems("customProperties", ItemsCustom(child));
    AddKept(child.dataset.dataset_kept, items);
    items.Open("properties");
    WriteTable(child.dataset, indent + 6, out_);
  }

  const Contract& table_;
  std::string& out_;
  std::map<std::vector<std::string>, const FlattenedObject*> objects_;
};

}  // namespace

void WriteTable(const Contract& table, int indent, std::string& out) {
  TableWriter(table, out).Write(indent);
}

}  // namespace eclusa
