#include "judge/constraint_kinds.h"

namespace eclusa {
namespace {

constexpr ConstraintKind kKinds[] = {
    {"type, length, precision, enum label", "checker", "while the file is read",
     "type.*, number.*, value.*"},
    {"NOT NULL, column in the file", "checker", "while the file is read", "value.required"},
    {"NOT NULL, column not in the file", "judge", "rows whose key is new", "value.required"},
    {"CHECK, immutable", "judge", "one pass over the stage; row by row where it raises",
     "check.violated"},
    {"CHECK, not immutable (now())", "merge", "the row is found by asking the check again",
     "check.violated"},
    {"CHECK of a domain, immutable", "judge", "with the table's own checks", "check.violated"},
    {"expression that raises (10 / x)", "judge", "that expression alone, row by row",
     "database.rejected"},
    {"partition bounds", "judge", "rows that no partition takes", "check.partition"},
    {"PRIMARY KEY or UNIQUE that rows are matched by", "judge", "one winner a key, by --duplicates",
     "unique.in_file (reject), unique.in_target (insert)"},
    {"other UNIQUE constraint or index", "judge",
     "within the load, and against the target as the load leaves it",
     "unique.in_file, unique.in_target, unique.swap"},
    {"UNIQUE, deferrable", "judge", "as above; values may change places",
     "unique.in_file, unique.in_target"},
    {"UNIQUE NULLS NOT DISTINCT", "judge", "as above; nulls are equal",
     "unique.in_file, unique.in_target"},
    {"partial or expression unique index, immutable", "judge",
     "over the rows as the target will hold them", "unique.in_file, unique.in_target"},
    {"key of another tenant", "judge", "the key's row belongs to somebody else", "key.other_owner"},
    {"FOREIGN KEY to another table", "judge", "anti-join with the table", "reference.missing"},
    {"FOREIGN KEY to a table that may not be read", "merge",
     "the row is found by the server's words", "reference.missing"},
    {"FOREIGN KEY to the same table", "judge", "in rounds, for rows of the load may be parents",
     "reference.missing"},
    {"deleted row that is referred to", "judge", "by rows of other tables and of this one",
     "reference.in_use"},
    {"EXCLUDE", "merge", "bisection", "exclusion.violated"},
    {"BEFORE trigger that raises", "merge", "bisection", "database.rejected"},
    {"BEFORE trigger that swallows a row", "merge",
     "rows that differed and still stand as they stood", "database.suppressed"},
    {"BEFORE trigger that mends a row", "judge", "suspects are tried, all at once and in halves",
     "none: the row is good"},
    {"index row too large", "merge", "bisection", "database.rejected"},
};

}  // namespace

std::span<const ConstraintKind> ConstraintKinds() { return kKinds; }

std::string ConstraintKindsMarkdown() {
  std::string text = "| kind of constraint | judged by | how | reason |\n|---|---|---|---|\n";
  for (const ConstraintKind& kind : kKinds) {
    text.append("| ").append(kind.kind).append(" | ").append(kind.where).append(" | ");
    text.append(kind.how).append(" | ").append(kind.code).append(" |\n");
  }
  return text;
}

}  // namespace eclusa
