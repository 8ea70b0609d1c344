// Doctor: looks at a database and says what is wrong, dangerous or slow there, each with its
// remedy.
//
// Reads only; changes nothing, not even a missing control schema. A finding's words are the
// catalogue's, by its code. What cannot be found out (a setting that this role may not see) is left
// out, never guessed. Threads: as the Connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "model/codes.h"
#include "model/table.h"
#include "pg/connection.h"

namespace eclusa {

enum class Severity : uint8_t {
  kProblem,  // loads fail, or their rows are in danger
  kWarning,  // will become a problem
  kAdvice,   // costs speed
};

// What is said is said by an Error used as a message: a code with its arguments.
struct Finding {
  Severity severity;
  Error message;
};

struct Diagnosis {
  Error server;                   // doctor.server: what was looked at
  std::vector<Finding> findings;  // problems first

  bool HasProblems() const;
};

// `target`: also looks at this table; the schema may be empty.
Result<Diagnosis> Diagnose(Connection& connection, const std::optional<TableName>& target);

// What to say of a disk with so much room left; nothing: enough.
std::optional<Finding> JudgeDisk(const std::string& path, uint64_t free_bytes);

// For people, one block a finding; and one JSON object:
// {"server": {...}, "problems": n, "findings": [{"severity", "code", "text", "hint", "arguments"}]}
std::string DiagnosisText(const Diagnosis& diagnosis, Language language);
std::string DiagnosisJson(const Diagnosis& diagnosis, Language language);

}  // namespace eclusa
