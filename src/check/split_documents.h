// DocumentSplitter: a batch of nested rows -> flat rows for each table of a contract.
//
// A struct column becomes columns of the same table ("endereco.cidade"); a list of structs that the
// contract knows becomes the rows of a child table, each with the place it came from. What the
// contract does not know as a child stays a column, which nothing will bind. Pure but for memory;
// immutable after Create; safe from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"

namespace arrow {
class Array;
class DataType;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace eclusa {

// The tables of a document in the contract's order: every parent before its children, 0 the root's.
struct DatasetNode {
  const Contract* dataset = nullptr;    // lives in the contract
  const ChildDataset* child = nullptr;  // null: the root
  int parent = -1;                      // a node
  int bit = 0;                          // among its parent's children, in their order
};
std::vector<DatasetNode> DatasetNodes(const Contract& contract);

// Rows of one table in one batch. Rows of a child stand in the order of the file.
struct FlatRows {
  // Null where the node has no schema: what its lists hold, if anything, is null.
  std::shared_ptr<arrow::RecordBatch> rows;
  // Of a child, one a row; of the root empty: the row of the batch, the row among the parent's
  // rows, the place in its list (0-based).
  std::vector<int32_t> documents;
  std::vector<int32_t> parents;
  std::vector<int32_t> items;
  // One a row where the table has children: bit i is set where the list of the i-th child is there,
  // be it empty.
  std::vector<int32_t> lists;
};

class DocumentSplitter {
 public:
  // Errors (kInvalid): column.twice, column.ambiguous for lists as for columns.
  static Result<DocumentSplitter> Create(const Contract& contract, const arrow::Schema& source);

  // Of the flat rows of a node. Null: the file has no such list, or nothing but nulls in it.
  const std::shared_ptr<arrow::Schema>& schema(size_t node) const { return tables_[node].schema; }

  // One per node.
  std::vector<FlatRows> Split(const std::shared_ptr<arrow::RecordBatch>& rows) const;

 private:
  using Path = std::vector<int>;  // field by field, from the table's own row
  struct List {
    size_t node;
    Path path;
  };
  struct Table {
    std::shared_ptr<arrow::Schema> schema;
    std::vector<Path> columns;
    std::vector<List> lists;
  };

  Status Plan(size_t node, const std::vector<std::shared_ptr<arrow::DataType>>& types,
              const std::vector<std::string>& names);
  void SplitInto(size_t node, const std::vector<std::shared_ptr<arrow::Array>>& fields,
                 int64_t rows, std::vector<FlatRows>& out) const;

  std::vector<DatasetNode> nodes_;
  std::vector<Table> tables_;
};

}  // namespace eclusa
