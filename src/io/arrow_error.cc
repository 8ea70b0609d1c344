#include "io/arrow_error.h"

#include <arrow/status.h>
#include <arrow/util/io_util.h>

#include <cerrno>

#include "model/codes.h"

namespace eclusa {

Error ArrowError(const arrow::Status& status, const std::string& path, ArrowOperation operation) {
  CHECK(!status.ok());
  if (const int number = arrow::internal::ErrnoFromStatus(status); number != 0) {
    return ErrnoError(number, operation.action, path);
  }
  if (status.IsCancelled()) return {ErrorKind::kCancelled, code::load_cancelled};
  if (status.IsOutOfMemory()) return ErrnoError(ENOMEM, operation.action, path);
  // One line: the sentences of the library may go on with a trace of its own calls.
  std::string detail = status.message().substr(0, status.message().find('\n'));
  return {
      ErrorKind::kInvalid, operation.otherwise, {{"path", path}, {"detail", std::move(detail)}}};
}

}  // namespace eclusa
