// JobsFixture: a database with a target table, files for it, and jobs that load them. For tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "control/control_fixture.h"
#include "control/read_jobs.h"
#include "jobs/queue.h"
#include "load/load.h"
#include "request/load_flags.h"

namespace eclusa {

class JobsFixture : public ControlFixture {
 protected:
  void SetUp() override {
    ControlFixture::SetUp();
    Must(db(), "CREATE TABLE people (id int PRIMARY KEY, name text)");
    folder_ = std::filesystem::temp_directory_path() /
              ("eclusa_jobs_" + std::to_string(getpid()) + "_" + std::to_string(++made_));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    std::filesystem::remove_all(folder_);
    ControlFixture::TearDown();
  }

  std::string WriteFile(const std::string& name, const std::string& text) const {
    const std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  // A job that loads the file into people.
  int64_t EnqueueLoad(const std::string& path, const std::string& tenant = "", int priority = 0) {
    LoadFlags flags;
    flags.files = {path};
    flags.to = "people";
    RequestNotes notes;
    auto request = BuildRequest(db(), flags, &notes);
    CHECK(request.ok());
    auto made = Enqueue(db(), {.job = JobRequestOf(*request),
                               .tenant = tenant,
                               .priority = static_cast<int16_t>(priority)});
    CHECK(made.ok());
    return made->id;
  }
  // A job that nobody can load, for tests of the queue alone.
  int64_t EnqueueAny(const std::string& tenant = "", int priority = 0) {
    return EnqueueLoad(WriteFile("any.csv", "id,name\n1,a\n"), tenant, priority);
  }
  // A worker by its row alone; a negative duration: its lease is over.
  int64_t AddWorker(int seconds = 60) {
    return std::stoll(
        Ask("INSERT INTO eclusa.workers (name, slots, lease_until) VALUES ('test', 1, "
            "clock_timestamp() "
            "+ " +
            std::to_string(seconds) + " * interval '1 s') RETURNING id"));
  }
  // 0: nothing was ready.
  int64_t Claim(int64_t worker) {
    auto claimed = ClaimJob(db(), worker);
    CHECK(claimed.ok());
    return *claimed ? (*claimed)->job.id : 0;
  }
  std::string StateOf(int64_t job) {
    return Ask("SELECT state FROM eclusa.jobs WHERE id = " + std::to_string(job));
  }
  std::string EventsOf(int64_t job) {
    return Ask(
        "SELECT string_agg(event, ' ' ORDER BY id) FROM eclusa.job_events WHERE phase IS NULL AND "
        "job_id = " +
        std::to_string(job));
  }

 private:
  static inline int made_ = 0;
  std::filesystem::path folder_;
};

}  // namespace eclusa
