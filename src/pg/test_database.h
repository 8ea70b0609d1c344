// TestDatabase: the server of a test, with a schema of its own per test that goes away with it.
//
// For tests under tools/with_postgres.sh only; CHECKs instead of reporting.
#pragma once

#include <string>

#include "pg/connection.h"

namespace eclusa {

class TestDatabase {
 public:
  // Makes the schema anew and puts it first on the search_path.
  explicit TestDatabase(const std::string& schema);
  ~TestDatabase();

  Connection& connection() { return connection_; }
  const std::string& schema() const { return schema_; }
  // Runs statements that must succeed.
  QueryResult Run(const std::string& sql);
  std::string Text(const std::string& sql);  // the first value of the last result
  // Another session, on the same search_path.
  Connection Open() const;

 private:
  std::string schema_;
  Connection connection_;
};

}  // namespace eclusa
