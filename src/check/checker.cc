#include "check/checker.h"

#include <arrow/api.h>

#include "check/compare.h"
#include "check/convert_arrow.h"
#include "check/convert_text.h"
#include "check/plan_columns.h"
#include "check/read_value.h"
#include "check/row_width.h"
#include "core/check.h"
#include "model/codes.h"
#include "types/scalar.h"
#include "types/utf8.h"

namespace eclusa {
namespace {

using Flags = std::vector<std::vector<uint8_t>>;

class PlannedChecker final : public Checker {
 public:
  explicit PlannedChecker(Plan plan) : plan_(std::move(plan)) {
    for (const ColumnPlan& column : plan_.columns) columns_.push_back(column.bound);
  }

  CheckedBatch Check(Batch batch) const override;

  const std::vector<BoundColumn>& columns() const override { return columns_; }
  const std::vector<std::string>& wanted() const override { return plan_.wanted; }
  const std::vector<std::string>& unknown_columns() const override { return plan_.unknown; }
  const std::vector<std::string>& counters() const override { return plan_.counters; }

 private:
  void ReadOperations(const Batch& batch, Findings& findings) const;
  TypedColumn CheckColumn(const ColumnPlan& plan, const Batch& batch, Findings& findings,
                          Flags& flags) const;
  void ApplyFilter(const std::vector<TypedColumn>& columns, Findings& findings) const;

  Plan plan_;
  std::vector<BoundColumn> columns_;
};

int IndexOf(const Batch& batch, const std::string& name) {
  const int index = batch.rows->schema()->GetFieldIndex(name);
  CHECK(index >= 0);
  return index;
}

// 'I', 'U' or 'D', 0: none of them.
char ReadOperation(std::string_view text) {
  text = TrimSpace(text);
  for (const std::string_view word : {"I", "insert"}) {
    if (EqualsIgnoringCase(text, word)) return 'I';
  }
  for (const std::string_view word : {"U", "update"}) {
    if (EqualsIgnoringCase(text, word)) return 'U';
  }
  for (const std::string_view word : {"D", "delete"}) {
    if (EqualsIgnoringCase(text, word)) return 'D';
  }
  return 0;
}

void PlannedChecker::ReadOperations(const Batch& batch, Findings& findings) const {
  if (plan_.operation.empty()) return;
  const auto array = batch.rows->column(IndexOf(batch, plan_.operation));
  std::vector<char> operations(static_cast<size_t>(findings.rows()), 'U');
  for (int64_t row = 0; row < findings.rows(); ++row) {
    const std::string text = DisplayValue(*array, row);
    const char operation = ReadOperation(text);
    if (operation == 0) {
      Reason reason;
      reason.code = code::operation_unknown;
      reason.column = plan_.operation;
      reason.value = PresentableValue(text);
      findings.Add(row, std::move(reason));
    } else if (operation == 'D' || plan_.strict_operations) {
      operations[static_cast<size_t>(row)] = operation;
    }
  }
  findings.SetOperations(std::move(operations));
}

// One source's texts, with the states of its rows in `run`.
TextColumn TextsOf(const Batch& batch, const std::string& source, ColumnRun& run) {
  const auto array = StorageOf(batch.rows->column(IndexOf(batch, source)));
  if (array->type_id() == arrow::Type::NA) {
    TextColumnBuilder empty(array->length());
    for (int64_t row = 0; row < array->length(); ++row) {
      empty.Append({});
      run.SetState(row, kNull);
    }
    return std::move(empty).Finish();
  }
  TextColumn texts = IsText(*array) ? ViewTexts(array, run) : RenderTexts(*array, run);
  return ReadTexts(std::move(texts), run);
}

TypedColumn ReadJoined(const ColumnPlan& plan, const Batch& batch, Findings& findings, Flags& flags,
                       ColumnRun& run) {
  std::vector<JoinPart> parts;
  for (const std::string& source : plan.sources) {
    ColumnRun part_run(plan, findings, flags);
    const auto array = batch.rows->column(IndexOf(batch, source));
    part_run.SetSource([array](int64_t row) { return DisplayValue(*array, row); });
    JoinPart part;
    part.texts = TextsOf(batch, source, part_run);
    CheckEncoding(part.texts, part_run);
    part.states = std::move(part_run).TakeStates();
    parts.push_back(std::move(part));
  }
  const TextColumn joined = JoinTexts(parts, *plan.join, run);
  run.SetSource([joined](int64_t row) { return std::string(joined[row]); });
  return ConvertTexts(joined, run);
}

TypedColumn ReadSource(const ColumnPlan& plan, const Batch& batch, ColumnRun& run) {
  const auto array = StorageOf(batch.rows->column(IndexOf(batch, plan.sources[0])));
  run.SetSource([array](int64_t row) { return DisplayValue(*array, row); });
  switch (ChoosePath(*array->type(), plan.value)) {
    case ArrowPath::kText:
      return ConvertTexts(TextsOf(batch, plan.sources[0], run), run);
    case ArrowPath::kDirect:
      return ConvertArrow(array, run);
    case ArrowPath::kNulls:
      break;
    case ArrowPath::kNone:
    case ArrowPath::kNeedsZone:
      CHECK(false && "Create refused this column");
  }
  // Arrow's null type has no values: an empty column of the right shape, null in every row.
  return ConvertTexts(TextsOf(batch, plan.sources[0], run), run);
}

TypedColumn AllNull(ColumnRun& run) {
  TextColumnBuilder empty(run.rows());
  for (int64_t row = 0; row < run.rows(); ++row) {
    empty.Append({});
    run.SetState(row, kNull);
  }
  return ConvertTexts(std::move(empty).Finish(), run);
}

TypedColumn PlannedChecker::CheckColumn(const ColumnPlan& plan, const Batch& batch,
                                        Findings& findings, Flags& flags) const {
  const auto& fixed = plan.fixed_value != nullptr ? plan.fixed_value : plan.default_value;
  if (plan.fixed_value != nullptr || (plan.sources.empty() && plan.default_value != nullptr)) {
    return RepeatValue(*fixed, findings.rows());
  }
  ColumnRun run(plan, findings, flags);
  TypedColumn column = plan.sources.empty() ? AllNull(run)
                       : plan.join          ? ReadJoined(plan, batch, findings, flags, run)
                                            : ReadSource(plan, batch, run);
  if (plan.default_value != nullptr && run.states() != nullptr) {
    column = FillNulls(column, *plan.default_value, run);
  }
  ApplyRules(column, run);
  column.SetNulls(std::move(run).TakeStates());
  return column;
}

bool IsInside(const CompiledFilter& filter, const TypedColumn& column, int64_t row) {
  if (column.IsNull(row)) return false;
  const int order = CompareValues(column, row, *filter.value, 0);
  if (filter.op == "=") return order == 0;
  if (filter.op == "<>") return order != 0;
  if (filter.op == "<") return order < 0;
  if (filter.op == "<=") return order <= 0;
  if (filter.op == ">") return order > 0;
  return order >= 0;
}

void PlannedChecker::ApplyFilter(const std::vector<TypedColumn>& columns,
                                 Findings& findings) const {
  if (plan_.filter.empty()) return;
  // A value that failed on its own is not said to be outside as well.
  std::vector<uint8_t> failed(static_cast<size_t>(findings.rows()));
  for (const Findings::RowReason& found : findings.reasons())
    failed[static_cast<size_t>(found.row)] = 1;
  for (const CompiledFilter& filter : plan_.filter) {
    const TypedColumn& column = columns[filter.column];
    for (int64_t row = 0; row < findings.rows(); ++row) {
      if (IsInside(filter, column, row)) [[likely]]
        continue;
      if (failed[static_cast<size_t>(row)] != 0 && column.IsNull(row)) continue;
      Reason reason;
      reason.code = code::value_outside_filter;
      reason.column = columns_[filter.column].name;
      reason.rule = filter.text;
      findings.Add(row, std::move(reason));
    }
  }
}

CheckedBatch PlannedChecker::Check(Batch batch) const {
  CheckedBatch checked;
  Findings findings(batch.row_count());
  Flags flags(plan_.flag_count, std::vector<uint8_t>(static_cast<size_t>(findings.rows())));
  ReadOperations(batch, findings);
  checked.columns.reserve(plan_.columns.size());
  for (const ColumnPlan& plan : plan_.columns) {
    if (plan.flag >= 0) {
      checked.columns.emplace_back(TypeKind::kBoolean, findings.rows());
    } else {
      checked.columns.push_back(CheckColumn(plan, batch, findings, flags));
    }
  }
  for (size_t i = 0; i < plan_.columns.size(); ++i) {
    const int flag = plan_.columns[i].flag;
    if (flag < 0) continue;
    checked.columns[i].AllocateFixed();
    const std::vector<uint8_t>& breached = flags[static_cast<size_t>(flag)];
    std::copy(breached.begin(), breached.end(), checked.columns[i].MutableFixed<uint8_t>());
  }
  ApplyFilter(checked.columns, findings);
  CheckRowWidths(columns_, checked.columns, findings);
  std::move(findings).Finish(plan_.counters.size(), checked);
  checked.batch = std::move(batch);
  return checked;
}

}  // namespace

const std::vector<std::vector<BoundColumn>>& Checker::children() const {
  static const std::vector<std::vector<BoundColumn>> kNone;
  return kNone;
}

Result<std::unique_ptr<Checker>> Checker::Create(const Contract& contract,
                                                 const TableDescription& table,
                                                 const arrow::Schema& source,
                                                 const CheckerOptions& options) {
  Plan plan = TRY(PlanColumns(contract, table, source, options));
  return std::unique_ptr<Checker>(std::make_unique<PlannedChecker>(std::move(plan)));
}

}  // namespace eclusa
