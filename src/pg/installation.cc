#include "pg/installation.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "model/codes.h"
#include "pg/child_process.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kProgramTime{30};

bool Executable(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

std::vector<std::string> FoldersOf(const std::string& path) {
  std::vector<std::string> folders;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    if (end > begin) folders.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return folders;
}

std::optional<std::string> InPath(const std::string& path, const std::string& program) {
  for (const std::string& folder : FoldersOf(path)) {
    if (Executable(folder + "/" + program)) return folder + "/" + program;
  }
  return std::nullopt;
}

std::optional<int> AsNumber(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What a folder of packages holds, newest first.
std::vector<Installation> Packages(const std::string& dir) {
  std::vector<Installation> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, ignored)) {
    if (const auto major = AsNumber(entry.path().filename().string())) {
      found.push_back({entry.path().string() + "/bin", *major});
    }
  }
  std::ranges::sort(found, std::greater<>(), &Installation::major);
  return found;
}

// Places that may hold a PostgreSQL, best first; the major version is 0 where the place does not
// tell. May name one twice.
class Places {
 public:
  explicit Places(const InstallationSearch& search) : search_(search) {
    for (const std::string& dir : search.package_dirs) {
      for (Installation& package : Packages(dir)) packages_.push_back(std::move(package));
    }
  }

  std::vector<Installation> Packaged(const std::string& major) const {
    std::vector<Installation> found;
    if (!search_.bindir.empty()) return found;
    std::ranges::copy_if(packages_, std::back_inserter(found), [&](const Installation& package) {
      return std::to_string(package.major) == major;
    });
    return found;
  }

  std::vector<Installation> All() const {
    if (!search_.bindir.empty()) return {{search_.bindir, 0}};
    std::vector<Installation> found;
    if (const auto pg_config = InPath(search_.path, "pg_config")) {
      const Result<ProgramEnd> end = RunProgram({*pg_config, "--bindir"}, kProgramTime);
      if (end.ok() && end->status == 0) {
        const std::string bindir = end->output.substr(0, end->output.find('\n'));
        const auto package = std::ranges::find(packages_, bindir, &Installation::bindir);
        found.push_back({bindir, package == packages_.end() ? 0 : package->major});
      }
    }
    found.insert(found.end(), packages_.begin(), packages_.end());
    for (const std::string& bindir : search_.more_bindirs) found.push_back({bindir, 0});
    return found;
  }

 private:
  const InstallationSearch& search_;
  std::vector<Installation> packages_;
};

bool HasServer(const Installation& place) {
  return Executable(place.bindir + "/initdb") && Executable(place.bindir + "/postgres");
}

// "postgres (PostgreSQL) 15.14 (Debian ...)", "... 18beta1": 0 where it is not understood.
int MajorOf(const std::string& bindir) {
  const Result<ProgramEnd> end = RunProgram({bindir + "/postgres", "--version"}, kProgramTime);
  if (!end.ok() || end->status != 0) return 0;
  static constexpr std::string_view kBefore = "(PostgreSQL) ";
  const size_t at = end->output.find(kBefore);
  if (at == std::string::npos) return 0;
  int major = 0;
  std::from_chars(end->output.data() + at + kBefore.size(), end->output.data() + end->output.size(),
                  major);
  return major;
}

}  // namespace

Result<Installation> FindInstallation(const InstallationSearch& search,
                                      const std::string& data_major) {
  const Places places(search);
  for (const Installation& package : places.Packaged(data_major)) {
    if (package.major >= kMajorMin && HasServer(package)) return package;
  }
  std::string seen;
  int newest_seen = 0;
  for (Installation& place : places.All()) {
    if (!HasServer(place)) continue;
    if (place.major == 0) place.major = MajorOf(place.bindir);
    const std::string major = std::to_string(place.major);
    if (place.major >= kMajorMin && (data_major.empty() || data_major == major)) return place;
    newest_seen = std::max(newest_seen, place.major);
    const bool told = (", " + seen + ", ").find(", " + major + ", ") != std::string::npos;
    if (place.major > 0 && !told) seen.append(seen.empty() ? "" : ", ").append(major);
  }
  if (newest_seen == 0) return Error(ErrorKind::kNotFound, code::server_not_installed);
  if (newest_seen < kMajorMin) {
    return Error(ErrorKind::kInvalid, code::server_too_old, {{"version", seen}});
  }
  return Error(ErrorKind::kInvalid, code::server_other_major,
               {{"found", data_major}, {"installed", seen}});
}

Result<std::string> FindPsql(const InstallationSearch& search) {
  if (auto in_path = InPath(search.path, "psql")) return *std::move(in_path);
  for (const Installation& place : Places(search).All()) {
    if (Executable(place.bindir + "/psql")) return place.bindir + "/psql";
  }
  return Error(ErrorKind::kNotFound, code::server_no_psql);
}

}  // namespace eclusa
