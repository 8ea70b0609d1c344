// ReadTable: what one table of a contract holds: columns, objects that flatten into columns, lists
// of objects that are tables of their own. Inside of contract/parse.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"
#include "contract/read_words.h"

namespace eclusa {

// Where a table stands in its document.
struct TablePlace {
  int level = 1;                            // 1: the dataset's own
  std::vector<std::string> parent_columns;  // of the table; empty: it has no parent
};

// Reads the tables of one document, each into the contract that is given for it.
class TableReader {
 public:
  // `dialect_has_pivot`: the document's dialect says what yy means in a date pattern.
  TableReader(bool dialect_has_pivot, Problems& problems)
      : dialect_has_pivot_(dialect_has_pivot), problems_(problems) {}

  // `table.target` has been read. Lists nest no deeper than kContractTablesDeep, whatever the
  // document does.
  void Read(const WordMap& words, const TablePlace& place, Contract& table);

 private:
  class Table;

  const bool dialect_has_pivot_;
  Problems& problems_;
  std::set<std::pair<std::string, std::string>> targets_;  // of all tables, schema and name
};

// physicalName of a table, else `name`. Nothing: it is no name of a table, which has been reported.
std::optional<TableName> ReadTarget(const WordMap& words, const std::string& name,
                                    Problems& problems);

}  // namespace eclusa
