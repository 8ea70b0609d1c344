// JobModel: jobs, queue and workers in memory, as docs/states.md and the fence have them. For
// tests.
//
// Written from the design and not from the program: histories of JobCommands are run on it and on
// the program, and every answer and every job is compared after every step. A command names jobs
// and attempts by small numbers, so that any command fits any history, and a shorter history is one
// too. Threads: one.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "model/job_state.h"

namespace eclusa {

enum class JobStep : uint8_t {
  kEnqueue,
  kClaim,
  kBeginMerge,
  kRestage,
  kFinish,
  kFail,
  kCancel,
  kGiveBack,
  kReset,
  kRequestCancel,
  kNewWorker,
  kLeaseEnds,
  kRescue,
  kTimePasses,  // what was put back to be tried later may be tried now
};
inline constexpr int kJobSteps = static_cast<int>(JobStep::kTimePasses) + 1;

// What a command does is read from `step`; the numbers are taken modulo what there is.
struct JobCommand {
  JobStep step = JobStep::kEnqueue;
  int who = 0;      // a job, or a worker
  int late = 0;     // 0, 1: of the newest attempt; 2, 3: of one, two before it
  int variant = 0;  // the end state, the tenant and priority, whether it waits
};

inline std::ostream& operator<<(std::ostream& out, const JobCommand& command) {
  static constexpr const char* kNames[kJobSteps] = {
      "enqueue",   "claim", "begin_merge",    "restage",    "finish",     "fail",   "cancel",
      "give_back", "reset", "request_cancel", "new_worker", "lease_ends", "rescue", "time_passes"};
  return out << kNames[static_cast<int>(command.step)] << "(" << command.who << ", " << command.late
             << ", " << command.variant << ")";
}

inline JobState EndStateOf(int variant) {
  static constexpr JobState kEnds[] = {JobState::kSucceeded, JobState::kSucceededWithFailures,
                                       JobState::kRejected};
  return kEnds[variant % 3];
}

// A change of state that somebody asked for, refused or not.
struct JobWrite {
  int job = 0;
  int attempt = 0;  // of who asks
  std::string event;
  JobState to = JobState::kQueued;  // of `finish`
};

class JobModel {
 public:
  static constexpr int kTriesMax = 3;

  struct ModelJob {
    JobState state = JobState::kQueued;
    int attempt = 0;
    int tries = 0;
    std::string tenant;
    int priority = 0;
    int64_t turn = 0;           // when it was put into the queue
    int64_t begun = 0;          // when it was first claimed
    bool later = false;         // not to be tried yet
    std::optional<int> worker;  // whose hands it is in
    bool cancel_requested = false;
  };

  // The answer, in words that the program's is compared with; `writes` gets what was asked of jobs.
  std::string Do(const JobCommand& command, std::vector<JobWrite>* writes);

  const std::vector<ModelJob>& jobs() const { return jobs_; }
  // Lease by worker: true while it lasts. Those that are gone are not there.
  const std::map<int, bool>& workers() const { return workers_; }
  int workers_made() const { return workers_made_; }
  // The job that a command names, and the attempt.
  std::optional<int> JobOf(const JobCommand& command) const;
  int AttemptOf(const JobCommand& command) const;
  std::optional<int> WorkerOf(const JobCommand& command) const;
  // One line: state, attempt, where it is.
  std::string Describe(int job) const;

 private:
  bool Ready(const ModelJob& job) const { return job.state == JobState::kQueued && !job.later; }
  std::optional<int> Next() const;
  int RunningOf(const std::string& tenant) const;
  int64_t LastBegunOf(const std::string& tenant) const;
  std::string Claim(int worker, std::vector<JobWrite>* writes);
  std::string Rescue(std::vector<JobWrite>* writes);
  std::string OfAttempt(const JobCommand& command, int number, std::vector<JobWrite>* writes);
  std::string End(int number, JobState to, std::vector<JobWrite>* writes);
  void PutBack(ModelJob& job, int tries, bool later);

  std::vector<ModelJob> jobs_;
  std::map<int, bool> workers_;
  int workers_made_ = 0;
  int64_t turns_ = 0;
};

}  // namespace eclusa

// Commands that enqueue, claim and go on are more frequent than those that break off.
template <>
struct rc::Arbitrary<eclusa::JobCommand> {
  static Gen<eclusa::JobCommand> arbitrary() {
    using enum eclusa::JobStep;
    const auto step = gen::weightedElement<eclusa::JobStep>({{6, kEnqueue},
                                                             {8, kClaim},
                                                             {6, kBeginMerge},
                                                             {1, kRestage},
                                                             {4, kFinish},
                                                             {2, kFail},
                                                             {2, kCancel},
                                                             {4, kGiveBack},
                                                             {3, kReset},
                                                             {3, kRequestCancel},
                                                             {2, kNewWorker},
                                                             {2, kLeaseEnds},
                                                             {3, kRescue},
                                                             {3, kTimePasses}});
    return gen::build<eclusa::JobCommand>(
        gen::set(&eclusa::JobCommand::step, step),
        gen::set(&eclusa::JobCommand::who, gen::inRange(0, 12)),
        gen::set(&eclusa::JobCommand::late, gen::inRange(0, 4)),
        gen::set(&eclusa::JobCommand::variant, gen::inRange(0, 12)));
  }
};
