// Settings of a command: its flags over the environment over --config.
#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "app/database.h"
#include "core/result.h"
#include "settings/settings.h"

namespace CLI {
class App;
}

namespace eclusa {

// What stood on the command line.
struct SettingsFlags {
  std::string config;  // a path; empty: ECLUSA_CONFIG
  Settings::Variables given;
};

void AddConfigFlag(CLI::App& command, const std::shared_ptr<SettingsFlags>& flags,
                   const CommandContext& context);
// A flag that gives the setting `name`; given several times, a list.
void AddSettingFlag(CLI::App& command, const std::shared_ptr<SettingsFlags>& flags,
                    const std::string& flag, const std::string& name,
                    const CommandContext& context);

// All that is wrong is printed but the last error, which is returned. The database that the
// settings name becomes the context's, where no flag names one.
Result<Settings> SettingsOf(const SettingsFlags& flags, CommandContext& context);

// The database that serve and worker use in this environment: for what is done beside them.
Result<Database> OpenServersDatabase(CommandContext& context);

}  // namespace eclusa
