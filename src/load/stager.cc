#include "load/stager.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>

#include "core/bounded_queue.h"
#include "core/fault.h"
#include "core/log.h"
#include "failures/resubmission.h"
#include "failures/store.h"
#include "judge/judge.h"
#include "model/codes.h"
#include "pg/copy_encoder.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

const FaultPoint kStageCreated("stage.created");
const FaultPoint kStageReading("stage.reading");
const FaultPoint kStageSent("stage.sent");
const FaultPoint kStagePartsDone("stage.parts_done");

// Rows that a sender sorts by key before it sends them: the more, the closer together the merge
// finds the pages of the target's index (docs/performance.md). Each sender holds one such block.
// The server waits while a block is made: another sender's fills that time, so that a single one
// makes smaller blocks. The tables of documents share the room of one.
constexpr size_t kBlockBytes = 32 << 20;
constexpr size_t kOnlyBlockBytes = 8 << 20;
constexpr size_t kBlockSlackBytes = 8 << 20;  // of the last batch, as a rule
// Batches on their way from the reader to the senders.
constexpr size_t kQueueBytes = 16 << 20;
// What is handed to libpq at once.
constexpr size_t kSendBytes = 256 << 10;
// Rows lie scattered in the order of their key: the first cache lines of each are asked for ahead.
constexpr size_t kPrefetchRows = 4;
constexpr size_t kPrefetchLines = 4;

// Sorts by the first eight bytes of the key, in the order of its type: near enough for the pages of
// an index, which is all that it is for.
uint64_t KeyPrefix(const TypedColumn& column, int64_t row) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  uint64_t prefix = 0;
  if (column.IsNull(row)) return ~prefix;
  switch (FixedWidth(column.kind())) {
    case 1:
      return column.Fixed<uint8_t>(row);
    case 2:
      return static_cast<uint64_t>(int64_t{column.Fixed<int16_t>(row)}) ^ kSign;
    case 4:
      return static_cast<uint64_t>(int64_t{column.Fixed<int32_t>(row)}) ^ kSign;
    case 8:
      return static_cast<uint64_t>(column.Fixed<int64_t>(row)) ^ kSign;
    case 16:
      std::memcpy(&prefix, column.FixedBytes(row, 16), 8);
      return __builtin_bswap64(prefix);
    default: {
      const std::string_view bytes = column.Bytes(row);
      std::memcpy(&prefix, bytes.data(), std::min<size_t>(bytes.size(), 8));
      return __builtin_bswap64(prefix);
    }
  }
}

// The rows to be sent, in the batch's order.
std::vector<int32_t> RowsSent(const std::vector<uint8_t>& sent) {
  std::vector<int32_t> rows;
  rows.reserve(sent.size());
  for (int32_t row = 0; row < static_cast<int32_t>(sent.size()); ++row) {
    if (sent[row] != 0) rows.push_back(row);
  }
  return rows;
}

// Rows of one table on their way to its stage.
struct TableRows {
  std::vector<TypedColumn> columns;
  std::vector<int64_t> row_ids;  // of all rows
  std::vector<uint8_t> sent;     // one a row: goes to the stage
  std::vector<char> operations;  // empty: the stage has no _eclusa_op
};

struct SendItem {
  std::vector<TableRows> tables;  // by plan
  size_t bytes = 0;
};

// What one sender has for one table: a block of rows that it sends in the order of their key.
class TableSender {
 public:
  TableSender(const LoadPlan& plan, bool alone) : plan_(plan), alone_(alone) {}

  void Reserve(size_t bytes) { encoder_.Reserve(bytes); }
  size_t bytes() const { return encoder_.bytes().size(); }

  // Adds the rows to the block, in their own order.
  void Encode(const TableRows& rows) {
    const std::vector<int32_t> order = RowsSent(rows.sent);
    if (order.empty()) return;
    encoder_.AppendRows({.columns = rows.columns,
                         .row_ids = rows.row_ids,
                         .operations = rows.operations,
                         .order = order});
    if (plan_.key.empty()) {
      keys_.resize(keys_.size() + order.size());
      return;
    }
    const TypedColumn& column = rows.columns[plan_.key.back()];
    for (const int32_t row : order) keys_.push_back(KeyPrefix(column, row));
  }

  // Sends the block. A session has one COPY at a time: several tables' end with each block.
  Status SendBlock(Connection& session) {
    if (!alone_ && keys_.empty()) return Ok();
    if (!copy_) TRY(Begin(session));
    TRY(WriteBlock());
    return alone_ ? Ok() : End();
  }

  Status End() {
    if (!copy_) return Ok();
    encoder_.Clear();
    encoder_.AppendTrailer();
    TRY(copy_->Write(encoder_.bytes()));
    encoder_.Clear();
    TRY(std::move(*copy_).Finish());
    copy_.reset();
    return Ok();
  }

 private:
  Status Begin(Connection& session) {
    copy_.emplace(
        TRY(CopyIn::Begin(session, "COPY " + plan_.stage + " FROM STDIN (FORMAT binary)")));
    CopyEncoder header;
    header.AppendHeader();
    return copy_->Write(header.bytes());
  }

  // The block's rows in the order of their key; empties it.
  Status WriteBlock() {
    std::vector<std::pair<uint64_t, uint32_t>> order(keys_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = {keys_[i], static_cast<uint32_t>(i)};
    if (!plan_.key.empty()) std::sort(order.begin(), order.end());
    const std::span<const size_t> ends = encoder_.row_ends();
    const char* bytes = encoder_.bytes().data();
    const auto begin_of = [&](uint32_t row) { return row == 0 ? 0 : ends[row - 1]; };
    sorted_.clear();
    for (size_t i = 0; i < order.size(); ++i) {
      if (i + kPrefetchRows < order.size()) {
        const char* ahead = bytes + begin_of(order[i + kPrefetchRows].second);
        for (size_t line = 0; line < kPrefetchLines; ++line) __builtin_prefetch(ahead + 64 * line);
      }
      const uint32_t row = order[i].second;
      sorted_.append(bytes + begin_of(row), ends[row] - begin_of(row));
      if (sorted_.size() < kSendBytes) continue;
      TRY(copy_->Write(sorted_));
      sorted_.clear();
    }
    TRY(copy_->Write(sorted_));
    encoder_.Clear();
    keys_.clear();
    return Ok();
  }

  const LoadPlan& plan_;
  const bool alone_;
  CopyEncoder encoder_;         // the block
  std::vector<uint64_t> keys_;  // of its rows
  std::string sorted_;          // on their way to libpq
  std::optional<CopyIn> copy_;
};

// One sender's session: everything it is given goes through one commit, and where there is one
// table, one COPY.
class Sender {
 public:
  Sender(const StageJob& job, BoundedQueue<SendItem>& queue)
      : job_(job),
        queue_(queue),
        block_bytes_((job.connections > 1 ? kBlockBytes : kOnlyBlockBytes) / job.plans->size()) {
    for (const LoadPlan& plan : *job.plans) tables_.emplace_back(plan, job.plans->size() == 1);
  }

  Status Run() {
    Status status = Send();
    if (!status.ok()) queue_.Abort();
    return status;
  }

 private:
  Status Send() {
    session_ =
        TRY(Connection::Open(job_.context->conninfo, job_.context->stop, job_.context->session));
    Connection& session = *session_;
    Transaction transaction = TRY(Transaction::Begin(session));
    // Nothing depends on this commit surviving a crash of the server: the stage is UNLOGGED.
    TRY(session.Execute("SET LOCAL synchronous_commit = off"));
    if (tables_.size() == 1) tables_[0].Reserve(block_bytes_ + kBlockSlackBytes);
    while (std::optional<SendItem> item = queue_.Pop()) {
      for (size_t i = 0; i < tables_.size(); ++i) tables_[i].Encode(item->tables[i]);
      item.reset();
      for (TableSender& table : tables_) {
        if (table.bytes() >= block_bytes_) TRY(table.SendBlock(session));
      }
    }
    if (queue_.aborted()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    for (TableSender& table : tables_) {
      TRY(table.SendBlock(session));
      if (job_.context->stop.stop_requested()) {
        return Error(ErrorKind::kCancelled, code::load_cancelled);
      }
      TRY(table.End());
    }
    kStageSent.Reach();
    return std::move(transaction).Commit();
  }

  const StageJob& job_;
  BoundedQueue<SendItem>& queue_;
  const size_t block_bytes_;
  std::optional<Connection> session_;  // outlives the COPYs of tables_, which are broken off in it
  std::vector<TableSender> tables_;
};

// The senders' threads; joined, and their first error kept, whatever way the reader ends.
class Senders {
 public:
  explicit Senders(const StageJob& job) : queue_(kQueueBytes) {
    statuses_.resize(static_cast<size_t>(job.connections));
    for (int i = 0; i < job.connections; ++i) {
      threads_.emplace_back([this, &job, i] { statuses_[i] = Sender(job, queue_).Run(); });
    }
  }
  ~Senders() { queue_.Abort(); }

  bool Push(SendItem item) {
    const size_t bytes = item.bytes;
    return queue_.Push(std::move(item), bytes);
  }

  // Ends the stream, or breaks it off, and waits.
  Status Finish(bool whole) {
    if (whole) {
      queue_.Close();
    } else {
      queue_.Abort();
    }
    threads_.clear();
    // Where one sender failed, the others only broke off.
    Status first = Ok();
    for (Status& status : statuses_) {
      if (status.ok()) continue;
      if (first.ok() || first.error().kind() == ErrorKind::kCancelled) first = std::move(status);
    }
    return first;
  }

 private:
  BoundedQueue<SendItem> queue_;
  std::vector<Status> statuses_;
  std::vector<std::jthread> threads_;
};

// Reads the files one after the other and hands their rows to the senders.
class FileReader {
 public:
  FileReader(const StageJob& job, Senders& senders)
      : job_(job), root_(job.plans->front()), senders_(senders) {
    staged_.children.resize(job.plans->size() - 1);
  }

  Status Read(LoadFile& file) {
    FailureStore failures(job_.job->id, file.record.ordinal);
    std::optional<ResubmittedRows> resubmitted;
    if (job_.parent_job) {
      resubmitted.emplace(job_.job->id, TRY(ReadFiles(*job_.control, *job_.parent_job)));
    }
    StagedFile counts;
    children_read_.assign(staged_.children.size(), 0);
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
      if (failures.WantsFlush()) TRY(failures.Flush(*job_.control));
      Count(checked, counts, warnings);
      kStageReading.Reach();
      if (!senders_.Push(Item(std::move(checked)))) break;
      Report(file);
    }
    TRY(failures.Flush(*job_.control));
    if (resubmitted) TRY(resubmitted->Flush(*job_.control));
    staged_.files.push_back(counts);
    for (size_t i = 0; i < warnings.size(); ++i) {
      staged_.warnings.push_back({file.record.ordinal, file.checker->counters()[i], warnings[i]});
    }
    return Ok();
  }

  StagedLoad Take() { return std::move(staged_); }

 private:
  void Count(const CheckedBatch& checked, StagedFile& counts, std::vector<int64_t>& warnings) {
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
  SendItem Item(CheckedBatch checked) {
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

  int PlanIndex(const LoadPlan* plan) const { return static_cast<int>(plan - job_.plans->data()); }

  void SendPresent(CheckedBatch& checked, TableRows& rows) {
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

  bool KeyIsSound(const RejectedRow& row) const {
    for (const Reason& reason : row.reasons) {
      for (const int index : root_.key) {
        const PlanColumn& column = root_.columns[index];
        const bool own = reason.path.empty();
        if (own && root_.table.columns[column.table_index].name == reason.column) return false;
      }
    }
    return true;
  }

  static TypedColumn Places(const std::vector<int32_t>& rows, const std::vector<int64_t>& ids) {
    TypedColumn column(TypeKind::kInt8, static_cast<int64_t>(rows.size()));
    column.AllocateFixed();
    for (size_t i = 0; i < rows.size(); ++i) {
      column.MutableFixed<int64_t>()[i] = ids[static_cast<size_t>(rows[i])];
    }
    return column;
  }

  static TypedColumn Numbers(const std::vector<int32_t>& numbers) {
    TypedColumn column(TypeKind::kInt4, static_cast<int64_t>(numbers.size()));
    column.AllocateFixed();
    std::copy(numbers.begin(), numbers.end(), column.MutableFixed<int32_t>());
    return column;
  }

  static void AddLists(const std::vector<int32_t>& lists, TableRows& rows) {
    std::vector<int32_t> all = lists;
    all.resize(rows.row_ids.size());
    rows.columns.push_back(Numbers(all));
  }

  // A child's rows are numbered through its file, in the file's order.
  TableRows RowsOfChild(int32_t file, size_t index, CheckedChild child,
                        const std::vector<int64_t>& parents,
                        const std::vector<int64_t>& documents) {
    const LoadPlan& plan = (*job_.plans)[index + 1];
    TableRows rows;
    rows.row_ids.resize(static_cast<size_t>(child.rows()));
    for (int64_t& id : rows.row_ids) id = StagePlace(file, ++children_read_[index]);
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

  void Report(const LoadFile& file) {
    if (!job_.context->progress) return;
    job_.context->progress({.phase = "reading",
                            .rows = staged_.read,
                            .failed = staged_.failed,
                            .bytes = file.source->BytesRead(),
                            .bytes_total = file.source->BytesTotal()});
  }

  const StageJob& job_;
  const LoadPlan& root_;
  Senders& senders_;
  StagedLoad staged_;
  std::vector<int64_t> children_read_;  // of the file under way, by child
};

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
  return Ok();
}

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

Status AnalyzeStage(const StageJob& job) {
  for (const LoadPlan& plan : *job.plans) {
    TRY(job.control->Execute("ANALYZE " + plan.stage + " (" + JoinedColumns(plan) + ")"));
  }
  return Ok();
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
  kStageCreated.Reach();
  std::vector<int32_t> attempts;
  for (const LoadFile& file : files) {
    attempts.push_back(
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
    TRY(FinishPart(*job.control, *job.job,
                   {.part = ordinal,
                    .file = ordinal,
                    .attempt = attempts[i],
                    .staged = true,
                    .counts = {counts.read, counts.staged, counts.failed}}));
  }
  TRY(RecordWarnings(*job.control, *job.job, staged.warnings));
  TRY(std::move(transaction).Commit());
  kStagePartsDone.Reach();
  return staged;
}

}  // namespace eclusa
