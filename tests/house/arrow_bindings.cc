// Uses libpq and Parquet in one process, so that the dynamic linker binds both.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <libpq-fe.h>
#include <parquet/arrow/writer.h>

#include <cstdio>

int main() {
  // No server listens there: libpq gets as far as its own libraries take it.
  PGconn* connection = PQconnectdb("host=/nonexistent sslmode=disable");
  const bool connected = PQstatus(connection) == CONNECTION_OK;
  PQfinish(connection);

  const auto table = arrow::Table::MakeEmpty(arrow::schema({arrow::field("a", arrow::int32())}));
  const auto sink = arrow::io::BufferOutputStream::Create();
  const arrow::Status written =
      parquet::arrow::WriteTable(**table, arrow::default_memory_pool(), *sink);
  std::printf("libpq %d, parquet %s\n", PQlibVersion(), written.ToString().c_str());
  return written.ok() && !connected ? 0 : 1;
}
