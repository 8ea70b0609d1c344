// `eclusa convert`: a file of one format as a file of another.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddConvertCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
