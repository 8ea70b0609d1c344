#include "io/glob.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "io/errno_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

bool IsPattern(const std::string& text) { return text.find_first_of("*?[") != text.npos; }

Result<std::vector<std::string>> Expand(const std::string& pattern) {
  glob_t found = {};
  const int outcome = glob(pattern.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &found);
  const int error_number = errno;
  std::vector<std::string> paths;
  for (size_t i = 0; i < found.gl_pathc; ++i) {
    struct stat about = {};
    const std::string path = found.gl_pathv[i];
    if (stat(path.c_str(), &about) == 0 && !S_ISDIR(about.st_mode)) paths.push_back(path);
  }
  globfree(&found);
  if (outcome == GLOB_ABORTED || outcome == GLOB_NOSPACE) {
    return ErrnoError(outcome == GLOB_NOSPACE ? ENOMEM : error_number, FileAction::kRead, pattern);
  }
  if (paths.empty()) {
    return Error(ErrorKind::kNotFound, code::file_no_match, {{"pattern", pattern}});
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Result<std::vector<std::string>> ExpandPaths(const std::vector<std::string>& arguments) {
  std::vector<std::string> paths;
  for (const std::string& argument : arguments) {
    struct stat about = {};
    if (stat(argument.c_str(), &about) == 0) {
      if (S_ISDIR(about.st_mode)) return ErrnoError(EISDIR, FileAction::kRead, argument);
      paths.push_back(argument);
    } else if (errno == ENOENT && IsPattern(argument)) {
      const std::vector<std::string> found = TRY(Expand(argument));
      paths.insert(paths.end(), found.begin(), found.end());
    } else {
      return ErrnoError(errno, FileAction::kRead, argument);
    }
  }
  return paths;
}

}  // namespace eclusa
