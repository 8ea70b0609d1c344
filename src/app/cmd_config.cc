#include "app/cmd_config.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "api/open_door.h"
#include "app/broker_settings.h"
#include "app/settings_flags.h"
#include "app/text_table.h"
#include "request/targets.h"
#include "urls/registered_urls.h"

namespace eclusa {
namespace {

std::string Table(const Settings& settings, const CommandContext& context) {
  std::vector<std::vector<std::string>> rows = {
      {context.Say("setting", "configuração"), context.Say("value", "valor"),
       context.Say("from", "origem"), context.Say("variable", "variável"),
       context.Say("what for", "para quê")}};
  for (const SettingWord& word : SettingWords()) {
    rows.push_back({std::string(word.name), settings.Shown(word.name),
                    std::string(Name(settings.WhereFrom(word.name))), std::string(word.variable),
                    std::string(word.about[static_cast<size_t>(context.language)])});
  }
  using enum Align;
  return TextTable({kLeft, kLeft, kLeft, kLeft, kLeft}, rows);
}

std::string Json(const Settings& settings) {
  boost::json::object object;
  for (const SettingWord& word : SettingWords()) {
    object[word.name] = boost::json::object{{"value", settings.Shown(word.name)},
                                            {"from", Name(settings.WhereFrom(word.name))}};
  }
  return boost::json::serialize(object) + "\n";
}

}  // namespace

void AddConfigCommand(CLI::App& app, CommandContext& context) {
  CLI::App* config = app.add_subcommand(
      "config", context.Say("settings of serve and worker: check, show",
                            "configurações de serve e worker: verificar, mostrar"));
  config->require_subcommand(1);
  auto flags = std::make_shared<SettingsFlags>();
  auto json = std::make_shared<bool>(false);
  CLI::App* check = config->add_subcommand(
      "check", context.Say("say what is wrong with them", "diz o que há de errado nelas"));
  AddConfigFlag(*check, flags, context);
  check->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> {
      const Settings settings = TRY(SettingsOf(*flags, context));
      TRY(RegisteredUrls::Parse(settings.List("urls.registered")));
      TRY(api::OpenDatasets::Parse(settings.List("api.open")));
      TRY(BrokerOf(settings, ""));
      TRY(Targets::Parse(settings.List("targets")));
      fmt::print("{}\n", context.Say("the settings are well", "as configurações estão corretas"));
      return kExitGood;
    });
  });
  CLI::App* show = config->add_subcommand(
      "show", context.Say("all of them, and where each comes from; secrets are not shown",
                          "todas, e de onde vem cada uma; segredos não são mostrados"));
  AddConfigFlag(*show, flags, context);
  show->add_flag("--json", *json, context.Say("one JSON object", "um objeto JSON"));
  show->callback([flags, json, &context] {
    RunCommand(context, *json, [&]() -> Result<int> {
      const Settings settings = TRY(SettingsOf(*flags, context));
      fmt::print("{}", *json ? Json(settings) : Table(settings, context));
      return kExitGood;
    });
  });
}

}  // namespace eclusa
