// eclusa: bulk ingestion into PostgreSQL, each row accounted for. One binary, a subcommand a file.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "app/commands.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/signals.h"
#include "io/memory_pool.h"
#include "pg/supervisor.h"

extern char** environ;

namespace eclusa {
namespace {

Environment ReadEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

// --lang before the flags are parsed, for their own help is in that language too.
Language ChooseLanguage(int argc, char** argv, const Environment& environment) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word == "--lang" && i + 1 < argc) return ParseLanguage(argv[i + 1]);
    if (word.starts_with("--lang=")) return ParseLanguage(word.substr(7));
  }
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) return ParseLanguage(found->second);
  }
  return Language::kEnglish;
}

// ECLUSA_FAULT=load.staged:kill arms a fault point: how tests interrupt a load where they want.
bool ArmFaults(const CommandContext& context) {
  const std::string fault = context.Variable("ECLUSA_FAULT");
  const size_t colon = fault.find(':');
  return fault.empty() ||
         (colon != std::string::npos && ArmFault(fault.substr(0, colon), fault.substr(colon + 1)));
}

int Main(int argc, char** argv) {
  CommandContext context;
  context.environment = ReadEnvironment();
  // Arrow reads it when it is first used. Who names another pool gets it.
  setenv(kMemoryPoolVariable, PreferredMemoryPool(), /*overwrite=*/0);
  context.language = ChooseLanguage(argc, argv, context.environment);
  if (!ArmFaults(context)) {
    WriteToTerminal("eclusa: ECLUSA_FAULT names no fault point or action\n");
    return kExitUsage;
  }
  context.stop = InstallStopSignals();
  CLI::App app("eclusa: bulk ingestion into PostgreSQL, each row accounted for", "eclusa");
  app.require_subcommand(1);
  app.fallthrough();
  std::string language;
  app.add_option("--lang", language, "en | pt (default: by LANG)")
      ->check(CLI::IsMember({"en", "pt"}));
  AddCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitGood : kExitUsage;
  }
  return context.exit_code;
}

}  // namespace
}  // namespace eclusa

int main(int argc, char** argv) {
  if (eclusa::IsSupervisor(argc, argv)) return eclusa::RunSupervisor(argc, argv);
  return eclusa::Main(argc, argv);
}
