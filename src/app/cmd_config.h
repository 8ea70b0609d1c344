// eclusa config check|show: the settings of serve and worker, and where each comes from.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddConfigCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
