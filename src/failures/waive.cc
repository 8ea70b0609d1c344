#include "failures/waive.h"

#include "control/error_json.h"
#include "failures/sql.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string JobText(const WaiveRequest& request) { return std::to_string(request.job_id); }

Error NoneMatched(const WaiveRequest& request) {
  return Error(ErrorKind::kNotFound, code::failures_none_matched, {{"job", JobText(request)}});
}

Status CheckRequest(const WaiveRequest& request) {
  if (request.reason.find_first_not_of(" \t\n") == std::string::npos) {
    return Error(ErrorKind::kInvalid, code::failures_reason_needed);
  }
  if (request.row.has_value() == !request.code.empty()) {
    return Error(ErrorKind::kInvalid, code::failures_row_or_code);
  }
  return Ok();
}

// The file that a row without a file means.
Result<int32_t> FindFile(Connection& connection, const WaiveRequest& request) {
  if (request.file) return *request.file;
  const QueryResult files = TRY(connection.Query(std::string(sql::kSelectFilesOfRow),
                                                 {JobText(request), std::to_string(*request.row)}));
  if (files.rows() == 0) return NoneMatched(request);
  if (files.rows() > 1) {
    return Error(ErrorKind::kInvalid, code::failures_ambiguous_row,
                 {{"job", JobText(request)}, {"row", std::to_string(*request.row)}});
  }
  return static_cast<int32_t>(files.Int(0, 0));
}

Result<int64_t> WaiveRow(Connection& connection, const WaiveRequest& request) {
  const int32_t file = TRY(FindFile(connection, request));
  const QueryResult waived = TRY(connection.Query(std::string(sql::kWaiveRow),
                                                  {JobText(request), std::to_string(*request.row),
                                                   std::to_string(file), FitText(request.reason)}));
  return waived.affected();
}

Result<WaiveResult> WaiveCode(Connection& connection, const WaiveRequest& request) {
  Parameter file;
  if (request.file) file = std::to_string(*request.file);
  const std::string wanted = FitText(request.code);
  const QueryResult waived = TRY(connection.Query(
      std::string(sql::kWaiveCode), {JobText(request), wanted, file, FitText(request.reason)}));
  const QueryResult left =
      TRY(connection.Query(std::string(sql::kCountOtherReasons), {JobText(request), wanted, file}));
  return WaiveResult{
      .waived = waived.affected(), .left_for_other_reasons = left.Int(0, 0), .open_failures = 0};
}

}  // namespace

Result<WaiveResult> WaiveFailures(Connection& connection, const WaiveRequest& request) {
  TRY(CheckRequest(request));
  Transaction transaction = TRY(Transaction::Begin(connection));
  const QueryResult job =
      TRY(connection.Query(std::string(sql::kLockParentJob), {JobText(request)}));
  if (job.rows() == 0) {
    return Error(ErrorKind::kNotFound, code::job_not_found, {{"job", JobText(request)}});
  }
  WaiveResult result;
  if (request.row) {
    result.waived = TRY(WaiveRow(connection, request));
  } else {
    result = TRY(WaiveCode(connection, request));
  }
  if (result.waived == 0 && result.left_for_other_reasons == 0) return NoneMatched(request);
  const QueryResult open =
      TRY(connection.Query(std::string(sql::kRefreshOpenFailures), {JobText(request)}));
  result.open_failures = open.Int(0, 0);
  TRY(std::move(transaction).Commit());
  return result;
}

}  // namespace eclusa
