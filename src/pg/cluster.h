// The data folder of a private server: making one, starting postgres on it, and clearing away what
// a killed server left behind.
//
// Called by the supervisor alone, as the server's user, with supervisor.lock held: nobody else
// works in the folder. Fixed for each start, on the command line: socket only, no TCP. Everything
// else is in cluster/eclusa.conf, written once for bulk loads on this machine and the user's to
// change; fsync stays on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "core/result.h"
#include "pg/server_folder.h"

namespace eclusa {

// initdb into a folder beside it, then a rename: what is called cluster/ is whole. It is not synced
// to disk (see SyncCluster). Errors: server.init_failed, server.disk_full, server.cannot_write.
Status MakeCluster(const ServerFolder& folder, const std::string& bindir);

// Starts writing a new cluster to disk, in the background: initdb did not wait for that.
void SyncClusterInBackground(const ServerFolder& folder);

// Ends processes that still work on the cluster (their supervisor was killed), removes lock files
// and sockets that no process stands behind, and data folders that were never finished. Errors:
// server.will_not_end.
Status ClearLeftovers(const ServerFolder& folder);

// A postgres that is about to start, writing to `log`; it gets a fast shutdown when the calling
// thread ends.
Result<pid_t> StartPostgres(const ServerFolder& folder, const std::string& bindir, int log);

// The settings of eclusa.conf for a machine with so much memory.
std::string SettingsFor(uint64_t memory_bytes, std::string_view wal_compression);

// What a server that did not start said, as an error: server.disk_full, server.did_not_start.
Error StartFailure(const ServerFolder& folder, std::string_view said);

}  // namespace eclusa
