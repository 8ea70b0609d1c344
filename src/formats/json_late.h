// MarkLateFields: which of the fields that a caller expects a JSON file has behind its head only.
//
// The columns of a JSON file are those of its head (json_source.h). Where a field that the caller
// knows comes later for the first time it has to be a column all the same, so that the rest of the
// file is looked at before it is opened for reading: for the bytes of the names first, at about the
// speed of the disk, and only where one of them stands there as a name, document by document.
// Threads: the caller's. Memory: that of a JsonSource. Errors: those of Input and Source;
// load.cancelled.
#pragma once

#include <stop_token>
#include <vector>

#include "core/result.h"
#include "formats/source.h"

namespace eclusa {

// `source` is the file as it was opened with `options`. Fields of options->expected that any
// document has become `always` and take the file's spelling of their name. True: one that `source`
// lacks is among them, and the file is to be opened again.
Result<bool> MarkLateFields(const Source& source, const std::stop_token& stop,
                            SourceOptions* options);

}  // namespace eclusa
