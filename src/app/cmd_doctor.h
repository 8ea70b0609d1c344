// eclusa doctor: what is wrong or missing in a database, each with the remedy.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddDoctorCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
