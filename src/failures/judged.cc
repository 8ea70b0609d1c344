#include <algorithm>

#include "control/files.h"
#include "failures/store.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Failures of one file, by row.
using JudgedSpan =
    std::pair<std::vector<JudgedFailure>::iterator, std::vector<JudgedFailure>::iterator>;

Error FileChanged(const std::string& path) {
  return Error(ErrorKind::kConflict, code::failures_file_changed, {{"path", path}});
}

// The file is what it was when the job recorded it. A time that differs is looked into: whoever
// only touches a file does not change it.
Status CheckPin(const FileRecord& pin, const Files& files) {
  const auto now = files.Stat(pin.path);
  if (!now.ok() || now->size != pin.size) return FileChanged(pin.path);
  if (now->modified_ns / 1'000 == pin.mtime_us) return Ok();
  if (pin.sha256.empty() || TRY(files.Digest(pin.path)) != pin.sha256) return FileChanged(pin.path);
  return Ok();
}

// Rows are in order in a batch, whether numbered one by one or consecutively.
int64_t LastRow(const Batch& batch) {
  if (!batch.row_numbers.empty()) return batch.row_numbers.back();
  return batch.first_row + batch.row_count() - 1;
}

// -1: the batch does not have the row.
int64_t IndexOf(const Batch& batch, int64_t row) {
  if (batch.row_numbers.empty()) {
    const int64_t index = row - batch.first_row;
    return index >= 0 && index < batch.row_count() ? index : -1;
  }
  const auto at = std::lower_bound(batch.row_numbers.begin(), batch.row_numbers.end(), row);
  if (at == batch.row_numbers.end() || *at != row) return -1;
  return at - batch.row_numbers.begin();
}

// Takes from `wanted` what the batch holds.
Status TakeFrom(const Batch& batch, JudgedSpan* wanted, FailureStore* store) {
  if (batch.row_count() == 0) return Ok();
  const int64_t last = LastRow(batch);
  std::vector<RejectedRow> found;
  for (; wanted->first != wanted->second && wanted->first->row <= last; ++wanted->first) {
    const int64_t index = IndexOf(batch, wanted->first->row);
    if (index < 0) break;
    found.push_back({index, std::move(wanted->first->reasons)});
  }
  return store->Append(batch, found);
}

struct PinnedFile {
  const FileRecord& pin;
  const SourceOpener& open;
  const Files& files;
};

Status StoreOfFile(Connection& connection, const PinnedFile& file, JudgedSpan wanted,
                   FailureStore* store) {
  const FileRecord& pin = file.pin;
  TRY(CheckPin(pin, file.files));
  const std::unique_ptr<Source> source = TRY(file.open(pin.ordinal));
  while (wanted.first != wanted.second) {
    const std::optional<Batch> batch = TRY(source->Next());
    if (!batch) return FileChanged(pin.path);  // a row that was there is not there now
    TRY(TakeFrom(*batch, &wanted, store));
    if (store->WantsFlush()) TRY(store->Flush(connection));
  }
  return CheckPin(pin, file.files);
}

}  // namespace

Status StoreJudged(Connection& connection, int64_t job_id, std::vector<JudgedFailure> failures,
                   const SourceOpener& open, const Files& files) {
  if (failures.empty()) return Ok();
  std::sort(failures.begin(), failures.end(), [](const auto& left, const auto& right) {
    return std::pair(left.file, left.row) < std::pair(right.file, right.row);
  });
  const std::vector<FileRecord> pins = TRY(ReadFiles(connection, job_id));
  FailureStore store(job_id, std::nullopt);
  for (auto first = failures.begin(); first != failures.end();) {
    const auto last = std::find_if(first, failures.end(), [&](const JudgedFailure& failure) {
      return failure.file != first->file;
    });
    const auto pin = std::find_if(pins.begin(), pins.end(), [&](const FileRecord& file) {
      return file.ordinal == first->file;
    });
    CHECK(pin != pins.end());  // a load records its files before it reads them
    TRY(StoreOfFile(connection, {*pin, open, files}, {first, last}, &store));
    first = last;
  }
  return store.Flush(connection);
}

}  // namespace eclusa
