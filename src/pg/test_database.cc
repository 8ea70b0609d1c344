#include "pg/test_database.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "core/check.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

Connection OpenForTest() {
  const char* conninfo = std::getenv("ECLUSA_TEST_DB");
  CHECK(conninfo != nullptr);
  auto connection = Connection::Open(conninfo, {});
  CHECK(connection.ok());
  return *std::move(connection);
}

QueryResult RunOn(Connection& connection, const std::string& sql) {
  auto done = connection.Execute(sql);
  if (!done.ok()) {
    std::printf("%s\n%s\n", connection.last_error().message.c_str(), sql.c_str());
    std::fflush(stdout);
  }
  CHECK(done.ok());
  return *std::move(done);
}

}  // namespace

TestDatabase::TestDatabase(const std::string& schema)
    : schema_(schema), connection_(OpenForTest()) {
  const std::string quoted = QuoteIdentifier(schema_);
  RunOn(connection_, "DROP SCHEMA IF EXISTS " + quoted + " CASCADE; CREATE SCHEMA " + quoted +
                         "; SET search_path = " + quoted + ", public");
}

TestDatabase::~TestDatabase() {
  RunOn(connection_, "RESET ROLE; DROP SCHEMA " + QuoteIdentifier(schema_) + " CASCADE");
}

QueryResult TestDatabase::Run(const std::string& sql) { return RunOn(connection_, sql); }

std::string TestDatabase::Text(const std::string& sql) {
  const QueryResult rows = Run(sql);
  return std::string(rows.Text(0, 0));
}

Connection TestDatabase::Open() const {
  Connection connection = OpenForTest();
  RunOn(connection, "SET search_path = " + QuoteIdentifier(schema_) + ", public");
  return connection;
}

}  // namespace eclusa
