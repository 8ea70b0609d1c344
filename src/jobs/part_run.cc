#include "jobs/part_run.h"

#include "core/fault.h"
#include "core/log.h"
#include "core/wait.h"
#include "load/part_stager.h"
#include "model/codes.h"

namespace eclusa {
namespace {

const FaultPoint kPartClaimed("part.claimed");
const FaultPoint kPartEnded("part.ended");

constexpr std::chrono::seconds kHelpFor{1};
constexpr std::chrono::milliseconds kLeaveAgainAfter{500};

// `part`: the one that is being staged.
Status StageParts(Connection& session, const JobRunConfig& config, const LoadContext& context,
                  JobPart& part) {
  const auto until = std::chrono::steady_clock::now() + kHelpFor;
  const LoadRequest request = TRY(RequestOfJob(session, config.open_stored, part.job_id));
  PartStager stager(context, request, part.job_id);
  while (true) {
    TRY(stager.Stage(session, part));
    kPartEnded.Reach();
    if (std::chrono::steady_clock::now() >= until) return Ok();
    std::optional<JobPart> next = TRY(ClaimPart(session, config.worker_id, part.job_id));
    if (!next) return Ok();
    part = *std::move(next);
  }
}

bool IsOutOfReach(const Error& error) {
  for (const std::string_view code :
       {code::job_no_store, code::file_not_found, code::file_no_permission}) {
    if (error.code() == code) return true;
  }
  return false;
}

// As a job's end, the part's is written in the end: its worker's lease goes on, and nobody else
// would give it back.
Status LeaveInTheEnd(const JobRunConfig& config, const LoadContext& context, const JobPart& part,
                     const RunningJob& running, const Error& error) {
  while (true) {
    const auto leave = [&]() -> Status {
      Connection session = TRY(Connection::Open(config.conninfo, {}, config.session));
      if (IsOutOfReach(error)) return ReturnPart(session, part);
      return LeaveUnstaged(session, context, part, error);
    };
    Status left = leave();
    const bool waits = !left.ok() && left.error().kind() == ErrorKind::kUnavailable;
    if (!waits || running.reason() != StopReason::kNone) return left;
    WaitOrStop(kLeaveAgainAfter, running.token());
  }
}

}  // namespace

Status RunClaimedParts(Connection& session, const JobRunConfig& config, const JobPart& first,
                       RunningJob& running) {
  LogInfo("part_claimed", {{"job", std::to_string(first.job_id)},
                           {"part", std::to_string(first.part)},
                           {"attempt", std::to_string(first.attempt)}});
  kPartClaimed.Reach();
  const LoadContext context{.conninfo = config.conninfo,
                            .session = config.session,
                            .stop = running.token(),
                            .progress = {},
                            .parts = PartsContextOf(config)};
  JobPart part = first;
  session.SetStopToken(running.token());
  Status staged = StageParts(session, config, context, part);
  session.SetStopToken({});
  if (staged.ok()) return Ok();
  LogWarning("part_not_staged", {{"job", std::to_string(part.job_id)},
                                 {"part", std::to_string(part.part)},
                                 {"attempt", std::to_string(part.attempt)},
                                 {"code", staged.error().code()}});
  if (running.reason() == StopReason::kLeaseLost) return staged;
  if (IsOutOfReach(staged.error())) config.out_of_reach(part.job_id);
  TRY(LeaveInTheEnd(config, context, part, running, staged.error()));
  return staged;
}

}  // namespace eclusa
