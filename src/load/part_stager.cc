#include "load/part_stager.h"

#include <algorithm>

#include "core/fault.h"
#include "load/file_reader.h"
#include "load/open_files.h"
#include "load/part_place.h"
#include "load/planning.h"
#include "load/stage_sender.h"
#include "model/codes.h"

namespace eclusa {
namespace {

const FaultPoint kPartOpened("part.opened");
const FaultPoint kPartRead("part.read");

constexpr std::chrono::milliseconds kRetryAfterMost{60'000};

PartFindings FindingsOf(const StagedLoad& staged) {
  PartFindings findings{.warnings = {},
                        .present = staged.present,
                        .key_unreadable = staged.key_unreadable,
                        .passed_over = staged.files.front().passed_over,
                        .children = staged.children};
  for (const WarningCount& warning : staged.warnings) {
    if (warning.count > 0) findings.warnings.emplace_back(warning.counter, warning.count);
  }
  return findings;
}

}  // namespace

Status PartStager::Stage(Connection& session, const JobPart& part) {
  const PartPlace place = TRY(PartPlaceFromJson(part.place_json));
  LoadFile file = TRY(OpenPart(request_, part.file, place));
  if (plans_.empty()) {
    std::vector<LoadFile> files;
    files.push_back(std::move(file));
    plans_ = TRY(BuildPlans(request_, ColumnsOf(files), job_id_));
    file = std::move(files.front());
  }
  kPartOpened.Reach();
  const Job job{job_id_, 0};
  const StageJob stage{.context = &context_, .job = &job, .plans = &plans_};
  std::optional<FileReader> reader;
  // Called when the reader has come to its end.
  const auto finish = [&](Connection& sender) -> Status {
    // Who ends the job waits for the part's row: a process that stops now blocks nobody for long.
    TRY(sender.Execute("SET LOCAL idle_in_transaction_session_timeout = '10s'"));
    const StagedFile& counts = reader->staged().files.front();
    // What is numbered by its place would take the numbers of its neighbours.
    if (place.part && counts.read != place.part->rows) {
      return Error(ErrorKind::kConflict, code::load_file_changed, {{"path", file.record.path}});
    }
    return FinishPart(sender, part, {counts.read, counts.staged, counts.failed},
                      ToJson(FindingsOf(reader->staged())));
  };
  Senders senders(stage, {.session = &session, .before_commit = finish});
  reader.emplace(stage, senders, PartOfFile{part.part, place.ChildNumbers()});
  Status read = reader->Read(file);
  kPartRead.Reach();
  Status sent = senders.Finish(read.ok());
  // A sender's error broke the stream off: it is the cause, what the reader saw its effect.
  if (!sent.ok() && (read.ok() || sent.error().kind() != ErrorKind::kCancelled)) return sent;
  return read;
}

Status LeaveUnstaged(Connection& session, const LoadContext& context, const JobPart& part,
                     const Error& error) {
  const PartsContext& parts = *context.parts;
  if (context.stop.stop_requested()) return GiveBackPart(session, part, {}, nullptr);
  if (!IsWorthAnotherTry(error) || part.attempt >= parts.attempts_max) {
    return FailPart(session, part, error);
  }
  const auto delay =
      std::min(parts.retry_after * (int64_t{1} << std::min(part.attempt - 1, 20)), kRetryAfterMost);
  return GiveBackPart(session, part, delay, &error);
}

}  // namespace eclusa
