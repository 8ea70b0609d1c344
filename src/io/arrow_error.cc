#include "io/arrow_error.h"

#include <arrow/status.h>
#include <arrow/util/io_util.h>

#include <cerrno>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr const char* kCarriedError = "eclusa::CarriedError";

class CarriedError final : public arrow::StatusDetail {
 public:
  explicit CarriedError(Error error) : error_(std::move(error)) {}
  const char* type_id() const override { return kCarriedError; }
  std::string ToString() const override { return error_.code(); }
  const Error& error() const { return error_; }

 private:
  Error error_;
};

}  // namespace

arrow::Status ArrowStatus(Error error) {
  const auto code = error.kind() == ErrorKind::kCancelled ? arrow::StatusCode::Cancelled
                                                          : arrow::StatusCode::IOError;
  std::string message = error.code();
  return {code, std::move(message), std::make_shared<CarriedError>(std::move(error))};
}

Error ArrowError(const arrow::Status& status, const std::string& path, ArrowOperation operation) {
  CHECK(!status.ok());
  if (const auto& detail = status.detail();
      detail != nullptr && std::string_view(detail->type_id()) == kCarriedError) {
    return static_cast<const CarriedError&>(*detail).error();
  }
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
