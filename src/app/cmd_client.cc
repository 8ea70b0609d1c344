#include "app/cmd_client.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "app/client_session.h"
#include "app/cmd_client_upload.h"
#include "app/status_text.h"
#include "core/log.h"
#include "io/output_file.h"

namespace eclusa {
namespace {

namespace json = boost::json;

struct StatusWords {
  ClientFlags flags;
  std::string job;
  bool follow = false;
};

struct FailuresWords {
  ClientFlags flags;
  std::string job;
  std::string format;
  std::string output;
  bool all = false;
};

struct WaiveWords {
  ClientFlags flags;
  std::string job;
  int64_t row = 0;
  int file = 0;
  std::string code;
  std::string reason;
};

void AddJobArgument(CLI::App& command, std::string& job, const CommandContext& context) {
  command
      .add_option("JOB", job,
                  context.Say("its id, or the URL of its status", "o id, ou a URL do status"))
      ->required();
}

Result<client::ApiReply> Post(client::ApiSession& session, const std::string& path,
                              const std::string& body, const CommandContext& context) {
  client::ApiCall call;
  call.method = "POST";
  call.path = path;
  call.body = body;
  return session.Ask(call, context.stop);
}

// --- status ---

Result<int> ShowStatus(const StatusWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.flags, context));
  client::RemoteJob job = TRY(AskForJob(*session, words.job, context));
  if (words.follow) return FollowJob(*session, std::move(job), words.flags, context);
  if (words.flags.json) {
    fmt::print("{}", ClientStatusJson(job, context));
    return kExitGood;
  }
  const StatusFacts facts{.names = ClientNames(job, words.flags),
                          .state = job.state,
                          .reported = job.reported,
                          .ended = job.ended(),
                          .alive = true,
                          .waits_at = job.position_in_queue,
                          .retry = job.retry,
                          .error = job.error,
                          .counts = job.counts,
                          .duration_ms = job.duration_ms,
                          .open_failures = job.open_failures};
  fmt::print("{}", StatusText(job.report, facts, context, ColoursWanted(context)));
  return kExitGood;
}

void AddStatus(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<StatusWords>();
  CLI::App* command = app.add_subcommand(
      "status", context.Say("the report of a job again", "o relatório de um job, de novo"));
  AddJobArgument(*command, words->job, context);
  AddClientFlags(*command, words->flags, context);
  command->add_flag("--follow", words->follow,
                    context.Say("wait until it ends; exit as `client upload`",
                                "espera até terminar; sai como `client upload`"));
  command->add_flag("--json", words->flags.json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([words, &context] {
    RunCommand(context, words->flags.json, [&] { return ShowStatus(*words, context); });
  });
}

// --- failures ---

// The format of the input, where the API writes it.
std::string FormatOf(const client::RemoteJob& job) {
  const std::string input = job.report.files.empty() ? "" : job.report.files.front().format;
  if (input == "parquet") return "parquet";
  return input == "json" || input == "jsonl" || input == "avro" ? "jsonl" : "csv";
}

std::string MediaTypeOf(const std::string& format) {
  if (format == "csv") return "text/csv";
  return format == "jsonl" ? "application/jsonl" : "application/vnd.apache.parquet";
}

void SayWritten(const FailuresWords& words, const client::RemoteJob& job, int64_t rows,
                const CommandContext& context) {
  if (words.output.empty()) return;
  if (words.flags.json) {
    fmt::print("{}\n",
               json::serialize(json::array{json::object{{"path", words.output}, {"rows", rows}}}));
    return;
  }
  fmt::print("{} {} {}\n", Thousands(rows, context.language),
             context.Say("failed rows written to", "linhas com falha gravadas em"), words.output);
  // Only what loaded its other rows can be completed.
  if (job.state != Name(JobState::kSucceededWithFailures) || job.report.dry_run) return;
  const ReportNames names = ClientNames(job, words.flags);
  fmt::print(
      "{}  {} resubmit {} {}{}\n",
      context.Say("next: fix them there, then\n", "próximo passo: corrija-as ali e depois\n"),
      names.command, names.job, words.output, names.flags);
}

Result<int> Failures(const FailuresWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.flags, context));
  const client::RemoteJob job = TRY(AskForJob(*session, words.job, context));
  // Nothing appears at the output unless there are rows, all of them.
  std::optional<OutputFile> out;
  client::ApiCall call;
  call.path = job.Path() + "/failures" + (words.all ? "?state=all" : "");
  call.accept = MediaTypeOf(words.format.empty() ? FormatOf(job) : words.format);
  call.sink = [&](std::string_view bytes) -> eclusa::Status {
    if (!out) out.emplace(TRY(OutputFile::Create(words.output)));
    return out->Write(bytes);
  };
  const bool to_terminal = words.output.empty();
  call.before_again = [&out, to_terminal]() -> eclusa::Status {
    // What has gone to standard output cannot be taken back.
    if (out && to_terminal) {
      return Error(ErrorKind::kInternal, code::http_unreachable,
                   {{"host", "the server"}, {"detail", "the answer broke off"}});
    }
    out.reset();
    return Ok();
  };
  const client::ApiReply reply = TRY(session->Ask(call, context.stop));
  if (!out) {
    if (words.flags.json && !to_terminal) {
      fmt::print("[]\n");
    } else {
      WriteToTerminal(fmt::format(
          "{} {}\n", context.Say("no open failures in job", "nenhuma falha aberta no job"),
          job.id));
    }
    return kExitGood;
  }
  TRY(std::move(*out).Finish());
  int64_t rows = 0;
  std::from_chars(reply.rows.data(), reply.rows.data() + reply.rows.size(), rows);
  SayWritten(words, job, rows, context);
  return kExitGood;
}

void AddFailures(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<FailuresWords>();
  CLI::App* command = app.add_subcommand(
      "failures", context.Say("write the failed rows of a job, to be fixed and handed in again",
                              "grava as linhas com falha de um job, para corrigir e reenviar"));
  AddJobArgument(*command, words->job, context);
  AddClientFlags(*command, words->flags, context);
  command
      ->add_option("--format", words->format,
                   context.Say("csv | jsonl | parquet (the input's, where it is one of these)",
                               "csv | jsonl | parquet (o da entrada, se for um destes)"))
      ->check(CLI::IsMember({"csv", "jsonl", "parquet"}));
  command->add_option("--output", words->output,
                      context.Say("where to (standard output)", "destino (saída padrão)"));
  command->add_flag(
      "--all", words->all,
      context.Say("closed and waived ones too", "também as encerradas e dispensadas"));
  command->add_flag("--json", words->flags.json,
                    context.Say("with --output: say what was written as JSON",
                                "com --output: informa em JSON o que foi gravado"));
  command->callback([words, &context] {
    RunCommand(context, words->flags.json, [&] { return Failures(*words, context); });
  });
}

// --- cancel, waive ---

struct CancelWords {
  ClientFlags flags;
  std::string job;
};

const char* CancelText(const client::RemoteJob& job, int status, const CommandContext& context) {
  if (status == 200) return context.Say("it had ended", "já tinha terminado");
  return job.ended() ? context.Say("canceled; it had not begun", "cancelado; não tinha começado")
                     : context.Say("asked to stop; its worker will answer",
                                   "parada solicitada; o worker vai responder");
}

Result<int> Cancel(const CancelWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.flags, context));
  const client::RemoteJob job = TRY(AskForJob(*session, words.job, context));
  const client::ApiReply reply = TRY(Post(*session, job.Path() + "/cancel", "", context));
  const client::RemoteJob now = TRY(client::ReadRemoteJob(reply.document));
  if (words.flags.json) {
    fmt::print("{}", ClientStatusJson(now, context));
  } else {
    fmt::print("job {}: {}\n", job.id, CancelText(now, reply.status, context));
  }
  return kExitGood;
}

void AddCancel(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<CancelWords>();
  CLI::App* command =
      app.add_subcommand("cancel", context.Say("ask for a job to stop", "pede a parada de um job"));
  AddJobArgument(*command, words->job, context);
  AddClientFlags(*command, words->flags, context);
  command->add_flag("--json", words->flags.json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([words, &context] {
    RunCommand(context, words->flags.json, [&] { return Cancel(*words, context); });
  });
}

Result<int> Waive(const WaiveWords& words, const CommandContext& context) {
  const auto session = TRY(OpenClientSession(words.flags, context));
  const client::RemoteJob job = TRY(AskForJob(*session, words.job, context));
  json::object body{{"reason", words.reason}};
  if (words.row > 0) body["row"] = words.row;
  if (words.file > 0) body["file"] = words.file - 1;
  if (!words.code.empty()) body["code"] = words.code;
  const client::ApiReply reply =
      TRY(Post(*session, job.Path() + "/waive", json::serialize(body), context));
  const auto number = [&reply](const char* name) {
    const json::value* value = reply.document.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
  };
  if (words.flags.json) {
    json::object object = reply.document;
    object["job_id"] = job.id;
    fmt::print("{}\n", json::serialize(object));
    return kExitGood;
  }
  const auto text = [&](const char* name) { return Thousands(number(name), context.language); };
  fmt::print("{} {}\n", text("waived"), context.Say("failures waived", "falhas dispensadas"));
  if (number("left_for_other_reasons") > 0) {
    fmt::print("{} {}\n", text("left_for_other_reasons"),
               context.Say("rows have other reasons too and stay open",
                           "linhas têm também outros motivos e continuam abertas"));
  }
  fmt::print("{} {}: {}\n", context.Say("open failures of job", "falhas abertas do job"), job.id,
             text("open_failures"));
  return kExitGood;
}

void AddWaive(CLI::App& app, CommandContext& context) {
  auto words = std::make_shared<WaiveWords>();
  CLI::App* command = app.add_subcommand(
      "waive", context.Say("close failures that need not be fixed, with a reason",
                           "dispensa falhas que não precisam de correção, com justificativa"));
  AddJobArgument(*command, words->job, context);
  AddClientFlags(*command, words->flags, context);
  command
      ->add_option("--row", words->row,
                   context.Say("one row, by its number in the file",
                               "uma linha, pelo número dela no arquivo"))
      ->check(CLI::PositiveNumber);
  command
      ->add_option(
          "--file", words->file,
          context.Say("the row's file; 1 is the first", "o arquivo da linha; 1 é o primeiro"))
      ->check(CLI::PositiveNumber);
  command->add_option("--code", words->code,
                      context.Say("rows all of whose reasons have this code",
                                  "linhas cujos motivos têm todos este código"));
  command->add_option(
      "--reason", words->reason,
      context.Say("why; kept with the failure", "por quê; fica guardado com a falha"));
  command->add_flag("--json", words->flags.json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([words, &context] {
    RunCommand(context, words->flags.json, [&] { return Waive(*words, context); });
  });
}

}  // namespace

void AddClientCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand(
      "client", context.Say("the same against a server: upload, status, failures, resubmit ...",
                            "o mesmo contra um servidor: upload, status, failures, resubmit ..."));
  command->require_subcommand(1);
  AddClientUploadCommand(*command, context);
  AddStatus(*command, context);
  AddFailures(*command, context);
  AddClientResubmitCommand(*command, context);
  AddWaive(*command, context);
  AddCancel(*command, context);
  command->footer(
      "\n  export ECLUSA_SERVER=https://bulk.example.com\n"
      "  export ECLUSA_TOKEN=$(cat token)\n"
      "  eclusa client upload suppliers.csv --dataset suppliers --tenant tenant=47\n"
      "  eclusa client failures JOB --output failures.csv\n"
      "  eclusa client resubmit JOB failures.csv\n");
}

}  // namespace eclusa
