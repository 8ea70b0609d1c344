// eclusa client upload and resubmit: sending a file to a server, and following what becomes of it.
#pragma once

#include "app/client_session.h"
#include "app/command.h"

namespace eclusa {

void AddClientUploadCommand(CLI::App& app, CommandContext& context);
void AddClientResubmitCommand(CLI::App& app, CommandContext& context);

// Asks until the job has ended, and prints its report; the exit code is that of `eclusa load`.
// Stopped, the job goes on, and it is said how to follow it.
Result<int> FollowJob(client::ApiSession& session, client::RemoteJob job, const ClientFlags& flags,
                      const CommandContext& context);

}  // namespace eclusa
