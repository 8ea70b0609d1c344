#include "app/client_session.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "app/contract_file.h"
#include "app/status_text.h"
#include "core/log.h"
#include "http/client_url.h"
#include "io/errno_error.h"

namespace eclusa {
namespace {

namespace json = boost::json;

std::string FirstLine(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line;
}

Result<std::string> TokenOfFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path);
  if (!file) return ErrnoError(errno == 0 ? EIO : errno, FileAction::kRead, path);
  std::string line;
  std::getline(file, line);
  return FirstLine(line);
}

Result<std::string> TokenOfCommand(const std::string& command) {
  const auto failed = [](const std::string& detail) {
    return Error(ErrorKind::kInvalid, code::client_token_command, {{"detail", detail}});
  };
  std::FILE* pipe = popen(command.c_str(), "re");
  if (pipe == nullptr) return failed(std::strerror(errno));
  std::string text;
  char block[1024];
  for (size_t got = 0; (got = fread(block, 1, sizeof block, pipe)) > 0;) text.append(block, got);
  const int ended = pclose(pipe);
  if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0) return FirstLine(text);
  return failed(WIFEXITED(ended) ? "exit " + std::to_string(WEXITSTATUS(ended)) : "signal");
}

Result<std::string> TokenOf(const ClientFlags& flags, const CommandContext& context) {
  std::string token;
  if (!flags.token_command.empty()) {
    token = TRY(TokenOfCommand(flags.token_command));
  } else if (!flags.token_file.empty()) {
    token = TRY(TokenOfFile(flags.token_file));
  } else {
    token = FirstLine(context.Variable("ECLUSA_TOKEN"));
  }
  if (token.empty()) return Error(ErrorKind::kInvalid, code::client_no_token);
  return token;
}

// As one word of a shell.
std::string Quoted(const std::string& word) {
  const std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/:=,@+";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

json::object ReportObject(const client::RemoteJob& job) {
  json::object object = json::parse(ToJson(job.report)).as_object();
  object["job_id"] = job.id;
  if (!job.parent_id.empty()) object["parent_job_id"] = job.parent_id;
  return object;
}

// A job's id from the URL of its status, or from itself.
std::string IdOf(const std::string& job) {
  constexpr std::string_view kStatus = "/_bulk/status/";
  const size_t at = job.rfind(kStatus);
  return at == std::string::npos ? job : job.substr(at + kStatus.size());
}

std::string Megabytes(int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

void AddClientFlags(CLI::App& command, ClientFlags& flags, const CommandContext& context) {
  const auto add = [&](const char* name, std::string& value, const char* en, const char* pt) {
    command.add_option(name, value, context.Say(en, pt));
  };
  add("--server", flags.server, "the server's URL (ECLUSA_SERVER)",
      "a URL do servidor (ECLUSA_SERVER)");
  add("--token-file", flags.token_file, "file whose first line is the token (ECLUSA_TOKEN)",
      "arquivo cuja primeira linha é o token (ECLUSA_TOKEN)");
  add("--token-command", flags.token_command, "command that prints the token",
      "comando que imprime o token");
  add("--ca-file", flags.ca_file, "certificates to trust, PEM (the system's)",
      "certificados em que confiar, PEM (os do sistema)");
  command
      .add_option("--attempts", flags.attempts,
                  context.Say("how often what fails on the way is tried (8)",
                              "quantas vezes se tenta o que falha no caminho (8)"))
      ->check(CLI::Range(1, 1000));
}

Result<std::unique_ptr<client::ApiSession>> OpenClientSession(const ClientFlags& flags,
                                                              const CommandContext& context) {
  client::SessionSettings settings{
      .server = flags.server.empty() ? context.Variable("ECLUSA_SERVER") : flags.server,
      .token = {},
      .ca_file = flags.ca_file,
      .language = context.language,
      .retry = {.attempts = flags.attempts,
                .first = std::chrono::milliseconds(300),
                .longest = std::chrono::milliseconds(5000)}};
  if (settings.server.empty()) return Error(ErrorKind::kInvalid, code::client_no_server);
  while (settings.server.ends_with('/')) settings.server.pop_back();
  TRY(ParseClientUrl(settings.server));
  settings.token = TRY(TokenOf(flags, context));
  return std::make_unique<client::ApiSession>(std::move(settings));
}

Result<client::RemoteJob> AskForJob(client::ApiSession& session, const std::string& job,
                                    const CommandContext& context) {
  const std::string id = IdOf(job);
  const bool whole = !id.empty() && id.find_first_not_of("0123456789abcdefABCDEF-") == id.npos;
  if (!whole) return Error(ErrorKind::kNotFound, code::api_no_job, {{"job", job}});
  client::ApiCall call;
  call.path = "/v1/loads/" + id;
  return client::ReadRemoteJob(TRY(session.Ask(call, context.stop)).document);
}

ReportNames ClientNames(const client::RemoteJob& job, const ClientFlags& flags) {
  ReportNames names{
      .job = job.id, .parent = job.parent_id, .command = "eclusa client", .flags = {}};
  const auto add = [&names](const char* name, const std::string& value) {
    if (!value.empty()) names.flags += std::string(" ") + name + " " + Quoted(value);
  };
  add("--server", flags.server);
  add("--token-file", flags.token_file);
  add("--token-command", flags.token_command);
  add("--ca-file", flags.ca_file);
  return names;
}

std::string ClientReportJson(const client::RemoteJob& job) {
  return json::serialize(ReportObject(job)) + "\n";
}

std::string ClientStatusJson(const client::RemoteJob& job, const CommandContext& context) {
  json::object object = ReportObject(job);
  object["state"] = job.state;
  if (!job.counts) object["outcomes"] = nullptr;
  object["open_failures"] = job.open_failures;
  object["position_in_queue"] =
      job.position_in_queue ? json::value(*job.position_in_queue) : nullptr;
  object["retry"] = RetryJson(job.retry);
  object["created_at"] = job.created_at;
  object["finished_at"] = job.ended() ? json::value(job.finished_at) : nullptr;
  object["error"] = job.error ? json::value(ErrorObject(*job.error, context.language)) : nullptr;
  return json::serialize(object) + "\n";
}

bool ColoursWanted(const CommandContext& context) {
  return isatty(STDOUT_FILENO) == 1 && context.Variable("NO_COLOR").empty();
}

ClientProgress::ClientProgress(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) == 1) {}

ClientProgress::~ClientProgress() {
  if (written_) WriteToTerminal("\r\033[K");
}

void ClientProgress::Show(const std::string& line) {
  const auto now = Clock::now();
  if (!shown_ || (written_ && now - last_ < std::chrono::milliseconds(100))) return;
  last_ = now;
  written_ = true;
  WriteToTerminal("\r\033[K" + line);
}

void ClientProgress::Sent(int64_t sent, int64_t total, const CommandContext& context) {
  if (!shown_) return;
  if (before_ < 0) {
    before_ = sent;
    begin_ = Clock::now();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  const double rate = static_cast<double>(sent - before_) / std::max(seconds, 0.1);
  std::string line =
      fmt::format("{}  {} / {}  {}/s", context.Say("sending", "enviando"), Megabytes(sent),
                  Megabytes(total), Megabytes(static_cast<int64_t>(rate)));
  if (rate > 0) {
    line += fmt::format("  {} {:.0f} s", context.Say("left", "faltam"),
                        static_cast<double>(total - sent) / rate);
  }
  Show(line);
}

void ClientProgress::Waits(const client::RemoteJob& job, const CommandContext& context) {
  std::string line = job.state + "  " + job.message;
  if (job.position_in_queue) {
    line += fmt::format("  {} {}", context.Say("place in the queue:", "lugar na fila:"),
                        *job.position_in_queue);
  }
  Show(line);
}

}  // namespace eclusa
