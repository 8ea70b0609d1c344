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
// makes smaller blocks.
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

struct SendItem {
  CheckedBatch batch;
  std::vector<uint8_t> sent;     // one a row: goes to the stage
  std::vector<char> operations;  // empty: the stage has no _eclusa_op
};

// One sender's session: everything it is given goes through one COPY and one commit.
class Sender {
 public:
  Sender(const StageJob& job, BoundedQueue<SendItem>& queue)
      : job_(job),
        queue_(queue),
        block_bytes_(job.connections > 1 ? kBlockBytes : kOnlyBlockBytes) {}

  Status Run() {
    Status status = Send();
    if (!status.ok()) queue_.Abort();
    return status;
  }

 private:
  Status Send() {
    Connection session = TRY(Connection::Open(job_.context->conninfo, job_.context->stop));
    Transaction transaction = TRY(Transaction::Begin(session));
    // Nothing depends on this commit surviving a crash of the server: the stage is UNLOGGED.
    TRY(session.Execute("SET LOCAL synchronous_commit = off"));
    CopyIn copy =
        TRY(CopyIn::Begin(session, "COPY " + job_.plan->stage + " FROM STDIN (FORMAT binary)"));
    encoder_.AppendHeader();
    TRY(copy.Write(encoder_.bytes()));
    encoder_.Clear();
    encoder_.Reserve(block_bytes_ + kBlockSlackBytes);
    while (std::optional<SendItem> item = queue_.Pop()) {
      Encode(*item);
      item.reset();
      if (encoder_.bytes().size() >= block_bytes_) TRY(SendBlock(copy));
    }
    if (queue_.aborted()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    TRY(SendBlock(copy));
    if (job_.context->stop.stop_requested()) {
      return Error(ErrorKind::kCancelled, code::load_cancelled);
    }
    encoder_.AppendTrailer();
    TRY(copy.Write(encoder_.bytes()));
    TRY(std::move(copy).Finish());
    kStageSent.Reach();
    return std::move(transaction).Commit();
  }

  // Adds the batch's rows to the block, in their own order.
  void Encode(const SendItem& item) {
    const Batch& batch = item.batch.batch;
    const std::vector<int32_t> rows = RowsSent(item.sent);
    row_ids_.resize(item.sent.size());
    for (size_t row = 0; row < row_ids_.size(); ++row) {
      const int64_t number = batch.row_numbers.empty() ? batch.first_row + static_cast<int64_t>(row)
                                                       : batch.row_numbers[row];
      row_ids_[row] = StagePlace(batch.file, number);
    }
    encoder_.AppendRows({.columns = item.batch.columns,
                         .row_ids = row_ids_,
                         .operations = item.operations,
                         .order = rows});
    const std::vector<int>& key = job_.plan->key;
    if (key.empty()) {
      keys_.resize(keys_.size() + rows.size());
      return;
    }
    const TypedColumn& column = item.batch.columns[key.back()];
    for (const int32_t row : rows) keys_.push_back(KeyPrefix(column, row));
  }

  // Sends the block's rows in the order of their key, and empties it.
  Status SendBlock(CopyIn& copy) {
    std::vector<std::pair<uint64_t, uint32_t>> order(keys_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = {keys_[i], static_cast<uint32_t>(i)};
    if (!job_.plan->key.empty()) std::sort(order.begin(), order.end());
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
      TRY(copy.Write(sorted_));
      sorted_.clear();
    }
    TRY(copy.Write(sorted_));
    encoder_.Clear();
    keys_.clear();
    return Ok();
  }

  const StageJob& job_;
  BoundedQueue<SendItem>& queue_;
  const size_t block_bytes_;
  CopyEncoder encoder_;         // the block
  std::vector<uint64_t> keys_;  // of its rows
  std::vector<int64_t> row_ids_;
  std::string sorted_;  // on their way to libpq
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
    const size_t bytes = item.batch.ByteSize();
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
  FileReader(const StageJob& job, Senders& senders) : job_(job), senders_(senders) {}

  Status Read(LoadFile& file) {
    FailureStore failures(job_.job->id, file.record.ordinal);
    std::optional<ResubmittedRows> resubmitted;
    if (job_.parent_job) {
      resubmitted.emplace(job_.job->id, TRY(ReadFiles(*job_.control, *job_.parent_job)));
    }
    StagedFile counts;
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
    if (job_.plan->mode == Mode::kReplace && unreadable > 0) staged_.key_unreadable = true;
  }

  // In mode replace the keys of failed rows go to the stage too: they are present in the file.
  SendItem Item(CheckedBatch checked) {
    SendItem item{.sent = checked.accepted, .operations = checked.operations};
    const LoadPlan& plan = *job_.plan;
    if (plan.has_operations && item.operations.empty()) {
      item.operations.assign(item.sent.size(), kOpUpsert);
    }
    if (plan.mode == Mode::kReplace) {
      for (const RejectedRow& row : checked.rejected) {
        if (!KeyIsSound(row)) {
          staged_.key_unreadable = true;
          continue;
        }
        item.sent[row.index] = 1;
        item.operations[row.index] = kOpPresent;
        for (size_t i = 0; i < checked.columns.size(); ++i) {
          if (!plan.columns[i].key) checked.columns[i].SetNull(row.index);
        }
        ++staged_.present;
      }
    }
    // The senders need the typed columns only; of the file's own, what those borrow stays.
    checked.batch.rows.reset();
    item.batch = std::move(checked);
    return item;
  }

  bool KeyIsSound(const RejectedRow& row) const {
    for (const Reason& reason : row.reasons) {
      for (const int index : job_.plan->key) {
        const PlanColumn& column = job_.plan->columns[index];
        if (job_.plan->table.columns[column.table_index].name == reason.column) return false;
      }
    }
    return true;
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
  Senders& senders_;
  StagedLoad staged_;
};

Status CreateStage(const StageJob& job, const std::vector<BoundColumn>& columns) {
  std::string statements =
      "BEGIN; SET LOCAL client_min_messages = error; " + BuildStageTable(*job.plan, columns) + "; ";
  for (const std::string& statement : Judge::CreateStatements(job.plan->verdicts)) {
    statements += statement + "; ";
  }
  auto created = job.control->Execute(statements + "COMMIT");
  if (!created.ok()) {
    if (job.control->in_transaction()) TRY(job.control->Execute("ROLLBACK"));
    return std::move(created).error().With("creating the stage");
  }
  return Ok();
}

}  // namespace

Status AnalyzeStage(const StageJob& job) {
  std::vector<std::string> names{"_eclusa_row"};
  const auto add = [&](int table_index) {
    const int bound = job.plan->Bound(table_index);
    if (bound >= 0) names.push_back(job.plan->columns[bound].name);
  };
  for (const int index : job.plan->key) add(job.plan->columns[index].table_index);
  for (const UniqueKey& key : job.plan->table.unique_keys) {
    for (const int column : key.columns) add(column);
  }
  for (const ForeignKey& reference : job.plan->table.references) {
    for (const int column : reference.columns) add(column);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  TRY(job.control->Execute("ANALYZE " + job.plan->stage + " (" + Join(names, ", ") + ")"));
  return Ok();
}

std::string BuildStageTable(const LoadPlan& plan, const std::vector<BoundColumn>& columns) {
  std::string sql = "CREATE UNLOGGED TABLE " + plan.stage + " (_eclusa_row bigint";
  if (plan.has_operations) sql += ", _eclusa_op \"char\"";
  for (const BoundColumn& column : columns) {
    sql += ", " + QuoteIdentifier(column.name) + " " + column.type.stage_name;
    // Keys are compared as the target compares them.
    const std::string& collation = plan.table.columns[column.table_index].collation;
    if (!collation.empty()) sql += " COLLATE " + collation;
  }
  return sql + ") WITH (autovacuum_enabled = off)";
}

Result<StagedLoad> StageFiles(const StageJob& job, std::vector<LoadFile>& files) {
  TRY(CreateStage(job, files.front().checker->columns()));
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
