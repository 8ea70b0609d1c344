#include "app/settings_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace eclusa {

void AddConfigFlag(CLI::App& command, const std::shared_ptr<SettingsFlags>& flags,
                   const CommandContext& context) {
  command.add_option("--config", flags->config,
                     context.Say("settings, a YAML file (else ECLUSA_CONFIG)",
                                 "configurações, um arquivo YAML (senão ECLUSA_CONFIG)"));
}

void AddSettingFlag(CLI::App& command, const std::shared_ptr<SettingsFlags>& flags,
                    const std::string& flag, const std::string& name,
                    const CommandContext& context) {
  const auto word = std::ranges::find(SettingWords(), std::string_view(name), &SettingWord::name);
  CHECK(word != SettingWords().end() && word->kind != SettingKind::kSecret);
  std::string about(word->about[static_cast<size_t>(context.language)]);
  if (!word->standard.empty()) about += " (" + std::string(word->standard) + ")";
  command
      .add_option_function<std::vector<std::string>>(
          flag,
          [flags, name](const std::vector<std::string>& values) {
            std::string& text = flags->given[name];
            for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
          },
          about)
      ->allow_extra_args(false);
}

Result<Settings> SettingsOf(const SettingsFlags& flags, CommandContext& context) {
  const std::string path = flags.config.empty() ? context.Variable("ECLUSA_CONFIG") : flags.config;
  Settings::Variables given = flags.given;
  TRY(CheckNoPassword("--broker", given["broker.url"]));
  if (given["broker.url"].empty()) given.erase("broker.url");
  if (!context.database.empty()) given["database"] = context.database;
  SettingsRead read =
      ReadSettings({.path = path,
                    .variables = {context.environment.begin(), context.environment.end()},
                    .flags = std::move(given)});
  if (!read.settings) {
    Error last = std::move(read.errors.back());
    read.errors.pop_back();
    for (const Error& error : read.errors) PrintError(error, context);
    return last;
  }
  context.database = read.settings->Text("database");
  return *std::move(read.settings);
}

Result<Database> OpenServersDatabase(CommandContext& context) {
  TRY(SettingsOf({}, context));
  return OpenDatabase(context);
}

}  // namespace eclusa
