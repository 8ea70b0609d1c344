// Derive: makes a contract where none is given: from a table's description, or from what the
// columns of a file were seen to hold.
//
// From a table: names, types, lengths, precision, enums as lists, comments, foreign keys as ODCS
// relationships; a column that is not null and fills itself neither by default nor by identity is
// required. Generated columns are left out, and identity columns GENERATED ALWAYS unless the key
// needs them. A document: the same, and tables that refer to it as lists. From a file: names and
// types only, lists of objects as tables; what a sample cannot prove (keys, not null, lengths) is
// left out or guessed, and notes say so.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "model/column_sample.h"
#include "model/table.h"

namespace eclusa {

// `key`: the columns to match by; empty: the primary key, or none where there is no such. Errors
// (kInvalid): contract.key_unknown for a column that the table lacks.
Result<Contract> DeriveFromTable(const TableDescription& table,
                                 const std::vector<std::string>& key = {});

// The tables that refer to a table by exactly its key, which may hang on it as lists, each once; no
// self references. `key`: as above.
std::vector<TableName> ReferringTables(const TableDescription& table,
                                       const std::vector<std::string>& key = {});

// A contract with lists, and what was left out of it and why: codes contract.derived_*.
struct DerivedDocument {
  Contract contract;
  std::vector<Error> notes;
};

// Of `others`, those that refer to the table, or to a list that is there already, by exactly its
// key, to kContractTablesDeep tables inside each other. A table becomes one list only, as near to
// the root as it can be. Lists only add rows (a proposal never deletes); their parent columns are
// no properties. Errors as above.
Result<DerivedDocument> DeriveDocument(const TableDescription& table,
                                       const std::vector<TableDescription>& others,
                                       const std::vector<std::string>& key = {});

// A contract from a sample, and what must be said about it: codes contract.sample_*, for the head
// of the file.
struct SampledContract {
  Contract contract;
  std::vector<Error> notes;
};

// `dataset`: the name of dataset and target. `key`: of lists too, by the way to them
// ("contatos.id"). Errors as above, for the file's columns.
Result<SampledContract> DeriveFromSample(const FileSample& sample, const std::string& dataset,
                                         const std::vector<std::string>& key = {});

// What a PostgreSQL type is called in a contract.
LogicalType LogicalTypeOf(const PgType& type);

}  // namespace eclusa
