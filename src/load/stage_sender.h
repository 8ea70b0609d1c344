// Senders: checked rows on their way to the stage, by COPY, on a session and a thread each.
//
// What is pushed is bounded in bytes: a reader that is faster waits. Each sender holds a block of
// rows a table, sends it in the order of their key, and commits when the stream ends; one that
// fails breaks the stream off for all. Threads: Push and Finish from one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "core/bounded_queue.h"
#include "core/result.h"
#include "failures/store.h"
#include "load/stager.h"
#include "model/typed_column.h"
#include "pg/connection.h"

namespace eclusa {

// Rows of one table.
struct TableRows {
  std::vector<TypedColumn> columns;
  std::vector<int64_t> row_ids;  // of all rows
  std::vector<uint8_t> sent;     // one a row: goes to the stage
  std::vector<char> operations;  // empty: the stage has no _eclusa_op
};

struct SendItem {
  std::vector<TableRows> tables;         // by plan; none: failures alone
  std::optional<FailureStore> failures;  // of rows up to these, for the sender's transaction
  size_t bytes = 0;
};

// Rows, failures and the end of one part in one transaction, on a session that is lent.
struct PartSession {
  Connection* session = nullptr;
  std::function<Status(Connection&)> before_commit;  // in the sender's thread
};

class Senders {
 public:
  // As many as the job says, each on a session of its own.
  explicit Senders(const StageJob& job);
  // One. The session is its own until Finish or the end of this.
  Senders(const StageJob& job, PartSession part);
  ~Senders() { queue_.Abort(); }

  // False: a sender has failed.
  bool Push(SendItem item) {
    const size_t bytes = item.bytes;
    return queue_.Push(std::move(item), bytes);
  }

  // Ends the stream, or breaks it off, and waits.
  Status Finish(bool whole);

 private:
  BoundedQueue<SendItem> queue_;
  PartSession part_;
  std::vector<Status> statuses_;
  std::vector<std::jthread> threads_;
};

}  // namespace eclusa
