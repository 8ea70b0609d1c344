// eclusa failures: writes a job's failed rows as a dataset that can be fixed and handed in again.
#pragma once

#include <ostream>
#include <string>

#include "app/command.h"
#include "pg/connection.h"

namespace eclusa {

struct FailuresOptions {
  std::string job;
  std::string format;
  std::string output;
  int file = 0;      // 1 is the first; 0: all
  bool all = false;  // closed and waived ones too
  bool json = false;
};

void AddFailuresCommand(CLI::App& app, CommandContext& context);

// What was written is said to `out`, unless the rows themselves go to standard output.
Result<int> RunFailures(Connection& connection, const FailuresOptions& options,
                        const CommandContext& context, std::ostream& out);

}  // namespace eclusa
