#include "load/final_transaction.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <set>

#include "control/parts.h"
#include "control/position.h"
#include "control/stage_tables.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/wait.h"
#include "failures/causes.h"
#include "failures/resubmission.h"
#include "failures/store.h"
#include "load/open_files.h"
#include "load/planning.h"
#include "model/codes.h"
#include "pg/catalog.h"

namespace eclusa {
namespace {

const FaultPoint kFenced("final.fenced");
const FaultPoint kMerged("final.merged");
const FaultPoint kFailuresStored("final.failures_stored");
const FaultPoint kBeforeCommit("final.before_commit");

constexpr int kConflictsMax = 5;
// The advisory locks of targets: this class, then the table's OID.
constexpr const char* kTargetLockClass = "1701603957";  // "ecl" + "u"
// After a lost commit, until the server is back.
constexpr int kLookTries = 20;
constexpr std::chrono::milliseconds kLookAgainAfter{500};
constexpr std::chrono::milliseconds kTargetLockFirstWait{50};
constexpr std::chrono::milliseconds kTargetLockWaitMax{2000};
// Below the lease: a process that stops in the middle blocks nobody for long.
constexpr const char* kSettings =
    "SET LOCAL idle_in_transaction_session_timeout = '20s'; SET LOCAL jit = off; "
    "SET LOCAL client_min_messages = error";

Status CheckStop(const std::stop_token& stop) {
  if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
  return Ok();
}

bool Exceeds(const Tolerance& most, int64_t failed, int64_t read) {
  if (most.rows && failed > *most.rows) return true;
  return most.percent &&
         static_cast<double>(failed) * 100 > *most.percent * static_cast<double>(read);
}

// What the merge has done with a table's rows, but for those that failed.
void AddCounts(const TableCounts& table, OutcomeCounts& counts) {
  counts.inserted = table.inserted;
  counts.updated = table.updated;
  counts.unchanged = table.unchanged;
  counts.deleted = table.deleted;
  counts.removed = table.removed;
  counts.cascaded = table.cascaded;
  counts.duplicate = table.judged.duplicate;
  counts.superseded = table.judged.superseded;
  counts.skipped = table.skipped;
}

std::vector<TableOutcomes> OutcomesOf(const LoadReport& report,
                                      const std::vector<LoadPlan>& plans) {
  std::vector<TableOutcomes> tables;
  for (size_t i = 0; i < report.tables.size(); ++i) {
    tables.push_back({report.tables[i].list, plans[i + 1].table.name, report.tables[i].outcomes});
  }
  return tables;
}

}  // namespace

FinalTransaction::FinalTransaction(DecideInput input, std::vector<LoadPlan> plans)
    : in_(input), plans_(std::move(plans)) {}

std::vector<uint32_t> FinalTransaction::TargetsInOrder() const {
  std::vector<uint32_t> oids;
  for (const LoadPlan& plan : plans_) oids.push_back(plan.table.oid);
  std::sort(oids.begin(), oids.end());
  return oids;
}

Status FinalTransaction::TakeTargets() {
  for (const uint32_t oid : TargetsInOrder()) TRY(TakeTarget(oid));
  return Ok();
}

// Tried with back-off, outside a transaction: one that waits for a lock holds back vacuum.
Status FinalTransaction::TakeTarget(uint32_t oid) {
  const std::string statement = std::string("SELECT pg_try_advisory_lock(") + kTargetLockClass +
                                ", " + std::to_string(static_cast<int32_t>(oid)) + ")";
  std::chrono::milliseconds wait = kTargetLockFirstWait;
  while (true) {
    QueryResult taken = TRY(in_.control.Execute(statement));
    if (taken.Bool(0, 0)) return Ok();
    if (in_.context.progress) in_.context.progress({.phase = "waiting", .rows = in_.staged.read});
    WaitOrStop(wait, in_.context.stop);
    if (in_.context.stop.stop_requested()) {
      return Error(ErrorKind::kCancelled, code::load_cancelled);
    }
    wait = std::min(wait * 2, kTargetLockWaitMax);
  }
}

Status FinalTransaction::LeaveTargets() {
  for (const uint32_t oid : TargetsInOrder()) {
    TRY(in_.control.Execute(std::string("SELECT pg_advisory_unlock(") + kTargetLockClass + ", " +
                            std::to_string(static_cast<int32_t>(oid)) + ")"));
  }
  return Ok();
}

Result<LoadReport> FinalTransaction::Run() {
  const std::string job = std::to_string(in_.job.id);
  TRY(BeginMerge(in_.control, in_.job));
  TRY(TakeTargets());
  for (int tries = 1;; ++tries) {
    auto report = Once();
    if (report.ok()) {
      // Committed: whatever comes now is no failure of the load.
      if (Status left = LeaveTargets(); !left.ok()) {
        LogWarning("target_not_left", {{"job", job}, {"code", left.error().code()}});
      }
      return report;
    }
    const Error& error = report.error();
    if (error.kind() == ErrorKind::kCommitUnknown) return report;
    if (error.kind() != ErrorKind::kConflict || tries == kConflictsMax) return report;
    LogInfo("final_transaction_again",
            {{"job", job}, {"code", error.code()}, {"sqlstate", error.sql_state()}});
    if (error.code() == code::table_changed) TRY(PlanAgain());
  }
}

Result<LoadReport> FinalTransaction::Once() {
  Transaction transaction = TRY(Transaction::Begin(in_.control));
  TRY(in_.control.Execute(kSettings));
  TRY(Prepare());
  kFenced.Reach();
  if (in_.context.progress) {
    in_.context.progress(
        {.phase = "merging", .rows = in_.staged.read, .failed = in_.staged.failed});
  }
  std::vector<int64_t> staged{in_.staged.staged};
  for (const StagedChild& child : in_.staged.children) staged.push_back(child.staged);
  Merger merger(in_.control, plans_,
                {.staged = std::move(staged),
                 .locking = in_.request.locking,
                 .max_removals = in_.request.max_removals,
                 .part_begins = in_.staged.part_begins});
  const MergeCounts merged = TRY(merger.Run());
  kMerged.Reach();
  const std::vector<Verdict> failures = TRY(merger.Failures());

  LoadReport report = StartReport();
  report.judgements = merged.judgements;
  OutcomeCounts& counts = report.outcomes;
  const TableCounts& root = merged.tables.front();
  counts.failed = in_.staged.failed + root.judged.failed;
  bool rejected = TRY(BeyondTolerance());
  rejected = rejected || TRY(BeyondToleranceOfCodes(failures));
  const std::vector<FileCounts> files = TRY(CountFiles(report, /*applied=*/!rejected));
  // Rows that were not judged are neither loaded nor failed.
  const std::vector<RowPlace> undecided = TRY(ReadSkipped());
  if (rejected) {
    counts.skipped = counts.read - counts.failed;
  } else {
    AddCounts(root, counts);
  }
  TRY(CountTables(merged, rejected, report));
  const bool any_failed =
      counts.failed > 0 || std::any_of(report.tables.begin(), report.tables.end(),
                                       [](const TableReport& t) { return t.outcomes.failed > 0; });
  report.state = rejected     ? JobState::kRejected
                 : any_failed ? JobState::kSucceededWithFailures
                              : JobState::kSucceeded;
  if (const auto& position = in_.request.position; position && !rejected) {
    TRY(CompareAndSetPosition(in_.control, position->name, position->expected, position->next));
  }
  if (rejected || in_.request.dry_run) {
    TRY(in_.control.Execute("ROLLBACK TO SAVEPOINT eclusa_merge"));
  }
  for (size_t i = 0; i < files.size(); ++i) {
    TRY(RecordFileCounts(in_.control, in_.job, in_.files[i].record.ordinal, files[i]));
  }
  if (!rejected) TRY(RecordPartsWritten(in_.control, in_.job, root.written_by_part));
  TRY(StoreFailures(failures, undecided, report));
  kFailuresStored.Reach();
  TRY(FinishJob(in_.control, in_.job,
                {.state = report.state,
                 .counts = counts,
                 .report_json = ToJson(report),
                 .tables = OutcomesOf(report, plans_)}));
  TRY(DropLeftovers(in_.control, in_.job.id));
  TRY(CheckStop(in_.context.stop));  // each statement may have been done before it could be stopped
  kBeforeCommit.Reach();
  TRY(CommitAs(report.state, std::move(transaction)));
  in_.control.SetStopToken({});  // it is done: what is left is to tell
  if (rejected || in_.request.dry_run) return report;
  if (Status advised = AddAdvice(report); !advised.ok()) {
    LogDebug("no_advice", {{"code", advised.error().code()}});
  }
  return report;
}

Status FinalTransaction::CommitAs(JobState state, Transaction transaction) const {
  Status committed = std::move(transaction).Commit();
  const bool lost = !committed.ok() && committed.error().kind() == ErrorKind::kCommitUnknown;
  return lost && HasEndedAs(state) ? Ok() : std::move(committed);
}

// The answer to the commit was lost with the session: the job tells whether it has happened.
bool FinalTransaction::HasEndedAs(JobState state) const {
  for (int tries = 0; tries < kLookTries; ++tries) {
    const auto look = [&]() -> Result<JobState> {
      Connection fresh = TRY(Connection::Open(in_.context.conninfo, {}, in_.context.session));
      return ReadSettledState(fresh, in_.job.id);
    };
    const auto found = look();
    if (found.ok()) return *found == state;
    if (found.error().kind() != ErrorKind::kUnavailable) return false;
    WaitOrStop(kLookAgainAfter, in_.context.stop);
  }
  return false;
}

Status FinalTransaction::Prepare() {
  TRY(LockForMerge(in_.control, in_.job));
  for (const uint32_t oid : TargetsInOrder()) {
    const auto plan = std::find_if(plans_.begin(), plans_.end(),
                                   [&](const LoadPlan& p) { return p.table.oid == oid; });
    TRY(in_.control.Execute("LOCK TABLE " + plan->target + " IN ROW EXCLUSIVE MODE"));
    const std::string fingerprint = TRY(Fingerprint(in_.control, oid));
    if (fingerprint != plan->table.fingerprint) {
      return Error(ErrorKind::kConflict, code::table_changed,
                   {{"table", plan->table.name.Display()}});
    }
  }
  TRY(CheckStagesAreWhole());
  if (in_.request.mode == Mode::kAppend && !in_.request.again) {
    std::vector<std::string> digests;
    for (const LoadFile& file : in_.files) digests.push_back(file.record.sha256);
    const auto earlier = TRY(AppendedBefore(in_.control, plans_[0].table.name, digests));
    if (earlier) {
      return Error(ErrorKind::kInvalid, code::load_appended_before,
                   {{"job", std::to_string(earlier->job_id)},
                    {"at", earlier->committed_at},
                    {"table", plans_[0].table.name.Display()}});
    }
  }
  return Ok();
}

// A crash of the server empties what is UNLOGGED.
Status FinalTransaction::CheckStagesAreWhole() {
  for (size_t i = 0; i < plans_.size(); ++i) {
    const int64_t found = TRY(CountStaged(in_.control, plans_[i]));
    const int64_t expected = i == 0 ? in_.staged.staged : in_.staged.children[i - 1].staged;
    if (found == expected) continue;
    return Error(ErrorKind::kUnavailable, code::load_stage_lost,
                 {{"expected", std::to_string(expected)}, {"found", std::to_string(found)}});
  }
  return Ok();
}

// Every table of a document under the conservation law.
Status FinalTransaction::CountTables(const MergeCounts& merged, bool rejected,
                                     LoadReport& report) const {
  for (size_t i = 1; i < plans_.size(); ++i) {
    const StagedChild& staged = in_.staged.children[i - 1];
    TableReport& table = report.tables.emplace_back();
    table.list = plans_[i].document.list;
    for (const LoadPlan* above = plans_[i].document.parent; above->is_child();
         above = above->document.parent) {
      table.list = above->document.list + "." + table.list;
    }
    table.target = plans_[i].table.name.Display();
    OutcomeCounts& counts = table.outcomes;
    counts.read = staged.read;
    counts.failed = staged.failed + merged.tables[i].judged.failed;
    if (rejected) {
      counts.skipped = counts.read - counts.failed;
      continue;
    }
    AddCounts(merged.tables[i], counts);
    QueryResult skipped = TRY(
        in_.control.Execute("SELECT count(*) FROM " + plans_[i].verdicts + " WHERE outcome = 'K'"));
    counts.skipped = skipped.Int(0, 0);
  }
  return Ok();
}

// The description of a table as it is now, where the staged columns still fit.
Result<TableDescription> DescribeAgain(Connection& connection, const LoadPlan& plan,
                                       std::vector<BoundColumn>& columns) {
  TableDescription table = TRY(DescribeTable(connection, plan.table.name));
  for (BoundColumn& column : columns) {
    column.table_index = table.IndexOf(column.name);
    const bool same =
        column.table_index >= 0 && table.columns[column.table_index].type.name == column.type.name;
    if (!same) {
      return Error(ErrorKind::kInvalid, code::table_changed, {{"table", table.name.Display()}});
    }
  }
  return table;
}

Status FinalTransaction::PlanAgain() {
  LoadRequest request = in_.request;
  std::vector<std::vector<BoundColumn>> columns = ColumnsOf(in_.files);
  request.table = TRY(DescribeAgain(in_.control, plans_[0], columns[0]));
  for (size_t i = 1; i < plans_.size(); ++i) {
    request.children[i - 1].table = TRY(DescribeAgain(in_.control, plans_[i], columns[i]));
  }
  plans_ = TRY(BuildPlans(request, columns, in_.job.id));
  return Ok();
}

// Documents that have failed; one that only a child of its own has failed alone has not.
Result<bool> FinalTransaction::BeyondTolerance() {
  QueryResult rows =
      TRY(in_.control.Execute("SELECT _eclusa_row >> " + std::to_string(kStagePlaceRowBits) +
                              ", count(DISTINCT _eclusa_row) FROM " + plans_[0].verdicts +
                              " WHERE outcome = 'F' GROUP BY 1"));
  std::vector<int64_t> failed;
  for (const StagedFile& file : in_.staged.files) failed.push_back(file.failed);
  for (int i = 0; i < rows.rows(); ++i) {
    failed.at(static_cast<size_t>(rows.Int(i, 0))) += rows.Int(i, 1);
  }
  const int64_t all = std::accumulate(failed.begin(), failed.end(), int64_t{0});
  if (Exceeds(in_.request.max_failures, all, in_.staged.read)) return true;
  if (!in_.request.contract.max_failures_per_file) return false;
  for (size_t i = 0; i < failed.size(); ++i) {
    const int64_t read = in_.staged.files[i].read;
    if (Exceeds(*in_.request.contract.max_failures_per_file, failed[i], read)) return true;
  }
  return false;
}

Result<bool> FinalTransaction::BeyondToleranceOfCodes(const std::vector<Verdict>& failures) {
  for (const auto& [name, most] : in_.request.contract.max_failures_by_code) {
    QueryResult kept = TRY(in_.control.Query(
        "SELECT count(*) FROM eclusa.failures WHERE job_id = $1 AND $2 = ANY (codes)",
        {std::to_string(in_.job.id), name}));
    std::set<int64_t> judged;
    for (const Verdict& verdict : failures) {
      if (verdict.reason.code == name) judged.insert(verdict.stage_place);
    }
    const int64_t failed = kept.Int(0, 0) + static_cast<int64_t>(judged.size());
    if (Exceeds(most, failed, in_.staged.read)) return true;
  }
  return false;
}

LoadReport FinalTransaction::StartReport() const {
  LoadReport report;
  report.job_id = in_.job.id;
  report.parent_job_id = in_.request.parent_job;
  report.target = plans_[0].table.name.Display();
  report.mode = Name(plans_[0].mode);
  report.dry_run = in_.request.dry_run;
  report.outcomes.read = in_.staged.read;
  for (size_t i = 0; i < in_.files.size(); ++i) {
    const FileRecord& file = in_.files[i].record;
    const FormatDescription& format = in_.files[i].source->format();
    report.files.push_back({.path = file.path,
                            .format = file.format,
                            .detail = format.delimiter != 0
                                          ? std::string(1, format.delimiter) + " " + format.encoding
                                      : format.layout.empty() ? format.encoding
                                                              : format.layout,
                            .encoding = format.encoding,
                            .encoding_basis = format.encoding_basis,
                            .bytes = file.size,
                            .read = in_.staged.files[i].read,
                            .failed = in_.staged.files[i].failed});
  }
  std::map<std::string, int64_t> warnings;
  for (const WarningCount& warning : in_.staged.warnings) {
    if (warning.count > 0) warnings[warning.counter] += warning.count;
  }
  for (const auto& [counter, count] : warnings) report.warnings.push_back({counter, count});
  const auto add = [](const std::vector<std::string>& more, std::vector<std::string>& names) {
    for (const std::string& name : more) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  };
  const bool ignored = in_.request.contract.unknown_columns == UnknownColumns::kIgnore;
  for (size_t i = 0; i < in_.files.size(); ++i) {
    const LoadFile& file = in_.files[i];
    if (!ignored) add(file.unreadable_columns, report.unknown_columns);
    add(file.checker->unknown_columns(), report.unknown_columns);
    if (!ignored) add(in_.staged.files[i].passed_over, report.unknown_columns);
    add(file.unreadable_columns, report.unreadable_columns);
  }
  return report;
}

// What the verdicts say of each file; before a rollback takes them away.
Result<std::vector<FileCounts>> FinalTransaction::CountFiles(LoadReport& report, bool applied) {
  QueryResult rows = TRY(in_.control.Execute(
      "SELECT _eclusa_row >> " + std::to_string(kStagePlaceRowBits) +
      ", outcome, count(DISTINCT _eclusa_row) FROM " + plans_[0].verdicts + " GROUP BY 1, 2"));
  std::vector<FileCounts> counts(in_.files.size());
  for (int i = 0; i < rows.rows(); ++i) {
    FileCounts& file = counts.at(static_cast<size_t>(rows.Int(i, 0)));
    const std::string_view outcome = rows.Text(i, 1);
    const int64_t number = rows.Int(i, 2);
    if (outcome == "F") file.failed = number;
    if (outcome == "D") file.duplicate = number;
    if (outcome == "S") file.superseded = number;
    if (outcome == "K") file.skipped = number;
  }
  for (size_t i = 0; i < counts.size(); ++i) {
    FileCounts& file = counts[i];
    file.read = in_.staged.files[i].read;
    file.failed += in_.staged.files[i].failed;
    if (!applied) {
      file.duplicate = file.superseded = 0;
      file.skipped = file.read - file.failed;
    }
    file.applied = file.read - file.failed - file.duplicate - file.superseded - file.skipped;
    report.files[i].applied = file.applied;
    report.files[i].failed = file.failed;
  }
  return counts;
}

Result<std::vector<RowPlace>> FinalTransaction::ReadSkipped() {
  QueryResult rows = TRY(in_.control.Execute("SELECT DISTINCT _eclusa_row FROM " +
                                             plans_[0].verdicts + " WHERE outcome = 'K'"));
  std::vector<RowPlace> places;
  for (int i = 0; i < rows.rows(); ++i) {
    places.push_back(
        {.file = FileOfStagePlace(rows.Int(i, 0)), .row = RowOfStagePlace(rows.Int(i, 0))});
  }
  return places;
}

Status FinalTransaction::StoreFailures(const std::vector<Verdict>& failures,
                                       const std::vector<RowPlace>& undecided, LoadReport& report) {
  // The input is read again, which may take long without a statement.
  TRY(in_.control.Execute("SET LOCAL idle_in_transaction_session_timeout = 0"));
  std::vector<JudgedFailure> judged;
  for (const Verdict& verdict : failures) {
    const int32_t file = FileOfStagePlace(verdict.stage_place);
    const int64_t row = RowOfStagePlace(verdict.stage_place);
    if (judged.empty() || judged.back().file != file || judged.back().row != row) {
      judged.push_back({.file = file, .row = row, .reasons = {}});
    }
    judged.back().reasons.push_back(verdict.reason);
  }
  const bool some_fail_alone = std::any_of(
      plans_.begin(), plans_.end(), [](const LoadPlan& plan) { return plan.document.fails_alone; });
  if (some_fail_alone) TRY(AddReasons(in_.control, in_.job.id, &judged));
  if (!judged.empty()) {
    const auto open = [&](int32_t file) {
      return OpenAgain(in_.files.at(static_cast<size_t>(file)));
    };
    TRY(StoreJudged(in_.control, in_.job.id, std::move(judged), open, FilesOf(in_.request)));
  }
  report.causes = TRY(ReadCauses(in_.control, in_.job.id));
  const bool ended_well = report.state != JobState::kRejected && !in_.request.dry_run;
  if (in_.request.parent_job && ended_well) {
    report.closed_failures =
        TRY(CloseParentFailures(in_.control, *in_.request.parent_job, in_.job.id, undecided));
  }
  return Ok();
}

Status FinalTransaction::AddAdvice(LoadReport& report) {
  const std::vector<SequenceBehind> behind = TRY(SequencesBehind(in_.control, plans_[0].table));
  for (const SequenceBehind& sequence : behind) report.advice.push_back(sequence.statement);
  return Ok();
}

}  // namespace eclusa
