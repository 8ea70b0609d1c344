// TableDescription: what the catalog says of a target table, as values.
//
// Filled by pg/catalog.h. Column positions below are indexes into `columns`, not attribute numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/pg_type.h"

namespace eclusa {

struct TableName {
  std::string schema;
  std::string name;
  bool operator==(const TableName&) const = default;
  // For people: schema.name, unquoted.
  std::string Display() const { return schema + "." + name; }
};

enum class Identity : uint8_t { kNone, kAlways, kByDefault };

struct ColumnDescription {
  std::string name;
  PgType type;
  bool not_null = false;
  bool has_default = false;
  bool generated = false;  // GENERATED ALWAYS AS (expression) STORED: never written
  Identity identity = Identity::kNone;
  bool deterministic_collation = true;
  std::string collation;  // qualified and quoted; empty: the database's own, or a type without
  std::string comment;
};

// A unique constraint or unique index; the primary key is one of them.
struct UniqueKey {
  std::string name;
  std::vector<int> columns;  // empty where has_expressions
  std::vector<int> reads;    // every column that its parts or its predicate read
  bool primary = false;
  bool deferrable = false;
  bool nulls_not_distinct = false;
  bool has_expressions = false;
  std::string predicate;                 // partial index: as pg_get_expr prints it; empty: none
  std::vector<std::string> expressions;  // one per key part, a quoted column name or an expression
  bool immutable = true;                 // of predicate and expressions
  bool by_equality = true;               // two values are the same where = says so
};

struct CheckConstraint {
  std::string name;
  std::string expression;  // as pg_get_expr prints it
  std::vector<int> columns;
  bool immutable = true;  // only immutable ones are judged
};

enum class ReferenceAction : char {
  kNoAction = 'a',
  kRestrict = 'r',
  kCascade = 'c',
  kSetNull = 'n',
  kSetDefault = 'd',
};

// A foreign key, seen from one of its two ends.
struct ForeignKey {
  std::string name;
  TableName other;    // outgoing: the table referred to; incoming: the one referring
  bool self = false;  // both ends are this table
  bool match_full = false;
  bool deferrable = false;
  bool readable = true;                    // this role may SELECT from `other`
  std::vector<int> columns;                // of this table
  std::vector<std::string> other_columns;  // of the other table, pairwise
  ReferenceAction on_delete = ReferenceAction::kNoAction;
  ReferenceAction on_update = ReferenceAction::kNoAction;
};

struct Triggers {
  bool before_insert_row = false;
  bool before_update_row = false;
  bool before_delete_row = false;
  bool after_or_statement = false;  // anything else that is not a foreign key's own
};

struct Privileges {
  bool select = false;
  bool insert = false;
  bool update = false;
  bool remove = false;
};

struct TableDescription {
  uint32_t oid = 0;
  TableName name;
  bool partitioned = false;
  std::vector<TableName> leaves;  // partitioned: its leaf partitions, each by name
  std::vector<uint32_t> leaf_oids;
  bool has_default_partition = false;
  bool has_rules = false;         // that rewrite writing statements
  bool has_row_security = false;  // for this role
  std::string comment;
  std::vector<ColumnDescription> columns;
  std::vector<UniqueKey> unique_keys;  // valid ones; the primary key first
  std::vector<CheckConstraint> checks;
  std::vector<ForeignKey> references;     // outgoing
  std::vector<ForeignKey> referenced_by;  // incoming, self references included
  std::vector<std::string> exclusions;    // names of exclusion constraints
  Triggers triggers;
  Privileges privileges;
  // Changes whenever anything of the above that statements are built from changes.
  std::string fingerprint;

  const ColumnDescription* Find(const std::string& column) const;
  int IndexOf(const std::string& column) const;  // -1: none
  const UniqueKey* PrimaryKey() const;           // null: none
};

}  // namespace eclusa
