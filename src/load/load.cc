// One load, from files to report:
//
//   file -> Source -> Batch -> Checker -> CheckedBatch -> Stager -> StagedLoad -> Judge -> Merger
//   -> LoadReport
//           (1)                (1)                        (2)                     (3)      (3) (4)
//
//   1. Open: each file by what it holds, each with its checker; all that can be refused is refused
//      before a row is read.
//   2. Stage (stager.cc, parts_run.cc): read, check and COPY overlap, in parts of large files on
//      several workers; failed rows are kept with their reasons.
//   3. Decide (final_transaction.cc): one transaction holds the fence, the judgement, the merge,
//   the
//      failures, the counts, the ledger, the job's end.
//   4. Report: what became of every row.
//
// Whatever ends the walk early, the job gets its final state and the stage goes.

#include "load/load.h"

#include <chrono>
#include <thread>

#include "contract/write.h"
#include "control/dead_jobs.h"
#include "control/files.h"
#include "control/job.h"
#include "control/parts.h"
#include "control/stage_tables.h"
#include "core/fault.h"
#include "core/log.h"
#include "load/final_transaction.h"
#include "load/open_files.h"
#include "load/parts_run.h"
#include "load/planning.h"
#include "load/stager.h"
#include "model/codes.h"
#include "pg/catalog.h"

namespace eclusa {
namespace {

const FaultPoint kJobCreated("load.job_created");
const FaultPoint kStaged("load.staged");
const FaultPoint kCommitted("load.committed");

using Clock = std::chrono::steady_clock;

int64_t MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

Result<std::vector<int64_t>> PartBegins(Connection& control, const Job& job) {
  std::vector<int64_t> begins;
  int32_t file = -1;
  int64_t row = 1;
  for (const PartRecord& record : TRY(ReadParts(control, job.id))) {
    if (record.part.file != file) row = 1;
    file = record.part.file;
    begins.push_back(StagePlace(file, row));
    row += record.counts.rows_read;
  }
  return begins;
}

// The job's own walk, after its record was made.
class LoadRun {
 public:
  LoadRun(Connection& control, const LoadContext& context, LoadRequest& request, Job job)
      : control_(control), context_(context), request_(request), job_(job), begin_(Clock::now()) {}

  Result<LoadReport> Run() {
    std::vector<LoadFile> files = TRY(OpenFiles(request_, &context_.stop));
    std::vector<LoadPlan> plans = TRY(BuildPlans(request_, ColumnsOf(files), job_.id));
    PartsRun parts(control_, context_, request_, job_);
    const bool in_parts = context_.parts && TRY(parts.Cut(files, plans));
    const bool resumes = job_.attempt > 1 && in_parts && TRY(parts.CanResume(plans));
    if (job_.attempt > 1) TRY(resumes ? ResumeParts(control_, job_) : ResetJob(control_, job_));
    DigestReader digests(request_, files);
    for (const LoadFile& file : files) TRY(RecordFile(control_, job_, file.record));
    EndPhase("open");
    const StageJob stage{.control = &control_,
                         .context = &context_,
                         .job = &job_,
                         .plans = &plans,
                         .connections = ConnectionsFor(request_, files),
                         .parent_job = request_.parent_job};
    StagedLoad staged = TRY(in_parts ? parts.Run(stage, files, resumes) : StageFiles(stage, files));
    if (request_.rows_per_part) staged.part_begins = TRY(PartBegins(control_, job_));
    TRY(digests.Finish(files));
    for (const LoadFile& file : files) TRY(RecordFile(control_, job_, file.record));
    EndPhase("stage");
    kStaged.Reach();
    TRY(CheckStaged(request_, staged));
    TRY(AnalyzeStage(stage));
    EndPhase("analyze");
    FinalTransaction decide({.control = control_,
                             .context = context_,
                             .request = request_,
                             .job = job_,
                             .files = files,
                             .staged = staged},
                            std::move(plans));
    LoadReport report = TRY(decide.Run());
    EndPhase("merge");
    kCommitted.Reach();
    report.phases_ms = phases_;
    report.duration_ms = MillisecondsSince(begin_);
    return report;
  }

 private:
  void EndPhase(const std::string& name) {
    int64_t spent = MillisecondsSince(begin_);
    for (const auto& phase : phases_) spent -= phase.second;
    phases_.emplace_back(name, spent);
    auto recorded = RecordPhase(control_, job_, name, std::chrono::milliseconds(spent));
    if (!recorded.ok()) {
      LogWarning("phase_not_recorded",
                 {{"job", std::to_string(job_.id)}, {"code", recorded.error().code()}});
    }
  }

  Connection& control_;
  const LoadContext& context_;
  LoadRequest& request_;
  const Job job_;
  const Clock::time_point begin_;
  std::vector<std::pair<std::string, int64_t>> phases_;
};

// After a failure: the job's end and its stage, on a session that works. What cannot be done now is
// done by the next load (CloseDeadJobs).
Result<JobState> CloseFailed(Connection& control, const LoadContext& context, const Job& job,
                             const Error& error) {
  control.SetStopToken({});
  if (control.in_transaction()) {
    if (auto done = control.Execute("ROLLBACK"); !done.ok()) LogDebug("rollback_failed");
  }
  const auto close = [&](Connection& session) -> Result<JobState> {
    const JobState state =
        TRY(error.kind() == ErrorKind::kCancelled ? CancelJob(session, job)
                                                  : FailJob(session, job, error));
    TRY(DropLeftovers(session, job.id));
    return state;
  };
  auto closed = close(control);
  if (closed.ok()) return closed;
  Connection fresh = TRY(Connection::Open(context.conninfo, {}));
  return close(fresh);
}

}  // namespace

JobRequest JobRequestOf(const LoadRequest& request) {
  return {.parent_id = request.parent_job,
          .target = request.table.name,
          .dataset = request.contract.name,
          .mode = request.mode,
          .contract_digest = request.contract.digest,
          // A derived one says nothing that the table does not say again.
          .contract_text = request.contract.derived ? "" : WriteContract(request.contract),
          .options_json = request.options_json,
          .dry_run = request.dry_run};
}

bool IsWorthAnotherTry(const Error& error) {
  // A file that is another now stays so.
  for (const std::string_view code : {code::load_file_changed, code::failures_file_changed,
                                      code::store_changed, code::store_gone}) {
    if (error.code() == code) return false;
  }
  return error.kind() == ErrorKind::kUnavailable || error.kind() == ErrorKind::kCommitUnknown ||
         error.kind() == ErrorKind::kConflict;
}

Result<LoadReport> RunJob(Connection& control, const LoadContext& context, LoadRequest& request,
                          const Job& job) {
  LoadReport report = TRY(LoadRun(control, context, request, job).Run());
  // It is committed: what is left undone here does not make it fail.
  if (Status told = ReplaceReport(control, job, ToJson(report)); !told.ok()) {
    LogWarning("report_not_replaced",
               {{"job", std::to_string(job.id)}, {"code", told.error().code()}});
  }
  return report;
}

Result<LoadReport> RunLoad(Connection& control, const LoadContext& context, LoadRequest request) {
  TRY(CheckRequest(control, request));
  TRY(CloseDeadJobs(control));
  const Job job = TRY(CreateJob(control, JobRequestOf(request)));
  kJobCreated.Reach();
  auto report = RunJob(control, context, request, job);
  if (!report.ok()) {
    auto state = CloseFailed(control, context, job, report.error());
    if (!state.ok()) {
      LogWarning("job_not_closed",
                 {{"job", std::to_string(job.id)}, {"code", state.error().code()}});
    }
    return std::move(report).error().With("job " + std::to_string(job.id));
  }
  if (Status released = ReleaseJob(control, job); !released.ok()) {
    LogWarning("job_not_released",
               {{"job", std::to_string(job.id)}, {"code", released.error().code()}});
  }
  return report;
}

}  // namespace eclusa
