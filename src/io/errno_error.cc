#include "io/errno_error.h"

#include <cerrno>
#include <system_error>

#include "model/codes.h"

namespace eclusa {

Error ErrnoError(int error_number, FileAction action, const std::string& path) {
  ErrorArguments arguments = {{"path", path},
                              {"detail", std::generic_category().message(error_number)}};
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorKind::kNotFound,
              action == FileAction::kRead ? code::file_not_found : code::file_no_folder,
              std::move(arguments)};
    case EISDIR:
      return {ErrorKind::kInvalid, code::file_is_folder, std::move(arguments)};
    case EACCES:
    case EPERM:
      return {ErrorKind::kInvalid, code::file_no_permission, std::move(arguments)};
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {ErrorKind::kUnavailable, code::file_disk_full, std::move(arguments)};
    case ECANCELED:
      return {ErrorKind::kCancelled, code::load_cancelled};
    case ENAMETOOLONG:
    case ELOOP:
    case EINVAL:
    case EROFS:
      return {ErrorKind::kInvalid,
              action == FileAction::kRead ? code::file_read_failed : code::file_write_failed,
              std::move(arguments)};
    default:
      return {ErrorKind::kUnavailable,
              action == FileAction::kRead ? code::file_read_failed : code::file_write_failed,
              std::move(arguments)};
  }
}

}  // namespace eclusa
