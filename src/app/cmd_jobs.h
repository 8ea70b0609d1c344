// eclusa jobs: the last jobs, a line each.
#pragma once

#include <ostream>

#include "app/command.h"
#include "pg/connection.h"

namespace eclusa {

struct JobsOptions {
  int limit = 20;
  bool json = false;
};

void AddJobsCommand(CLI::App& app, CommandContext& context);

Result<int> RunJobs(Connection& connection, const JobsOptions& options,
                    const CommandContext& context, std::ostream& out);

}  // namespace eclusa
