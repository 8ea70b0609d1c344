#include "load/stager.h"

#include <algorithm>

#include "control/parts.h"
#include "core/fault.h"
#include "judge/judge.h"
#include "load/file_reader.h"
#include "load/stage_sender.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

const FaultPoint kStageCreated("stage.created");
const FaultPoint kStagePartsDone("stage.parts_done");

// The columns that the judge and the merge join by.
std::string JoinedColumns(const LoadPlan& plan) {
  std::vector<std::string> names{"_eclusa_row"};
  if (plan.is_child()) {
    names.insert(names.end(), {"_eclusa_doc", "_eclusa_parent"});
    for (const int index : plan.document.columns) names.push_back(plan.columns[index].name);
  }
  const auto add = [&](int table_index) {
    const int bound = plan.Bound(table_index);
    if (bound >= 0) names.push_back(plan.columns[bound].name);
  };
  for (const int index : plan.key) add(plan.columns[index].table_index);
  for (const UniqueKey& key : plan.table.unique_keys) {
    for (const int column : key.columns) add(column);
  }
  for (const ForeignKey& reference : plan.table.references) {
    for (const int column : reference.columns) add(column);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return Join(names, ", ");
}

}  // namespace

Status CreateStages(const StageJob& job) {
  std::string statements = "BEGIN; SET LOCAL client_min_messages = error; ";
  for (const LoadPlan& plan : *job.plans) {
    statements += BuildStageTable(plan) + "; ";
    for (const std::string& statement : Judge::CreateStatements(plan.verdicts)) {
      statements += statement + "; ";
    }
  }
  auto created = job.control->Execute(statements + "COMMIT");
  if (!created.ok()) {
    if (job.control->in_transaction()) TRY(job.control->Execute("ROLLBACK"));
    return std::move(created).error().With("creating the stage");
  }
  kStageCreated.Reach();
  return Ok();
}

Status AnalyzeStage(const StageJob& job) {
  for (const LoadPlan& plan : *job.plans) {
    TRY(job.control->Execute("ANALYZE " + plan.stage + " (" + JoinedColumns(plan) + ")"));
  }
  return Ok();
}

Result<int64_t> CountStaged(Connection& connection, const LoadPlan& plan) {
  const std::string own = plan.has_present_rows() ? " WHERE _eclusa_op <> 'P'" : "";
  return TRY(connection.Execute("SELECT count(*) FROM " + plan.stage + own)).Int(0, 0);
}

std::string BuildStageTable(const LoadPlan& plan) {
  std::string sql = "CREATE UNLOGGED TABLE " + plan.stage + " (_eclusa_row bigint";
  if (plan.has_operations) sql += ", _eclusa_op \"char\"";
  for (const PlanColumn& column : plan.columns) {
    const ColumnDescription& target = plan.table.columns[column.table_index];
    sql += ", " + column.name + " " + target.type.stage_name;
    // Keys are compared as the target compares them.
    if (!target.collation.empty()) sql += " COLLATE " + target.collation;
  }
  if (plan.is_child()) {
    sql += ", _eclusa_doc bigint, _eclusa_parent bigint, _eclusa_item integer";
  }
  if (plan.has_children) sql += ", _eclusa_lists integer";
  return sql + ") WITH (autovacuum_enabled = off)";
}

Result<StagedLoad> StageFiles(const StageJob& job, std::vector<LoadFile>& files) {
  TRY(CreateStages(job));
  std::vector<JobPart> parts;
  for (const LoadFile& file : files) {
    parts.push_back(
        TRY(BeginPart(*job.control, *job.job, file.record.ordinal, file.record.ordinal)));
  }
  Transaction transaction = TRY(Transaction::Begin(*job.control));
  Senders senders(job);
  FileReader reader(job, senders);
  Status read = Ok();
  for (LoadFile& file : files) {
    read = reader.Read(file);
    if (!read.ok()) break;
  }
  Status sent = senders.Finish(read.ok());
  // A sender's error broke the stream off: it is the cause, what the reader saw its effect.
  if (!sent.ok() && (read.ok() || sent.error().kind() != ErrorKind::kCancelled)) {
    return std::move(sent).error();
  }
  if (!read.ok()) return std::move(read).error();
  StagedLoad staged = reader.Take();
  for (size_t i = 0; i < files.size(); ++i) {
    const StagedFile& counts = staged.files[i];
    const int32_t ordinal = files[i].record.ordinal;
    TRY(RecordFileRows(*job.control, *job.job, ordinal, counts.read));
    TRY(FinishPart(*job.control, parts[i], {counts.read, counts.staged, counts.failed}));
  }
  TRY(RecordWarnings(*job.control, *job.job, staged.warnings));
  TRY(std::move(transaction).Commit());
  kStagePartsDone.Reach();
  return staged;
}

}  // namespace eclusa
