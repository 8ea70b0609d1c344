#include "formats/avro_source.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "formats/avro_blocks.h"
#include "formats/avro_rows.h"
#include "formats/csv_dialect.h"
#include "formats/json_marks.h"
#include "formats/plain_columns.h"
#include "formats/text_rows.h"
#include "io/arrow_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr int64_t kBatchBytes = 8 << 20;
constexpr int64_t kBatchValues = 1 << 20;

class AvroSource final : public Source {
 public:
  AvroSource(const SourceOptions& options, AvroBlocks blocks)
      : path_(options.path),
        file_(options.file),
        row_bytes_max_(RowBytesMax(options)),
        blocks_(std::move(blocks)) {
    format_.format = "avro";
    format_.compression = blocks_.input().compression() != Compression::kNone
                              ? Name(blocks_.input().compression())
                              : "none";
  }

  Status Plan(const SourceOptions& options) {
    const AvroType& root = blocks_.schema().root();
    if (root.kind != AvroType::Kind::kRecord) {
      return Error(ErrorKind::kInvalid, code::avro_no_record,
                   {{"path", path_}, {"type", root.Describe()}});
    }
    rows_.emplace(TRY(AvroRows::Plan(root, options.wanted, path_)));
    const JsonMarks marks = MarksOf(blocks_.metadata().get());
    schema_ = rows_->schema()->WithMetadata(MetadataOf(marks));
    const int64_t by_values = kBatchValues / std::max<int64_t>(rows_->leaves(), 1);
    rows_max_ = std::max<int64_t>(1, std::min<int64_t>(options.batch_rows, by_values));
    return Ok();
  }

  Status ContinueAtPart(const SourceOptions& options) {
    next_row_ = options.part->first_row;
    blocks_.Continue(TRY(OpenAtPart(options, kReadBytes)), options.part->end);
    return Ok();
  }

  const arrow::Schema& schema() const override { return *schema_; }
  const FormatDescription& format() const override { return format_; }
  int64_t RowsTotal() const override { return -1; }
  int64_t BytesTotal() const override { return blocks_.input().BytesTotal(); }
  int64_t BytesRead() const override { return blocks_.input().BytesRead(); }

  std::vector<std::string> Unreadable() const override { return rows_->unreadable(); }

  Result<std::optional<Batch>> Next() override {
    if (rows_->refused()) return *rows_->refused();
    Batch batch;
    batch.file = file_;
    batch_rows_ = batch_bytes_ = 0;
    cursor_.faults.clear();
    while (HasRoom(batch)) {
      if (damaged_rows_ > 0) {
        AddDamaged(batch);
      } else if (block_rows_ > 0) {
        // Whole blocks where they fit.
        if (block_fresh_ && batch_rows_ > 0 && block_rows_ > rows_max_ - batch_rows_) break;
        ReadRows(batch);
      } else if (!TRY(OpenBlock())) {
        break;
      }
    }
    if (batch_rows_ == 0 && batch.unreadable.empty()) return std::optional<Batch>();
    TRY(FinishBatch(batch));
    return std::optional<Batch>(std::move(batch));
  }

 private:
  bool HasRoom(const Batch& batch) const {
    return batch_rows_ < rows_max_ && batch_bytes_ < kBatchBytes &&
           batch.unreadable.size() < static_cast<size_t>(rows_max_);
  }

  // False: there is none.
  Result<bool> OpenBlock() {
    std::optional<AvroBlock> block = TRY(blocks_.Next());
    if (!block) return false;
    block_bytes_ = block->bytes;
    if (!block->damage.empty()) {
      Damage(block->rows, block->damage);
      return true;
    }
    std::vector<AvroFault> faults = std::move(cursor_.faults);
    cursor_ = AvroCursor(block->content);
    cursor_.faults = std::move(faults);
    block_rows_ = block_claims_ = block->rows;
    block_fresh_ = true;
    block_checked_ = false;
    if (block_rows_ == 0 && cursor_.rest() > 0) Damage(0, "row count");
    return true;
  }

  // Reads rows of the open block until it ends or the batch is full.
  void ReadRows(Batch& batch) {
    const bool fresh = block_fresh_;
    const Mark begin{batch_rows_,
                     batch_bytes_,
                     next_row_,
                     cursor_.faults.size(),
                     batch.row_numbers.size(),
                     batch.unreadable.size()};
    block_fresh_ = false;
    while (block_rows_ > 0 && HasRoom(batch)) {
      if (!ReadRow(batch)) {
        if (fresh) {
          Rewind(begin, batch);
        } else {
          // Rows before may be given already. (The block was looked through: only what Skip and
          // Read take for a value differently comes here.)
          rows_->Rewind(batch_rows_);
        }
        Damage(fresh ? block_claims_ : block_rows_, "values");
        return;
      }
      --block_rows_;
    }
    const bool complete = block_rows_ == 0;
    if (complete ? cursor_.rest() == 0 : block_checked_ || RestIsSound()) return;
    Rewind(begin, batch);
    Damage(block_claims_, complete ? "row count" : "values");
  }

  // False: what stands there is no row.
  bool ReadRow(Batch& batch) {
    const size_t begin = cursor_.offset();
    cursor_.row = batch_rows_;
    cursor_.items_budget = row_bytes_max_;
    cursor_.row_too_long = false;
    const size_t faults = cursor_.faults.size();
    const bool read = rows_->Read(cursor_);
    if (!read && !cursor_.row_too_long) return false;
    int64_t bytes = static_cast<int64_t>(cursor_.offset() - begin);
    if (!read || bytes > row_bytes_max_) {
      cursor_.faults.resize(faults);
      rows_->Rewind(batch_rows_);
      cursor_.Seek(begin);
      if (!rows_->Skip(cursor_)) return false;
      AddTooLong(batch);
      return true;
    }
    bytes += rows_->row_bytes() + row_bytes_max_ - cursor_.items_budget;
    batch.row_numbers.push_back(next_row_++);
    ++batch_rows_;
    batch_bytes_ += bytes;
    return true;
  }

  // Looks through the rest of the block, and comes back.
  bool RestIsSound() {
    const size_t at = cursor_.offset();
    for (int64_t row = 0; row < block_rows_; ++row) {
      if (!rows_->Skip(cursor_)) return false;
    }
    if (cursor_.rest() > 0) return false;
    cursor_.Seek(at);
    block_checked_ = true;
    return true;
  }

  struct Mark {
    int64_t rows;
    int64_t bytes;
    int64_t next_row;
    size_t faults;
    size_t row_numbers;
    size_t unreadable;
  };
  void Rewind(const Mark& mark, Batch& batch) {
    batch_rows_ = mark.rows;
    batch_bytes_ = mark.bytes;
    next_row_ = mark.next_row;
    cursor_.faults.resize(mark.faults);
    batch.row_numbers.resize(mark.row_numbers);
    batch.unreadable.resize(mark.unreadable);
    rows_->Rewind(mark.rows);
  }

  // What is left of the open block is not read. `rows`: how many it has; -1, and 0 where there were
  // bytes all the same: not known.
  void Damage(int64_t rows, std::string_view what) {
    block_rows_ = 0;
    damage_ = what;
    damaged_rows_ = std::max<int64_t>(rows, 1);
    damage_is_counted_ = rows > 0;
  }

  void AddDamaged(Batch& batch) {
    const auto room = rows_max_ - static_cast<int64_t>(batch.unreadable.size());
    for (int64_t left = std::min(damaged_rows_, room); left > 0; --left, --damaged_rows_) {
      Reason reason;
      reason.code = damage_is_counted_ ? code::row_block_damaged : code::row_block_lost;
      reason.rule = damage_;
      if (!damage_is_counted_) reason.value = std::to_string(block_bytes_);
      AddUnreadable(batch, {std::move(reason)});
    }
  }

  void AddTooLong(Batch& batch) {
    Reason reason;
    reason.code = code::row_too_long;
    reason.rule = std::to_string(row_bytes_max_);
    AddUnreadable(batch, {std::move(reason)});
  }

  void AddUnreadable(Batch& batch, std::vector<Reason> reasons) {
    Place place;
    place.file = file_;
    place.row = next_row_++;
    batch.unreadable.push_back({place, {}, std::move(reasons)});
  }

  Status FinishBatch(Batch& batch) {
    auto rows = rows_->Finish(batch_rows_);
    if (!rows.ok()) return Failed(rows.status());
    batch.rows = *std::move(rows);
    TRY(TakeFaults(batch));
    NumberRows(batch);
    return Ok();
  }

  // Moves rows with a fault to the unreadable ones.
  Status TakeFaults(Batch& batch) {
    if (cursor_.faults.empty()) return Ok();
    std::vector<int64_t> rows;
    std::vector<UnreadableRow> failed;
    for (AvroFault& fault : cursor_.faults) {
      if (rows.empty() || rows.back() != fault.row) {
        rows.push_back(fault.row);
        UnreadableRow& row = failed.emplace_back();
        row.place.file = file_;
        row.place.row = batch.row_numbers[static_cast<size_t>(fault.row)];
        row.raw = RowAsText(*batch.rows, fault.row);
      }
      Reason reason;
      reason.code = fault.code;
      reason.column = *fault.column;
      reason.value = std::move(fault.value);
      reason.rule = std::move(fault.rule);
      failed.back().reasons.push_back(std::move(reason));
    }
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      batch.row_numbers.erase(batch.row_numbers.begin() + *row);
    }
    auto kept = WithoutRows(*batch.rows, rows);
    if (!kept.ok()) return Failed(kept.status());
    batch.rows = *std::move(kept);
    std::ranges::move(failed, std::back_inserter(batch.unreadable));
    std::ranges::sort(batch.unreadable, {}, [](const UnreadableRow& row) { return row.place.row; });
    return Ok();
  }

  Error Failed(const arrow::Status& status) const {
    return ArrowError(status, path_, {FileAction::kRead, code::file_read_failed});
  }

  const std::string path_;
  const int32_t file_;
  const int64_t row_bytes_max_;
  FormatDescription format_;
  AvroBlocks blocks_;
  std::optional<AvroRows> rows_;
  std::shared_ptr<arrow::Schema> schema_;  // of the schema that blocks_ holds; set by Plan
  int64_t rows_max_ = 1;
  int64_t next_row_ = 1;
  // The batch being put together.
  int64_t batch_rows_ = 0;
  int64_t batch_bytes_ = 0;
  // The open block.
  AvroCursor cursor_;
  int64_t block_rows_ = 0;    // still to be read
  int64_t block_claims_ = 0;  // in all
  int64_t block_bytes_ = 0;
  bool block_fresh_ = false;    // none of its rows was read yet
  bool block_checked_ = false;  // all of it was looked through
  // Rows that are lost, still to be told.
  int64_t damaged_rows_ = 0;
  bool damage_is_counted_ = false;
  std::string damage_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenAvro(std::unique_ptr<Input> input,
                                         const SourceOptions& options) {
  auto source =
      std::make_unique<AvroSource>(options, TRY(AvroBlocks::Open(std::move(input), options.path)));
  TRY(source->Plan(options));
  if (options.part) TRY(source->ContinueAtPart(options));
  return std::unique_ptr<Source>(std::move(source));
}

Result<std::vector<SourcePart>> CutAvro(std::unique_ptr<Input> input, const SourceOptions& options,
                                        const PartLimits& limits, const std::stop_token& stop) {
  AvroBlocks blocks = TRY(AvroBlocks::Open(std::move(input), options.path));
  std::vector<SourcePart> parts;
  SourcePart part{.begin = blocks.offset(), .end = blocks.offset(), .encoding = {}};
  while (const std::optional<AvroBlock> block = TRY(blocks.Next())) {
    if (stop.stop_requested()) return Error(ErrorKind::kCancelled, code::load_cancelled);
    if (!block->damage.empty() || (block->rows == 0 && !block->content.empty())) {
      return std::vector<SourcePart>();
    }
    part.rows += block->rows;
    part.end = blocks.offset();
    if (part.rows < limits.rows && part.end - part.begin < limits.bytes) continue;
    parts.push_back(part);
    part = {.begin = part.end,
            .end = part.end,
            .first_row = part.first_row + part.rows,
            .encoding = {}};
  }
  if (part.rows > 0) parts.push_back(part);
  return parts;
}

}  // namespace eclusa
