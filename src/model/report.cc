#include "model/report.h"

#include <boost/json.hpp>

namespace eclusa {
namespace {

namespace json = boost::json;

json::object OutcomesJson(const OutcomeCounts& counts) {
  return {{"read", counts.read},           {"inserted", counts.inserted},
          {"updated", counts.updated},     {"unchanged", counts.unchanged},
          {"deleted", counts.deleted},     {"superseded", counts.superseded},
          {"duplicate", counts.duplicate}, {"waiting", counts.waiting},
          {"failed", counts.failed},       {"skipped", counts.skipped},
          {"removed", counts.removed},     {"cascaded", counts.cascaded}};
}

json::object CauseJson(const Cause& cause) {
  json::object sample{{"file", cause.sample_place.file}, {"row", cause.sample_place.row},
                      {"line", cause.sample_place.line}, {"path", cause.sample.path},
                      {"value", cause.sample.value},     {"rule", cause.sample.rule}};
  return {{"code", cause.code},
          {"column", cause.column},
          {"count", cause.count},
          {"sample", std::move(sample)}};
}

json::value TextOrNull(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

}  // namespace

std::string ToJson(const LoadReport& report) {
  json::array files, tables, causes, warnings, unknown, unreadable, advice;
  for (const FileReport& file : report.files) {
    files.push_back(json::object{{"path", file.path},
                                 {"format", file.format},
                                 {"detail", file.detail},
                                 {"encoding", TextOrNull(file.encoding)},
                                 {"encoding_basis", TextOrNull(file.encoding_basis)},
                                 {"bytes", file.bytes},
                                 {"read", file.read},
                                 {"applied", file.applied},
                                 {"failed", file.failed}});
  }
  for (const TableReport& table : report.tables) {
    tables.push_back(json::object{{"list", table.list},
                                  {"target", table.target},
                                  {"outcomes", OutcomesJson(table.outcomes)}});
  }
  for (const Cause& cause : report.causes) causes.push_back(CauseJson(cause));
  for (const WarningReport& warning : report.warnings) {
    warnings.push_back(json::object{{"counter", warning.counter}, {"count", warning.count}});
  }
  for (const std::string& name : report.unknown_columns) unknown.emplace_back(name);
  for (const std::string& name : report.unreadable_columns) unreadable.emplace_back(name);
  for (const std::string& statement : report.advice) advice.emplace_back(statement);
  json::object phases;
  for (const auto& [name, milliseconds] : report.phases_ms) phases[name] = milliseconds;
  json::object object{{"job_id", report.job_id}};
  if (report.parent_job_id) object["parent_job_id"] = *report.parent_job_id;
  object["state"] = Name(report.state);
  object["target"] = report.target;
  object["mode"] = report.mode;
  object["dry_run"] = report.dry_run;
  object["outcomes"] = OutcomesJson(report.outcomes);
  if (!report.tables.empty()) object["tables"] = std::move(tables);
  object["files"] = std::move(files);
  object["causes"] = std::move(causes);
  object["warnings"] = std::move(warnings);
  object["unknown_columns"] = std::move(unknown);
  if (!unreadable.empty()) object["unreadable_columns"] = std::move(unreadable);
  object["advice"] = std::move(advice);
  object["closed_failures"] = report.closed_failures;
  object["judgements"] = report.judgements;
  object["duration_ms"] = report.duration_ms;
  object["phases"] = std::move(phases);
  return json::serialize(object);
}

}  // namespace eclusa
