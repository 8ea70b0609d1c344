// Connection: one session of a PostgreSQL server, over libpq.
//
// Statements run one at a time; each wait looks at the stop token and, when it is set, cancels the
// statement on the server too. Errors carry the SQLSTATE and a kind (pg/sql_state.h); a password is
// never part of an error or a log line. Results are text.
// Ownership: move-only; closing ends the session and rolls back. Threads: one at a time; Cancel
// from any.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

struct pg_conn;
struct pg_result;

namespace eclusa {

// A parameter of a statement, in text format; nothing is null.
using Parameter = std::optional<std::string>;
using Parameters = std::vector<Parameter>;

// Rows of one statement. Cheap to move.
class QueryResult {
 public:
  explicit QueryResult(pg_result* result);
  int rows() const;
  int columns() const;
  bool IsNull(int row, int column) const;
  std::string_view Text(int row, int column) const;  // "" for null
  int64_t Int(int row, int column) const;            // 0 for null
  bool Bool(int row, int column) const;
  std::optional<std::string> Optional(int row, int column) const;
  // Rows that the statement touched, as its command tag says.
  int64_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// What a server's error said besides its SQLSTATE. Kept by the connection until the next statement.
struct ServerError {
  std::string sql_state;
  std::string message;
  std::string detail;
  std::string hint;
  std::string schema;
  std::string table;
  std::string column;
  std::string constraint;
  std::string data_type;
  std::string context;
};

class Connection {
 public:
  // `conninfo`: anything libpq takes (URI, keywords, empty for the environment's). Refuses a
  // database whose encoding is not UTF-8 and a server older than 15. Sets client_encoding,
  // application_name, client_connection_check_interval and standard date and interval styles.
  // `session`: what pg_stat_activity calls it; empty: what `conninfo` says, else "eclusa". Gives up
  // (kUnavailable) after `connect_timeout`, or half a minute.
  static Result<Connection> Open(const std::string& conninfo, std::stop_token stop,
                                 const std::string& session = {});

  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // One or several statements without parameters; the last one's result.
  Result<QueryResult> Execute(const std::string& sql);
  // One statement with parameters.
  Result<QueryResult> Query(const std::string& sql, const Parameters& parameters);

  // The same of what a session asks often: the server plans it once, and again where its tables'
  // statistics change.
  Result<QueryResult> QueryPrepared(std::string_view sql, const Parameters& parameters);

  // Waits for a notification of a channel that this session listens to, and takes all that are
  // there. False: none came in that time, or the stop token was set.
  Result<bool> WaitForNotification(std::chrono::milliseconds patience);

  int server_version() const;  // 150018
  int backend_pid() const;
  bool in_transaction() const;
  const ServerError& last_error() const;
  // Without a password, for people: host, port, database, user.
  std::string Describe() const;
  // The stop token that waits look at can be changed: clean-up runs under a fresh one.
  void SetStopToken(std::stop_token stop);

 private:
  friend class CopyIn;
  friend class CopyOut;
  friend class Transaction;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  Result<QueryResult> Finish();
  std::unique_ptr<State> state_;
};

// A transaction that rolls back unless Commit was called.
class Transaction {
 public:
  static Result<Transaction> Begin(Connection& connection);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  // Not to be stopped. kCommitUnknown where the connection broke while the answer was awaited.
  Status Commit() &&;
  Status Rollback() &&;

 private:
  explicit Transaction(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// COPY ... FROM STDIN. Destroyed without Finish it fails the COPY on the server: success is
// explicit.
class CopyIn {
 public:
  static Result<CopyIn> Begin(Connection& connection, const std::string& sql);
  CopyIn(CopyIn&& other) noexcept;
  CopyIn& operator=(CopyIn&&) = delete;
  ~CopyIn();
  Status Write(std::string_view bytes);
  // The rows that the server counted.
  Result<int64_t> Finish() &&;

 private:
  explicit CopyIn(Connection& connection) : connection_(&connection) {}
  Connection* connection_;
};

// COPY ... TO STDOUT. Destroyed before the last row has come it cancels the COPY on the server.
class CopyOut {
 public:
  static Result<CopyOut> Begin(Connection& connection, const std::string& sql);
  CopyOut(CopyOut&& other) noexcept;
  CopyOut& operator=(CopyOut&&) = delete;
  ~CopyOut();
  // The next row with its line end, which a CopyIn takes as it is; nothing: all have come.
  Result<std::optional<std::string>> Next();

 private:
  explicit CopyOut(Connection& connection) : connection_(&connection) {}
  Connection* connection_;  // null: all have come
};

}  // namespace eclusa
