#include "control/parts.h"

#include <boost/json.hpp>

#include "control/error_json.h"
#include "control/sql.h"
#include "model/codes.h"

namespace eclusa {
namespace {

namespace json = boost::json;

std::vector<Parameter> ClaimOf(const JobPart& part) {
  return {std::to_string(part.job_id), std::to_string(part.part), std::to_string(part.claim)};
}

// What becomes of a part that its claim leaves.
struct Leave {
  const char* state = "QUEUED";
  std::chrono::milliseconds delay{0};
  const Error* error = nullptr;
  int tries_back = 0;
};

Status LeavePart(Connection& connection, const JobPart& part, const Leave& leave) {
  std::vector<Parameter> parameters = ClaimOf(part);
  parameters.emplace_back(leave.state);
  parameters.emplace_back(std::to_string(leave.delay.count()));
  parameters.push_back(leave.error == nullptr ? Parameter() : Parameter(ErrorToJson(*leave.error)));
  parameters.emplace_back(std::to_string(leave.tries_back));
  TRY(connection.Query(std::string(sql::kLeavePart), parameters));
  return Ok();
}

JobPart PartOf(const QueryResult& found, int row, int64_t job_id, int first) {
  return {.job_id = job_id,
          .part = static_cast<int32_t>(found.Int(row, first)),
          .file = static_cast<int32_t>(found.Int(row, first + 1)),
          .attempt = static_cast<int32_t>(found.Int(row, first + 2)),
          .claim = found.Int(row, first + 3),
          .place_json = {}};
}

}  // namespace

Status QueueParts(Connection& connection, const Job& job, const std::vector<JobPart>& parts) {
  json::array rows;
  for (const JobPart& part : parts) {
    rows.push_back(json::object{
        {"part", rows.size()}, {"file", part.file}, {"place", json::parse(part.place_json)}});
  }
  const QueryResult queued = TRY(connection.Query(
      std::string(sql::kQueueParts),
      {std::to_string(job.id), std::to_string(job.attempt), json::serialize(rows)}));
  if (queued.affected() != static_cast<int64_t>(parts.size())) return JobTakenOver(job);
  return Ok();
}

Result<std::optional<JobPart>> ClaimPart(Connection& connection, int64_t worker_id,
                                         std::optional<int64_t> job_id,
                                         const std::vector<int64_t>& but) {
  Parameter job;
  if (job_id) job = std::to_string(*job_id);
  std::string left = "{";
  for (const int64_t other : but) left += (left.size() > 1 ? "," : "") + std::to_string(other);
  const QueryResult claimed = TRY(
      connection.Query(std::string(sql::kClaimPart), {std::to_string(worker_id), job, left + "}"}));
  if (claimed.rows() == 0) return std::optional<JobPart>();
  JobPart part = PartOf(claimed, 0, claimed.Int(0, 0), 1);
  part.place_json = claimed.Text(0, 5);
  return std::optional(std::move(part));
}

Result<JobPart> BeginPart(Connection& connection, const Job& job, int32_t part, int32_t file) {
  const QueryResult begun =
      TRY(connection.Query(std::string(sql::kBeginPart),
                           {std::to_string(job.id), std::to_string(part), std::to_string(file)}));
  return JobPart{.job_id = job.id,
                 .part = part,
                 .file = file,
                 .attempt = static_cast<int32_t>(begun.Int(0, 0)),
                 .claim = begun.Int(0, 1),
                 .place_json = {}};
}

Status FinishPart(Connection& connection, const JobPart& part, const PartCounts& counts,
                  const std::string& found_json) {
  std::vector<Parameter> parameters = ClaimOf(part);
  for (const int64_t count : {counts.rows_read, counts.rows_staged, counts.rows_failed}) {
    parameters.emplace_back(std::to_string(count));
  }
  parameters.emplace_back(FitJson(found_json));
  const QueryResult finished = TRY(connection.Query(std::string(sql::kFinishPart), parameters));
  if (finished.affected() == 1) return Ok();
  return Error(ErrorKind::kConflict, code::job_part_taken_over,
               {{"job", std::to_string(part.job_id)}, {"part", std::to_string(part.part)}});
}

Status GiveBackPart(Connection& connection, const JobPart& part, std::chrono::milliseconds delay,
                    const Error* error) {
  return LeavePart(connection, part, {.delay = delay, .error = error});
}

Status FailPart(Connection& connection, const JobPart& part, const Error& error) {
  return LeavePart(connection, part, {.state = "FAILED", .error = &error});
}

Status ReturnPart(Connection& connection, const JobPart& part) {
  return LeavePart(connection, part, {.tries_back = 1});
}

Result<PartsProgress> LookAfterParts(Connection& connection, int64_t job_id, int attempts_max) {
  const std::string id = std::to_string(job_id);
  const std::string tries = std::to_string(attempts_max);
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kLookAfterParts),
                           {id, tries,
                            ErrorToJson(Error(ErrorKind::kUnavailable, code::job_tries_exhausted,
                                              {{"job", id}, {"tries", tries}}))}));
  PartsProgress progress{.queued = found.Int(0, 0),
                         .loading = found.Int(0, 1),
                         .staged = found.Int(0, 2),
                         .failed = found.Int(0, 3),
                         .rows_read = found.Int(0, 4),
                         .rows_failed = found.Int(0, 5),
                         .error = {}};
  if (!found.IsNull(0, 6)) progress.error = ErrorFromJson(found.Text(0, 6));
  return progress;
}

Result<std::vector<PartRecord>> ReadParts(Connection& connection, int64_t job_id) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectParts), {std::to_string(job_id)}));
  std::vector<PartRecord> parts;
  for (int row = 0; row < found.rows(); ++row) {
    PartRecord& record = parts.emplace_back();
    record.part = PartOf(found, row, job_id, 0);
    record.staged = found.Bool(row, 4);
    record.counts = {.rows_read = found.Int(row, 5),
                     .rows_staged = found.Int(row, 6),
                     .rows_failed = found.Int(row, 7)};
    record.part.place_json = found.Text(row, 8);
    record.found_json = found.Text(row, 9);
  }
  return parts;
}

Status RecordPartsWritten(Connection& connection, const Job& job,
                          const std::vector<int64_t>& written) {
  if (written.empty()) return Ok();
  TRY(connection.Query(std::string(sql::kSetPartsWritten),
                       {std::to_string(job.id), json::serialize(json::value_from(written))}));
  return Ok();
}

Status ResumeParts(Connection& connection, const Job& job) {
  const QueryResult own = TRY(connection.Query(
      std::string(sql::kResumeParts), {std::to_string(job.id), std::to_string(job.attempt)}));
  if (own.rows() != 1) return JobTakenOver(job);
  return Ok();
}

}  // namespace eclusa
