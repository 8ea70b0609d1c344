// Installation: the programs of a PostgreSQL on this machine, and how they are found.
//
// Looked for in this order: the folder that is given and no other; for data that is there, the
// package of its version; `pg_config --bindir` of the first pg_config in PATH; the packages, newest
// first; where PostgreSQL installs itself. Only folders with initdb and postgres count. Runs
// pg_config and, where a folder's name does not tell the version, postgres --version. Reads no
// environment.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa {

inline constexpr int kMajorMin = 15;

struct Installation {
  std::string bindir;
  int major = 0;
};

struct InstallationSearch {
  std::string bindir;  // where set, the only place
  std::string path;    // the value of PATH
  // Where packages install each major version N as N/bin.
  std::vector<std::string> package_dirs = {"/usr/lib/postgresql"};
  std::vector<std::string> more_bindirs = {"/usr/local/pgsql/bin"};
};

// The installation for data of `data_major`; for new data ("") the first found that is new enough.
// Errors: server.not_installed, server.too_old, server.other_major.
Result<Installation> FindInstallation(const InstallationSearch& search,
                                      const std::string& data_major);

// psql beside the installations above, or in PATH. Errors: server.no_psql.
Result<std::string> FindPsql(const InstallationSearch& search);

}  // namespace eclusa
