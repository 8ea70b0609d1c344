// eclusa load, and eclusa resubmit, which is a load with a parent.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddLoadCommand(CLI::App& app, CommandContext& context);
void AddResubmitCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
