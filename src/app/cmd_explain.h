// eclusa explain: what a code means and what to do about it, from the catalogue.
#pragma once

#include <ostream>
#include <string>

#include "app/command.h"

namespace eclusa {

struct ExplainOptions {
  std::string code;  // a code, a group of codes ("type"), or empty: all
  bool json = false;
};

void AddExplainCommand(CLI::App& app, CommandContext& context);

Result<int> RunExplain(const ExplainOptions& options, const CommandContext& context,
                       std::ostream& out);

}  // namespace eclusa
