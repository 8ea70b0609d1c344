#include "app/cmd_token.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "api/datasets.h"
#include "api/tokens.h"
#include "app/contract_file.h"
#include "app/database.h"
#include "app/settings_flags.h"
#include "app/text_table.h"
#include "core/log.h"

namespace eclusa {
namespace {

struct CreateFlags {
  std::string name;
  std::string role = "submit";
  std::vector<std::string> tenants;
  std::vector<std::string> datasets;
  int64_t days = 0;  // 0: for ever
  std::optional<int64_t> requests_per_minute;
  std::optional<int64_t> jobs_waiting_max;
};

Result<int> Create(const CreateFlags& flags, CommandContext& context) {
  api::NewToken token{.name = flags.name,
                      .role = *api::ParseRole(flags.role),
                      .tenants = {},
                      .datasets = {},
                      .valid = {},
                      .requests_per_minute = flags.requests_per_minute,
                      .jobs_waiting_max = flags.jobs_waiting_max};
  if (!flags.tenants.empty()) token.tenants = flags.tenants;
  if (!flags.datasets.empty()) token.datasets = flags.datasets;
  if (flags.days > 0) token.valid = std::chrono::days(flags.days);
  Database database = TRY(OpenServersDatabase(context));
  const api::MadeToken made = TRY(api::CreateToken(database.connection, token));
  fmt::print("{}\n", made.token);
  WriteToTerminal(fmt::format(
      fmt::runtime(context.Say("token {}; it is shown this once and kept nowhere\n",
                               "token {}; é mostrado só desta vez e não fica guardado\n")),
      made.id));
  return kExitGood;
}

Result<int> List(CommandContext& context) {
  Database database = TRY(OpenServersDatabase(context));
  std::vector<std::vector<std::string>> rows = {
      {"token", context.Say("name", "nome"), context.Say("role", "papel"), "tenants",
       context.Say("datasets", "conjuntos"), context.Say("state", "estado")}};
  for (const api::TokenSummary& token : TRY(api::ListTokens(database.connection))) {
    rows.push_back({std::to_string(token.id), token.name, token.role, token.tenants, token.datasets,
                    token.state});
  }
  using enum Align;
  fmt::print("{}", TextTable({kRight, kLeft, kLeft, kLeft, kLeft, kLeft}, rows));
  return kExitGood;
}

}  // namespace

void AddTokenCommand(CLI::App& app, CommandContext& context) {
  CLI::App* token =
      app.add_subcommand("token", context.Say("tokens of the API: create, list, revoke",
                                              "tokens da API: criar, listar, revogar"));
  token->require_subcommand(1);
  auto flags = std::make_shared<CreateFlags>();
  CLI::App* create = token->add_subcommand(
      "create", context.Say("make one; it is printed once", "cria um; é impresso uma única vez"));
  AddDatabaseFlags(*create, context);
  create->add_option("--name", flags->name, context.Say("who will have it", "quem vai usá-lo"))
      ->required();
  create->add_option("--role", flags->role, "read | submit | admin (submit)")
      ->check(CLI::IsMember({"read", "submit", "admin"}));
  create->add_option(
      "--tenant", flags->tenants,
      context.Say("tenants that it speaks for (all)", "tenants pelos quais responde (todos)"));
  create->add_option(
      "--dataset", flags->datasets,
      context.Say("datasets that it may use (all)", "conjuntos de dados que pode usar (todos)"));
  create
      ->add_option(
          "--expires", flags->days,
          context.Say("days that it is good for (for ever)", "dias de validade (para sempre)"))
      ->check(CLI::PositiveNumber);
  create
      ->add_option("--requests-per-minute", flags->requests_per_minute,
                   context.Say("that it may make (as the server is set up)",
                               "que pode fazer (conforme o servidor)"))
      ->check(CLI::Range(1, 1'000'000'000));
  create
      ->add_option("--jobs-waiting", flags->jobs_waiting_max,
                   context.Say("loads of its own that may wait at a time (as its tenant's)",
                               "cargas suas que podem aguardar ao mesmo tempo (as do tenant)"))
      ->check(CLI::Range(1, 1'000'000'000));
  create->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> { return Create(*flags, context); });
  });
  CLI::App* list = token->add_subcommand("list", context.Say("all of them", "todos eles"));
  AddDatabaseFlags(*list, context);
  list->callback(
      [&context] { RunCommand(context, [&]() -> Result<int> { return List(context); }); });
  auto number = std::make_shared<int64_t>(0);
  CLI::App* revoke = token->add_subcommand(
      "revoke", context.Say("take one back; within seconds it is good no more",
                            "revoga um; em segundos deixa de valer"));
  AddDatabaseFlags(*revoke, context);
  revoke->add_option("TOKEN", *number, context.Say("its number", "o número dele"))->required();
  revoke->callback([number, &context] {
    RunCommand(context, [&]() -> Result<int> {
      Database database = TRY(OpenServersDatabase(context));
      TRY(api::RevokeToken(database.connection, *number));
      return kExitGood;
    });
  });
}

void AddPublishCommand(CLI::App& contract, CommandContext& context) {
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* command = contract.add_subcommand(
      "publish",
      context.Say("make contracts datasets of the API; each change is a version",
                  "torna contratos conjuntos de dados da API; cada mudança é uma versão"));
  command->add_option("FILE", *paths, context.Say("contracts (YAML)", "contratos (YAML)"))
      ->required();
  AddDatabaseFlags(*command, context);
  command->callback([paths, &context] {
    RunCommand(context, [&]() -> Result<int> {
      Database database = TRY(OpenServersDatabase(context));
      for (const std::string& path : *paths) {
        const std::string text = TRY(ReadContractText(path));
        const api::PublishedContract done =
            TRY_WITH(api::PublishContract(database.connection, text), path);
        fmt::print("{} · {} {}{}\n", done.name, context.Say("version", "versão"), done.version,
                   done.created ? "" : context.Say(" (unchanged)", " (sem mudança)"));
      }
      return kExitGood;
    });
  });
}

}  // namespace eclusa
