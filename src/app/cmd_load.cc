#include "app/cmd_load.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>

#include "app/contract_file.h"
#include "app/database.h"
#include "app/report_text.h"
#include "core/log.h"
#include "failures/export.h"
#include "jobs/queue.h"
#include "load/load.h"
#include "model/codes.h"
#include "request/load_flags.h"

namespace eclusa {
namespace {

struct Invocation {
  LoadFlags flags;
  std::string failures_path;
  bool json = false;
  std::string contract;  // a path
  bool queue = false;
  int priority = 0;
};

// One line on a terminal, overwritten as the load goes on.
class ProgressLine {
 public:
  explicit ProgressLine(const CommandContext& context)
      : context_(context), begin_(Clock::now()), shown_(isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() {
    if (written_) WriteToTerminal("\r\033[K");
  }
  void Show(const LoadProgress& progress) {
    const auto now = Clock::now();
    if (!shown_ || (written_ && now - last_ < std::chrono::milliseconds(100))) return;
    last_ = now;
    written_ = true;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const auto rate =
        static_cast<int64_t>(static_cast<double>(progress.rows) / std::max(seconds, 0.1));
    std::string line =
        fmt::format("\r\033[K{}  {} {}  {}/s", Phase(progress.phase),
                    Thousands(progress.rows, context_.language), context_.Say("rows", "linhas"),
                    Thousands(rate, context_.language));
    if (progress.bytes_total > 0 && progress.bytes > 0) {
      const double part =
          static_cast<double>(progress.bytes) / static_cast<double>(progress.bytes_total);
      line += fmt::format("  {:.0f} %  {} {:.0f} s", part * 100, context_.Say("left", "faltam"),
                          seconds / part - seconds);
    }
    if (progress.failed > 0) {
      line += fmt::format("  {} {}", Thousands(progress.failed, context_.language),
                          context_.Say("failed", "com falha"));
    }
    WriteToTerminal(line);
  }

 private:
  using Clock = std::chrono::steady_clock;
  const char* Phase(const std::string& phase) const {
    if (phase == "merging") return context_.Say("merging", "gravando");
    if (phase == "waiting") {
      return context_.Say("waiting for another load of this table",
                          "aguardando outra carga desta tabela");
    }
    return context_.Say("reading", "lendo");
  }

  const CommandContext& context_;
  const Clock::time_point begin_;
  Clock::time_point last_;
  const bool shown_;
  bool written_ = false;
};

int ExitCodeOf(const LoadReport& report) {
  if (report.state == JobState::kRejected) return kExitRejected;
  return report.state == JobState::kSucceededWithFailures ? kExitFailures : kExitGood;
}

Result<LoadRequest> Request(const Invocation& invocation, const CommandContext& context,
                            Database& database) {
  RequestNotes notes;
  auto request = BuildRequest(database.connection, invocation.flags, &notes);
  for (const Error& difference : notes.drift) {
    WriteToTerminal(std::string(context.Say("note: ", "aviso: ")) +
                    Text(difference, context.language) + "\n");
  }
  for (const Error& error : notes.errors) PrintError(error, context);
  return request;
}

// Workers find the files under the same names only where these say all of the way.
void MakePathsAbsolute(std::vector<std::string>& paths) {
  for (std::string& path : paths) path = std::filesystem::absolute(path).lexically_normal();
}

Result<int> EnqueueLoad(const Invocation& invocation, const CommandContext& context,
                        Database& database) {
  Invocation queued = invocation;
  MakePathsAbsolute(queued.flags.files);
  const LoadRequest request = TRY(Request(queued, context, database));
  const EnqueuedJob job =
      TRY(Enqueue(database.connection, {.job = JobRequestOf(request),
                                        .tenant = {},
                                        .priority = static_cast<int16_t>(invocation.priority)}));
  TRY(TellReady(database.connection));
  if (invocation.json) {
    fmt::print("{}\n", R"({"job_id":)" + std::to_string(job.id) + R"(,"state":"QUEUED"})");
  } else {
    fmt::print("job {}: {}\n", job.id,
               context.Say("waits in the queue; `eclusa worker` does it",
                           "aguarda na fila; `eclusa worker` o executa"));
  }
  return kExitGood;
}

Result<int> Load(const Invocation& invocation, const CommandContext& context, Database& database) {
  if (invocation.queue) return EnqueueLoad(invocation, context, database);
  LoadRequest request = TRY(Request(invocation, context, database));
  LoadContext load{
      .conninfo = database.conninfo, .session = {}, .stop = context.stop, .progress = {}};
  std::optional<ProgressLine> line;
  if (!invocation.json) {
    line.emplace(context);
    load.progress = [&](const LoadProgress& progress) { line->Show(progress); };
  }
  auto loaded = RunLoad(database.connection, load, std::move(request));
  line.reset();
  const LoadReport report = TRY(std::move(loaded));
  if (invocation.json) {
    fmt::print("{}\n", ToJson(report));
  } else {
    const bool colours = isatty(STDOUT_FILENO) == 1 && context.Variable("NO_COLOR").empty();
    fmt::print("{}", ReportText(report, context, colours));
  }
  if (!invocation.failures_path.empty() && ExitCodeOf(report) != kExitGood) {
    // It is committed: a file that cannot be written is told, and can be asked for again.
    const auto written = ExportFailures(database.connection, {.job_id = report.job_id,
                                                              .output = invocation.failures_path,
                                                              .language = context.language});
    if (!written.ok()) PrintError(written.error(), context);
  }
  return ExitCodeOf(report);
}

void AddLoadFlags(CLI::App& command, Invocation& invocation, const CommandContext& context) {
  LoadFlags& flags = invocation.flags;
  const auto say = [&](const char* en, const char* pt) { return std::string(context.Say(en, pt)); };
  command.add_option("--to", flags.to, say("target: [schema.]table", "destino: [esquema.]tabela"));
  command.add_option(
      "--contract", invocation.contract,
      say("the dataset's contract (YAML)", "o contrato do conjunto de dados (YAML)"));
  command.add_option("--mode", flags.mode, "upsert | insert | append | delete | mixed | replace");
  command
      .add_option(
          "--key", flags.key,
          say("columns that rows are matched by: a,b", "colunas que identificam a linha: a,b"))
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--operation-column", flags.operation_column,
                     say("mixed: the column that says I, U or D", "mixed: a coluna com I, U ou D"));
  command.add_option("--version-column", flags.version_column,
                     say("rows older than the target's are left out",
                         "linhas mais antigas que as do destino ficam de fora"));
  command.add_option("--duplicates", flags.duplicates, "last | first | highest_version | reject");
  command.add_option(
      "--max-failures", flags.max_failures,
      say("refuse the load beyond N rows, or N%", "recusar a carga acima de N linhas, ou N%"));
  command
      .add_option("--filter", flags.filter,
                  say("replace: the part of the table, 'column operator value'",
                      "replace: a parte da tabela, 'coluna operador valor'"))
      ->allow_extra_args(false);
  command.add_option(
      "--min-rows", flags.min_rows,
      say("replace: refuse files with fewer rows", "replace: recusar arquivos com menos linhas"));
  command.add_option("--max-removals", flags.max_removals,
                     say("replace: refuse to remove more than N rows, or N%",
                         "replace: recusar remover mais que N linhas, ou N%"));
  command.add_flag("--again", flags.again,
                   say("append: the same file once more", "append: o mesmo arquivo outra vez"));
  command.add_option("--lock", flags.lock, "optimistic | exclusive");
  command
      .add_option("--tenant", flags.tenant,
                  say("a column forced on every row: name=value",
                      "coluna imposta a cada linha: nome=valor"))
      ->allow_extra_args(false);
  command.add_option("--delimiter", flags.delimiter,
                     say("CSV: one character, or tab", "CSV: um caractere, ou tab"));
  command.add_option("--encoding", flags.encoding, "utf-8 | windows-1252 | iso-8859-1");
  command.add_option("--decimal", flags.decimal,
                     say("decimal separator: . or ,", "separador decimal: . ou ,"));
  command.add_option_function<std::string>(
      "--pointer", [&flags](const std::string& text) { flags.pointer = text; },
      say("JSON: where the list of documents is, for example /result",
          "JSON: onde está a lista de documentos, por exemplo /result"));
  command.add_option("--source", flags.source,
                     say("name of a source whose position moves with the load",
                         "nome de uma origem cuja posição anda com a carga"));
  command.add_option("--position", flags.position, "OLD:NEW");
  command.add_flag("--dry-run", flags.dry_run,
                   say("do everything, then undo it; the same numbers",
                       "fazer tudo e desfazer; os mesmos números"));
  command
      .add_option_function<int64_t>(
          "--rows-per-part", [&flags](const int64_t rows) { flags.rows_per_part = rows; },
          say("rows of each part that workers stage (--queue)",
              "linhas de cada parte que os workers preparam (--queue)"))
      ->check(CLI::Range(int64_t{1}, std::numeric_limits<int64_t>::max()));
  command
      .add_option("--connections", flags.connections,
                  say("sessions that send rows", "sessões que enviam linhas"))
      ->check(CLI::Range(1, 16));
}

void AddQueueFlags(CLI::App& command, Invocation& invocation, const CommandContext& context) {
  CLI::Option* queue =
      command.add_flag("--queue", invocation.queue,
                       context.Say("leave it to the workers: put the job into the queue",
                                   "deixar para os workers: colocar o job na fila"));
  command
      .add_option("--priority", invocation.priority,
                  context.Say("in the queue the higher goes first (0)",
                              "na fila, o maior vai primeiro (0)"))
      ->check(CLI::Range(-100, 100))
      ->needs(queue);
}

void AddOutputFlags(CLI::App& command, Invocation& invocation, CommandContext& context) {
  command.add_option("--failures", invocation.failures_path,
                     context.Say("write the failed rows to this file",
                                 "gravar as linhas com falha neste arquivo"));
  command.add_flag(
      "--json", invocation.json,
      context.Say("one JSON object instead of text", "um objeto JSON em vez de texto"));
  AddDatabaseFlags(command, context);
}

}  // namespace

void AddLoadCommand(CLI::App& app, CommandContext& context) {
  auto invocation = std::make_shared<Invocation>();
  CLI::App* command = app.add_subcommand(
      "load", context.Say("load files into a table; every row has an outcome",
                          "carregar arquivos numa tabela; cada linha tem um resultado"));
  command
      ->add_option("FILE", invocation->flags.files,
                   context.Say("CSV, fixed width, JSON, Avro or Parquet files, or patterns",
                               "arquivos CSV, de largura fixa, JSON, Avro ou Parquet, ou padrões"))
      ->required();
  AddLoadFlags(*command, *invocation, context);
  AddQueueFlags(*command, *invocation, context);
  AddOutputFlags(*command, *invocation, context);
  command->footer(
      "\n  eclusa load suppliers.parquet --to suppliers\n"
      "  eclusa load 'export/*.csv' --to erp.suppliers --contract suppliers.yaml --max-failures "
      "1%\n"
      "  eclusa load keys.csv --to suppliers --mode delete --dry-run\n"
      "\nexit: 0 all rows good, 1 failed, 2 usage, 3 loaded with failures, 4 refused by tolerance, "
      "130 cancelled");
  command->callback([invocation, &context] {
    RunCommand(context, invocation->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      if (!invocation->contract.empty()) {
        invocation->flags.contract_text = TRY(ReadContractText(invocation->contract));
      }
      return Load(*invocation, context, database);
    });
  });
}

void AddResubmitCommand(CLI::App& app, CommandContext& context) {
  auto invocation = std::make_shared<Invocation>();
  auto job = std::make_shared<int64_t>(0);
  CLI::App* command = app.add_subcommand(
      "resubmit",
      context.Say("hand in rows that failed, fixed; closes the failures of their job",
                  "reenviar linhas que falharam, corrigidas; encerra as falhas do job"));
  command
      ->add_option("JOB", *job,
                   context.Say("the job whose failures these are", "o job dessas falhas"))
      ->required();
  command
      ->add_option("FILE", invocation->flags.files,
                   context.Say("the failures file, fixed", "o arquivo de falhas, corrigido"))
      ->required();
  command->add_flag("--dry-run", invocation->flags.dry_run);
  AddOutputFlags(*command, *invocation, context);
  command->footer(
      "\n  eclusa failures 12 --output failures.csv\n  eclusa resubmit 12 failures.csv");
  command->callback([invocation, job, &context] {
    RunCommand(context, invocation->json, [&]() -> Result<int> {
      Database database = TRY(OpenDatabase(context));
      Invocation child = *invocation;
      child.flags = TRY(ResubmissionFlags(database.connection, *job));
      if (!child.flags.database.empty()) {
        return Error(ErrorKind::kInvalid, code::resubmit_other_database,
                     {{"job", std::to_string(*job)}, {"target", child.flags.database}});
      }
      child.flags.files = invocation->flags.files;
      child.flags.dry_run = invocation->flags.dry_run;
      return Load(child, context, database);
    });
  });
}

}  // namespace eclusa
