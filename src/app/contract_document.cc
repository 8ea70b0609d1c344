#include "app/contract_document.h"

#include <algorithm>

#include "model/codes.h"

namespace eclusa {
namespace {

bool IsMeant(const TableName& asked, const TableName& table) {
  return asked.name == table.name && (asked.schema.empty() || asked.schema == table.schema);
}

std::string Shown(const TableName& name) {
  return name.schema.empty() ? name.name : name.Display();
}

Status CheckAllMeant(const TableDescription& root, const std::vector<std::string>& key,
                     const std::vector<TableName>& only,
                     const std::vector<TableDescription>& described) {
  for (const TableName& asked : only) {
    const bool found = std::ranges::any_of(
        described, [&](const TableDescription& table) { return IsMeant(asked, table.name); });
    if (found) continue;
    std::string others;
    for (const TableName& other : ReferringTables(root, key)) {
      others += (others.empty() ? "" : ", ") + other.Display();
    }
    return Error(ErrorKind::kInvalid, code::contract_derived_not_referring,
                 {{"other", Shown(asked)},
                  {"table", root.name.Display()},
                  {"others", others.empty() ? "-" : others}});
  }
  return Ok();
}

// Walks the lists of a document, parents before what hangs on them.
class ListDrift {
 public:
  ListDrift(const Contract& document, Mode mode, const DescribeFunction& describe)
      : document_(document), mode_(mode), describe_(describe) {}

  void Add(const Contract& parent, const TableDescription& table) {
    for (const ChildDataset& child : parent.children) {
      auto described = describe_(child.dataset.target);
      if (!described.ok()) {
        drifts_.push_back({std::move(described).error(), true});
        continue;
      }
      for (Drift& drift : CompareChildWithTable(child, document_, table, *described, mode_)) {
        drifts_.push_back(std::move(drift));
      }
      Add(child.dataset, *described);
    }
  }
  std::vector<Drift> TakeDrifts() { return std::move(drifts_); }

 private:
  const Contract& document_;
  Mode mode_;
  const DescribeFunction& describe_;
  std::vector<Drift> drifts_;
};

}  // namespace

Result<std::vector<TableDescription>> DescribeReferring(const TableDescription& root,
                                                        const std::vector<std::string>& key,
                                                        const std::vector<TableName>& only,
                                                        const DescribeFunction& describe) {
  std::vector<TableDescription> described;
  std::vector<TableName> seen{root.name};
  std::vector<TableName> level = ReferringTables(root, key);
  for (int deep = 1; deep < kContractTablesDeep; ++deep) {
    std::vector<TableName> next;
    for (const TableName& name : level) {
      const bool meant = only.empty() || std::ranges::any_of(only, [&](const TableName& asked) {
                           return IsMeant(asked, name);
                         });
      if (!meant || std::ranges::find(seen, name) != seen.end()) continue;
      seen.push_back(name);
      described.push_back(TRY(describe(name)));
      const std::vector<TableName> below = ReferringTables(described.back());
      next.insert(next.end(), below.begin(), below.end());
    }
    level = std::move(next);
  }
  TRY(CheckAllMeant(root, key, only, described));
  return described;
}

std::vector<Drift> DriftOfLists(const Contract& document, const TableDescription& table, Mode mode,
                                const DescribeFunction& describe) {
  ListDrift drift(document, mode, describe);
  drift.Add(document, table);
  return drift.TakeDrifts();
}

}  // namespace eclusa
