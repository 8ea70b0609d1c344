// JsonSink: the Sink of JSON files, one array or an object a line. What it writes is said in
// sink.h.
#pragma once

#include <memory>

#include "core/result.h"
#include "formats/sink.h"

namespace eclusa {

Result<std::unique_ptr<Sink>> CreateJsonSink(const SinkOptions& options);

}  // namespace eclusa
