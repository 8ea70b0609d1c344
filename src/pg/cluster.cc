#include "pg/cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "core/log.h"
#include "model/codes.h"
#include "pg/child_process.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kInitTime{600};
constexpr std::chrono::seconds kProgramTime{30};
// A fast shutdown writes a checkpoint; an immediate one and SIGKILL only have to be noticed.
constexpr std::chrono::seconds kFastTime{300};
constexpr std::chrono::seconds kImmediateTime{10};
constexpr uint64_t kMiB = 1024 * 1024;
constexpr std::string_view kNoSpace = "No space left on device";

uint64_t UsableMemory() {
  const auto pages = static_cast<uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  uint64_t memory = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  std::ifstream limit_file("/sys/fs/cgroup/memory.max");  // a container may have less
  if (uint64_t limit = 0; limit_file >> limit) memory = std::min(memory, limit);
  return memory;
}

// PostgreSQL's processes have its data folder as working directory.
std::vector<pid_t> ProcessesOn(const std::string& cluster) {
  std::vector<pid_t> processes;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong != std::errc() || end != name.data() + name.size()) continue;
    std::error_code gone;
    if (fs::read_symlink(entry.path() / "cwd", gone).string() != cluster || gone) continue;
    std::ifstream command(entry.path() / "comm");
    if (std::string comm; std::getline(command, comm) && comm == "postgres") {
      processes.push_back(pid);
    }
  }
  return processes;
}

// False: a process lives on after that time.
bool WaitForEnd(const std::vector<pid_t>& processes, std::chrono::seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  bool all = true;
  for (const pid_t pid : processes) {
    const int fd = OpenProcess(pid);
    if (fd < 0) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    pollfd ended{fd, POLLIN, 0};
    if (poll(&ended, 1, std::max(0, static_cast<int>(left.count()))) <= 0) all = false;
    close(fd);
  }
  return all;
}

void Signal(const std::vector<pid_t>& processes, int number) {
  for (const pid_t pid : processes) kill(pid, number);
}

Status EndProcesses(const ServerFolder& folder) {
  std::vector<pid_t> processes = ProcessesOn(folder.cluster());
  if (processes.empty()) return Ok();
  LogWarning("server_left_behind", {{"processes", std::to_string(processes.size())}});
  const std::optional<Postmaster> postmaster = ReadPostmaster(folder);
  if (postmaster && std::ranges::count(processes, postmaster->pid) > 0) {
    Signal({postmaster->pid}, SIGINT);
    WaitForEnd(processes, kFastTime);
  }
  for (const int number : {SIGQUIT, SIGKILL}) {
    processes = ProcessesOn(folder.cluster());
    if (processes.empty()) return Ok();
    Signal(processes, number);
    WaitForEnd(processes, kImmediateTime);
  }
  processes = ProcessesOn(folder.cluster());
  if (processes.empty()) return Ok();
  return Error(ErrorKind::kUnavailable, code::server_will_not_end,
               {{"path", folder.path}, {"process", std::to_string(processes.front())}});
}

Error InitFailure(const ServerFolder& folder, const std::string& said) {
  if (said.find(kNoSpace) != std::string::npos) return CannotWrite(folder.path, ENOSPC);
  // initdb says what is wrong in lines "initdb: error: ..." or "FATAL: ...", then what it removes.
  std::string detail;
  for (const std::string_view mark : {"error: ", "FATAL:  ", "PANIC:  "}) {
    const size_t at = said.find(mark);
    if (at == std::string::npos) continue;
    detail = said.substr(at + mark.size(), said.find('\n', at) - at - mark.size());
    break;
  }
  if (detail.empty()) detail = said.substr(said.size() - std::min<size_t>(said.size(), 200));
  return {ErrorKind::kUnavailable,
          code::server_init_failed,
          {{"path", folder.path}, {"detail", detail}}};
}

std::string Locale() {
  const locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", nullptr);
  if (locale == nullptr) return "C";
  freelocale(locale);
  return "C.UTF-8";
}

// lz4 where this PostgreSQL was built with it.
std::string WalCompression(const std::string& bindir, const std::string& data) {
  const Result<ProgramEnd> end = RunProgram(
      {bindir + "/postgres", "-D", data, "-C", "wal_compression", "-c", "wal_compression=lz4"},
      kProgramTime);
  return end.ok() && end->status == 0 ? "lz4" : "on";
}

Status WriteSettings(const std::string& data, const std::string& bindir) {
  const std::string settings_path = data + "/eclusa.conf";
  std::ofstream settings(settings_path);
  settings << SettingsFor(UsableMemory(), WalCompression(bindir, data)) << std::flush;
  if (!settings) return CannotWrite(settings_path, errno);
  std::ofstream main(data + "/postgresql.conf", std::ios::app);
  main << "\ninclude 'eclusa.conf'\n" << std::flush;
  if (!main) return CannotWrite(data + "/postgresql.conf", errno);
  return Ok();
}

}  // namespace

std::string SettingsFor(uint64_t memory_bytes, std::string_view wal_compression) {
  const uint64_t memory = memory_bytes / kMiB;
  return fmt::format(
      "# Written by eclusa when it made this server; yours to change.\n"
      "# Memory: {} MiB.\n"
      "shared_buffers = {}MB\n"
      "effective_cache_size = {}MB\n"
      "maintenance_work_mem = {}MB\n"
      "work_mem = {}MB\n"
      "# Loads come in bursts: let a checkpoint wait until one is over.\n"
      "max_wal_size = 4GB\n"
      "checkpoint_timeout = 15min\n"
      "wal_compression = {}\n"
      "wal_buffers = 16MB\n"
      "# Compiling the statements of a load costs more than it saves.\n"
      "jit = off\n"
      "# No errors of statements: their texts hold values of rows.\n"
      "log_min_messages = log\n"
      "log_min_error_statement = panic\n"
      "log_error_verbosity = terse\n"
      "log_checkpoints = off\n",
      memory, std::clamp<uint64_t>(memory / 8, 64, 1024), std::max<uint64_t>(memory / 2, 128),
      std::clamp<uint64_t>(memory / 16, 64, 512), std::clamp<uint64_t>(memory / 64, 8, 64),
      wal_compression);
}

Status MakeCluster(const ServerFolder& folder, const std::string& bindir) {
  const std::string data = folder.cluster() + ".new." + std::to_string(getpid());
  const std::string locale = Locale();
  const ProgramEnd end =
      TRY(RunProgram({bindir + "/initdb", "--no-sync", "--no-instructions", "--encoding=UTF8",
                      "--locale=" + locale, "--auth=trust",
                      "--username=" + std::string(kServerRole), "--pgdata=" + data},
                     kInitTime));
  std::error_code ignored;
  if (end.status != 0) {
    fs::remove_all(data, ignored);
    return InitFailure(folder, end.output);
  }
  TRY(WriteSettings(data, bindir));
  if (rename(data.c_str(), folder.cluster().c_str()) != 0) {
    return CannotWrite(folder.cluster(), errno);
  }
  return Ok();
}

void SyncClusterInBackground(const ServerFolder& folder) {
  const int fd = open(folder.cluster().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  std::thread([fd] {
    syncfs(fd);
    close(fd);
  }).detach();
}

Status ClearLeftovers(const ServerFolder& folder) {
  TRY(EndProcesses(folder));
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder.path, error)) {
    if (entry.path().filename().string().starts_with("cluster.new.")) {
      std::error_code ignored;
      fs::remove_all(entry.path(), ignored);
    }
  }
  // PostgreSQL trusts a lock file as long as any process has its number; we looked closer.
  const std::string socket = fmt::format("{}/.s.PGSQL.{}", folder.socket_dir, kServerPort);
  for (const std::string& file : {folder.cluster() + "/postmaster.pid", socket, socket + ".lock"}) {
    if (unlink(file.c_str()) != 0 && errno != ENOENT) return CannotWrite(file, errno);
  }
  return Ok();
}

Result<pid_t> StartPostgres(const ServerFolder& folder, const std::string& bindir, int log) {
  // A list of folders in quotes, a quote in it written twice.
  std::string socket_dirs = "unix_socket_directories=\"";
  for (const char c : folder.socket_dir) socket_dirs.append(c == '"' ? 2 : 1, c);
  socket_dirs.push_back('"');
  return StartChild(
      {.program = {},
       .arguments = {bindir + "/postgres", "-D", folder.cluster(), "-c", "listen_addresses=", "-c",
                     socket_dirs, "-c", fmt::format("port={}", kServerPort), "-c",
                     "unix_socket_permissions=0700", "-c", "logging_collector=off"},
       .output = log,
       .death_signal = SIGINT});
}

Error StartFailure(const ServerFolder& folder, std::string_view said) {
  if (said.find(kNoSpace) != std::string_view::npos) return CannotWrite(folder.path, ENOSPC);
  std::string_view detail;
  for (const std::string_view mark : {"FATAL:  ", "PANIC:  ", "error: "}) {
    const size_t at = said.find(mark);
    if (at == std::string_view::npos) continue;
    detail = said.substr(at + mark.size());
    detail = detail.substr(0, detail.find('\n'));
    break;
  }
  if (detail.empty()) {
    while (said.ends_with('\n')) said.remove_suffix(1);
    detail = said.substr(said.rfind('\n') + 1);
  }
  return {ErrorKind::kUnavailable,
          code::server_did_not_start,
          {{"detail", std::string(detail)}, {"log", folder.log()}}};
}

}  // namespace eclusa
