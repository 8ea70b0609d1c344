// Contract: what a dataset is, as values: one document that every part of eclusa reads.
//
// An Open Data Contract Standard v3.1 document (YAML); what ODCS has no word for stands under
// customProperties with the prefix `eclusa.`. Parsing: contract/parse.h. Writing: contract/write.h.
// Derived from a table where none is given: contract/derive.h. Grammar: contract/words.cc, one
// table from which the documentation and the errors are made.
//
// A document may be nested. Objects flatten: their properties are columns of the same table and
// remember in `inside` which objects stand around them. An array of objects is a ChildDataset, a
// table of its own; with the dataset's own, tables stand kContractTablesDeep deep at most
// (supplier, contact, e-mail). An object or an array of objects that names no properties is a
// value: JSON text. Values; no I/O; knows nothing of SQL or files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/load_options.h"
#include "model/reason.h"
#include "model/table.h"

namespace eclusa {

enum class LogicalType : uint8_t {
  kString,
  kDate,
  kTimestamp,
  kTime,
  kNumber,
  kInteger,
  kBoolean,
  kObject,
  kArray,
};

enum class DocumentFormat : uint8_t {
  kNone,
  kUuid,
  kEmail,
  kCpf,
  kCnpj,
  kCpfOrCnpj,
  kCep,
  kUf,
  kIbge,
};

// A word of ODCS that eclusa does not use (servers, team, price ...), kept as it was given.
struct KeptWord {
  std::string word;
  std::string yaml;  // its value on one line, keys sorted
  bool operator==(const KeptWord&) const = default;
};

// A check of one value, from logicalTypeOptions, required or quality. Each has its own name to be
// counted under and its own word for what its breach does.
struct Rule {
  enum class Kind : uint8_t {
    kRequired,
    kMinLength,
    kMaxLength,
    kPattern,  // ECMAScript-like regular expression over the whole value
    kMinimum,
    kMaximum,
    kExclusiveMinimum,
    kExclusiveMaximum,
    kMultipleOf,
    kInList,
    kNotInList,
    kFormat,
  };
  Kind kind = Kind::kRequired;
  std::string text;               // the limit, pattern as written in the contract
  std::vector<std::string> list;  // kInList, kNotInList
  DocumentFormat format = DocumentFormat::kNone;
  OnViolation on_violation = OnViolation::kReject;
  std::string
      flag_column;      // kFlag: boolean column of the target that records the breach; may be empty
  std::string counter;  // name its breaches are counted under; empty: "column.kind"
  std::vector<KeptWord> kept;  // of the quality rule: description, severity ...
};

// A rule of the whole set: rowCount, duplicateValues (quality of the schema).
struct SetRule {
  enum class Kind : uint8_t { kRowCount, kDuplicateValues };
  Kind kind = Kind::kRowCount;
  std::vector<std::string> properties;  // kDuplicateValues: names of one or several, taken together
  std::optional<int64_t> at_least;      // kRowCount: of the rows read
  std::optional<int64_t> at_most;
  std::vector<KeptWord> kept;
};

// "endereco.cidade": a name with the objects around it, as people are told it and as it is matched.
std::string QualifiedName(const std::vector<std::string>& inside, const std::string& name);

enum class WhenAbsent : uint8_t { kKeep, kNull };
enum class UnknownColumns : uint8_t { kList, kRefuse, kIgnore };

struct Property {
  std::string name;                 // the column's name in the file
  std::vector<std::string> inside;  // objects around it in the document, outermost first
  // Other source names, in the same object: the first that is there, or all joined.
  std::vector<std::string> from;
  // Fixed width: where the column stands in the line, in characters; no width: to the line's end.
  std::optional<int64_t> offset;
  std::optional<int64_t> width;
  std::optional<std::string> join;  // set: `from` are joined with this text between, nulls left out
  std::string column;               // the target's column
  LogicalType logical_type = LogicalType::kString;
  std::optional<LogicalType> item_type;  // kArray: of its items; kObject: the value is JSON text
  std::string physical_type_name;        // physicalType as written; empty: not written
  std::optional<PgType> physical_type;   // the same, where it is a type that model/pg_type.h knows
  // A null rejects the row. Rule::kRequired stands in `rules` only where a breach does less than
  // that (quality metric nullValues with eclusa.onViolation flag).
  bool required = false;
  bool unique = false;
  // Name that all its breaches are counted under, those of rules that have no other and values that
  // are not of its type; empty: see Rule.
  std::string counter;
  int key_position = 0;  // 1-based; 0: not of the key
  std::string description;
  std::vector<Rule> rules;
  std::vector<std::string> date_patterns;  // of this column alone; empty: the dialect's
  // Of its patterns' yy: the first year that two digits can mean; unset: the dialect's.
  std::optional<int> pivot_year;
  // What may be changed in a value on its way (load.md section 7); each counted when it happens.
  bool trim = false;
  bool upper = false;
  bool unaccent = false;
  bool empty_as_null = false;
  bool round = false;
  bool truncate = false;
  bool pad_zeros = false;                 // of documents: zeros lost at the left
  bool accept_other_document = false;     // a CNPJ in a column of CPFs, and the reverse
  bool refuse_placeholder = false;        // 123.456.789-09
  std::optional<bool> zero_date_as_null;  // Delphi's 1899-12-30; unset: the dataset's
  bool no_update = false;                 // written on insert only
  std::string time_zone;  // of a timestamp without zone, for timestamptz: "America/Sao_Paulo"
  std::optional<std::string> default_value;  // for a null or absent value
  std::optional<std::string> constant;       // always this; not read from the file
  std::vector<KeptWord> kept;
  int order = 0;  // position among properties: for files without a header
  int line = 0;   // in the contract, for messages; 0: derived

  std::string QualifiedName() const { return eclusa::QualifiedName(inside, name); }
};

// An object that flattens into its table's columns and of which the contract says more than its
// name.
struct FlattenedObject {
  std::vector<std::string> path;  // the objects around it, then its own name
  std::string description;
  std::vector<KeptWord> kept;
};

// What a list says of the children that the target has and the list does not. An absent list (null,
// no such member) leaves them alone whatever this says.
enum class ListMeans : uint8_t { kAdds, kReplaces };

// Whether a failed child fails its whole document, or only itself and what hangs on it.
enum class ChildFailure : uint8_t { kDocument, kItself };

struct ChildDataset;

struct Contract {
  std::string id;
  std::string name;
  std::string version;
  std::string status = "active";
  std::string dataset;      // the schema's name
  std::string description;  // of the dataset
  std::string path;         // eclusa.path, the dataset's address in the API; empty: none
  std::string digest;       // SHA-256 of the canonical text, 64 hexadecimal digits
  bool derived = false;     // from the table; not given by the user
  TableName target;         // physicalName; schema empty: by the search path
  std::vector<Property> properties;
  std::vector<FlattenedObject> objects;
  std::vector<ChildDataset> children;
  std::vector<SetRule> set_rules;
  Dialect dialect;
  UnknownColumns unknown_columns = UnknownColumns::kList;
  WhenAbsent when_absent = WhenAbsent::kKeep;
  std::vector<std::string> tenant_columns;
  std::string version_column;
  std::string operation_column;  // the file's column that says I, U or D
  bool strict_operations = false;
  bool zero_date_as_null = false;  // of all dates and timestamps
  bool cascade_allowed = false;
  std::optional<Mode> mode;
  std::optional<Duplicates> duplicates;
  Tolerance max_failures;
  std::vector<std::pair<std::string, Tolerance>> max_failures_by_code;
  std::optional<Tolerance> max_failures_per_file;
  std::string counter;  // name that rows which could not be split into columns are counted under
  std::optional<int64_t> rows_per_part;
  std::optional<int64_t> max_file_bytes;
  std::vector<std::string> provenance_columns;  // empty, or: of the load's id, of the row's number
  std::vector<KeptWord> kept;                   // of the document
  std::vector<KeptWord> dataset_kept;           // of the schema

  // Of the file alone where the target has no such column: what eclusa.operationColumn names.
  bool IsOperation(const Property& property) const;
  bool IsFixedWidth() const;  // its text files are: a property has an offset
  const Property* FindByColumn(const std::string& column) const;
  const Property* FindByName(const std::string& qualified_name) const;
  std::vector<std::string> KeyColumns() const;  // target's columns by key position
};

// An array of objects of the document that is a table of its own.
struct ChildDataset {
  std::string name;                         // the array's, in the document
  std::vector<std::string> inside;          // objects around it, within its parent's object
  std::vector<std::string> from;            // other names of the array, in the same object
  std::vector<std::string> parent_columns;  // of its table: they hold `parent_key`, pairwise
  // Columns of the parent's table: its key, or, where a child's key holds only within its own
  // parent, that child's parent_columns and then its key.
  std::vector<std::string> parent_key;
  bool required = false;  // an absent list fails the parent's row
  ListMeans list = ListMeans::kAdds;
  ChildFailure failure = ChildFailure::kDocument;
  std::vector<KeptWord> kept;  // of the array; those of its items: dataset.dataset_kept
  // dataset (= name), description, target, properties, objects, children, set_rules and
  // dataset_kept; what is of the whole document stands in the document's own contract alone.
  Contract dataset;
  int line = 0;  // in the contract; 0: derived

  std::string QualifiedName() const { return eclusa::QualifiedName(inside, name); }
};

// Tables inside each other, the dataset's own included.
inline constexpr int kContractTablesDeep = 3;

}  // namespace eclusa
