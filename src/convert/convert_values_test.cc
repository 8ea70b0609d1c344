#include "convert/convert_values.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include "contract/parse.h"
#include "formats/value_text.h"

namespace eclusa {
namespace {

using Lines = std::vector<std::string>;

std::shared_ptr<arrow::Array> TextsOf(const std::vector<const char*>& texts) {
  arrow::StringBuilder builder;
  for (const char* const text : texts) {
    EXPECT_TRUE((text == nullptr ? builder.AppendNull() : builder.Append(text)).ok());
  }
  return builder.Finish().ValueOrDie();
}

class ConvertValuesTest : public testing::Test {
 protected:
  // Values as JSON has them, and faults as "row code".
  Lines Values(const FieldPlan& plan, const std::shared_ptr<arrow::Array>& array) {
    const ValueConverter converter(contract_ ? &*contract_ : nullptr, text_format_);
    std::vector<ValueFault> faults;
    const auto converted = converter.Convert(plan, array, marks_, faults).ValueOrDie();
    EXPECT_TRUE(converted->ValidateFull().ok());
    type_ = converted->type()->ToString();
    faults_.clear();
    for (const ValueFault& fault : faults) {
      faults_.push_back(std::to_string(fault.row) + " " + fault.reason.code);
    }
    Lines values;
    for (int64_t row = 0; row < converted->length(); ++row) {
      std::string& text = values.emplace_back();
      AppendJson(*converted, row, text);
    }
    return values;
  }
  Lines Values(LeafPlan leaf, const std::vector<const char*>& texts) {
    return Values({.name = "c", .leaf = leaf, .children = {}}, TextsOf(texts));
  }

  void SetDialect(const std::string& dialect) {
    ParsedContract parsed = ParseContract(
        "apiVersion: v3.1.0\nkind: DataContract\nid: urn:t\nversion: 1.0.0\nstatus: active\n"
        "schema:\n  - name: t\n    customProperties: [{property: eclusa.dialect, value: " +
        dialect + "}]\n    properties: [{name: c, logicalType: number}]\n");
    contract_ = std::move(parsed.contract);
    ASSERT_TRUE(contract_.has_value());
    text_format_ = true;
  }

  std::optional<Contract> contract_;
  bool text_format_ = false;
  JsonMarks marks_;
  std::string type_;
  Lines faults_;
};

TEST_F(ConvertValuesTest, KeepsNumbersExactlyOrNotAtAll) {
  EXPECT_EQ(Values({.kind = LeafKind::kDecimal, .precision = 5, .scale = 2},
                   {"1.5", "-123.45", "1e2", "1.500", nullptr, "1.505", "1234.5", "x", ""}),
            (Lines{"1.50", "-123.45", "100.00", "1.50", "null", "null", "null", "null", "null"}));
  EXPECT_EQ(type_, "decimal128(5, 2)");
  EXPECT_EQ(faults_,
            (Lines{"5 number.scale", "6 number.overflow", "7 type.decimal", "8 type.decimal"}));
  EXPECT_EQ(Values({.kind = LeafKind::kInteger, .bits = 16}, {"32767", "-32768", "32768", "1.0"}),
            (Lines{"32767", "-32768", "null", "null"}));
  EXPECT_EQ(faults_, (Lines{"2 number.overflow", "3 type.integer"}));
  EXPECT_EQ(Values({.kind = LeafKind::kDecimal, .precision = 40, .scale = 0},
                   {"1234567890123456789012345678901234567890"}),
            Lines{"1234567890123456789012345678901234567890"});
  EXPECT_EQ(type_, "decimal256(40, 0)");
  EXPECT_EQ(Values({.kind = LeafKind::kDecimal, .precision = 5, .scale = 2},
                   {"0e400", "0e-400", "-0.0E9", "0e"}),
            (Lines{"0.00", "0.00", "0.00", "null"}));
  EXPECT_EQ(faults_, Lines{"3 type.decimal"});
}

TEST_F(ConvertValuesTest, ReadsDaysThatAreThere) {
  EXPECT_EQ(Values({.kind = LeafKind::kDate}, {"2024-02-29", "2023-02-29", "infinity"}),
            (Lines{"\"2024-02-29\"", "null", "null"}));
  EXPECT_EQ(faults_.size(), 2);
  EXPECT_EQ(Values({.kind = LeafKind::kTimestamptz},
                   {"2024-02-29T12:00:00-03:00", "2024-02-29T12:00:00"})[0],
            "\"2024-02-29 15:00:00+00\"");
  EXPECT_EQ(faults_, Lines{"1 type.time_zone"});  // no zone is made up
}

TEST_F(ConvertValuesTest, ReadsTextFilesInTheirDialect) {
  SetDialect(
      "{decimal: ',', thousands: '.', booleans: pt, nullMarkers: ['NULL'], "
      "datePatterns: dd/MM/yyyy}");
  const Property* const property = &contract_->properties[0];
  EXPECT_EQ(Values({.kind = LeafKind::kDecimal, .precision = 9, .scale = 2},
                   {"1.234,50", "NULL", "0,5", "1.5"}),
            (Lines{"1234.50", "null", "0.50", "null"}));
  EXPECT_EQ(faults_, Lines{"3 type.decimal"});
  EXPECT_EQ(Values({.kind = LeafKind::kBoolean}, {"S", "Não", "true", "talvez"}),
            (Lines{"true", "false", "true", "null"}));
  EXPECT_EQ(Values({.kind = LeafKind::kDate, .property = property}, {"29/02/2024", "2024-03-01"}),
            (Lines{"\"2024-02-29\"", "\"2024-03-01\""}));
  // A number of JSON is written in JSON's way.
  text_format_ = false;
  EXPECT_EQ(Values({.kind = LeafKind::kDecimal, .precision = 9, .scale = 2}, {"1.5", "1,5"}),
            (Lines{"1.50", "null"}));
}

TEST_F(ConvertValuesTest, KeepsTheShapeOfWhatNests) {
  const auto list = arrow::list(arrow::struct_({arrow::field("v", arrow::utf8())}));
  const auto array =
      arrow::json::ArrayFromJSONString(list, R"([[["1"], ["x"]], [], null, [null, ["3"]]])")
          .ValueOrDie();
  const FieldPlan plan{
      .name = "c",
      .shape = ShapeKind::kObjects,
      .leaf = {},
      .children = {{.name = "v", .leaf = {.kind = LeafKind::kInteger}, .children = {}}}};
  EXPECT_EQ(Values(plan, array),
            (Lines{R"([{"v":1},{"v":null}])", "[]", "null", R"([null,{"v":3}])"}));
  EXPECT_EQ(faults_, Lines{"0 type.integer"});
  // The same of a part of an array, whose offsets do not begin at its values' beginning.
  EXPECT_EQ(Values(plan, array->Slice(2)), (Lines{"null", R"([null,{"v":3}])"}));
  EXPECT_EQ(faults_, Lines{});
}

TEST_F(ConvertValuesTest, WritesWhatNestsAsJsonText) {
  const auto list = arrow::list(arrow::int32());
  const auto array = arrow::json::ArrayFromJSONString(list, "[[1, null], null, []]").ValueOrDie();
  EXPECT_EQ(Values({.name = "c",
                    .shape = ShapeKind::kScalars,
                    .write_json = true,
                    .leaf = {},
                    .children = {}},
                   array),
            (Lines{"\"[1,null]\"", "null", "\"[]\""}));
  EXPECT_EQ(type_, "string");
}

TEST_F(ConvertValuesTest, ReadsJsonTextAndTellsWhatIsNone) {
  const FieldPlan plan{.name = "c",
                       .shape = ShapeKind::kScalars,
                       .read_json = true,
                       .leaf = {.kind = LeafKind::kInteger},
                       .children = {}};
  EXPECT_EQ(Values(plan, TextsOf({"[1, 2]", nullptr, "null", "[1,", "{}"})),
            (Lines{"[1,2]", "null", "null", "null", "null"}));
  ASSERT_EQ(faults_.size(), 2);
  EXPECT_TRUE(faults_[0].starts_with("3 json.")) << faults_[0];
  EXPECT_TRUE(faults_[1].starts_with("4 json.")) << faults_[1];
}

}  // namespace
}  // namespace eclusa
