// eclusa client: does against a server what the local verbs do, in the same words.
//
// What is written and which exit code it means are those of load, status, failures, resubmit and
// waive; jobs are named as the server names them. It needs no database.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddClientCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
