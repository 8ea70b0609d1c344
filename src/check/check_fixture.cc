#include "check/check_fixture.h"

namespace eclusa {

Property& CheckFixture::Add(const std::string& name, const std::string& type) {
  const auto parsed = ParseTypeName(type);
  EXPECT_TRUE(parsed) << type;
  return Add(name, parsed.value_or(PgType()));
}

Property& CheckFixture::Add(const std::string& name, PgType type) {
  ColumnDescription column;
  column.name = name;
  column.type = std::move(type);
  table_.columns.push_back(std::move(column));
  Property property;
  property.name = name;
  property.column = name;
  property.order = static_cast<int>(contract_.properties.size());
  contract_.properties.push_back(std::move(property));
  return contract_.properties.back();
}

ColumnDescription& CheckFixture::Column(const std::string& name) {
  return table_.columns[static_cast<size_t>(table_.IndexOf(name))];
}

Rule CheckFixture::MakeRule(Rule::Kind kind, const std::string& text) {
  Rule rule;
  rule.kind = kind;
  rule.text = text;
  return rule;
}

Rule CheckFixture::MakeFormat(DocumentFormat format) {
  Rule rule;
  rule.kind = Rule::Kind::kFormat;
  rule.format = format;
  return rule;
}

void CheckFixture::File(const std::string& name, const Texts& values) {
  arrow::StringBuilder builder;
  for (const auto& value : values) {
    const arrow::Status status = value ? builder.Append(*value) : builder.AppendNull();
    EXPECT_TRUE(status.ok());
  }
  File(name, *builder.Finish());
}

void CheckFixture::File(const std::string& name, std::shared_ptr<arrow::Array> values) {
  fields_.push_back(arrow::field(name, values->type()));
  arrays_.push_back(std::move(values));
}

void CheckFixture::ClearFile() {
  fields_.clear();
  arrays_.clear();
}

std::shared_ptr<arrow::Schema> CheckFixture::Schema() const { return arrow::schema(fields_); }

void CheckFixture::Check() {
  auto checker = Checker::Create(contract_, table_, *Schema(), options_);
  ASSERT_TRUE(checker.ok()) << checker.error().code();
  checker_ = std::move(*checker);
  Batch batch;
  batch.rows =
      arrow::RecordBatch::Make(Schema(), arrays_.empty() ? 0 : arrays_[0]->length(), arrays_);
  ASSERT_TRUE(batch.rows->Validate().ok());
  checked_ = checker_->Check(std::move(batch));
}

std::string CheckFixture::CreateCode() {
  auto checker = Checker::Create(contract_, table_, *Schema(), options_);
  return checker.ok() ? std::string() : checker.error().code();
}

std::string CheckFixture::Reasons() const {
  std::string text;
  for (const RejectedRow& row : checked_.rejected) {
    EXPECT_EQ(checked_.accepted[static_cast<size_t>(row.index)], 0);
    for (const Reason& reason : row.reasons) {
      if (!text.empty()) text += " ";
      text += std::to_string(row.index) + ":" + reason.code + "(" + reason.column + ")";
    }
  }
  return text;
}

const Reason& CheckFixture::ReasonOf(int64_t row) const {
  static const Reason kNone;
  for (const RejectedRow& rejected : checked_.rejected) {
    if (rejected.index == row) return rejected.reasons.front();
  }
  ADD_FAILURE() << "row " << row << " was accepted";
  return kNone;
}

const TypedColumn& CheckFixture::Values(const std::string& column) const {
  const auto& columns = checker_->columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return checked_.columns[i];
  }
  ADD_FAILURE() << column << " is not bound";
  return checked_.columns[0];
}

std::string CheckFixture::Text(const std::string& column, int64_t row) const {
  const TypedColumn& values = Values(column);
  return values.IsNull(row) ? "<null>" : std::string(values.Bytes(row));
}

int64_t CheckFixture::Warnings(const std::string& counter) const {
  for (size_t i = 0; i < checker_->counters().size(); ++i) {
    if (checker_->counters()[i] == counter) return checked_.warnings[i];
  }
  return -1;
}

}  // namespace eclusa
