// eclusa contract from-table|from-file|check|diff|words: contracts written, checked and compared.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/contract_document.h"
#include "model/load_options.h"
#include "model/table.h"

namespace CLI {
class App;
}

namespace eclusa {

void AddContractCommand(CLI::App& app, CommandContext& context);

struct FromTableOptions {
  std::vector<std::string> key;
  bool children = false;        // tables that refer to it by its key become lists
  std::vector<TableName> only;  // these of them alone; empty: all
  DescribeFunction describe;    // where children are wanted
};
// Prints the contract of a table, headed by comments on what was left out.
Result<int> RunContractFromTable(const TableDescription& table, const FromTableOptions& options,
                                 const CommandContext& context, std::ostream& out);

struct FromFileOptions {
  std::string path;
  std::string dataset;  // empty: by the file's name
  std::vector<std::string> key;
  int64_t rows_max = 10'000;
  Dialect dialect;
};
// Prints a contract inferred from a file, headed by comments on what is not known.
Result<int> RunContractFromFile(const FromFileOptions& options, const CommandContext& context,
                                std::ostream& out);

struct CheckOptions {
  std::string path;
  const TableDescription* table = nullptr;  // null: the document alone
  DescribeFunction describe;                // of the tables of its lists; given with `table`
  std::string mode;                         // empty: the contract's, else upsert
  bool json = false;
};
// Exit code 1 where the contract is wrong or no load into the table can come out right.
Result<int> RunContractCheck(const CheckOptions& options, const CommandContext& context,
                             std::ostream& out);

struct DiffOptions {
  std::string before;
  std::string after;
  bool json = false;
};
// Exit code 1 where something of what the old contract accepted would now fail.
Result<int> RunContractDiff(const DiffOptions& options, const CommandContext& context,
                            std::ostream& out);

}  // namespace eclusa
