// OtherDatabase: a second database of a test's server, with the control schema in it. For tests.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "control/schema.h"
#include "pg/connection.h"

namespace eclusa {

class OtherDatabase {
 public:
  OtherDatabase()
      : server_(std::getenv("ECLUSA_TEST_DB")),
        name_("other_" + std::to_string(getpid()) + "_" + std::to_string(++made_)) {
    OnServer("CREATE DATABASE " + name_);
    session_.emplace(Open());
    CHECK(EnsureSchema(*session_).ok());
  }
  ~OtherDatabase() {
    session_.reset();
    OnServer("DROP DATABASE " + name_ + " WITH (FORCE)");
  }
  OtherDatabase(const OtherDatabase&) = delete;
  OtherDatabase& operator=(const OtherDatabase&) = delete;

  std::string conninfo() const { return server_ + " dbname=" + name_; }
  Connection& session() { return *session_; }
  Connection Open(const std::string& called = {}) const {
    return Connection::Open(conninfo(), {}, called).value();
  }
  // Whether anybody may come in; who is in is thrown out.
  void Allow(bool allowed) const {
    OnServer("ALTER DATABASE " + name_ + " ALLOW_CONNECTIONS " + (allowed ? "true" : "false"));
    OnServer("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" +
             name_ + "'");
  }
  // After it was not allowed.
  void Reopen() {
    Allow(true);
    session_.emplace(Open());
  }

 private:
  void OnServer(const std::string& sql) const {
    Connection maker = Connection::Open(server_, {}).value();
    CHECK(maker.Execute(sql).ok());
  }

  static inline int made_ = 0;
  std::string server_;
  std::string name_;
  std::optional<Connection> session_;
};

}  // namespace eclusa
