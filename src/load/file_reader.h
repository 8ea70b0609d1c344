// FileReader: reads files one after the other, has their rows checked, and hands them to the
// senders; counts what it finds.
//
// Failed rows of a load that is staged as a whole go through the job's own session, as they come;
// those of a part go with its rows, to be in the same transaction. Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/result.h"
#include "load/load.h"
#include "load/stage_sender.h"
#include "load/stager.h"

namespace eclusa {

struct PartOfFile {
  int32_t number = 0;
  std::pair<int64_t, int64_t> child_numbers;  // PartPlace::ChildNumbers
};

class FileReader {
 public:
  // Both outlive this. `part`: nothing: whole files.
  FileReader(const StageJob& job, Senders& senders, std::optional<PartOfFile> part = {});

  Status Read(LoadFile& file);
  // What was found so far, without its end.
  const StagedLoad& staged() const { return staged_; }
  StagedLoad Take() { return std::move(staged_); }

 private:
  Status Keep(FailureStore& failures);
  FailureStore NewStore(const LoadFile& file) const;
  void Count(const CheckedBatch& checked, StagedFile& counts, std::vector<int64_t>& warnings);
  SendItem Item(CheckedBatch checked);
  int PlanIndex(const LoadPlan* plan) const { return static_cast<int>(plan - job_.plans->data()); }
  void SendPresent(CheckedBatch& checked, TableRows& rows);
  bool KeyIsSound(const RejectedRow& row) const;
  TableRows RowsOfChild(int32_t file, size_t index, CheckedChild child,
                        const std::vector<int64_t>& parents, const std::vector<int64_t>& documents);
  Status CheckChildNumbers() const;
  void Report(const LoadFile& file);

  const StageJob& job_;
  const LoadPlan& root_;
  Senders& senders_;
  const std::optional<PartOfFile> part_;
  StagedLoad staged_;
  std::vector<int64_t> last_child_;  // number of, in the file under way, by child
};

}  // namespace eclusa
