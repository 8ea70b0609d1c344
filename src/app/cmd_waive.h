// eclusa waive: closes failures by hand, with a reason.
#pragma once

#include <ostream>
#include <string>

#include "app/command.h"
#include "pg/connection.h"

namespace eclusa {

struct WaiveOptions {
  std::string job;
  int64_t row = 0;  // 0: not given
  int file = 0;     // 1 is the first; 0: not given
  std::string code;
  std::string reason;
  bool json = false;
};

void AddWaiveCommand(CLI::App& app, CommandContext& context);

Result<int> RunWaive(Connection& connection, const WaiveOptions& options,
                     const CommandContext& context, std::ostream& out);

}  // namespace eclusa
