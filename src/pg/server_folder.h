// ServerFolder: the folder of a private server, what lies where in it, and who it belongs to.
//
//   start.lock       exclusive while somebody starts or stops the server; marks the folder as ours
//   users.lock       shared by each process that uses the server
//   supervisor.lock  exclusive for as long as the supervisor lives; holds its process id
//   stay             there while the server is to stay without users
//   cluster/         PostgreSQL's data folder
//   cluster.new.N/   one that is being made; a leftover when process N is gone
//   server.log       what PostgreSQL and the supervisor say; server.log.1 the one before
//   .s.PGSQL.5432    the socket, where the path is short enough for one
//
// The folder is open to its owner alone, which is what guards the server: whoever reaches the
// socket is let in. All of it belongs to the user the server runs as. Root never follows a symbolic
// link in it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/result.h"
#include "pg/file_lock.h"

namespace eclusa {

struct ServerUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
};

struct ServerFolder {
  std::string path;  // absolute, without symbolic links
  ServerUser user;   // who the server runs as
  // The folder itself; where a socket's path would be too long or libpq could not name it, one
  // under /tmp that is named after this one.
  std::string socket_dir;

  std::string cluster() const { return path + "/cluster"; }
  std::string log() const { return path + "/server.log"; }
  std::string stay_file() const { return path + "/stay"; }
  std::string start_lock() const { return path + "/start.lock"; }
  std::string users_lock() const { return path + "/users.lock"; }
  std::string supervisor_lock() const { return path + "/supervisor.lock"; }

  bool Stays() const;
  Status SetStays(bool stays) const;
  // The major version of the data; empty: none was made yet.
  std::string DataVersion() const;
  std::string Conninfo() const;
  std::string Url() const;
};

inline constexpr int kServerPort = 5432;  // names the socket, nothing else
inline constexpr std::string_view kServerRole = "eclusa";

// Makes what is missing: folder, lock files, socket folder. As root it gives them to the server's
// user. Errors: server.not_ours (something else lies there), server.belongs_to_other,
// server.cannot_write, server.disk_full, server.no_user.
Result<ServerFolder> PrepareServerFolder(const std::string& data_dir);

// The folder as it is; nothing where there is none or it is not ours. Errors:
// server.belongs_to_other.
Result<std::optional<ServerFolder>> FindServerFolder(const std::string& data_dir);

// The folder with its paths, nothing looked at or made. For the supervisor, which was told them.
ServerFolder ServerFolderAt(const std::string& path, const ServerUser& user);

// A file or folder that cannot be made or written, from errno: server.disk_full or
// server.cannot_write.
Error CannotWrite(const std::string& path, int cause);

// What a running server wrote into postmaster.pid.
struct Postmaster {
  pid_t pid = 0;
  bool ready = false;
};
std::optional<Postmaster> ReadPostmaster(const ServerFolder& folder);

}  // namespace eclusa
