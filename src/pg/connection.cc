#include "pg/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "core/log.h"
#include "model/codes.h"
#include "pg/conninfo.h"
#include "pg/sql_state.h"

namespace eclusa {
namespace {

// How often a wait looks at its stop token.
constexpr int kStopPollMs = 100;
constexpr int kServerVersionMin = 150000;
// Of connecting, where the connection string says nothing: a host that does not answer at all would
// hold its caller for as long as the kernel tries.
constexpr int kConnectSeconds = 30;
// Settings of every session. The connection check makes the server notice a client that died; the
// styles make what we read and write mean one thing.
constexpr const char* kSessionSettings =
    "SET client_connection_check_interval = '1s'; SET datestyle = 'ISO, YMD'; "
    "SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1; "
    "SET standard_conforming_strings = on; SET statement_timeout = 0; SET timezone = 'UTC'; "
    // A load reads for long between two statements of a transaction; where that would hold others
    // up, it sets a limit of its own.
    "SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0; "
    // Messages in English where the role may say so: to most roles it is not given.
    "SELECT set_config('lc_messages', 'C', false) "
    "WHERE has_parameter_privilege('lc_messages', 'SET')";

std::string Field(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? std::string() : std::string(text);
}

std::string WithoutTrailingSpace(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

void QueryResult::Clear::operator()(pg_result* result) const { PQclear(result); }
QueryResult::QueryResult(pg_result* result) : result_(result) {}
int QueryResult::rows() const { return PQntuples(result_.get()); }
int QueryResult::columns() const { return PQnfields(result_.get()); }
bool QueryResult::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) == 1;
}
std::string_view QueryResult::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}
int64_t QueryResult::Int(int row, int column) const {
  const std::string_view text = Text(row, column);
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
bool QueryResult::Bool(int row, int column) const { return Text(row, column) == "t"; }
std::optional<std::string> QueryResult::Optional(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return std::string(Text(row, column));
}
int64_t QueryResult::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

struct Connection::State {
  PGconn* session = nullptr;
  std::stop_token stop;
  ServerError last_error;
  std::map<std::string, std::string, std::less<>> prepared;  // names of statements, by their text

  ~State() {
    if (session != nullptr) PQfinish(session);
  }

  Error Lost() {
    return Error(ErrorKind::kUnavailable, code::database_lost,
                 {{"detail", WithoutTrailingSpace(PQerrorMessage(session))}})
        .WithSqlState("08006");
  }

  // Asks the server to end the running statement.
  void Cancel() const {
    PGcancel* cancel = PQgetCancel(session);
    if (cancel == nullptr) return;
    char message[256];
    if (PQcancel(cancel, message, sizeof message) == 0) {
      LogWarning("cancel_failed", {{"detail", message}});
    }
    PQfreeCancel(cancel);
  }

  // Waits until the socket is ready. False: the stop token was set while waiting.
  bool WaitFor(short events) const {
    pollfd socket{PQsocket(session), events, 0};
    while (!stop.stop_requested()) {
      if (poll(&socket, 1, kStopPollMs) > 0) return true;
    }
    return false;
  }

  // Waits for the socket after a cancellation, whatever the token says, and asks again where
  // nothing comes: a server that had not yet begun the statement takes no notice of the first
  // request.
  void WaitForAnswer() const {
    pollfd socket{PQsocket(session), POLLIN, 0};
    if (poll(&socket, 1, kStopPollMs) == 0) Cancel();
  }

  // The next result of the running statement; null at its end. Cancels when told to stop.
  Result<PGresult*> NextResult(bool* cancelled) {
    while (PQflush(session) == 1) {
      if (!WaitFor(POLLIN | POLLOUT) && !*cancelled) {
        *cancelled = true;
        Cancel();
      }
      if (PQconsumeInput(session) == 0) return Lost();
    }
    while (PQisBusy(session) == 1) {
      if (*cancelled) {
        WaitForAnswer();
      } else if (!WaitFor(POLLIN)) {
        *cancelled = true;
        Cancel();
      }
      if (PQconsumeInput(session) == 0) return Lost();
    }
    return PQgetResult(session);
  }

  Error ErrorOf(const PGresult* result) {
    last_error = {.sql_state = Field(result, PG_DIAG_SQLSTATE),
                  .message = Field(result, PG_DIAG_MESSAGE_PRIMARY),
                  .detail = Field(result, PG_DIAG_MESSAGE_DETAIL),
                  .hint = Field(result, PG_DIAG_MESSAGE_HINT),
                  .schema = Field(result, PG_DIAG_SCHEMA_NAME),
                  .table = Field(result, PG_DIAG_TABLE_NAME),
                  .column = Field(result, PG_DIAG_COLUMN_NAME),
                  .constraint = Field(result, PG_DIAG_CONSTRAINT_NAME),
                  .data_type = Field(result, PG_DIAG_DATATYPE_NAME),
                  .context = Field(result, PG_DIAG_CONTEXT)};
    if (last_error.sql_state.empty()) return Lost();
    ErrorKind kind = KindOfSqlState(last_error.sql_state);
    if (kind == ErrorKind::kCancelled) {
      if (stop.stop_requested()) return Error(kind, code::load_cancelled);
      kind =
          ErrorKind::kUnavailable;  // somebody else's pg_cancel_backend, or a timeout of the role
    }
    const bool disk_full = last_error.sql_state == "53100";
    return Error(kind, disk_full ? code::database_disk_full : code::database_error,
                 {{"message", last_error.message},
                  {"detail", last_error.detail},
                  {"sqlstate", last_error.sql_state}})
        .WithSqlState(last_error.sql_state);
  }

  // Reads all results of a statement; the last one counts, the first error too. A COPY result ends
  // the reading: the protocol is then in COPY mode.
  Result<QueryResult> Finish() {
    bool cancelled = false;
    std::optional<Error> error;
    std::optional<QueryResult> last;
    while (true) {
      auto next = NextResult(&cancelled);
      if (!next.ok()) return std::move(next).error();
      if (*next == nullptr) break;
      QueryResult result(*next);
      const ExecStatusType status = PQresultStatus(*next);
      if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        if (!error) error = ErrorOf(*next);
        if (PQstatus(session) != CONNECTION_OK) break;
      }
      last.emplace(std::move(result));
      if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
    }
    if (error) return *std::move(error);
    if (!last) return Lost();
    return *std::move(last);
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&& other) noexcept = default;
Connection& Connection::operator=(Connection&& other) noexcept = default;
Connection::~Connection() = default;

namespace {

// What the connection string says of it: libpq itself looks at it only where it may block.
std::chrono::seconds ConnectPatience(PGconn* session) {
  int seconds = 0;
  PQconninfoOption* options = PQconninfo(session);
  for (PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
       ++option) {
    if (std::strcmp(option->keyword, "connect_timeout") != 0 || option->val == nullptr) continue;
    std::from_chars(option->val, option->val + std::strlen(option->val), seconds);
  }
  PQconninfoFree(options);
  return std::chrono::seconds(seconds > 0 ? seconds : kConnectSeconds);
}

// Starts the session without blocking, so that a stop token ends a connect that hangs.
bool WaitForSession(PGconn* session, const std::stop_token& stop) {
  const auto end = std::chrono::steady_clock::now() + ConnectPatience(session);
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
    pollfd socket{PQsocket(session),
                  static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    if (stop.stop_requested() || std::chrono::steady_clock::now() > end) return false;
    if (poll(&socket, 1, kStopPollMs) > 0) status = PQconnectPoll(session);
  }
  return status == PGRES_POLLING_OK;
}

}  // namespace

Result<Connection> Connection::Open(const std::string& conninfo, std::stop_token stop,
                                    const std::string& session) {
  TRY(CheckConninfo(conninfo));
  auto state = std::make_unique<State>();
  state->stop = std::move(stop);
  const char* keywords[] = {"fallback_application_name", "dbname", "client_encoding",
                            session.empty() ? nullptr : "application_name", nullptr};
  const char* values[] = {"eclusa", conninfo.c_str(), "UTF8", session.c_str(), nullptr};
  state->session = PQconnectStartParams(keywords, values, /*expand_dbname=*/1);
  if (state->session == nullptr || PQstatus(state->session) == CONNECTION_BAD ||
      !WaitForSession(state->session, state->stop)) {
    if (state->stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    const char* host = PQhost(state->session);
    std::string detail = WithoutTrailingSpace(PQerrorMessage(state->session));
    if (detail.empty()) detail = "timeout";
    return Error(ErrorKind::kUnavailable, code::database_unreachable,
                 {{"host", host == nullptr ? "" : host}, {"detail", std::move(detail)}});
  }
  PQsetnonblocking(state->session, 1);
  PQsetNoticeProcessor(
      state->session, [](void*, const char*) {}, nullptr);
  Connection connection(std::move(state));
  if (connection.server_version() < kServerVersionMin) {
    return Error(ErrorKind::kInvalid, code::database_too_old,
                 {{"version", PQparameterStatus(connection.state_->session, "server_version")}});
  }
  const std::string encoding = PQparameterStatus(connection.state_->session, "server_encoding");
  if (encoding != "UTF8") {
    return Error(ErrorKind::kInvalid, code::database_encoding,
                 {{"encoding", encoding}, {"database", PQdb(connection.state_->session)}});
  }
  TRY(connection.Execute(kSessionSettings));
  return connection;
}

Result<QueryResult> Connection::Execute(const std::string& sql) {
  if (PQsendQuery(state_->session, sql.c_str()) == 0) return state_->Lost();
  return state_->Finish();
}

namespace {

std::vector<const char*> ValuesOf(const Parameters& parameters) {
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters) {
    values.push_back(parameter.has_value() ? parameter->c_str() : nullptr);
  }
  return values;
}

}  // namespace

Result<QueryResult> Connection::Query(const std::string& sql, const Parameters& parameters) {
  const std::vector<const char*> values = ValuesOf(parameters);
  if (PQsendQueryParams(state_->session, sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, /*resultFormat=*/0) == 0) {
    return state_->Lost();
  }
  return state_->Finish();
}

Result<QueryResult> Connection::QueryPrepared(std::string_view sql, const Parameters& parameters) {
  auto known = state_->prepared.find(sql);
  if (known == state_->prepared.end()) {
    std::string text(sql);
    std::string name = "eclusa_" + std::to_string(state_->prepared.size());
    if (PQsendPrepare(state_->session, name.c_str(), text.c_str(), 0, nullptr) == 0) {
      return state_->Lost();
    }
    TRY(state_->Finish());
    known = state_->prepared.emplace(std::move(text), std::move(name)).first;
  }
  const std::vector<const char*> values = ValuesOf(parameters);
  if (PQsendQueryPrepared(state_->session, known->second.c_str(), static_cast<int>(values.size()),
                          values.data(), nullptr, nullptr, /*resultFormat=*/0) == 0) {
    return state_->Lost();
  }
  return state_->Finish();
}

Result<bool> Connection::WaitForNotification(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  bool any = false;
  while (!state_->stop.stop_requested()) {
    if (PQconsumeInput(state_->session) == 0) return state_->Lost();
    while (PGnotify* notification = PQnotifies(state_->session)) {
      PQfreemem(notification);
      any = true;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (any || left.count() <= 0) break;
    pollfd socket{PQsocket(state_->session), POLLIN, 0};
    poll(&socket, 1, static_cast<int>(std::min<int64_t>(left.count(), kStopPollMs)));
  }
  return any;
}

int Connection::server_version() const { return PQserverVersion(state_->session); }
int Connection::backend_pid() const { return PQbackendPID(state_->session); }
bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(state_->session);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}
const ServerError& Connection::last_error() const { return state_->last_error; }
void Connection::SetStopToken(std::stop_token stop) { state_->stop = std::move(stop); }

std::string Connection::Describe() const {
  const std::string host = PQhost(state_->session);
  std::string text = std::string(PQuser(state_->session)) + "@";
  text += host.starts_with("/") ? "local" : host + ":" + PQport(state_->session);
  return text + "/" + PQdb(state_->session);
}

Result<Transaction> Transaction::Begin(Connection& connection) {
  TRY(connection.Execute("BEGIN ISOLATION LEVEL READ COMMITTED"));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  if (connection_ == nullptr || !connection_->in_transaction()) return;
  const std::stop_token stop = std::exchange(connection_->state_->stop, {});
  if (auto done = connection_->Execute("ROLLBACK"); !done.ok()) {
    LogWarning("rollback_failed", {{"code", done.error().code()}});
  }
  connection_->state_->stop = stop;
}

Status Transaction::Commit() && {
  Connection* connection = std::exchange(connection_, nullptr);
  // Meanwhile a stop does not matter: either it is committed, or we must find out.
  const std::stop_token stop = std::exchange(connection->state_->stop, {});
  auto done = connection->Execute("COMMIT");
  connection->state_->stop = stop;
  if (done.ok()) return Ok();
  if (done.error().sql_state() == "08006") {
    return Error(ErrorKind::kCommitUnknown, code::database_commit_unknown);
  }
  return std::move(done).error();
}

Status Transaction::Rollback() && {
  Connection* connection = std::exchange(connection_, nullptr);
  TRY(connection->Execute("ROLLBACK"));
  return Ok();
}

Result<CopyIn> CopyIn::Begin(Connection& connection, const std::string& sql) {
  TRY(connection.Execute(sql));
  return CopyIn(connection);
}

CopyIn::CopyIn(CopyIn&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

CopyIn::~CopyIn() {
  if (connection_ == nullptr) return;
  Connection::State& state = *connection_->state_;
  if (PQputCopyEnd(state.session, "abandoned") != 1) return;
  // The failure that was asked for is the expected answer.
  if (auto done = state.Finish(); done.ok()) LogWarning("copy_not_abandoned");
}

Status CopyIn::Write(std::string_view bytes) {
  Connection::State& state = *connection_->state_;
  if (PQputCopyData(state.session, bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return state.Lost();
  }
  int unsent = PQflush(state.session);
  while (unsent == 1) {
    if (!state.WaitFor(POLLIN | POLLOUT)) return Error(ErrorKind::kCancelled, code::load_cancelled);
    if (PQconsumeInput(state.session) == 0) return state.Lost();
    unsent = PQflush(state.session);
  }
  return unsent == 0 ? Ok() : Status(state.Lost());
}

Result<int64_t> CopyIn::Finish() && {
  Connection::State& state = *std::exchange(connection_, nullptr)->state_;
  if (PQputCopyEnd(state.session, nullptr) == -1) return state.Lost();
  QueryResult result = TRY(state.Finish());
  return result.affected();
}

Result<CopyOut> CopyOut::Begin(Connection& connection, const std::string& sql) {
  TRY(connection.Execute(sql));
  return CopyOut(connection);
}

CopyOut::CopyOut(CopyOut&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

CopyOut::~CopyOut() {
  if (connection_ == nullptr) return;
  Connection::State& state = *connection_->state_;
  state.Cancel();
  char* row = nullptr;
  while (PQgetCopyData(state.session, &row, /*async=*/0) > 0) PQfreemem(row);
  // That it was cancelled is the expected answer.
  if (auto done = state.Finish(); done.ok()) LogDebug("copy_had_ended");
}

Result<std::optional<std::string>> CopyOut::Next() {
  Connection::State& state = *connection_->state_;
  while (true) {
    char* row = nullptr;
    const int length = PQgetCopyData(state.session, &row, /*async=*/1);
    if (length > 0) {
      std::string text(row, static_cast<size_t>(length));
      PQfreemem(row);
      return std::optional(std::move(text));
    }
    if (length < 0) break;
    if (!state.WaitFor(POLLIN)) return Error(ErrorKind::kCancelled, code::load_cancelled);
    if (PQconsumeInput(state.session) == 0) return state.Lost();
  }
  connection_ = nullptr;
  TRY(state.Finish());
  return std::optional<std::string>();
}

}  // namespace eclusa
