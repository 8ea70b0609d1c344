#include "load/file_reader.h"

#include <algorithm>
#include <utility>

#include "control/files.h"
#include "core/fault.h"
#include "failures/resubmission.h"
#include "failures/store.h"
#include "judge/judge.h"
#include "model/codes.h"

namespace eclusa {
namespace {

const FaultPoint kStageReading("stage.reading");

TypedColumn Places(const std::vector<int32_t>& rows, const std::vector<int64_t>& ids) {
  TypedColumn column(TypeKind::kInt8, static_cast<int64_t>(rows.size()));
  column.AllocateFixed();
  for (size_t i = 0; i < rows.size(); ++i) {
    column.MutableFixed<int64_t>()[i] = ids[static_cast<size_t>(rows[i])];
  }
  return column;
}

TypedColumn Numbers(const std::vector<int32_t>& numbers) {
  TypedColumn column(TypeKind::kInt4, static_cast<int64_t>(numbers.size()));
  column.AllocateFixed();
  std::copy(numbers.begin(), numbers.end(), column.MutableFixed<int32_t>());
  return column;
}

void AddLists(const std::vector<int32_t>& lists, TableRows& rows) {
  std::vector<int32_t> all = lists;
  all.resize(rows.row_ids.size());
  rows.columns.push_back(Numbers(all));
}

}  // namespace

FileReader::FileReader(const StageJob& job, Senders& senders, std::optional<PartOfFile> part)
    : job_(job), root_(job.plans->front()), senders_(senders), part_(part) {
  staged_.children.resize(job.plans->size() - 1);
}

FailureStore FileReader::NewStore(const LoadFile& file) const {
  return {job_.job->id, part_ ? part_->number : file.record.ordinal};
}

// Failed rows to where they are kept.
Status FileReader::Keep(FailureStore& failures) {
  if (!part_) return failures.Flush(*job_.control);
  SendItem item;
  item.bytes = failures.bytes();
  item.failures = std::move(failures);
  senders_.Push(std::move(item));  // where it is broken off, the sender's error tells why
  return Ok();
}

Status FileReader::Read(LoadFile& file) {
  FailureStore failures = NewStore(file);
  std::optional<ResubmittedRows> resubmitted;
  if (job_.parent_job) {
    resubmitted.emplace(job_.job->id, TRY(ReadFiles(*job_.control, *job_.parent_job)));
  }
  StagedFile counts;
  last_child_.assign(staged_.children.size(), part_ ? part_->child_numbers.first : 0);
  std::vector<int64_t> warnings(file.checker->counters().size());
  while (true) {
    std::optional<Batch> batch = TRY(file.source->Next());
    if (!batch) break;
    if (job_.context->stop.stop_requested()) {
      return Error(ErrorKind::kCancelled, code::load_cancelled);
    }
    if (resubmitted) TRY(resubmitted->Append(*batch));
    if (resubmitted && resubmitted->WantsFlush()) TRY(resubmitted->Flush(*job_.control));
    CheckedBatch checked = file.checker->Check(*std::move(batch));
    TRY(failures.Append(checked));
    if (failures.WantsFlush()) {
      TRY(Keep(failures));
      if (part_) failures = NewStore(file);
    }
    Count(checked, counts, warnings);
    kStageReading.Reach();
    SendItem item = Item(std::move(checked));
    TRY(CheckChildNumbers());
    if (!senders_.Push(std::move(item))) break;
    Report(file);
  }
  if (failures.rows() > 0) TRY(Keep(failures));
  if (resubmitted) TRY(resubmitted->Flush(*job_.control));
  counts.passed_over = file.source->PassedOver();
  staged_.files.push_back(std::move(counts));
  for (size_t i = 0; i < warnings.size(); ++i) {
    staged_.warnings.push_back({file.record.ordinal, file.checker->counters()[i], warnings[i]});
  }
  return Ok();
}

void FileReader::Count(const CheckedBatch& checked, StagedFile& counts,
                       std::vector<int64_t>& warnings) {
  const int64_t accepted = checked.accepted_count();
  const auto unreadable = static_cast<int64_t>(checked.batch.unreadable.size());
  const int64_t read = checked.batch.row_count() + unreadable;
  counts.read += read;
  counts.staged += accepted;
  counts.failed += read - accepted;
  staged_.read += read;
  staged_.staged += accepted;
  staged_.failed += read - accepted;
  for (size_t i = 0; i < checked.warnings.size(); ++i) warnings[i] += checked.warnings[i];
  for (size_t i = 0; i < checked.children.size(); ++i) {
    const CheckedChild& child = checked.children[i];
    const int64_t staged = child.accepted_count();
    staged_.children[i].read += child.read;
    staged_.children[i].staged += staged;
    staged_.children[i].failed += child.read - staged;
  }
  if (root_.mode == Mode::kReplace && unreadable > 0) staged_.key_unreadable = true;
}

// In mode replace the keys of failed rows go to the stage too: they are present in the file.
SendItem FileReader::Item(CheckedBatch checked) {
  SendItem item;
  item.bytes = checked.ByteSize();
  TableRows& rows = item.tables.emplace_back();
  rows.sent = checked.accepted;
  rows.operations = checked.operations;
  if (root_.has_operations && rows.operations.empty()) {
    rows.operations.assign(rows.sent.size(), kOpUpsert);
  }
  if (root_.mode == Mode::kReplace) SendPresent(checked, rows);
  const Batch& batch = checked.batch;
  rows.row_ids.resize(rows.sent.size());
  for (size_t row = 0; row < rows.row_ids.size(); ++row) {
    const int64_t number = batch.row_numbers.empty() ? batch.first_row + static_cast<int64_t>(row)
                                                     : batch.row_numbers[row];
    rows.row_ids[row] = StagePlace(batch.file, number);
  }
  for (size_t i = 0; i < checked.children.size(); ++i) {
    const int parent = PlanIndex((*job_.plans)[i + 1].document.parent);
    item.tables.push_back(RowsOfChild(batch.file, i, std::move(checked.children[i]),
                                      item.tables[parent].row_ids, item.tables[0].row_ids));
  }
  // A flat file of a load of documents; its tables have no rows.
  item.tables.resize(job_.plans->size());
  // The senders need the typed columns only; of the file's own, what those borrow stays.
  item.tables[0].columns = std::move(checked.columns);
  if (root_.has_children) AddLists(checked.lists, item.tables[0]);
  return item;
}

void FileReader::SendPresent(CheckedBatch& checked, TableRows& rows) {
  for (const RejectedRow& row : checked.rejected) {
    if (checked.accepted[row.index] != 0) continue;
    if (!KeyIsSound(row)) {
      staged_.key_unreadable = true;
      continue;
    }
    rows.sent[row.index] = 1;
    rows.operations[row.index] = kOpPresent;
    for (size_t i = 0; i < checked.columns.size(); ++i) {
      if (!root_.columns[i].key) checked.columns[i].SetNull(row.index);
    }
    ++staged_.present;
  }
}

bool FileReader::KeyIsSound(const RejectedRow& row) const {
  for (const Reason& reason : row.reasons) {
    for (const int index : root_.key) {
      const PlanColumn& column = root_.columns[index];
      const bool own = reason.path.empty();
      if (own && root_.table.columns[column.table_index].name == reason.column) return false;
    }
  }
  return true;
}

// A child's rows are numbered through its file, in the file's order.
TableRows FileReader::RowsOfChild(int32_t file, size_t index, CheckedChild child,
                                  const std::vector<int64_t>& parents,
                                  const std::vector<int64_t>& documents) {
  const LoadPlan& plan = (*job_.plans)[index + 1];
  TableRows rows;
  rows.row_ids.resize(static_cast<size_t>(child.rows()));
  for (int64_t& id : rows.row_ids) id = StagePlace(file, ++last_child_[index]);
  rows.sent = std::move(child.accepted);
  rows.columns = std::move(child.columns);
  if (plan.has_operations) {
    rows.operations.assign(rows.sent.size(), kOpUpsert);
    for (size_t row = 0; row < rows.sent.size(); ++row) {
      if (child.present[row] == 0) continue;
      rows.sent[row] = 1;
      rows.operations[row] = kOpPresent;
      for (size_t i = 0; i < rows.columns.size(); ++i) {
        if (!plan.columns[i].key) rows.columns[i].SetNull(static_cast<int64_t>(row));
      }
    }
  }
  rows.columns.push_back(Places(child.documents, documents));
  rows.columns.push_back(Places(child.parents, parents));
  rows.columns.push_back(Numbers(child.items));
  if (plan.has_children) AddLists(child.lists, rows);
  return rows;
}

// A child would take the number of one in the next part.
Status FileReader::CheckChildNumbers() const {
  if (!part_) return Ok();
  const auto [before, last] = part_->child_numbers;
  if (std::ranges::all_of(last_child_, [&](int64_t number) { return number <= last; })) return Ok();
  return Error(ErrorKind::kInvalid, code::load_part_children,
               {{"part", std::to_string(part_->number)}, {"most", std::to_string(last - before)}});
}

void FileReader::Report(const LoadFile& file) {
  if (!job_.context->progress) return;
  job_.context->progress({.phase = "reading",
                          .rows = staged_.read,
                          .failed = staged_.failed,
                          .bytes = file.source->BytesRead(),
                          .bytes_total = file.source->BytesTotal()});
}

}  // namespace eclusa
