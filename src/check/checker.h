// Checker: Batch -> CheckedBatch. Binds columns by name, converts values to the target's types, and
// applies every rule that needs one row only.
//
// Check cannot fail: bad values become Reasons, and a row keeps all its reasons, not the first.
// PostgreSQL's own limits are checked here (U+0000, year range, overflow of the typmod, length in
// characters), so that no value can kill a COPY. What text a type accepts is a strict documented
// subset of PostgreSQL's (docs/types.md): whatever passes means the same to PostgreSQL.
// Names of counters: a rule's own, else "column.rule" ("cpf.format"); words that changed values
// count under "column.word" ("nome.trim"). Only rows that were accepted count. No I/O but the zone
// files that Create reads. Ownership: the Checker holds what Create was given by value. Threads:
// Check is const and safe from several at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "model/batch.h"
#include "model/load_options.h"
#include "model/table.h"
#include "types/zone.h"

namespace arrow {
class Schema;
}

namespace eclusa {

struct CheckerOptions {
  Mode mode = Mode::kUpsert;
  std::vector<std::string> key_columns;  // target's columns; may be empty (append)
  // Forced from the job, never believed from the file: target column, value as text.
  std::vector<std::pair<std::string, std::string>> tenants;
  std::string version_column;      // target's column; empty: none
  std::string operation_column;    // the file's; mode mixed
  std::vector<FilterTerm> filter;  // mode replace: a row outside is value.outside_filter
  bool text_format = false;        // values come as text with the dialect (csv, json)
  // The TZif file of a time zone that the contract names; read once, in Create.
  std::function<std::optional<std::string>(const std::string& zone)> read_zone_file = ReadZoneFile;
};

// One column of the stage: a target column that this load writes.
struct BoundColumn {
  std::string name;  // the target's
  PgType type;
  int table_index = -1;  // in TableDescription::columns
  bool key = false;
  bool no_update = false;
};

class Checker {
 public:
  // Refuses (kInvalid) what concerns the file as a whole: a key or required column missing, a
  // column twice, an unknown one where the contract refuses those, a bound column of an unsupported
  // or nested type, a version or operation column missing.
  static Result<std::unique_ptr<Checker>> Create(const Contract& contract,
                                                 const TableDescription& table,
                                                 const arrow::Schema& source,
                                                 const CheckerOptions& options);
  virtual ~Checker() = default;

  virtual CheckedBatch Check(Batch batch) const = 0;

  // The stage's columns, in the target table's order.
  virtual const std::vector<BoundColumn>& columns() const = 0;
  // Of documents: the stage's columns of each child table, as DatasetNodes orders them; none where
  // the file brings no rows of it.
  virtual const std::vector<std::vector<BoundColumn>>& children() const;
  // Names of the file's columns that are read.
  virtual const std::vector<std::string>& wanted() const = 0;
  // Names of the file's columns that nothing asks for (listed in the report).
  virtual const std::vector<std::string>& unknown_columns() const = 0;
  // Names that CheckedBatch::warnings counts, in order.
  virtual const std::vector<std::string>& counters() const = 0;
};

}  // namespace eclusa
