// eclusa serve: the bulk API and, unless told otherwise, workers, until told to stop.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddServeCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
