#include "control/read_jobs.h"

#include <charconv>

#include "control/advisory_lock.h"
#include "control/error_json.h"
#include "control/sql.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Columns of select_job.sql and select_last_jobs.sql.
constexpr int kFirstCount = 15;
constexpr int kAlive = kFirstCount + 12;
constexpr int kContract = kAlive + 1;

std::optional<int64_t> OptionalInt(const QueryResult& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Int(row, column);
}

std::optional<OutcomeCounts> CountsOf(const QueryResult& result, int row) {
  if (result.IsNull(row, kFirstCount)) return std::nullopt;
  const auto at = [&](int i) { return result.Int(row, kFirstCount + i); };
  return OutcomeCounts{.read = at(0),
                       .inserted = at(1),
                       .updated = at(2),
                       .unchanged = at(3),
                       .deleted = at(4),
                       .superseded = at(5),
                       .duplicate = at(6),
                       .waiting = at(7),
                       .failed = at(8),
                       .skipped = at(9),
                       .removed = at(10),
                       .cascaded = at(11)};
}

JobRecord RecordOf(const QueryResult& result, int row) {
  const auto text = [&](int column) { return std::string(result.Text(row, column)); };
  JobRecord job;
  job.id = result.Int(row, 0);
  job.parent_id = OptionalInt(result, row, 1);
  job.state = text(2);
  job.attempt = static_cast<int32_t>(result.Int(row, 3));
  job.target = {text(4), text(5)};
  job.dataset = text(6);
  job.mode = text(7);
  job.contract_digest = text(8);
  job.dry_run = result.Bool(row, 9);
  job.created_at = text(10);
  job.finished_at = result.Optional(row, 11);
  job.duration_ms = OptionalInt(result, row, 12);
  job.open_failures = result.Int(row, 13);
  job.failures_removed = result.Bool(row, 14);
  job.counts = CountsOf(result, row);
  job.alive = result.Bool(row, kAlive);
  return job;
}

}  // namespace

Result<JobRecord> ReadJob(Connection& connection, int64_t job_id) {
  const QueryResult found =
      TRY(connection.Query(std::string(sql::kSelectJob), {std::to_string(job_id), JobLockSpace()}));
  if (found.rows() == 0) {
    return Error(ErrorKind::kNotFound, code::job_not_found, {{"job", std::to_string(job_id)}});
  }
  JobRecord job = RecordOf(found, 0);
  job.contract_text = found.Text(0, kContract);
  job.options_json = found.Text(0, kContract + 1);
  job.error_json = found.Optional(0, kContract + 2);
  job.report_json = found.Optional(0, kContract + 3);
  if (!found.IsNull(0, kContract + 4)) {
    job.retry = {.tries = found.Int(0, kContract + 4),
                 .at = std::string(found.Text(0, kContract + 5)),
                 .why = std::string(found.Text(0, kContract + 6))};
  }
  return job;
}

Result<std::vector<JobRecord>> ReadLastJobs(Connection& connection, int limit) {
  const QueryResult found = TRY(
      connection.Query(std::string(sql::kSelectLastJobs), {std::to_string(limit), JobLockSpace()}));
  std::vector<JobRecord> jobs;
  for (int row = 0; row < found.rows(); ++row) jobs.push_back(RecordOf(found, row));
  return jobs;
}

Result<int64_t> ParseJobNumber(const std::string& text) {
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 1) {
    return Error(ErrorKind::kInvalid, code::job_bad_number, {{"value", text}});
  }
  return number;
}

std::optional<Error> RecordedError(const JobRecord& job) {
  if (!job.error_json) return std::nullopt;
  return ErrorFromJson(*job.error_json);
}

}  // namespace eclusa
