#include "check/document_checker.h"

#include <arrow/api.h>

#include <algorithm>
#include <map>

#include "check/split_documents.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// One child table as it is checked.
struct Node {
  DatasetNode tree;
  std::unique_ptr<Checker> checker;  // null: the file brings no rows with values
  bool ignored = false;              // its rows are not looked at: documents are to be deleted
  std::vector<BoundColumn> columns;  // of the stage: the checker's, then those of the parent
  // Columns of the parent's rows (into its columns) that follow the checker's own.
  std::vector<size_t> from_parent;
  size_t counters_begin = 0;
};

class DocumentChecker final : public Checker {
 public:
  DocumentChecker(std::shared_ptr<const Contract> contract, JsonColumns json,
                  DocumentSplitter splitter, std::unique_ptr<Checker> root, std::vector<Node> nodes)
      : contract_(std::move(contract)),
        json_(std::move(json)),
        splitter_(std::move(splitter)),
        root_(std::move(root)),
        nodes_(std::move(nodes)) {
    counters_ = root_->counters();
    unknown_ = root_->unknown_columns();
    for (Node& node : nodes_) {
      children_.push_back(node.columns);
      if (node.checker == nullptr) continue;
      const std::string prefix = node.tree.child->name + ".";
      node.counters_begin = counters_.size();
      for (const std::string& name : node.checker->counters()) counters_.push_back(prefix + name);
      for (const std::string& name : node.checker->unknown_columns()) {
        unknown_.push_back(prefix + name);
      }
    }
  }

  CheckedBatch Check(Batch batch) const override;

  const std::vector<BoundColumn>& columns() const override { return root_->columns(); }
  const std::vector<std::vector<BoundColumn>>& children() const override { return children_; }
  const std::vector<std::string>& wanted() const override { return wanted_; }
  const std::vector<std::string>& unknown_columns() const override { return unknown_; }
  const std::vector<std::string>& counters() const override { return counters_; }

 private:
  using DocumentReasons = std::map<int64_t, std::vector<Reason>>;

  std::shared_ptr<arrow::RecordBatch> ReadJson(const std::shared_ptr<arrow::RecordBatch>& rows,
                                               DocumentReasons& reasons) const;
  void CheckChild(const Node& node, FlatRows flat, CheckedBatch& checked,
                  DocumentReasons& reasons) const;
  void RequireList(const Node& node, CheckedBatch& checked, DocumentReasons& reasons) const;
  std::string PathOf(const CheckedBatch& checked, size_t node, int64_t row) const;
  const std::vector<TypedColumn>& ColumnsOf(const CheckedBatch& checked, int node) const {
    return node == 0 ? checked.columns : checked.children[static_cast<size_t>(node) - 1].columns;
  }
  void Settle(CheckedBatch& checked) const;

  std::shared_ptr<const Contract> contract_;
  JsonColumns json_;
  DocumentSplitter splitter_;
  std::unique_ptr<Checker> root_;
  std::vector<Node> nodes_;  // without the root
  std::vector<std::vector<BoundColumn>> children_;
  std::vector<std::string> wanted_;  // empty: the whole document
  std::vector<std::string> unknown_;
  std::vector<std::string> counters_;
};

bool HoldsText(const arrow::DataType& type) { return type.id() == arrow::Type::STRING; }

// The schema with columns of JSON as what they hold.
std::shared_ptr<arrow::Schema> WithJson(const arrow::Schema& source, const JsonColumns& json) {
  arrow::FieldVector fields = source.fields();
  for (auto& field : fields) {
    if (!json.type_of || !HoldsText(*field->type())) continue;
    if (auto type = json.type_of(field->name())) field = field->WithType(type);
  }
  return arrow::schema(std::move(fields));
}

std::shared_ptr<arrow::RecordBatch> DocumentChecker::ReadJson(
    const std::shared_ptr<arrow::RecordBatch>& rows, DocumentReasons& reasons) const {
  const auto schema = WithJson(*rows->schema(), json_);
  if (schema->Equals(*rows->schema(), /*check_metadata=*/false)) return rows;
  std::vector<std::shared_ptr<arrow::Array>> columns = rows->columns();
  for (int i = 0; i < schema->num_fields(); ++i) {
    if (schema->field(i)->type()->Equals(*rows->schema()->field(i)->type())) continue;
    JsonColumns::Values values =
        json_.read(schema->field(i)->name(), columns[static_cast<size_t>(i)]);
    columns[static_cast<size_t>(i)] = std::move(values.array);
    for (auto& [row, reason] : values.faults) reasons[row].push_back(std::move(reason));
  }
  return arrow::RecordBatch::Make(schema, rows->num_rows(), std::move(columns));
}

// "contatos[2].emails[0]"
std::string DocumentChecker::PathOf(const CheckedBatch& checked, size_t node, int64_t row) const {
  const CheckedChild& child = checked.children[node];
  const DatasetNode& tree = nodes_[node].tree;
  std::string path;
  if (tree.parent > 0) {
    path = PathOf(checked, static_cast<size_t>(tree.parent) - 1,
                  child.parents[static_cast<size_t>(row)]) +
           ".";
  }
  return path + tree.child->QualifiedName() + "[" +
         std::to_string(child.items[static_cast<size_t>(row)]) + "]";
}

bool KeyIsSound(const std::vector<BoundColumn>& columns, const std::vector<Reason>& reasons) {
  return std::none_of(reasons.begin(), reasons.end(), [&](const Reason& reason) {
    return std::any_of(columns.begin(), columns.end(), [&](const BoundColumn& column) {
      return column.key && column.name == reason.column;
    });
  });
}

// The reason of an item that is null where an object should be.
std::vector<Reason> NullItem(const ChildDataset& child) {
  const std::vector<std::string> key = child.dataset.KeyColumns();
  Reason reason;
  reason.code = code::key_missing;
  reason.column = key.empty() ? child.name : key.front();
  return {std::move(reason)};
}

void DocumentChecker::CheckChild(const Node& node, FlatRows flat, CheckedBatch& checked,
                                 DocumentReasons& reasons) const {
  const auto index = static_cast<size_t>(&node - nodes_.data());
  CheckedChild& child = checked.children[index];
  if (node.ignored) return;
  child.documents = std::move(flat.documents);
  child.parents = std::move(flat.parents);
  child.items = std::move(flat.items);
  child.lists = std::move(flat.lists);
  std::vector<RejectedRow> rejected;
  if (node.checker != nullptr) {
    Batch rows;
    rows.file = checked.batch.file;
    rows.rows = std::move(flat.rows);
    CheckedBatch own = node.checker->Check(std::move(rows));
    child.columns = std::move(own.columns);
    child.accepted = std::move(own.accepted);
    rejected = std::move(own.rejected);
    for (size_t i = 0; i < own.warnings.size(); ++i) {
      checked.warnings[node.counters_begin + i] += own.warnings[i];
    }
    const std::vector<TypedColumn>& parents = ColumnsOf(checked, node.tree.parent);
    for (const size_t column : node.from_parent) {
      child.columns.push_back(parents[column].Gather(child.parents));
    }
  } else {
    child.accepted.assign(child.documents.size(), 0);
    for (size_t row = 0; row < child.documents.size(); ++row) {
      rejected.push_back({static_cast<int64_t>(row), NullItem(*node.tree.child)});
    }
  }
  child.present.assign(child.accepted.size(), 0);
  const bool alone = node.tree.child->failure == ChildFailure::kItself;
  for (RejectedRow& row : rejected) {
    const int64_t document = child.documents[static_cast<size_t>(row.index)];
    if (!checked.operations.empty() && checked.operations[document] == 'D') continue;
    // Where the list replaces what is there, a child without a key cannot be left out of it.
    const bool itself = alone && (node.tree.child->list == ListMeans::kAdds ||
                                  KeyIsSound(node.columns, row.reasons));
    if (itself) {
      child.present[static_cast<size_t>(row.index)] = 1;
    } else {
      checked.accepted[static_cast<size_t>(document)] = 0;
    }
    const std::string path = PathOf(checked, index, row.index);
    for (Reason& reason : row.reasons) {
      reason.path = path;
      reasons[document].push_back(std::move(reason));
    }
  }
}

// A list that must be there, and is not.
void DocumentChecker::RequireList(const Node& node, CheckedBatch& checked,
                                  DocumentReasons& reasons) const {
  if (!node.tree.child->required || node.ignored) return;
  const int32_t bit = 1 << node.tree.bit;
  const int parent = node.tree.parent;
  const auto above = static_cast<size_t>(parent) - 1;
  const std::vector<int32_t>& lists = parent == 0 ? checked.lists : checked.children[above].lists;
  for (size_t row = 0; row < lists.size(); ++row) {
    if ((lists[row] & bit) != 0) continue;
    const auto document =
        parent == 0 ? static_cast<int64_t>(row) : int64_t{checked.children[above].documents[row]};
    if (!checked.operations.empty() && checked.operations[document] == 'D') continue;
    Reason reason;
    reason.code = code::value_required;
    reason.column = node.tree.child->QualifiedName();
    if (parent > 0) reason.path = PathOf(checked, above, static_cast<int64_t>(row));
    checked.accepted[static_cast<size_t>(document)] = 0;
    reasons[document].push_back(std::move(reason));
  }
}

// A row whose document or parent has failed goes nowhere; one of a document that is to be deleted
// was not read.
void DocumentChecker::Settle(CheckedBatch& checked) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    CheckedChild& child = checked.children[i];
    const int parent = nodes_[i].tree.parent;
    child.read = child.rows();
    for (int64_t row = 0; row < child.rows(); ++row) {
      const auto document = static_cast<size_t>(child.documents[static_cast<size_t>(row)]);
      const auto above = static_cast<size_t>(child.parents[static_cast<size_t>(row)]);
      const std::vector<uint8_t>& parents =
          parent == 0 ? checked.accepted
                      : checked.children[static_cast<size_t>(parent) - 1].accepted;
      const bool deleted = !checked.operations.empty() && checked.operations[document] == 'D';
      if (deleted) --child.read;
      if (!deleted && checked.accepted[document] != 0 && parents[above] != 0) continue;
      child.accepted[static_cast<size_t>(row)] = 0;
      child.present[static_cast<size_t>(row)] = 0;
    }
  }
}

CheckedBatch DocumentChecker::Check(Batch batch) const {
  const std::shared_ptr<arrow::RecordBatch> documents = batch.rows;
  DocumentReasons reasons;
  std::vector<FlatRows> flat = splitter_.Split(ReadJson(documents, reasons));
  batch.rows = flat[0].rows;
  CheckedBatch checked = root_->Check(std::move(batch));
  checked.batch.rows = documents;  // what failed is kept as it came
  checked.lists = std::move(flat[0].lists);
  checked.warnings.resize(counters_.size());
  checked.children.resize(nodes_.size());
  for (const auto& [document, faults] : reasons) {
    checked.accepted[static_cast<size_t>(document)] = 0;
  }
  for (RejectedRow& row : checked.rejected) {
    std::vector<Reason>& all = reasons[row.index];
    all.insert(all.end(), std::make_move_iterator(row.reasons.begin()),
               std::make_move_iterator(row.reasons.end()));
  }
  for (size_t i = 0; i < nodes_.size(); ++i) {
    CheckChild(nodes_[i], std::move(flat[i + 1]), checked, reasons);
    RequireList(nodes_[i], checked, reasons);
  }
  checked.rejected.clear();
  for (auto& [document, all] : reasons) checked.rejected.push_back({document, std::move(all)});
  Settle(checked);
  return checked;
}

// The columns of the child's table that come from the parent's key, as its stage has them.
// A tenant's column is filled already, with what the parent's is.
Status AddParentColumns(const ChildTarget& target, const std::vector<BoundColumn>& parent,
                        const CheckerOptions& options, Node& node) {
  const std::vector<std::string>& names = node.tree.child->parent_columns;
  const std::vector<std::string>& parent_key = node.tree.child->parent_key;
  for (size_t i = 0; i < names.size() && i < parent_key.size(); ++i) {
    const bool tenant = std::any_of(options.tenants.begin(), options.tenants.end(),
                                    [&](const auto& known) { return known.first == names[i]; });
    if (tenant) continue;
    const auto from = std::find_if(parent.begin(), parent.end(), [&](const BoundColumn& column) {
      return column.name == parent_key[i];
    });
    const int index = target.table.IndexOf(names[i]);
    if (from == parent.end() || index < 0) {
      return Error(ErrorKind::kInvalid, code::column_key_missing,
                   {{"column", parent_key[i]}, {"name", parent_key[i]}});
    }
    const PgType& type = target.table.columns[static_cast<size_t>(index)].type;
    const bool key = std::find(target.key_columns.begin(), target.key_columns.end(), names[i]) !=
                     target.key_columns.end();
    node.columns.push_back({names[i], type, index, key, false});
    node.from_parent.push_back(static_cast<size_t>(from - parent.begin()));
  }
  return Ok();
}

// What the child's own checker is to know: the tenants that its table has, and no key column that
// the parent brings.
CheckerOptions OptionsOf(const CheckerOptions& root, const ChildTarget& target,
                         const ChildDataset& child) {
  CheckerOptions options = root;
  options.mode = root.mode == Mode::kInsert ? Mode::kInsert : Mode::kUpsert;
  options.version_column.clear();
  options.operation_column.clear();
  options.filter.clear();
  std::erase_if(options.tenants,
                [&](const auto& tenant) { return target.table.IndexOf(tenant.first) < 0; });
  options.key_columns = target.key_columns;
  std::erase_if(options.key_columns, [&](const std::string& name) {
    return std::find(child.parent_columns.begin(), child.parent_columns.end(), name) !=
           child.parent_columns.end();
  });
  return options;
}

}  // namespace

Result<std::unique_ptr<Checker>> CreateDocumentChecker(Contract given, const DocumentTables& tables,
                                                       const arrow::Schema& source,
                                                       const CheckerOptions& options) {
  // The nodes point into it as long as the checker lives.
  const auto owned = std::make_shared<const Contract>(std::move(given));
  const Contract& contract = *owned;
  DocumentSplitter splitter =
      TRY(DocumentSplitter::Create(contract, *WithJson(source, tables.json)));
  std::unique_ptr<Checker> root =
      TRY(Checker::Create(contract, tables.table, *splitter.schema(0), options));
  const std::vector<DatasetNode> tree = DatasetNodes(contract);
  std::vector<Node> nodes;
  for (size_t i = 1; i < tree.size(); ++i) {
    Node& node = nodes.emplace_back();
    node.tree = tree[i];
    node.ignored = options.mode == Mode::kDelete;
    const auto parent = static_cast<size_t>(tree[i].parent);
    // Without its parent's columns there is nothing that a child could be tied to.
    const bool tied = parent == 0 || !nodes[parent - 1].columns.empty();
    if (splitter.schema(i) == nullptr || !tied || node.ignored) continue;
    const ChildTarget& target = tables.children.at(i - 1);
    node.checker = TRY(Checker::Create(*tree[i].dataset, target.table, *splitter.schema(i),
                                       OptionsOf(options, target, *tree[i].child)));
    node.columns = node.checker->columns();
    TRY(AddParentColumns(target, parent == 0 ? root->columns() : nodes[parent - 1].columns, options,
                         node));
  }
  return std::unique_ptr<Checker>(std::make_unique<DocumentChecker>(
      owned, tables.json, std::move(splitter), std::move(root), std::move(nodes)));
}

}  // namespace eclusa
