// ControlFixture: a database of its own for each test, with the control schema in it. For tests.
//
// The server is ECLUSA_TEST_DB (tools/with_postgres.sh). Connect gives further sessions, As
// sessions of another role.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "control/files.h"
#include "control/job.h"
#include "control/schema.h"
#include "pg/connection.h"

namespace eclusa {

class ControlFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* server = std::getenv("ECLUSA_TEST_DB");
    ASSERT_NE(server, nullptr) << "run under tools/with_postgres.sh";
    server_ = server;
    static int made = 0;
    database_ = "control_" + std::to_string(getpid()) + "_" + std::to_string(++made);
    Connection maker = Open(server_);
    Must(maker, "CREATE DATABASE " + database_);
    connection_.emplace(Connect());
    if (with_schema_) {
      auto ensured = EnsureSchema(*connection_);
      ASSERT_TRUE(ensured.ok()) << ensured.error().code();
    }
  }

  void TearDown() override {
    connection_.reset();
    Connection maker = Open(server_);
    Must(maker, "DROP DATABASE IF EXISTS " + database_ + " WITH (FORCE)");
  }

  static Connection Open(const std::string& conninfo) {
    auto opened = Connection::Open(conninfo, {});
    CHECK(opened.ok());
    return std::move(opened).value();
  }
  std::string Conninfo() const { return server_ + " dbname=" + database_; }
  Connection Connect() const { return Open(Conninfo()); }
  Connection As(const std::string& role) const {
    return Open(server_ + " dbname=" + database_ + " user=" + role);
  }

  Connection& db() { return *connection_; }

  static void Must(Connection& connection, const std::string& sql) {
    const auto done = connection.Execute(sql);
    ASSERT_TRUE(done.ok()) << sql << ": " << connection.last_error().message;
  }
  // The first column of the first row as text, "null" for a null, "none" for no row.
  static std::string Ask(Connection& connection, const std::string& sql) {
    const auto found = connection.Execute(sql);
    if (!found.ok()) return "error: " + connection.last_error().message;
    if (found->rows() == 0) return "none";
    return found->Optional(0, 0).value_or("null");
  }
  std::string Ask(const std::string& sql) { return Ask(db(), sql); }

  Job MakeJob(Connection& connection, bool dry_run = false, Mode mode = Mode::kUpsert) {
    auto made = CreateJob(connection, {.parent_id = {},
                                       .target = {"public", "people"},
                                       .dataset = "people",
                                       .mode = mode,
                                       .contract_digest = std::string(64, 'c'),
                                       .contract_text = "name: people",
                                       .dry_run = dry_run});
    CHECK(made.ok());
    return *made;
  }
  void AddFile(const Job& job, int ordinal, char digest = 'a') {
    const auto recorded = RecordFile(db(), job,
                                     {.ordinal = ordinal,
                                      .path = "in/" + std::to_string(ordinal) + ".csv",
                                      .format = "csv",
                                      .compression = "none",
                                      .size = 10,
                                      .mtime_us = 1'700'000'000'123'456,
                                      .sha256 = std::string(64, digest)});
    CHECK(recorded.ok());
  }
  // A row of eclusa.failures as a checker's failure would be.
  void AddFailure(const Job& job, int file, int row, const std::string& code = "type.integer") {
    Must(db(),
         "INSERT INTO eclusa.failures (job_id, file, row, reasons, codes, first_code, batch, raw) "
         "VALUES (" +
             std::to_string(job.id) + "," + std::to_string(file) + "," + std::to_string(row) +
             ", '[{\"code\": \"" + code + "\"}]', '{" + code + "}', '" + code + "', 0, 'x')");
  }

  bool with_schema_ = true;

 private:
  std::string server_;
  std::string database_;
  std::optional<Connection> connection_;
};

}  // namespace eclusa
