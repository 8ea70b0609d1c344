// ArrowError: a failed arrow::Status as an Error that names the file, and back. The only
// translator.
//
// A status that carries an errno goes through ErrnoError; out of memory is kUnavailable, cancelled
// is kCancelled. What is left means that the file's content is not what it should be: it gets the
// code of the caller (parquet.damaged), with the library's sentence as {detail}. An Error that went
// through Arrow as ArrowStatus comes out as it was.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "io/errno_error.h"

namespace arrow {
class Status;
}

namespace eclusa {

struct ArrowOperation {
  FileAction action = FileAction::kRead;
  std::string_view otherwise;  // code for what has no better one; gets {path} and {detail}
};

Error ArrowError(const arrow::Status& status, const std::string& path, ArrowOperation operation);

// For files of our own that Arrow reads from: carries `error` to the ArrowError of the reader.
arrow::Status ArrowStatus(Error error);

}  // namespace eclusa
