// The table of subcommands: each is one function in cmd_NAME.cc.
#pragma once

#include <string_view>

#include "app/command.h"

namespace eclusa {

void AddCommands(CLI::App& app, CommandContext& context);

// "pt", "pt_BR.UTF-8": Portuguese; everything else English.
Language ParseLanguage(std::string_view text);

}  // namespace eclusa
