// CsvSink: the Sink of CSV files. What it writes is said in sink.h.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/sink.h"

namespace eclusa {

// Without a quote character, delimiters and line ends in values are written as spaces.
Result<std::unique_ptr<Sink>> CreateCsvSink(const SinkOptions& options);

}  // namespace eclusa
