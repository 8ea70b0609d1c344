// PrivateServer: a PostgreSQL of the user's own, started when it is needed and stopped when the
// last process that uses it ends.
//
// It is the machine's PostgreSQL (15 or newer), on a Unix socket only, with its data in a folder of
// its own (pg/server_folder.h). A small process, the supervisor (pg/supervisor.h), owns the server;
// who uses it holds a shared lock on a file, which the kernel gives back however that process ends.
// Safe at once from several processes and threads: starting and stopping exclude each other by a
// lock. A server or a supervisor that was killed, or a machine that was, is found and healed by
// Use. As root the server runs as the owner of its folder, a new folder being given to the user
// postgres or, where there is none, nobody. Every wait has a deadline and looks at the stop token.
// What this does NOT do: create databases or roles, or upgrade data of another major version.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "core/result.h"
#include "pg/file_lock.h"

namespace eclusa {

struct PrivateServerOptions {
  std::string data_dir;  // see DefaultDataDir
  std::string bindir;    // programs of PostgreSQL; empty: the machine's are looked for
  std::string path;      // the value of PATH, searched for pg_config
  // The program that is run as supervisor: its main calls RunSupervisor (pg/supervisor.h).
  std::string supervisor = "/proc/self/exe";
  std::stop_token stop;
};

using Environment = std::map<std::string, std::string, std::less<>>;

// $XDG_DATA_HOME/eclusa/pg, else $HOME/.local/share/eclusa/pg; for root /var/lib/eclusa/pg, because
// an unprivileged user cannot reach root's home. Errors: server.no_home.
Result<std::string> DefaultDataDir(const Environment& environment, bool is_root);

struct PrivateServerStatus {
  std::string data_dir;  // absolute
  bool running = false;  // the rest says nothing where this is false
  bool stays = false;    // started to stay
  std::string version;   // "15"
  pid_t server = 0;
  pid_t supervisor = 0;
  std::string conninfo;
  std::string url;
  std::vector<pid_t> users;  // processes that hold it
};

class PrivateServer {
 public:
  // Starts it or joins the one that runs. It is held until the object is destroyed.
  static Result<PrivateServer> Use(const PrivateServerOptions& options);

  // As Use, and lets it run on until Stop.
  static Result<PrivateServerStatus> Start(const PrivateServerOptions& options);

  // Stops it and waits for its end; false where it did not run. While other processes use it:
  // server.in_use with the server left alone, or, where `now` is set, they lose their sessions.
  static Result<bool> Stop(const PrivateServerOptions& options, bool now);

  // Looks without starting or making anything.
  static Result<PrivateServerStatus> GetStatus(const PrivateServerOptions& options);

  // For libpq: a superuser of the server, by the socket; no password.
  const std::string& conninfo() const { return conninfo_; }
  const std::string& data_dir() const { return data_dir_; }

  // Lets the program that this process becomes by exec hold the server in its place.
  void HoldAcrossExec() { users_.KeepAcrossExec(); }

 private:
  PrivateServer(std::string data_dir, std::string conninfo, FileLock users)
      : data_dir_(std::move(data_dir)), conninfo_(std::move(conninfo)), users_(std::move(users)) {}

  std::string data_dir_;
  std::string conninfo_;
  FileLock users_;  // shared for as long as this lives
};

}  // namespace eclusa
