#include <algorithm>
#include <set>
#include <utility>

#include "contract/derive.h"
#include "contract/derive_table.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Columns = std::vector<std::string>;

bool AreSame(Columns left, Columns right) {
  std::ranges::sort(left);
  std::ranges::sort(right);
  return left == right;
}

Columns NamesOf(const TableDescription& table, const std::vector<int>& positions) {
  Columns names;
  for (const int position : positions) {
    names.push_back(table.columns[static_cast<size_t>(position)].name);
  }
  return names;
}

// One table of the document that lists may hang on.
struct Parent {
  Contract* table = nullptr;
  const TableDescription* description = nullptr;
  Columns filled;  // columns that hold its own parent's key
};

// Grows a document, one level of tables after the other.
class Document {
 public:
  Document(const TableDescription& root, const std::vector<TableDescription>& others,
           DerivedDocument& document)
      : others_(others), document_(document) {
    used_.emplace(root.name.schema, root.name.name);
    level_.push_back({&document.contract, &root, {}});
  }

  void Grow() {
    for (int deep = 1; deep < kContractTablesDeep; ++deep) {
      std::vector<Parent> next;
      for (const Parent& parent : level_) AddLists(parent, next);
      level_ = std::move(next);
    }
  }

 private:
  // The columns that a reference's own end must hold to be of exactly this parent; empty: it is
  // not.
  static Columns KeyReferredTo(const Parent& parent, const ForeignKey& reference) {
    const Columns referred = NamesOf(*parent.description, reference.columns);
    Columns key = parent.table->KeyColumns();
    if (AreSame(referred, key)) return key;
    key.insert(key.begin(), parent.filled.begin(), parent.filled.end());
    return AreSame(referred, key) ? key : Columns{};
  }

  void AddLists(const Parent& parent, std::vector<Parent>& next) {
    std::vector<std::pair<const TableDescription*, Columns>> added;
    for (const ForeignKey& reference : parent.description->referenced_by) {
      const Columns key = KeyReferredTo(parent, reference);
      if (reference.self || key.empty()) continue;
      const auto other = std::ranges::find(others_, reference.other, &TableDescription::name);
      if (other == others_.end()) continue;
      if (!used_.emplace(reference.other.schema, reference.other.name).second) continue;
      if (IsAmbiguous(parent, *other) || !AddList(parent, reference, *other, key)) continue;
      added.emplace_back(&*other, parent.table->children.back().parent_columns);
    }
    // The vector of children has its final size: pointers into it hold.
    for (size_t i = 0; i < added.size(); ++i) {
      next.push_back(
          {&parent.table->children[i].dataset, added[i].first, std::move(added[i].second)});
    }
  }

  // Which of several references makes it a part of its parent cannot be told.
  bool IsAmbiguous(const Parent& parent, const TableDescription& other) {
    const auto count =
        std::ranges::count_if(parent.description->referenced_by, [&](const ForeignKey& reference) {
          return reference.other == other.name && !KeyReferredTo(parent, reference).empty();
        });
    if (count < 2) return false;
    AddNote(code::contract_derived_ambiguous, parent, other);
    return true;
  }

  // False: it has no key of its own.
  bool AddList(const Parent& parent, const ForeignKey& reference, const TableDescription& other,
               const Columns& key) {
    ChildDataset child;
    child.parent_key = key;
    const Columns referred = NamesOf(*parent.description, reference.columns);
    for (const std::string& column : key) {
      const auto at = std::ranges::find(referred, column) - referred.begin();
      child.parent_columns.push_back(reference.other_columns[static_cast<size_t>(at)]);
    }
    Columns own = PrimaryKeyOf(other);
    std::erase_if(own, [&](const std::string& column) {
      return std::ranges::find(child.parent_columns, column) != child.parent_columns.end();
    });
    if (own.empty()) {
      AddNote(code::contract_derived_without_key, parent, other);
      return false;
    }
    child.name = FreeName(*parent.table, other.name);
    child.dataset.dataset = child.name;
    child.dataset.status.clear();
    DeriveTable(other, {.key = own, .filled = child.parent_columns, .tie = reference.name},
                child.dataset);
    parent.table->children.push_back(std::move(child));
    return true;
  }

  // The table's name, with its schema where a column or another list has it.
  static std::string FreeName(const Contract& table, const TableName& other) {
    const auto taken = [&](const std::string& name) {
      return table.FindByName(name) != nullptr ||
             std::ranges::find(table.children, name, &ChildDataset::name) != table.children.end();
    };
    if (!taken(other.name)) return other.name;
    std::string name = other.schema + "_" + other.name;
    while (taken(name)) name += "_";
    return name;
  }

  void AddNote(std::string_view code, const Parent& parent, const TableDescription& other) {
    document_.notes.emplace_back(ErrorKind::kInvalid, code,
                                 ErrorArguments{{"other", other.name.Display()},
                                                {"table", parent.description->name.Display()}});
  }

  const std::vector<TableDescription>& others_;
  DerivedDocument& document_;
  std::set<std::pair<std::string, std::string>> used_;
  std::vector<Parent> level_;
};

}  // namespace

std::vector<TableName> ReferringTables(const TableDescription& table,
                                       const std::vector<std::string>& key) {
  const Columns columns = key.empty() ? PrimaryKeyOf(table) : key;
  std::vector<TableName> tables;
  for (const ForeignKey& reference : table.referenced_by) {
    if (reference.self || !AreSame(NamesOf(table, reference.columns), columns)) continue;
    if (std::ranges::find(tables, reference.other) == tables.end()) {
      tables.push_back(reference.other);
    }
  }
  return tables;
}

Result<DerivedDocument> DeriveDocument(const TableDescription& table,
                                       const std::vector<TableDescription>& others,
                                       const std::vector<std::string>& key) {
  DerivedDocument document;
  document.contract = TRY(DeriveFromTable(table, key));
  Document(table, others, document).Grow();
  document.contract.digest = DigestOf(document.contract);
  return document;
}

}  // namespace eclusa
