#include "load/parts_run.h"

#include <algorithm>
#include <limits>

#include "control/files.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/wait.h"
#include "formats/source_parts.h"
#include "io/sha256.h"
#include "load/open_files.h"
#include "load/part_place.h"
#include "model/codes.h"

namespace eclusa {
namespace {

const FaultPoint kPartsQueued("parts.queued");
const FaultPoint kPartsStaged("parts.staged");

// Below, a load is staged sooner than others have opened it.
constexpr int64_t kCutFromBytes = 128 << 20;
// How often parts under other workers' hands are asked for: soon at first, as most end soon.
constexpr std::chrono::milliseconds kAskAfter{10};
constexpr std::chrono::milliseconds kAskAfterMost{200};

// What makes parts staged before of use: the same files, cut alike, into the same stage.
std::string LayoutOf(const std::vector<LoadFile>& files, const std::vector<LoadPlan>& plans,
                     const PartLimits& limits) {
  std::string all = std::to_string(limits.rows) + " " + std::to_string(limits.bytes);
  for (const LoadPlan& plan : plans) all += "\n" + BuildStageTable(plan);
  for (const LoadFile& file : files) {
    all += "\n" + file.record.path + " " + std::to_string(file.record.size) + " " +
           std::to_string(file.record.mtime_us);
  }
  Sha256 digest;
  digest.Update(all);
  return HexText(digest.Finish()).substr(0, 32);
}

// A crash of the server empties what is UNLOGGED.
Result<bool> HoldsRows(Connection& control, const LoadPlan& plan, int64_t staged) {
  const QueryResult there = TRY(control.Query("SELECT to_regclass($1) IS NOT NULL", {plan.stage}));
  if (!there.Bool(0, 0)) return false;
  return TRY(CountStaged(control, plan)) == staged;
}

// A part makes the plans anew, from its own file.
bool BringTheSameLists(const std::vector<LoadFile>& files) {
  const auto brings = [](const LoadFile& file) {
    std::vector<bool> lists;
    for (const auto& columns : file.checker->children()) lists.push_back(!columns.empty());
    return lists;
  };
  return std::ranges::all_of(
      files, [&](const LoadFile& file) { return brings(file) == brings(files.front()); });
}

}  // namespace

PartsRun::PartsRun(Connection& control, const LoadContext& context, const LoadRequest& request,
                   const Job& job)
    : control_(control),
      context_(context),
      request_(request),
      job_(job),
      staging_(context),
      stager_(staging_, request, job.id) {
  staging_.progress = {};
}

Result<bool> PartsRun::Cut(std::vector<LoadFile>& files, const std::vector<LoadPlan>& plans) {
  for (const LoadFile& file : files) bytes_ += file.record.size;
  const bool worth_it = request_.rows_per_part || bytes_ >= kCutFromBytes;
  if (!worth_it || !BringTheSameLists(files) || request_.parent_job) return false;
  PartLimits limits;
  if (request_.rows_per_part) {
    limits = {.rows = *request_.rows_per_part, .bytes = std::numeric_limits<int64_t>::max()};
  }
  layout_ = LayoutOf(files, plans, limits);
  bool all_known = true;
  for (LoadFile& file : files) {
    const std::vector<SourcePart> cut =
        TRY(CutSource(*file.source, file.options, limits, context_.stop));
    if (!cut.empty()) file.encoding = cut.front().encoding;
    PartPlace place{.part = {}, .expected = {}, .children_per_row = 0, .layout = layout_};
    if (file.looked_through) place.expected = file.options.expected;
    if (!cut.empty() && plans.size() > 1) {
      const int64_t rows = cut.back().first_row - 1 + cut.back().rows;
      place.children_per_row = (int64_t{1} << kStagePlaceRowBits) / (rows + 1);
    }
    const auto add = [&](std::optional<SourcePart> part) {
      place.part = std::move(part);
      parts_.push_back(
          {.job_id = job_.id, .file = file.record.ordinal, .place_json = ToJson(place)});
    };
    for (const SourcePart& part : cut) {
      rows_ += part.rows;
      add(part);
    }
    if (cut.empty()) {
      all_known = false;
      add({});
    }
  }
  if (!all_known) rows_ = 0;
  return parts_.size() > 1;
}

Result<bool> PartsRun::CanResume(const std::vector<LoadPlan>& plans) {
  const std::vector<PartRecord> known = TRY(ReadParts(control_, job_.id));
  if (known.size() != parts_.size()) return false;
  bool some = false;
  std::vector<int64_t> staged(plans.size(), 0);  // rows, by plan
  for (const PartRecord& record : known) {
    if (record.part.place_json.empty()) return false;
    if (TRY(PartPlaceFromJson(record.part.place_json)).layout != layout_) return false;
    if (!record.staged) continue;
    some = true;
    staged[0] += record.counts.rows_staged;
    const PartFindings findings = TRY(PartFindingsFromJson(record.found_json));
    for (size_t i = 1; i < plans.size(); ++i) staged[i] += findings.children.at(i - 1).staged;
  }
  for (size_t i = 0; some && i < plans.size(); ++i) {
    some = TRY(HoldsRows(control_, plans[i], staged[i]));
  }
  return some;
}

Result<StagedLoad> PartsRun::Run(const StageJob& stage, const std::vector<LoadFile>& files,
                                 bool resumes) {
  if (!resumes) {
    TRY(CreateStages(stage));
    TRY(QueueParts(control_, job_, parts_));
  }
  kPartsQueued.Reach();
  if (context_.parts->ready) context_.parts->ready();
  auto ask_after = kAskAfter;
  while (true) {
    const std::optional<JobPart> part =
        TRY(ClaimPart(control_, context_.parts->worker_id, job_.id));
    if (part) {
      TRY(StageClaimed(*part));
      ask_after = kAskAfter;
      continue;
    }
    const PartsProgress progress =
        TRY(LookAfterParts(control_, job_.id, context_.parts->attempts_max));
    if (progress.error) return *progress.error;
    Report(progress);
    if (progress.queued + progress.loading == 0) break;
    if (context_.stop.stop_requested()) {
      return Error(ErrorKind::kCancelled, code::load_cancelled);
    }
    WaitOrStop(ask_after, context_.stop);
    ask_after = std::min(ask_after * 2, kAskAfterMost);
  }
  kPartsStaged.Reach();
  return Collect(files);
}

// One that fails goes back to the queue, or makes the load fail when its parts are looked after.
Status PartsRun::StageClaimed(const JobPart& part) {
  Status staged = stager_.Stage(control_, part);
  if (staged.ok()) return Ok();
  if (staged.error().kind() == ErrorKind::kCancelled) return staged;
  LogWarning("part_not_staged", {{"job", std::to_string(part.job_id)},
                                 {"part", std::to_string(part.part)},
                                 {"attempt", std::to_string(part.attempt)},
                                 {"code", staged.error().code()}});
  return LeaveUnstaged(control_, context_, part, staged.error());
}

Result<StagedLoad> PartsRun::Collect(const std::vector<LoadFile>& files) {
  StagedLoad staged;
  staged.files.resize(files.size());
  for (const PartRecord& record : TRY(ReadParts(control_, job_.id))) {
    StagedFile& file = staged.files.at(static_cast<size_t>(record.part.file));
    file.read += record.counts.rows_read;
    file.staged += record.counts.rows_staged;
    file.failed += record.counts.rows_failed;
    const PartFindings findings = TRY(PartFindingsFromJson(record.found_json));
    staged.children.resize(findings.children.size());
    for (size_t i = 0; i < findings.children.size(); ++i) {
      staged.children[i].read += findings.children[i].read;
      staged.children[i].staged += findings.children[i].staged;
      staged.children[i].failed += findings.children[i].failed;
    }
    staged.present += findings.present;
    staged.key_unreadable = staged.key_unreadable || findings.key_unreadable;
    for (const std::string& name : findings.passed_over) {
      if (std::ranges::find(file.passed_over, name) == file.passed_over.end()) {
        file.passed_over.push_back(name);
      }
    }
    for (const auto& [counter, count] : findings.warnings) {
      const auto same = std::ranges::find_if(staged.warnings, [&](const WarningCount& other) {
        return other.file == record.part.file && other.counter == counter;
      });
      if (same != staged.warnings.end()) {
        same->count += count;
      } else {
        staged.warnings.push_back({record.part.file, counter, count});
      }
    }
  }
  Transaction transaction = TRY(Transaction::Begin(control_));
  for (size_t i = 0; i < files.size(); ++i) {
    const StagedFile& file = staged.files[i];
    staged.read += file.read;
    staged.staged += file.staged;
    staged.failed += file.failed;
    TRY(RecordFileRows(control_, job_, files[i].record.ordinal, file.read));
  }
  TRY(RecordWarnings(control_, job_, staged.warnings));
  TRY(std::move(transaction).Commit());
  return staged;
}

// How far: by the rows of the parts that are staged.
void PartsRun::Report(const PartsProgress& progress) const {
  if (!context_.progress) return;
  const double share =
      rows_ > 0 ? static_cast<double>(progress.rows_read) / static_cast<double>(rows_) : 0;
  context_.progress({.phase = "reading",
                     .rows = progress.rows_read,
                     .failed = progress.rows_failed,
                     .bytes = static_cast<int64_t>(share * static_cast<double>(bytes_)),
                     .bytes_total = rows_ > 0 ? bytes_ : 0});
}

}  // namespace eclusa
