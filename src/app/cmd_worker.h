// eclusa worker: does the jobs of the queue until told to stop. eclusa cancel: asks for one to
// stop.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddWorkerCommand(CLI::App& app, CommandContext& context);
void AddCancelCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
