// eclusa db grant ROLE: gives a role that may only load its rights on the control schema.
#pragma once

#include "app/command.h"

namespace eclusa {

// `db`: the subcommand that this one belongs to.
void AddDbGrantCommand(CLI::App& db, CommandContext& context);

}  // namespace eclusa
