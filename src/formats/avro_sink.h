// AvroSink: the Sink of Avro object container files, in blocks of 64 KiB compressed with deflate,
// which every reader of Avro has to know; the schema's JsonMarks (json_marks.h) are kept in the
// header. What becomes of which type is said in avro_encoder.h.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/sink.h"

namespace eclusa {

Result<std::unique_ptr<Sink>> CreateAvroSink(const SinkOptions& options);

}  // namespace eclusa
