#include "load/part_stager.h"

#include <algorithm>
#include <boost/json.hpp>

#include "core/fault.h"
#include "load/file_reader.h"
#include "load/open_files.h"
#include "load/planning.h"
#include "load/stage_sender.h"
#include "model/codes.h"

namespace eclusa {
namespace {

namespace json = boost::json;

const FaultPoint kPartOpened("part.opened");
const FaultPoint kPartRead("part.read");

constexpr std::chrono::milliseconds kRetryAfterMost{60'000};

Error Unreadable() { return {ErrorKind::kInternal, code::job_part_unreadable}; }

PartFindings FindingsOf(const StagedLoad& staged) {
  PartFindings findings{.warnings = {},
                        .present = staged.present,
                        .key_unreadable = staged.key_unreadable,
                        .passed_over = staged.files.front().passed_over};
  for (const WarningCount& warning : staged.warnings) {
    if (warning.count > 0) findings.warnings.emplace_back(warning.counter, warning.count);
  }
  return findings;
}

}  // namespace

std::string ToJson(const PartPlace& place) {
  json::object object{{"layout", place.layout}};
  if (place.part) {
    object["begin"] = place.part->begin;
    object["end"] = place.part->end;
    object["first_row"] = place.part->first_row;
    object["rows"] = place.part->rows;
    object["first_line"] = place.part->first_line;
    object["encoding"] = place.part->encoding;
  }
  return json::serialize(object);
}

Result<PartPlace> PartPlaceFromJson(const std::string& text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed || !value.is_object() || !value.as_object().contains("layout")) {
    return Unreadable();
  }
  const json::object& object = value.as_object();
  PartPlace place{.part = {}, .layout = json::value_to<std::string>(object.at("layout"))};
  if (!object.contains("begin")) return place;
  place.part = SourcePart{.begin = object.at("begin").to_number<int64_t>(),
                          .end = object.at("end").to_number<int64_t>(),
                          .first_row = object.at("first_row").to_number<int64_t>(),
                          .rows = object.at("rows").to_number<int64_t>(),
                          .first_line = object.at("first_line").to_number<int64_t>(),
                          .encoding = json::value_to<std::string>(object.at("encoding"))};
  return place;
}

std::string ToJson(const PartFindings& findings) {
  json::object warnings;
  for (const auto& [counter, count] : findings.warnings) warnings[counter] = count;
  return json::serialize(json::object{{"warnings", std::move(warnings)},
                                      {"present", findings.present},
                                      {"passed_over", json::value_from(findings.passed_over)},
                                      {"key_unreadable", findings.key_unreadable}});
}

Result<PartFindings> PartFindingsFromJson(const std::string& text) {
  boost::system::error_code failed;
  const json::value value = json::parse(text, failed);
  if (failed || !value.is_object() || !value.as_object().contains("present")) {
    return Unreadable();
  }
  const json::object& object = value.as_object();
  PartFindings findings{.warnings = {},
                        .present = object.at("present").to_number<int64_t>(),
                        .key_unreadable = object.at("key_unreadable").as_bool(),
                        .passed_over = {}};
  for (const auto& warning : object.at("warnings").as_object()) {
    findings.warnings.emplace_back(warning.key(), warning.value().to_number<int64_t>());
  }
  // A version before this one has not written them.
  if (const json::value* const names = object.if_contains("passed_over")) {
    findings.passed_over = json::value_to<std::vector<std::string>>(*names);
  }
  return findings;
}

Status PartStager::Stage(Connection& session, const JobPart& part) {
  const PartPlace place = TRY(PartPlaceFromJson(part.place_json));
  LoadFile file = TRY(OpenPart(request_, part.file, place.part, context_.stop));
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
  reader.emplace(stage, senders, part.part);
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
