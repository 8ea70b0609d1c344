// eclusa status: the report of a job again, or why it has none.
#pragma once

#include <ostream>
#include <string>

#include "app/command.h"
#include "pg/connection.h"

namespace eclusa {

struct StatusOptions {
  std::string job;
  bool json = false;
  bool colours = false;
};

void AddStatusCommand(CLI::App& app, CommandContext& context);

Result<int> RunStatus(Connection& connection, const StatusOptions& options,
                      const CommandContext& context, std::ostream& out);

}  // namespace eclusa
