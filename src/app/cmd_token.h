// eclusa token create|list|revoke, eclusa contract publish: what the API is asked with, and for.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddTokenCommand(CLI::App& app, CommandContext& context);
// `contract`: the command it belongs under.
void AddPublishCommand(CLI::App& contract, CommandContext& context);

}  // namespace eclusa
