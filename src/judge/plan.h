// LoadPlan: what the statements of one load are built from: the target, the stage, the key, the
// mode.
//
// A value, made once after the catalog was read and the columns were bound; the same plan serves
// judge and merge, on any session, so that a staged load can be taken up by another process.
// The fragments of SQL that several statements share are here; they hold quoted catalog identifiers
// only, never anything that a row contains.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/load_options.h"
#include "model/table.h"

namespace eclusa {

// The place of a row in the load's order, as the stage holds it: (file << 40) | row in the file.
inline constexpr int kStagePlaceRowBits = 40;
constexpr int64_t StagePlace(int64_t file, int64_t row) {
  return (file << kStagePlaceRowBits) | row;
}
constexpr int32_t FileOfStagePlace(int64_t place) {
  return static_cast<int32_t>(place >> kStagePlaceRowBits);
}
constexpr int64_t RowOfStagePlace(int64_t place) {
  return place & ((int64_t{1} << kStagePlaceRowBits) - 1);
}

// Operations in the stage's _eclusa_op: upsert, delete, strict insert; 'P': a row that failed in
// checking, staged with its key alone because `replace` must know that the key is present.
inline constexpr char kOpUpsert = 'U';
inline constexpr char kOpInsert = 'I';
inline constexpr char kOpDelete = 'D';
inline constexpr char kOpPresent = 'P';

struct PlanColumn {
  std::string name;  // the target's, quoted
  std::string type;  // the target's, limits included: what a stage value is cast to
  int table_index = 0;
  bool key = false;
  bool no_update = false;
  bool needs_cast = false;  // the stage's type differs from the target's
  bool domain = false;      // of the target; compared as its base type
};

struct LoadedColumn {
  std::string name;   // the target's, quoted
  std::string value;  // an expression over stage alias s
  int table_index = 0;
};

// Where a child's rows hang in their documents.
struct DocumentPlace {
  const struct LoadPlan* parent = nullptr;  // of the same load; null: the root, or no documents
  std::string list;                         // "contatos", with the objects around it
  int bit = 0;                              // of _eclusa_lists in the parent's stage
  std::vector<int> columns;     // indexes into the plan's columns: hold the parent's key
  std::vector<int> parent_key;  // pairwise: indexes into the parent's columns
  bool replaces = false;        // children of a list that is there and does not name them go
  bool fails_alone = false;     // a failed row does not fail its document
};

// The stage of a table with children has _eclusa_lists integer: bit i is set where the i-th list is
// there. That of a child has _eclusa_doc bigint and _eclusa_parent bigint (the stage places of its
// document and of its parent's row) and _eclusa_item integer (its place in the list, from 0).
struct LoadPlan {
  TableDescription table;
  std::string target;  // quoted and qualified, like the next two
  std::string stage;
  std::string verdicts;
  Mode mode = Mode::kUpsert;
  Duplicates duplicates = Duplicates::kLast;
  bool strict_operations = false;
  bool cascade_allowed = false;
  bool has_operations = false;  // the stage has _eclusa_op
  std::vector<PlanColumn> columns;
  std::vector<int> key;      // indexes into columns; tenants included; empty: append without key
  std::vector<int> tenants;  // indexes into columns
  const UniqueKey* match_key = nullptr;  // the unique key of the table that `key` is; may be null
  int version = -1;                      // index into columns
  std::vector<FilterTerm> filter;
  // Columns that the load itself fills, whatever it writes: its id and the row's number. They are
  // not staged, and a row that differs in them alone is unchanged.
  std::vector<LoadedColumn> provenance;
  DocumentPlace document;
  bool has_children = false;

  // --- fragments ---
  // "t.a = s.a AND t.b = s.b" over the key.
  std::string KeyMatch(std::string_view left, std::string_view right) const;
  // "s.a, s.b" over the key.
  std::string KeyList(std::string_view alias) const;
  // "s.a::numeric(14,2)": a stage column as the target will hold it.
  std::string Cast(const PlanColumn& column, std::string_view alias) const;
  // The index in `columns` of a table column; -1: not loaded.
  int Bound(int table_index) const;
  bool FillsItself(int table_index) const;
  // "(t.a = $n ...)" of replace: the part of the target that the file stands for; "true" without a
  // filter. Values are literals cast by the server from quoted text of the command line.
  std::string FilterCondition(std::string_view alias) const;
  // Whether a row of the target is still there when replace, or a child's list, has removed what it
  // lacks; "true" where nothing is removed.
  std::string Stays(std::string_view alias) const;
  // The same for who refers to the row: one that a delete takes away counts as there, for it is the
  // delete that loses.
  std::string StaysForReferences(std::string_view alias) const;
  // Some staged rows only say that their key is present ('P').
  bool has_present_rows() const { return has_operations && (mode == Mode::kReplace || is_child()); }
  bool is_child() const { return document.parent != nullptr; }
  // The stage place of a row's document, over an alias of the stage.
  std::string DocumentOf(std::string_view alias) const;
  // "contatos[2].emails[0]" of a row of the stage under an alias, as an expression of SQL.
  std::string PathOf(std::string_view alias) const;
  // What PathOf needs to be joined behind that alias: the stages of the rows above.
  std::string PathJoins(std::string_view alias) const;
  // Row `child` of the child's target (or stage) hangs on row `parent` of the parent's.
  std::string Hangs(std::string_view child, std::string_view parent) const;
  // Lists of this load may leave rows of the target out, which then go.
  bool RemovesLeftOut() const;
  // A child's row of the target goes because its list is there and does not name it.
  // `documents`: of these only, a condition that follows their stage place (" BETWEEN 1 AND 9").
  std::string LeftOutOfList(std::string_view alias, std::string_view documents = {}) const;
  // A row of the target goes with its document or parent, which the load deletes or removes: one
  // condition for each way, that are not to be put under OR, where the server cannot join.
  std::vector<std::string> GoesWithParent(std::string_view alias,
                                          std::string_view documents = {}) const;
  // Of these, the ways that no delete of a document is at the end of.
  std::vector<std::string> RemovedWithParent(std::string_view alias) const;
  // "NOT EXISTS (... a verdict ...)" over an alias of the stage.
  std::string WithoutVerdict(std::string_view alias) const;
  // The same, and it is more than a key that is present: a row that the load writes or deletes.
  std::string Writes(std::string_view alias) const;
  // Rows whose deletion would leave references of another table's rows behind, and no action but an
  // error.
  static bool Restricts(const ForeignKey& reference) {
    return reference.on_delete == ReferenceAction::kNoAction ||
           reference.on_delete == ReferenceAction::kRestrict;
  }
  bool Deletes() const { return mode == Mode::kDelete || mode == Mode::kMixed; }
};

// {"a", "b"} -> "a, b"
std::string Join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace eclusa
