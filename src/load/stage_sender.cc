#include "load/stage_sender.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/fault.h"
#include "judge/plan.h"
#include "load/load.h"
#include "model/codes.h"
#include "pg/copy_encoder.h"

namespace eclusa {
namespace {

const FaultPoint kStageSent("stage.sent");

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
// table, and no failures are among it, one COPY.
class Sender {
 public:
  Sender(const StageJob& job, const PartSession& part, BoundedQueue<SendItem>& queue)
      : job_(job),
        part_(part),
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
    if (part_.session == nullptr) {
      session_ =
          TRY(Connection::Open(job_.context->conninfo, job_.context->stop, job_.context->session));
    }
    Connection& session = session_ ? *session_ : *part_.session;
    Transaction transaction = TRY(Transaction::Begin(session));
    // Nothing depends on this commit surviving a crash of the server: the stage is UNLOGGED.
    TRY(session.Execute("SET LOCAL synchronous_commit = off"));
    if (tables_.size() == 1) tables_[0].Reserve(block_bytes_ + kBlockSlackBytes);
    while (std::optional<SendItem> item = queue_.Pop()) {
      for (size_t i = 0; i < item->tables.size(); ++i) tables_[i].Encode(item->tables[i]);
      if (item->failures) {
        TRY(EndCopies(session));  // a session has one at a time
        TRY(item->failures->Flush(session));
      }
      item.reset();
      for (TableSender& table : tables_) {
        if (table.bytes() >= block_bytes_) TRY(table.SendBlock(session));
      }
    }
    if (queue_.aborted()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    TRY(EndCopies(session));
    if (part_.before_commit) TRY(part_.before_commit(session));
    kStageSent.Reach();
    return std::move(transaction).Commit();
  }

  Status EndCopies(Connection& session) {
    for (TableSender& table : tables_) {
      TRY(table.SendBlock(session));
      if (job_.context->stop.stop_requested()) {
        return Error(ErrorKind::kCancelled, code::load_cancelled);
      }
      TRY(table.End());
    }
    return Ok();
  }

  const StageJob& job_;
  const PartSession& part_;
  BoundedQueue<SendItem>& queue_;
  const size_t block_bytes_;
  std::optional<Connection> session_;  // outlives the COPYs of tables_, which are broken off in it
  std::vector<TableSender> tables_;
};

}  // namespace

Senders::Senders(const StageJob& job) : queue_(kQueueBytes) {
  statuses_.resize(static_cast<size_t>(job.connections));
  for (int i = 0; i < job.connections; ++i) {
    threads_.emplace_back([this, &job, i] { statuses_[i] = Sender(job, part_, queue_).Run(); });
  }
}

Senders::Senders(const StageJob& job, PartSession part)
    : queue_(kQueueBytes), part_(std::move(part)), statuses_(1) {
  threads_.emplace_back([this, &job] { statuses_[0] = Sender(job, part_, queue_).Run(); });
}

Status Senders::Finish(bool whole) {
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

}  // namespace eclusa
