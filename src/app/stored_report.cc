#include "app/stored_report.h"

#include <boost/json.hpp>

namespace eclusa {
namespace {

namespace json = boost::json;

std::string StringAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

int64_t NumberAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

json::array ArrayAt(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : json::array();
}

std::vector<std::string> StringsAt(const json::object& object, std::string_view name) {
  std::vector<std::string> strings;
  for (const json::value& value : ArrayAt(object, name)) {
    if (value.is_string()) strings.emplace_back(value.get_string());
  }
  return strings;
}

FileReport FileOf(const json::object& file) {
  return {.path = StringAt(file, "path"),
          .format = StringAt(file, "format"),
          .detail = StringAt(file, "detail"),
          .encoding = StringAt(file, "encoding"),
          .encoding_basis = StringAt(file, "encoding_basis"),
          .bytes = NumberAt(file, "bytes"),
          .read = NumberAt(file, "read"),
          .applied = NumberAt(file, "applied"),
          .failed = NumberAt(file, "failed")};
}

void ReadRecorded(const json::object& recorded, LoadReport* report) {
  for (const json::value& file : ArrayAt(recorded, "files")) {
    if (file.is_object()) report->files.push_back(FileOf(file.get_object()));
  }
  for (const json::value& warning : ArrayAt(recorded, "warnings")) {
    if (!warning.is_object()) continue;
    report->warnings.push_back({.counter = StringAt(warning.get_object(), "counter"),
                                .count = NumberAt(warning.get_object(), "count")});
  }
  report->unknown_columns = StringsAt(recorded, "unknown_columns");
  report->unreadable_columns = StringsAt(recorded, "unreadable_columns");
  report->advice = StringsAt(recorded, "advice");
  report->closed_failures = NumberAt(recorded, "closed_failures");
  report->judgements = static_cast<int>(NumberAt(recorded, "judgements"));
  if (const int64_t duration = NumberAt(recorded, "duration_ms")) report->duration_ms = duration;
  if (const json::value* phases = recorded.if_contains("phases"); phases && phases->is_object()) {
    for (const auto& [name, spent] : phases->get_object()) {
      if (spent.is_int64()) report->phases_ms.emplace_back(name, spent.get_int64());
    }
  }
}

}  // namespace

LoadReport StoredReport(const JobRecord& job) {
  LoadReport report;
  report.job_id = job.id;
  report.parent_job_id = job.parent_id;
  report.state = ParseJobState(job.state).value_or(JobState::kFailed);
  report.target = job.target.Display();
  report.mode = job.mode;
  report.dry_run = job.dry_run;
  report.outcomes = job.counts.value_or(OutcomeCounts{});
  report.duration_ms = job.duration_ms.value_or(0);
  if (!job.report_json) return report;
  boost::system::error_code failed;
  const json::value recorded = json::parse(*job.report_json, failed);
  if (!failed && recorded.is_object()) ReadRecorded(recorded.get_object(), &report);
  return report;
}

}  // namespace eclusa
