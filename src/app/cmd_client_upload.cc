#include "app/cmd_client_upload.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <memory>
#include <optional>

#include "client/file_upload.h"
#include "core/log.h"
#include "io/sha256.h"

namespace eclusa {
namespace {

namespace json = boost::json;

// The first looks come quickly: most loads are short. Then as often as the server says.
constexpr std::chrono::milliseconds kFirstLook{50};
constexpr std::chrono::seconds kLook{1};

struct UploadWords {
  ClientFlags flags;
  std::string file;
  std::string dataset;  // its path, or its name
  std::vector<std::string> tenant;
  std::string mode;
  std::string operation_column;
  std::string version_column;
  std::string duplicates;
  std::string max_failures;
  std::vector<std::string> filter;
  int64_t min_rows = 0;
  std::string max_removals;
  int64_t rows_per_part = 0;
  bool again = false;
  bool dry_run = false;
  int priority = 0;
  int64_t part_mebibytes = 64;
  bool no_wait = false;
};

struct ResubmitWords {
  UploadWords upload;
  std::string job;
};

// Where uploads that are under way are remembered; empty: nowhere.
std::string StateFolder(const CommandContext& context) {
  const std::string state = context.Variable("XDG_STATE_HOME");
  if (state.starts_with('/')) return state + "/eclusa/uploads";
  const std::string home = context.Variable("HOME");
  return home.empty() ? "" : home + "/.local/state/eclusa/uploads";
}

Result<json::object> TenantFields(const std::vector<std::string>& flags) {
  json::object fields;
  for (const std::string& flag : flags) {
    const size_t equals = flag.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Error(ErrorKind::kInvalid, code::usage_flag,
                   {{"flag", "--tenant"}, {"value", flag}, {"expected", "column=value"}});
    }
    fields[flag.substr(0, equals)] = flag.substr(equals + 1);
  }
  return fields;
}

// The words of the load, as the API wants them.
void AddWords(const UploadWords& words, json::object& body) {
  const auto text = [&body](const char* name, const std::string& value) {
    if (!value.empty()) body[name] = value;
  };
  text("mode", words.mode);
  text("operation_column", words.operation_column);
  text("version_column", words.version_column);
  text("duplicates", words.duplicates);
  text("max_failures", words.max_failures);
  text("max_removals", words.max_removals);
  if (!words.filter.empty()) body["filter"] = json::value_from(words.filter);
  if (words.min_rows > 0) body["min_rows"] = words.min_rows;
  if (words.rows_per_part > 0) body["rows_per_part"] = words.rows_per_part;
  if (words.again) body["again"] = true;
  if (words.dry_run) body["dry_run"] = true;
  if (words.priority != 0) body["priority"] = words.priority;
}

// A name is looked up; a path is one.
Result<std::string> DatasetPath(client::ApiSession& session, const std::string& dataset,
                                const CommandContext& context) {
  if (dataset.starts_with('/')) return dataset;
  client::ApiCall call;
  call.path = "/v1/datasets";
  const client::ApiReply reply = TRY(session.Ask(call, context.stop));
  const json::value* items = reply.document.if_contains("items");
  if (items != nullptr && items->is_array()) {
    for (const json::value& item : items->get_array()) {
      if (!item.is_object()) continue;
      const json::value* name = item.get_object().if_contains("name");
      const json::value* path = item.get_object().if_contains("path");
      const bool both =
          name != nullptr && name->is_string() && path != nullptr && path->is_string();
      if (both && name->get_string() == dataset) return std::string(path->get_string());
    }
  }
  return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", dataset}});
}

void SayHowToFollow(const client::RemoteJob& job, const ClientFlags& flags,
                    const CommandContext& context) {
  const ReportNames names = ClientNames(job, flags);
  WriteToTerminal(fmt::format("job {} {}\n  {} status {} --follow{}\n  {} cancel {}{}\n", names.job,
                              context.Say("goes on at the server; follow it, or cancel it:",
                                          "continua no servidor; acompanhe-o ou cancele-o:"),
                              names.command, names.job, names.flags, names.command, names.job,
                              names.flags));
}

void SayQueued(const client::RemoteJob& job, const ClientFlags& flags,
               const CommandContext& context) {
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{{"job_id", job.id}, {"state", job.state}}));
    return;
  }
  const ReportNames names = ClientNames(job, flags);
  fmt::print("job {}: {}\n{}\n  {} status {} --follow{}\n", job.id, job.message,
             context.Say("next:", "próximo passo:"), names.command, names.job, names.flags);
}

// Waits until the job has ended; what it was last is in `job` whatever happens.
Status WaitForEnd(client::ApiSession& session, client::RemoteJob& job, bool progress,
                  const CommandContext& context) {
  ClientProgress line(progress);
  std::chrono::milliseconds wait = kFirstLook;
  while (!job.ended()) {
    line.Waits(job, context);
    if (!session.clock().wait(wait, context.stop)) {
      return Error(ErrorKind::kCancelled, code::load_cancelled);
    }
    client::ApiCall call;
    call.path = job.Path();
    const client::ApiReply reply = TRY(session.Ask(call, context.stop));
    job = TRY(client::ReadRemoteJob(reply.document));
    const std::chrono::milliseconds asked = reply.retry_after.value_or(kLook);
    wait = asked > kLook ? asked : std::min<std::chrono::milliseconds>(2 * wait, kLook);
  }
  return Ok();
}

// What the job came to, as `eclusa load` says it.
Result<int> SayEnd(const client::RemoteJob& job, const ClientFlags& flags,
                   const CommandContext& context) {
  const JobState state = job.report.state;
  if (state == JobState::kFailed || state == JobState::kCanceled) {
    if (job.error) return *job.error;
    return Error(state == JobState::kCanceled ? ErrorKind::kCancelled : ErrorKind::kInvalid,
                 code::load_cancelled);
  }
  if (flags.json) {
    fmt::print("{}", ClientReportJson(job));
  } else {
    fmt::print("{}",
               ReportText(job.report, ClientNames(job, flags), context, ColoursWanted(context)));
  }
  if (state == JobState::kRejected) return kExitRejected;
  return state == JobState::kSucceededWithFailures ? kExitFailures : kExitGood;
}

// One registration, whatever becomes of its answers: the same words about the same upload.
std::string KeyOf(const std::string& upload_id, const std::string& body) {
  return "eclusa-" + HexText(Sha256::Of(upload_id + "\n" + body));
}

struct Registration {
  std::string method;
  std::string path;
  json::object body;  // without the upload
};

Result<client::SentFile> Send(client::ApiSession& session, const UploadWords& words,
                              const std::string& dataset_path, const json::object& tenant,
                              const CommandContext& context) {
  ClientProgress line(!words.flags.json);
  auto sent = client::SendFile(
      session,
      {.path = words.file,
       .dataset_path = dataset_path,
       .tenant = tenant,
       .part_size = words.part_mebibytes << 20,
       .state_folder = StateFolder(context)},
      [&](int64_t done, int64_t total) { line.Sent(done, total, context); }, context.stop);
  return sent;
}

// Registers what was sent, and follows it to its end.
Result<int> RegisterAndFollow(client::ApiSession& session, const client::SentFile& sent,
                              Registration registration, const UploadWords& words,
                              const CommandContext& context) {
  registration.body["upload_id"] = sent.upload_id;
  client::ApiCall call;
  call.method = registration.method;
  call.path = registration.path;
  call.body = json::serialize(registration.body);
  call.key = KeyOf(sent.upload_id, call.body);
  auto reply = session.Ask(call, context.stop);
  if (!reply.ok()) {
    // Refused for good: the same file, corrected words or not, is sent anew.
    const ErrorKind kind = reply.error().kind();
    if (kind != ErrorKind::kUnavailable && kind != ErrorKind::kCancelled) sent.state.Forget();
    return std::move(reply).error();
  }
  client::RemoteJob job = TRY(client::ReadRemoteJob(reply->document));
  if (words.no_wait) {
    sent.state.Forget();
    SayQueued(job, words.flags, context);
    return kExitGood;
  }
  auto ended = FollowJob(session, std::move(job), words.flags, context);
  // Killed before this, the next one goes on with the same job.
  sent.state.Forget();
  return ended;
}

Result<int> Upload(const UploadWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.flags, context));
  const json::object tenant = TRY(TenantFields(words.tenant));
  Registration registration{.method = "PUT", .path = {}, .body = tenant};
  AddWords(words, registration.body);
  const std::string path = TRY(DatasetPath(*session, words.dataset, context));
  registration.path = path + "/_bulk";
  const client::SentFile sent = TRY(Send(*session, words, path, tenant, context));
  return RegisterAndFollow(*session, sent, std::move(registration), words, context);
}

Result<int> Resubmit(const ResubmitWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.upload.flags, context));
  const client::RemoteJob parent = TRY(AskForJob(*session, words.job, context));
  Registration registration{.method = "POST", .path = parent.Path() + "/resubmit", .body = {}};
  if (words.upload.dry_run) registration.body["dry_run"] = true;
  json::object tenant;
  if (!parent.tenant.empty()) tenant["tenant"] = parent.tenant;
  const client::SentFile sent =
      TRY(Send(*session, words.upload, parent.dataset_path, tenant, context));
  return RegisterAndFollow(*session, sent, std::move(registration), words.upload, context);
}

void AddSendFlags(CLI::App& command, UploadWords& words, const CommandContext& context) {
  command
      .add_option("--part-size", words.part_mebibytes,
                  context.Say("MiB; larger files go in parts, which are not sent twice (64)",
                              "MiB; arquivos maiores vão em partes, que não são reenviadas (64)"))
      ->check(CLI::Range(1, 5120));
  command.add_flag("--dry-run", words.dry_run,
                   context.Say("do everything, then undo it; the same numbers",
                               "fazer tudo e desfazer; os mesmos números"));
  command.add_flag("--no-wait", words.no_wait,
                   context.Say("register it and leave", "registrar e não esperar"));
  command.add_flag(
      "--json", words.flags.json,
      context.Say("one JSON object instead of text", "um objeto JSON em vez de texto"));
  AddClientFlags(command, words.flags, context);
}

void AddLoadWords(CLI::App& command, UploadWords& words, const CommandContext& context) {
  const auto say = [&](const char* en, const char* pt) { return std::string(context.Say(en, pt)); };
  command.add_option("--mode", words.mode, "upsert | insert | append | delete | mixed | replace");
  command.add_option("--operation-column", words.operation_column,
                     say("mixed: the column that says I, U or D", "mixed: a coluna com I, U ou D"));
  command.add_option("--version-column", words.version_column,
                     say("rows older than the target's are left out",
                         "linhas mais antigas que as do destino ficam de fora"));
  command.add_option("--duplicates", words.duplicates, "last | first | highest_version | reject");
  command.add_option(
      "--max-failures", words.max_failures,
      say("refuse the load beyond N rows, or N%", "recusar a carga acima de N linhas, ou N%"));
  command
      .add_option("--filter", words.filter,
                  say("replace: the part of the table, 'column operator value'",
                      "replace: a parte da tabela, 'coluna operador valor'"))
      ->allow_extra_args(false);
  command.add_option(
      "--min-rows", words.min_rows,
      say("replace: refuse files with fewer rows", "replace: recusar arquivos com menos linhas"));
  command.add_option("--max-removals", words.max_removals,
                     say("replace: refuse to remove more than N rows, or N%",
                         "replace: recusar remover mais que N linhas, ou N%"));
  command
      .add_option(
          "--rows-per-part", words.rows_per_part,
          say("rows of each part of a large load", "linhas de cada parte de uma carga grande"))
      ->check(CLI::Range(int64_t{1}, std::numeric_limits<int64_t>::max()));
  command.add_flag("--again", words.again,
                   say("append: the same file once more", "append: o mesmo arquivo outra vez"));
  command
      .add_option(
          "--priority", words.priority,
          say("in the queue the higher goes first (0)", "na fila, o maior vai primeiro (0)"))
      ->check(CLI::Range(0, 100));
}

}  // namespace

Result<int> FollowJob(client::ApiSession& session, client::RemoteJob job, const ClientFlags& flags,
                      const CommandContext& context) {
  const Status waited = WaitForEnd(session, job, !flags.json, context);
  if (waited.ok()) return SayEnd(job, flags, context);
  SayHowToFollow(job, flags, context);
  if (!context.stop.stop_requested()) return waited.error();
  if (flags.json) SayQueued(job, flags, context);
  return kExitCancelled;
}

void AddClientUploadCommand(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<UploadWords>();
  CLI::App* command = app.add_subcommand(
      "upload", context.Say("send a file, have it loaded, and say what became of it",
                            "enviar um arquivo, mandar carregá-lo e dizer o que foi feito dele"));
  command
      ->add_option("FILE", words->file,
                   context.Say("a CSV, fixed width, JSON, Avro or Parquet file",
                               "um arquivo CSV, de largura fixa, JSON, Avro ou Parquet"))
      ->required();
  command
      ->add_option("--dataset", words->dataset,
                   context.Say("its name, or its path: /erp3/2531/suppliers",
                               "o nome, ou o caminho: /erp3/2531/fornecedores"))
      ->required();
  command
      ->add_option("--tenant", words->tenant,
                   context.Say("a column forced on every row: name=value",
                               "coluna imposta a cada linha: nome=valor"))
      ->allow_extra_args(false);
  AddLoadWords(*command, *words, context);
  AddSendFlags(*command, *words, context);
  command->footer(
      "\n  eclusa client upload suppliers.parquet --dataset /erp3/2531/suppliers "
      "--tenant tenant=47\n"
      "  eclusa client upload keys.csv --dataset suppliers --mode delete --dry-run\n"
      "\nexit: 0 all rows good, 1 failed, 2 usage, 3 loaded with failures, 4 refused by tolerance, "
      "130 cancelled");
  command->callback([words, &context] {
    RunCommand(context, words->flags.json, [&] { return Upload(*words, context); });
  });
}

void AddClientResubmitCommand(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<ResubmitWords>();
  CLI::App* command = app.add_subcommand(
      "resubmit",
      context.Say("hand in rows that failed, fixed; closes the failures of their job",
                  "reenviar linhas que falharam, corrigidas; encerra as falhas do job"));
  command
      ->add_option("JOB", words->job,
                   context.Say("the job whose failures these are", "o job dessas falhas"))
      ->required();
  command
      ->add_option("FILE", words->upload.file,
                   context.Say("the failures file, fixed", "o arquivo de falhas, corrigido"))
      ->required();
  AddSendFlags(*command, words->upload, context);
  command->footer(
      "\n  eclusa client failures JOB --output failures.csv\n"
      "  eclusa client resubmit JOB failures.csv");
  command->callback([words, &context] {
    RunCommand(context, words->upload.flags.json, [&] { return Resubmit(*words, context); });
  });
}

}  // namespace eclusa
