// Which kind of constraint is judged where: the table of docs/constraints.md, which is made from
// here.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace eclusa {

struct ConstraintKind {
  std::string_view kind;   // as a user of PostgreSQL calls it
  std::string_view where;  // checker, judge, merge
  std::string_view how;
  std::string_view code;  // of a row that breaks it
};

std::span<const ConstraintKind> ConstraintKinds();

// The table in Markdown; `eclusa docs constraints` prints it.
std::string ConstraintKindsMarkdown();

}  // namespace eclusa
