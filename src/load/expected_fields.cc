#include "load/expected_fields.h"

#include <arrow/api.h>

#include <algorithm>

#include "check/split_documents.h"
#include "core/check.h"
#include "formats/json_texts.h"
#include "types/scalar.h"

namespace eclusa {
namespace {

ShapeKind KindFor(const TableDescription& table, const std::string& column) {
  const int index = table.IndexOf(column);
  if (index < 0) return ShapeKind::kScalar;
  switch (table.columns[static_cast<size_t>(index)].type.kind) {
    case TypeKind::kArray:
      return ShapeKind::kAny;
    case TypeKind::kJson:
    case TypeKind::kJsonb:
      return ShapeKind::kJson;
    default:
      return ShapeKind::kScalar;
  }
}

// The fields of one table's objects, and within them those of the lists that hang on it.
class Fields {
 public:
  Fields(const LoadRequest& request, bool all)
      : request_(request), all_(all), nodes_(DatasetNodes(request.contract)) {}

  std::vector<FieldShape> Of(size_t node) const {
    std::vector<FieldShape> fields;
    const Contract& dataset = *nodes_[node].dataset;
    for (const Property& property : dataset.properties) {
      if (!property.constant) AddProperty(property, TableOf(node), fields);
    }
    for (size_t child = node + 1; child < nodes_.size(); ++child) {
      if (nodes_[child].parent != static_cast<int>(node)) continue;
      const ChildDataset& list = *nodes_[child].child;
      std::vector<std::string> names{list.name};
      names.insert(names.end(), list.from.begin(), list.from.end());
      for (const std::string& name : names) {
        Inside(list.inside, fields)
            .push_back({.name = name,
                        .kind = ShapeKind::kObjects,
                        .always = all_ && name == list.name,
                        .children = Of(child)});
      }
    }
    return fields;
  }

 private:
  const TableDescription& TableOf(size_t node) const {
    return node == 0 ? request_.table : request_.children.at(node - 1).table;
  }

  // The members of the object that stands at the path, which is made where it is wanting.
  std::vector<FieldShape>& Inside(const std::vector<std::string>& path,
                                  std::vector<FieldShape>& fields) const {
    std::vector<FieldShape>* level = &fields;
    for (const std::string& name : path) {
      auto object = std::ranges::find(*level, name, &FieldShape::name);
      if (object == level->end()) {
        level->push_back(
            {.name = name, .kind = ShapeKind::kObject, .always = all_, .children = {}});
        object = level->end() - 1;
      }
      level = &object->children;
    }
    return *level;
  }

  void AddProperty(const Property& property, const TableDescription& table,
                   std::vector<FieldShape>& fields) const {
    const ShapeKind kind = KindFor(table, property.column);
    const bool always = all_ || property.required || property.default_value ||
                        request_.contract.when_absent == WhenAbsent::kNull;
    std::vector<FieldShape>& level = Inside(property.inside, fields);
    level.push_back({.name = property.name,
                     .kind = kind,
                     .always = always && property.from.empty() && property.inside.empty(),
                     .children = {}});
    if (all_) return;
    for (const std::string& name : property.from) {
      level.push_back({.name = name, .kind = kind, .always = false, .children = {}});
    }
    level.push_back({.name = property.column, .kind = kind, .always = false, .children = {}});
  }

  const LoadRequest& request_;
  const bool all_;
  const std::vector<DatasetNode> nodes_;
};

}  // namespace

std::vector<FieldShape> ExpectedFields(const LoadRequest& request) {
  return Fields(request, /*all=*/false).Of(0);
}

std::vector<FieldShape> AllFields(const LoadRequest& request) {
  return Fields(request, /*all=*/true).Of(0);
}

JsonColumns JsonColumnsOf(const LoadRequest& request) {
  auto fields = std::make_shared<std::vector<FieldShape>>(AllFields(request));
  std::erase_if(*fields, [](const FieldShape& field) {
    return field.kind != ShapeKind::kObject && field.kind != ShapeKind::kObjects;
  });
  const auto find = [fields](const std::string& name) -> const FieldShape* {
    const auto found = std::ranges::find_if(
        *fields, [&](const FieldShape& field) { return EqualsIgnoringCase(field.name, name); });
    return found == fields->end() ? nullptr : &*found;
  };
  JsonColumns json;
  json.type_of = [find](const std::string& name) {
    const FieldShape* field = find(name);
    return field == nullptr ? nullptr : TypeOf(*field);
  };
  json.read = [find](const std::string& name, const std::shared_ptr<arrow::Array>& texts) {
    JsonColumns::Values values;
    std::vector<JsonTextFault> faults;
    auto array =
        JsonTextsToArray(static_cast<const arrow::StringArray&>(*texts), *find(name), &faults);
    CHECK(array.ok());  // memory is all that can be wanting
    values.array = std::move(array).ValueUnsafe();
    for (JsonTextFault& fault : faults) {
      values.faults.emplace_back(fault.row, std::move(fault.reason));
    }
    return values;
  };
  return json;
}

}  // namespace eclusa
