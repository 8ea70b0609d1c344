// ExpandPaths: the files that a command line names, in the order of the load.
//
// A path that is there is taken as it is, even with pattern characters in its name; otherwise * ?
// [...] are expanded and sorted by byte. Errors: file.no_match for a pattern without a match,
// file.not_found, file.is_folder for a folder that is named as a file (folders that a pattern
// matches are left out). A file that two arguments name stands twice.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace eclusa {

Result<std::vector<std::string>> ExpandPaths(const std::vector<std::string>& arguments);

}  // namespace eclusa
