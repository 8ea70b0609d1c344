// ParquetSink: the Sink of Parquet files. What it writes is said in sink.h.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/sink.h"

namespace eclusa {

Result<std::unique_ptr<Sink>> CreateParquetSink(const SinkOptions& options);

}  // namespace eclusa
