// The server that `eclusa client` speaks to: its flags, its session, and a job's words.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "app/command.h"
#include "app/report_text.h"
#include "client/api_session.h"
#include "client/remote_job.h"

namespace eclusa {

struct ClientFlags {
  std::string server;  // else ECLUSA_SERVER
  std::string token_file;
  std::string token_command;
  std::string ca_file;
  int attempts = 8;
  bool json = false;
};

void AddClientFlags(CLI::App& command, ClientFlags& flags, const CommandContext& context);

// client.no_server, client.no_token, client.token_command; file.* codes of the token's file. The
// token is never an argument: others could read it.
Result<std::unique_ptr<client::ApiSession>> OpenClientSession(const ClientFlags& flags,
                                                              const CommandContext& context);

// `job` is its id, or the URL of its status.
Result<client::RemoteJob> AskForJob(client::ApiSession& session, const std::string& job,
                                    const CommandContext& context);

// What is typed next about the job, with the flags that were typed now.
ReportNames ClientNames(const client::RemoteJob& job, const ClientFlags& flags);

// As `eclusa load --json`, and as `eclusa status --json`; jobs by their names.
std::string ClientReportJson(const client::RemoteJob& job);
std::string ClientStatusJson(const client::RemoteJob& job, const CommandContext& context);

bool ColoursWanted(const CommandContext& context);

// One line on a terminal, overwritten; nothing elsewhere. Gone when it is destroyed.
class ClientProgress {
 public:
  explicit ClientProgress(bool wanted);
  ~ClientProgress();
  ClientProgress(const ClientProgress&) = delete;
  ClientProgress& operator=(const ClientProgress&) = delete;

  void Sent(int64_t sent, int64_t total, const CommandContext& context);
  void Waits(const client::RemoteJob& job, const CommandContext& context);

 private:
  using Clock = std::chrono::steady_clock;
  void Show(const std::string& line);

  const bool shown_;
  Clock::time_point begin_;  // of sending
  Clock::time_point last_;
  int64_t before_ = -1;  // bytes that were there at the beginning
  bool written_ = false;
};

}  // namespace eclusa
