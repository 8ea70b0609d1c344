#include "app/cmd_db.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "app/cmd_db_grant.h"
#include "app/database.h"
#include "pg/installation.h"
#include "pg/private_server.h"

namespace eclusa {
namespace {

struct DbFlags {
  bool now = false;
  bool json = false;
};

void Print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string Join(const std::vector<pid_t>& processes) {
  return fmt::format("{}", fmt::join(processes, ", "));
}

// A sentence of the catalogue with its hint, as a result and not as an error.
std::string Sentence(std::string_view code, ErrorArguments arguments,
                     const CommandContext& context) {
  const Error said(ErrorKind::kInvalid, code, std::move(arguments));
  return Text(said, context.language) + "\n  " + Hint(said, context.language) + "\n";
}

std::string AsJson(const PrivateServerStatus& status) {
  boost::json::object object{{"running", status.running}, {"data_dir", status.data_dir}};
  if (status.running) {
    object["version"] = status.version;
    object["stays"] = status.stays;
    object["server_pid"] = status.server;
    object["supervisor_pid"] = status.supervisor;
    object["url"] = status.url;
    object["users"] = boost::json::array(status.users.begin(), status.users.end());
  }
  return boost::json::serialize(object) + "\n";
}

std::string AsText(const PrivateServerStatus& status, const CommandContext& context) {
  if (!status.running) {
    return Sentence(code::server_not_running, {{"path", status.data_dir}}, context);
  }
  std::string text = Sentence(code::server_running,
                              {{"version", status.version},
                               {"server", std::to_string(status.server)},
                               {"path", status.data_dir}},
                              context);
  if (status.stays) text += Sentence(code::server_stays, {}, context);
  if (!status.users.empty()) {
    text += Sentence(code::server_used_by, {{"processes", Join(status.users)}}, context);
  }
  return text;
}

Result<int> RunStart(const CommandContext& context, const DbFlags& flags) {
  const PrivateServerOptions options = TRY(ServerOptions(context));
  PrivateServerStatus status = TRY(PrivateServer::Start(options));
  std::erase(status.users, getpid());  // only for as long as we looked
  Print(flags.json ? AsJson(status) : AsText(status, context));
  return kExitGood;
}

Result<int> RunStop(const CommandContext& context, const DbFlags& flags) {
  const PrivateServerOptions options = TRY(ServerOptions(context));
  const bool stopped = TRY(PrivateServer::Stop(options, flags.now));
  if (flags.json) {
    Print(boost::json::serialize(
              boost::json::object{{"stopped", stopped}, {"data_dir", options.data_dir}}) +
          "\n");
  } else {
    const std::string_view said = stopped ? code::server_stopped : code::server_not_running;
    Print(Sentence(said, {{"path", options.data_dir}}, context));
  }
  return kExitGood;
}

Result<int> RunStatus(const CommandContext& context, const DbFlags& flags) {
  const PrivateServerOptions options = TRY(ServerOptions(context));
  const PrivateServerStatus status = TRY(PrivateServer::GetStatus(options));
  Print(flags.json ? AsJson(status) : AsText(status, context));
  return status.running ? kExitGood : kExitFailed;
}

Result<int> RunUrl(const CommandContext& context) {
  const PrivateServerOptions options = TRY(ServerOptions(context));
  const PrivateServerStatus status = TRY(PrivateServer::GetStatus(options));
  if (!status.running) {
    return Error(ErrorKind::kNotFound, code::server_not_running, {{"path", status.data_dir}});
  }
  Print(status.url + "\n");
  return kExitGood;
}

// psql is to see Ctrl-C as any program does, not as we had arranged it for ourselves.
void RestoreSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
}

Result<int> RunPsql(const CommandContext& context, const std::vector<std::string>& extra) {
  const PrivateServerOptions options = TRY(ServerOptions(context));
  const std::string psql = TRY(FindPsql({.bindir = options.bindir, .path = options.path}));
  PrivateServer server = TRY(PrivateServer::Use(options));
  server.HoldAcrossExec();
  std::vector<std::string> texts = {"psql", "--dbname=" + server.conninfo()};
  texts.insert(texts.end(), extra.begin(), extra.end());
  std::vector<char*> arguments;
  for (std::string& text : texts) arguments.push_back(text.data());
  arguments.push_back(nullptr);
  RestoreSignals();
  execv(psql.c_str(), arguments.data());
  return Error(ErrorKind::kUnavailable, code::server_cannot_run,
               {{"program", psql}, {"detail", std::strerror(errno)}});
}

CLI::App* AddServerCommand(CLI::App& db, CommandContext& context, const char* name,
                           const char* about) {
  CLI::App* command = db.add_subcommand(name, about);
  command->add_option(
      "--data-dir", context.data_dir,
      context.Say("folder of the private PostgreSQL", "pasta do PostgreSQL privado"));
  return command;
}

void AddJsonFlag(CLI::App& command, const CommandContext& context, DbFlags& flags) {
  command.add_flag("--json", flags.json,
                   context.Say("print one JSON object", "imprime um objeto JSON"));
}

}  // namespace

void AddDbCommand(CLI::App& app, CommandContext& context) {
  CLI::App* db =
      app.add_subcommand("db", context.Say("the private PostgreSQL", "o PostgreSQL privado"));
  db->require_subcommand(1);
  auto flags = std::make_shared<DbFlags>();

  CLI::App* start =
      AddServerCommand(*db, context, "start",
                       context.Say("start it, and let it run until it is stopped",
                                   "inicia o servidor, que fica no ar até ser parado"));
  AddJsonFlag(*start, context, *flags);
  start->callback([&context, flags] {
    RunCommand(context, flags->json, [&] { return RunStart(context, *flags); });
  });

  CLI::App* stop = AddServerCommand(*db, context, "stop",
                                    context.Say("stop it; refused while it is used",
                                                "para o servidor; recusado enquanto em uso"));
  stop->add_flag("--now", flags->now,
                 context.Say("even while it is used: whoever uses it loses the connection",
                             "mesmo em uso: quem o usa perde a conexão"));
  AddJsonFlag(*stop, context, *flags);
  stop->callback([&context, flags] {
    RunCommand(context, flags->json, [&] { return RunStop(context, *flags); });
  });

  CLI::App* status = AddServerCommand(
      *db, context, "status",
      context.Say("tell whether it runs, where, and who uses it (exit code 1: it does not run)",
                  "diz se está no ar, onde e quem o usa (código de saída 1: não está)"));
  AddJsonFlag(*status, context, *flags);
  status->callback([&context, flags] {
    RunCommand(context, flags->json, [&] { return RunStatus(context, *flags); });
  });

  CLI::App* url =
      AddServerCommand(*db, context, "url",
                       context.Say("print its address for psql and other programs",
                                   "mostra o endereço dele para o psql e outros programas"));
  url->callback([&context] { RunCommand(context, [&] { return RunUrl(context); }); });

  CLI::App* psql = AddServerCommand(
      *db, context, "psql",
      context.Say("open psql on it, starting it first; what follows is given to psql",
                  "abre o psql nele, iniciando-o antes; o que vier depois vai para o psql"));
  psql->allow_extras();
  psql->fallthrough(false);  // what we do not know is psql's
  psql->callback([&context, psql] {
    RunCommand(context, [&] { return RunPsql(context, psql->remaining()); });
  });

  AddDbGrantCommand(*db, context);
}

}  // namespace eclusa
