// Uses libpq, libcurl and Parquet in one process, so that the dynamic linker binds them all.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <curl/curl.h>
#include <libpq-fe.h>
#include <parquet/arrow/writer.h>

#include <cstdio>

int main() {
  // No server listens there: libpq gets as far as its own libraries take it.
  PGconn* connection = PQconnectdb("host=/nonexistent sslmode=disable");
  const bool connected = PQstatus(connection) == CONNECTION_OK;
  PQfinish(connection);

  // Nor there: TLS is set up before the connection is refused.
  CURL* request = curl_easy_init();
  curl_easy_setopt(request, CURLOPT_URL, "https://127.0.0.1:1/");
  curl_easy_setopt(request, CURLOPT_PROXY, "");
  const bool answered = curl_easy_perform(request) == CURLE_OK;
  curl_easy_cleanup(request);

  const auto table = arrow::Table::MakeEmpty(arrow::schema({arrow::field("a", arrow::int32())}));
  const auto sink = arrow::io::BufferOutputStream::Create();
  const arrow::Status written =
      parquet::arrow::WriteTable(**table, arrow::default_memory_pool(), *sink);
  std::printf("libpq %d, parquet %s\n", PQlibVersion(), written.ToString().c_str());
  return written.ok() && !connected && !answered ? 0 : 1;
}
