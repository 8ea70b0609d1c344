// Real servers, started and killed. This executable is its own supervisor, so it brings its own
// main.
#include "pg/private_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "model/codes.h"
#include "pg/child_process.h"
#include "pg/cluster.h"
#include "pg/connection.h"
#include "pg/server_folder.h"
#include "pg/supervisor.h"

namespace eclusa {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

WaitLimit Minute() { return {std::chrono::steady_clock::now() + std::chrono::minutes(1), {}}; }

std::string Explain(const Error& error) {
  return error.code() + ": " + Text(error, Language::kEnglish);
}

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) {
    ADD_FAILURE() << Explain(result.error());
    std::abort();
  }
  return std::move(result).value();
}

// A zombie does not: whoever inherited it may be slow to bury it.
bool Lives(pid_t pid) {
  const int process = pid > 0 ? OpenProcess(pid) : -1;
  if (process < 0) return false;
  pollfd ended{process, POLLIN, 0};
  const bool lives = poll(&ended, 1, 0) == 0;
  close(process);
  return lives;
}

class PrivateServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/eclusa-server-test.XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    chmod(name.c_str(), 0755);  // root's server is not root
    root_ = name;
    options_.data_dir = root_ + "/pg";
  }

  void TearDown() override {
    (void)PrivateServer::Stop(options_, true);
    fs::remove_all(root_);
  }

  std::string Ask(const std::string& conninfo, const std::string& sql) {
    Result<Connection> connection = Connection::Open(conninfo, {});
    if (!connection.ok()) return Explain(connection.error());
    Result<QueryResult> answer = connection->Execute(sql);
    if (!answer.ok()) return Explain(answer.error());
    return answer->rows() == 0 ? "" : std::string(answer->Text(0, 0));
  }

  PrivateServerStatus StatusNow() { return Must(PrivateServer::GetStatus(options_)); }

  ServerFolder Folder() { return Must(FindServerFolder(options_.data_dir)).value(); }

  // True when the supervisor is gone, and the server with it.
  bool Ends(pid_t server) {
    FileLock lock = Must(FileLock::Open(Folder().supervisor_lock()));
    return lock.Lock(FileLock::Mode::kShared, Minute()) && !Lives(server);
  }

  // Until a process that is nobody's child here is gone.
  static void KillAndWait(pid_t pid) {
    const int fd = OpenProcess(pid);
    ASSERT_GE(fd, 0);
    kill(pid, SIGKILL);
    pollfd ended{fd, POLLIN, 0};
    EXPECT_EQ(poll(&ended, 1, 60'000), 1);
    close(fd);
  }

  // A second process that uses the server until it is killed.
  pid_t UseInChild() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      const Result<PrivateServer> server = PrivateServer::Use(options_);
      const char said = server.ok() ? 'y' : 'n';
      if (write(ends[1], &said, 1) == 1) pause();
      _exit(1);
    }
    close(ends[1]);
    char said = 0;
    EXPECT_EQ(read(ends[0], &said, 1), 1);
    EXPECT_EQ(said, 'y');
    close(ends[0]);
    return child;
  }

  std::string root_;
  PrivateServerOptions options_;
};

TEST_F(PrivateServerTest, MakesAServerThatAnswersAndStopsWithItsLastUser) {
  pid_t server = 0;
  {
    const PrivateServer used = Must(PrivateServer::Use(options_));
    EXPECT_EQ(Ask(used.conninfo(), "SELECT current_user || ' ' || current_setting('fsync')"),
              "eclusa on");
    EXPECT_EQ(Ask(used.conninfo(), "SHOW server_encoding"), "UTF8");
    EXPECT_EQ(Ask(used.conninfo(), "SHOW listen_addresses"), "");
    EXPECT_EQ(Ask(used.conninfo(), "SHOW max_wal_size"), "4GB");
    const PrivateServerStatus status = StatusNow();
    EXPECT_TRUE(status.running);
    EXPECT_FALSE(status.stays);
    EXPECT_THAT(status.users, ElementsAre(getpid()));
    EXPECT_EQ(Ask(status.url, "SELECT 'by url'"), "by url");
    server = status.server;
    struct stat about {};
    ASSERT_EQ(stat(options_.data_dir.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777, 0700U);
  }
  EXPECT_TRUE(Ends(server));
  EXPECT_FALSE(fs::exists(Folder().cluster() + "/postmaster.pid")) << "not stopped cleanly";
  EXPECT_FALSE(StatusNow().running);
}

TEST_F(PrivateServerTest, KeepsDataFromOneStartToTheNext) {
  {
    const PrivateServer used = Must(PrivateServer::Use(options_));
    EXPECT_EQ(Ask(used.conninfo(), "CREATE TABLE kept AS SELECT 42 AS n"), "");
  }
  const PrivateServer again = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(again.conninfo(), "SELECT n FROM kept"), "42");
}

TEST_F(PrivateServerTest, TwoProcessesShareOne) {
  const pid_t other = UseInChild();
  const pid_t server = StatusNow().server;
  {
    const PrivateServer used = Must(PrivateServer::Use(options_));
    EXPECT_EQ(StatusNow().server, server);
    EXPECT_THAT(StatusNow().users, testing::UnorderedElementsAre(other, getpid()));
  }
  // The first out leaves it running.
  EXPECT_EQ(Ask(StatusNow().conninfo, "SELECT 1"), "1");
  // The second is killed: the kernel gives its lock back.
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  EXPECT_TRUE(Ends(server));
}

TEST_F(PrivateServerTest, ManyAtOnceOnANewFolderStartOne) {
  std::vector<std::thread> threads;
  std::vector<std::string> answers(6);
  std::mutex mutex;
  std::vector<PrivateServer> held;
  for (std::string& answer : answers) {
    threads.emplace_back([this, &answer, &mutex, &held] {
      Result<PrivateServer> used = PrivateServer::Use(options_);
      answer = used.ok() ? Ask(used->conninfo(), "SELECT pg_postmaster_start_time()")
                         : Explain(used.error());
      const std::lock_guard lock(mutex);
      if (used.ok()) held.push_back(std::move(*used));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held.size(), answers.size());
  EXPECT_THAT(answers, testing::Each(answers.front()));
}

TEST_F(PrivateServerTest, StartsAndStopsOverAndOverWithoutARace) {
  const PrivateServer keep_data_dir = Must(PrivateServer::Use(options_));
  std::vector<std::thread> threads;
  std::vector<std::string> wrong(3);
  for (std::string& answer : wrong) {
    threads.emplace_back([this, &answer] {
      PrivateServerOptions options = options_;
      options.data_dir += "-restarted";
      for (int round = 0; round < 5 && answer.empty(); ++round) {
        Result<PrivateServer> used = PrivateServer::Use(options);
        if (!used.ok()) {
          answer = Explain(used.error());
        } else if (const std::string said = Ask(used->conninfo(), "SELECT 1"); said != "1") {
          answer = said;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(IsEmpty()));
  PrivateServerOptions options = options_;
  options.data_dir += "-restarted";
  (void)PrivateServer::Stop(options, true);
}

TEST_F(PrivateServerTest, AServerThatWasKilledIsStartedAgainByItsSupervisor) {
  const PrivateServer used = Must(PrivateServer::Use(options_));
  const pid_t server = StatusNow().server;
  KillAndWait(server);
  const PrivateServer again = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(again.conninfo(), "SELECT 1"), "1");
  EXPECT_EQ(Ask(used.conninfo(), "SELECT 1"), "1");
  EXPECT_NE(StatusNow().server, server);
}

TEST_F(PrivateServerTest, ASupervisorThatWasKilledTakesItsServerAlongAndIsReplaced) {
  const PrivateServer used = Must(PrivateServer::Use(options_));
  const PrivateServerStatus before = StatusNow();
  Connection session = Must(Connection::Open(used.conninfo(), {}));
  KillAndWait(before.supervisor);
  const PrivateServer again = Must(PrivateServer::Use(options_));
  EXPECT_FALSE(Lives(before.server));
  EXPECT_FALSE(session.Execute("SELECT 1").ok());
  EXPECT_EQ(Ask(again.conninfo(), "SELECT 1"), "1");
  EXPECT_NE(StatusNow().supervisor, before.supervisor);
}

TEST_F(PrivateServerTest, AMachineThatWentDownLeavesNothingThatStopsTheNextStart) {
  PrivateServerStatus before;
  {
    const PrivateServer used = Must(PrivateServer::Use(options_));
    EXPECT_EQ(Ask(used.conninfo(), "CREATE TABLE kept AS SELECT 42 AS n"), "");
    EXPECT_EQ(Ask(used.conninfo(), "CHECKPOINT"), "");
    before = StatusNow();
    kill(before.supervisor, SIGSTOP);
    KillAndWait(before.server);
    KillAndWait(before.supervisor);
  }
  // The numbers in its lock files now are some other process's.
  const ServerFolder folder = Folder();
  const std::string socket = folder.socket_dir + "/.s.PGSQL.5432";
  ASSERT_TRUE(fs::exists(socket)) << "a killed server leaves its socket behind";
  for (const std::string& file : {folder.cluster() + "/postmaster.pid", socket + ".lock"}) {
    std::ifstream in(file);
    std::string rest;
    std::getline(in, rest);
    rest.assign(std::istreambuf_iterator<char>(in), {});
    std::ofstream(file) << getppid() << "\n" << rest;
  }
  EXPECT_FALSE(StatusNow().running);
  ASSERT_TRUE(folder.SetStays(true).ok());
  fs::create_directory(folder.cluster() + ".new.1");

  const PrivateServer again = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(again.conninfo(), "SELECT n FROM kept"), "42");
  EXPECT_FALSE(StatusNow().stays) << "what an earlier server was told";
  EXPECT_FALSE(fs::exists(folder.cluster() + ".new.1"));
}

TEST_F(PrivateServerTest, OneThatWasStartedToStayStaysUntilStopped) {
  const PrivateServerStatus started = Must(PrivateServer::Start(options_));
  EXPECT_TRUE(started.running);
  EXPECT_TRUE(started.stays);
  { const PrivateServer used = Must(PrivateServer::Use(options_)); }
  EXPECT_EQ(Must(PrivateServer::Start(options_)).server, started.server);
  EXPECT_EQ(Ask(started.conninfo, "SELECT 1"), "1");
  EXPECT_TRUE(Must(PrivateServer::Stop(options_, false)));
  EXPECT_FALSE(Lives(started.server));
  EXPECT_FALSE(StatusNow().running);
  EXPECT_FALSE(Must(PrivateServer::Stop(options_, false))) << "stopped twice";
}

TEST_F(PrivateServerTest, OneThatIsUsedCanBeMadeToStay) {
  pid_t server = 0;
  {
    const PrivateServer used = Must(PrivateServer::Use(options_));
    server = StatusNow().server;
    EXPECT_EQ(Must(PrivateServer::Start(options_)).server, server);
  }
  EXPECT_EQ(Ask(StatusNow().conninfo, "SELECT 1"), "1");
  EXPECT_TRUE(Must(PrivateServer::Stop(options_, false)));
  EXPECT_TRUE(Ends(server));
}

TEST_F(PrivateServerTest, OneInUseIsStoppedOnlyAtOnce) {
  const PrivateServer used = Must(PrivateServer::Use(options_));
  const pid_t server = StatusNow().server;
  const Result<bool> refused = PrivateServer::Stop(options_, false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), code::server_in_use);
  EXPECT_THAT(Explain(refused.error()), HasSubstr(std::to_string(getpid())));
  EXPECT_EQ(Ask(used.conninfo(), "SELECT 1"), "1");
  EXPECT_TRUE(Must(PrivateServer::Stop(options_, true)));
  EXPECT_FALSE(Lives(server));
}

TEST_F(PrivateServerTest, TakesAPathWithSpacesQuotesAndCommas) {
  for (const std::string name : {"with space", "a 'quote' and \"two\"", "comma, b%c?&=\\d"}) {
    options_.data_dir = root_ + "/" + name + "/pg";
    const PrivateServerStatus status = Must(PrivateServer::Start(options_));
    EXPECT_EQ(Ask(status.conninfo, "SELECT 1"), "1") << status.conninfo;
    EXPECT_EQ(Ask(status.url, "SELECT 1"), "1") << status.url;
    EXPECT_TRUE(Must(PrivateServer::Stop(options_, false)));
    fs::remove_all(Folder().socket_dir);  // for the comma one under /tmp
  }
}

TEST_F(PrivateServerTest, TakesAPathThatIsTooLongForASocket) {
  options_.data_dir = root_ + "/" + std::string(120, 'x') + "/pg";
  const PrivateServer used = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(used.conninfo(), "SELECT 1"), "1");
  const std::string socket_dir = Folder().socket_dir;
  EXPECT_THAT(socket_dir, testing::StartsWith("/tmp/eclusa-"));
  struct stat about {};
  ASSERT_EQ(stat(socket_dir.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777, 0700U);
  EXPECT_TRUE(Must(PrivateServer::Stop(options_, true)));
  fs::remove_all(socket_dir);
}

// ctest says where the build keeps what it was given; by hand ECLUSA_DEPS has to be set.
TEST_F(PrivateServerTest, StartsANewerMajorVersionToo) {
  const char* dependencies = getenv("ECLUSA_DEPS");
  if (dependencies == nullptr) FAIL() << "ECLUSA_DEPS is not set: see tests/CMakeLists.txt";
  // A copy: the checkout may be closed to the server's user.
  fs::copy(std::string(dependencies) + "/pg18", root_ + "/pg18",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  options_.bindir = root_ + "/pg18/bin";
  const PrivateServer used = Must(PrivateServer::Use(options_));
  EXPECT_THAT(Ask(used.conninfo(), "SHOW server_version"), testing::StartsWith("18"));
  EXPECT_EQ(StatusNow().version, "18");
  options_.bindir.clear();
  const PrivateServer joined = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(joined.conninfo(), "SELECT 1"), "1");
}

TEST_F(PrivateServerTest, SaysThatTheServersUserCannotRunIt) {
  if (geteuid() != 0) GTEST_SKIP() << "only root changes its user";
  fs::create_directory(root_ + "/closed");
  const std::string bindir = root_ + "/closed/bin";
  fs::create_directory(bindir);
  for (const char* program : {"/initdb", "/postgres"}) {
    std::ofstream(bindir + program) << "#!/bin/sh\necho 'postgres (PostgreSQL) 15.1'\n";
    chmod((bindir + program).c_str(), 0755);
  }
  chmod((root_ + "/closed").c_str(), 0700);
  options_.bindir = bindir;
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_cannot_run);
  EXPECT_THAT(Explain(used.error()), HasSubstr(bindir + "/postgres"));
}

TEST_F(PrivateServerTest, SaysWhatToInstallWhereThereIsNoPostgres) {
  options_.bindir = root_;
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_not_installed);
  EXPECT_THAT(Hint(used.error(), Language::kEnglish), HasSubstr("apt install postgresql"));
}

TEST_F(PrivateServerTest, RefusesDataOfAnotherMajorVersion) {
  { const PrivateServer used = Must(PrivateServer::Use(options_)); }
  EXPECT_TRUE(Ends(StatusNow().server));
  std::ofstream(Folder().cluster() + "/PG_VERSION") << "13\n";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_other_major);
  EXPECT_THAT(Explain(used.error()), HasSubstr("PostgreSQL 13"));
}

TEST_F(PrivateServerTest, LeavesAFolderAloneThatIsSomethingElse) {
  fs::create_directory(options_.data_dir);
  std::ofstream(options_.data_dir + "/letter.txt") << "dear";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_not_ours);
  struct stat about {};
  ASSERT_EQ(stat(options_.data_dir.c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, geteuid());
  EXPECT_FALSE(Must(PrivateServer::Stop(options_, true)));
}

TEST_F(PrivateServerTest, SaysWhereItCannotWrite) {
  options_.data_dir = "/proc/eclusa/pg";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_cannot_write);
  EXPECT_THAT(Explain(used.error()), HasSubstr("/proc/eclusa"));
}

TEST_F(PrivateServerTest, SaysWhyAServerDidNotStart) {
  { const PrivateServer used = Must(PrivateServer::Use(options_)); }
  EXPECT_TRUE(Ends(StatusNow().server));
  std::ofstream(Folder().cluster() + "/eclusa.conf", std::ios::app)
      << "shared_buffers = 'plenty'\n";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_did_not_start);
  EXPECT_THAT(Explain(used.error()), HasSubstr("eclusa.conf"));
  EXPECT_THAT(Hint(used.error(), Language::kEnglish), HasSubstr(Folder().log()));
}

TEST_F(PrivateServerTest, EndsAWaitWhenAskedTo) {
  { const PrivateServer used = Must(PrivateServer::Use(options_)); }
  FileLock start = Must(FileLock::Open(Folder().start_lock()));
  ASSERT_TRUE(start.TryLock(FileLock::Mode::kExclusive));
  std::stop_source source;
  source.request_stop();
  options_.stop = source.get_token();
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().kind(), ErrorKind::kCancelled);
  start.Unlock();
  options_.stop = {};
}

// As root: a file system of 8 MiB, too small for any database.
TEST_F(PrivateServerTest, SaysThatTheDiskIsFull) {
  fs::create_directory(root_ + "/small");
  if (mount("none", (root_ + "/small").c_str(), "tmpfs", 0, "size=8m") != 0) {
    GTEST_SKIP() << "mounting is forbidden here";
  }
  options_.data_dir = root_ + "/small";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  const std::string said = used.ok() ? "started" : Explain(used.error());
  EXPECT_THAT(said, testing::StartsWith(std::string(code::server_disk_full)));
  EXPECT_FALSE(fs::exists(options_.data_dir + "/cluster"));
  umount2(options_.data_dir.c_str(), MNT_DETACH);  // the supervisor may be about to end
}

TEST_F(PrivateServerTest, SaysWhichFolderIsClosedToTheServersUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root changes its user";
  fs::create_directory(root_ + "/closed");
  chmod((root_ + "/closed").c_str(), 0700);
  options_.data_dir = root_ + "/closed/pg";
  const Result<PrivateServer> used = PrivateServer::Use(options_);
  ASSERT_FALSE(used.ok());
  EXPECT_EQ(used.error().code(), code::server_out_of_reach);
  EXPECT_THAT(Explain(used.error()), HasSubstr(root_ + "/closed is closed"));
}

TEST_F(PrivateServerTest, RootRunsTheServerOfAFoldersOwner) {
  if (geteuid() != 0) GTEST_SKIP() << "only root changes its user";
  constexpr uid_t kNobody = 65534;
  fs::create_directory(options_.data_dir);
  ASSERT_EQ(chown(options_.data_dir.c_str(), kNobody, kNobody), 0);
  const PrivateServer used = Must(PrivateServer::Use(options_));
  EXPECT_EQ(Ask(used.conninfo(), "SELECT 1"), "1");
  struct stat about {};
  ASSERT_EQ(stat(("/proc/" + std::to_string(StatusNow().server)).c_str(), &about), 0);
  EXPECT_EQ(about.st_uid, kNobody);
  ASSERT_EQ(stat(("/proc/" + std::to_string(StatusNow().supervisor)).c_str(), &about), 0);
}

TEST(PrivateServerStatus, OfAFolderThatIsNotThereSaysNotRunning) {
  PrivateServerOptions options;
  options.data_dir = "/tmp/eclusa-nothing-here";
  EXPECT_FALSE(Must(PrivateServer::GetStatus(options)).running);
  EXPECT_FALSE(fs::exists(options.data_dir));
}

TEST(DefaultDataDir, FollowsTheXdgSpecificationExceptForRoot) {
  const auto dir = [](const Environment& environment) {
    return Must(DefaultDataDir(environment, false));
  };
  EXPECT_EQ(dir({{"HOME", "/home/ana"}, {"XDG_DATA_HOME", "/data"}}), "/data/eclusa/pg");
  EXPECT_EQ(dir({{"HOME", "/home/ana"}}), "/home/ana/.local/share/eclusa/pg");
  EXPECT_EQ(dir({{"HOME", "/home/ana"}, {"XDG_DATA_HOME", "relative"}}),
            "/home/ana/.local/share/eclusa/pg");
  EXPECT_EQ(Must(DefaultDataDir({{"HOME", "/root"}}, true)), "/var/lib/eclusa/pg");
  EXPECT_EQ(DefaultDataDir({}, false).error().code(), code::server_no_home);
}

TEST(StartOutcome, TravelsThroughThePipe) {
  EXPECT_TRUE(DecodeStartOutcome(EncodeStartOutcome(Ok()), "log").ok());
  const Error error(ErrorKind::kConflict, code::server_busy, {{"path", "/a b"}, {"empty", ""}});
  const Status decoded = DecodeStartOutcome(EncodeStartOutcome(error), "log");
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(decoded.error().code(), code::server_busy);
  EXPECT_EQ(decoded.error().arguments(), error.arguments());
  for (const std::string_view noise : {"", "rea", "failed", "failed\0009\0x"}) {
    EXPECT_EQ(DecodeStartOutcome(noise, "log").error().code(), code::server_did_not_start);
  }
}

TEST(ServerSettings, FollowTheMachinesMemory) {
  constexpr uint64_t kGiB = 1024ULL * 1024 * 1024;
  EXPECT_THAT(SettingsFor(kGiB / 4, "on"), HasSubstr("shared_buffers = 64MB\n"));
  EXPECT_THAT(SettingsFor(4 * kGiB, "on"), HasSubstr("shared_buffers = 512MB\n"));
  EXPECT_THAT(SettingsFor(256 * kGiB, "lz4"), HasSubstr("shared_buffers = 1024MB\n"));
  EXPECT_THAT(SettingsFor(kGiB, "lz4"), HasSubstr("wal_compression = lz4\n"));
  EXPECT_THAT(SettingsFor(kGiB, "lz4"), Not(HasSubstr("fsync")));
}

}  // namespace
}  // namespace eclusa

int main(int argc, char** argv) {
  if (eclusa::IsSupervisor(argc, argv)) return eclusa::RunSupervisor(argc, argv);
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
