// The Sinks of text: CSV and JSON Lines. What they write is said in sink.h.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/sink.h"

namespace eclusa {

// Without a quote character, delimiters and line ends in values are written as spaces.
Result<std::unique_ptr<Sink>> CreateCsvSink(const SinkOptions& options);
Result<std::unique_ptr<Sink>> CreateJsonLinesSink(const SinkOptions& options);

}  // namespace eclusa
