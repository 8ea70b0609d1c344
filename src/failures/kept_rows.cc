#include "failures/kept_rows.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/compression.h>

#include "model/codes.h"

namespace eclusa {
namespace {

Error NotKept(const arrow::Status& status) {
  return Error(ErrorKind::kInternal, code::failures_not_kept, {{"detail", status.message()}});
}

arrow::Result<std::shared_ptr<arrow::Buffer>> Encode(const Rows& rows) {
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.use_threads = false;
  ARROW_ASSIGN_OR_RAISE(options.codec, arrow::util::Codec::Create(arrow::Compression::ZSTD));
  ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::BufferOutputStream::Create());
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeStreamWriter(sink, rows->schema(), options));
  ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*rows));
  ARROW_RETURN_NOT_OK(writer->Close());
  return sink->Finish();
}

arrow::Result<Rows> Decode(std::string_view bytes) {
  // The reader may point into the buffer, so it gets a copy that lives as long as the rows.
  auto source =
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::string(bytes)));
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(source, options));
  Rows rows;
  ARROW_RETURN_NOT_OK(reader->ReadNext(&rows));
  if (rows == nullptr) return arrow::Status::Invalid("no rows");
  ARROW_RETURN_NOT_OK(rows->Validate());
  return rows;
}

}  // namespace

Result<Rows> SelectRows(const Rows& rows, const std::vector<int64_t>& indices) {
  arrow::Int64Builder builder;
  if (const auto appended = builder.AppendValues(indices); !appended.ok()) return NotKept(appended);
  const auto index_array = builder.Finish();
  if (!index_array.ok()) return NotKept(index_array.status());
  const auto taken = arrow::compute::Take(rows, arrow::Datum(*index_array),
                                          arrow::compute::TakeOptions::BoundsCheck());
  if (!taken.ok()) return NotKept(taken.status());
  return taken->record_batch();
}

Rows NoRows(const Rows& rows) {
  // Not a slice, which would keep all rows in memory.
  auto none = arrow::RecordBatch::MakeEmpty(rows->schema());
  CHECK(none.ok());
  return *std::move(none);
}

Result<Rows> JoinRows(const std::vector<Rows>& pieces) {
  CHECK(!pieces.empty());
  if (pieces.size() == 1) return pieces.front();
  auto joined = arrow::ConcatenateRecordBatches(pieces);
  if (!joined.ok()) return NotKept(joined.status());
  return *std::move(joined);
}

Result<std::string> EncodeRows(const Rows& rows) {
  const auto encoded = Encode(rows);
  if (!encoded.ok()) return NotKept(encoded.status());
  return (*encoded)->ToString();
}

Result<Rows> DecodeRows(std::string_view bytes, int64_t job_id, int64_t batch) {
  auto decoded = Decode(bytes);
  if (decoded.ok()) return *std::move(decoded);
  return Error(ErrorKind::kInternal, code::failures_damaged,
               {{"job", std::to_string(job_id)},
                {"batch", std::to_string(batch)},
                {"detail", decoded.status().message()}});
}

}  // namespace eclusa
