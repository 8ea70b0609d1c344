// DocumentChecker: a Checker of documents: splits each batch into the rows of every table, checks
// each table's rows by its own part of the contract, and brings them together again by document.
//
// A child that fails gives its reasons to its document, with the path to it, and fails the document
// as a whole, or only itself where the contract says so; what hangs on a failed row fails with it.
// The columns that tie a child to its parent, and the tenants, come from the parent and the job,
// never from the file. Children of a document that is to be deleted are not looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "check/checker.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace eclusa {

// Where the rows of one child dataset go: one per node of DatasetNodes but the root.
struct ChildTarget {
  TableDescription table;
  std::vector<std::string> key_columns;  // that rows are matched by, tenants and parents included
};

// Columns of text that hold JSON: lists and objects of the document in files of flat rows. How they
// are read is the business of who reads files (formats/json_texts.h).
struct JsonColumns {
  struct Values {
    std::shared_ptr<arrow::Array> array;             // of type_of
    std::vector<std::pair<int64_t, Reason>> faults;  // by row
  };
  // The nested type of a column of this name; null: it is no list and no object of the document.
  std::function<std::shared_ptr<arrow::DataType>(const std::string& name)> type_of;
  std::function<Values(const std::string& name, const std::shared_ptr<arrow::Array>& texts)> read;
};

// Where documents go, and how they come.
struct DocumentTables {
  TableDescription table;
  std::vector<ChildTarget> children;
  JsonColumns json;  // may be empty
};

// Refuses (kInvalid) what Checker::Create refuses, for each table.
Result<std::unique_ptr<Checker>> CreateDocumentChecker(Contract contract,
                                                       const DocumentTables& tables,
                                                       const arrow::Schema& source,
                                                       const CheckerOptions& options);

}  // namespace eclusa
