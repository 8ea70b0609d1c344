#include "convert/field_plan.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include "contract/parse.h"

namespace eclusa {
namespace {

using Lines = std::vector<std::string>;

Contract Parsed(const std::string& properties) {
  ParsedContract parsed = ParseContract(
      "apiVersion: v3.1.0\nkind: DataContract\nid: urn:t\nversion: 1.0.0\nstatus: active\n"
      "schema:\n  - name: t\n    properties:\n" +
      properties);
  EXPECT_TRUE(parsed.contract.has_value()) << properties;
  return std::move(parsed.contract).value_or(Contract());
}

// Plans of documents, one a line, told as the columns that come of them.
class FieldPlanTest : public testing::Test {
 protected:
  Lines Columns(const Lines& documents) {
    JsonKinds kinds;
    for (const std::string& document : documents) {
      EXPECT_TRUE(kinds.AddDocument(document)) << document;
    }
    FieldPlanner planner(options_);
    marks_.clear();
    Lines columns;
    for (const auto& field : kinds.root().members) {
      const FieldPlan plan = planner.FromKinds(*field, FindField(&fields_, field->name));
      AddMarks(plan, JsonMarkPath({}, plan.name), marks_);
      columns.push_back(plan.name + ": " + OutputType(plan, TypeOf(ShapeOf(plan)))->ToString());
    }
    notes_.clear();
    for (const PlanNote& note : planner.TakeNotes()) {
      notes_.push_back(note.code + " " + note.column + (note.kinds.empty() ? "" : ": ") +
                       note.kinds);
    }
    return columns;
  }

  // The column that a file's own becomes.
  std::string Column(const std::shared_ptr<arrow::DataType>& type) {
    FieldPlanner planner(options_);
    planner.SetMarks(marks_);
    const FieldPlan plan = planner.FromType("c", *type, FindField(&fields_, "c"), nullptr);
    return OutputType(plan, type)->ToString();
  }

  PlanOptions options_;
  Contract contract_;
  std::vector<ContractField> fields_;
  JsonMarks marks_;
  Lines notes_;
};

TEST_F(FieldPlanTest, GivesTheTypeThatHoldsAllValues) {
  EXPECT_EQ(Columns({R"({"i":1,"d":1.5,"b":true,"t":"007","n":null,"l":[1,2],"e":[]})",
                     R"({"i":-7,"d":-22,"b":false,"t":"x","n":null,"l":[],"e":null})"}),
            (Lines{"i: int64", "d: decimal128(3, 1)", "b: bool", "t: string", "n: string",
                   "l: list<item: int64>", "e: list<item: string>"}));
  EXPECT_EQ(notes_, Lines{});
  EXPECT_EQ(
      Columns({R"({"big":9223372036854775808,"wide":1234567890123456789012345678901234567.89})"}),
      (Lines{"big: decimal128(19, 0)", "wide: decimal256(39, 2)"}));
}

TEST_F(FieldPlanTest, MarksNumbersThatNoTypeHolds) {
  EXPECT_EQ(Columns({R"({"v":1e400,"l":[1e-400],"o":{"v":-0.0}})"}),
            (Lines{"v: string", "l: list<item: string>", "o: struct<v: string>"}));
  EXPECT_EQ(marks_, (JsonMarks{{"/v", JsonMark::kNumber},
                               {"/l", JsonMark::kNumber},
                               {"/o/v", JsonMark::kNumber}}));
  EXPECT_EQ(notes_,
            (Lines{"convert.number_text v", "convert.number_text l", "convert.number_text o.v"}));
}

TEST_F(FieldPlanTest, TellsWhatIsOfSeveralKinds) {
  const Lines mixed = {R"({"s":"007","o":1,"l":[1,"x"]})", R"({"s":7,"o":{"a":1},"l":[true]})"};
  EXPECT_EQ(Columns(mixed), (Lines{"s: string", "o: string", "l: list<item: string>"}));
  EXPECT_EQ(notes_,
            (Lines{"convert.mixed_text s: text, number", "convert.mixed_json o: number, object",
                   "convert.mixed_text l: text, number, boolean"}));
  EXPECT_EQ(marks_, (JsonMarks{{"/o", JsonMark::kValue}}));
  options_.mixed_as_json = true;
  EXPECT_EQ(Columns(mixed), (Lines{"s: string", "o: string", "l: string"}));
  EXPECT_EQ(
      marks_,
      (JsonMarks{{"/s", JsonMark::kValue}, {"/o", JsonMark::kValue}, {"/l", JsonMark::kValue}}));
}

TEST_F(FieldPlanTest, NestsAsDeepAsFormatsDo) {
  EXPECT_EQ(Columns({R"({"a":[{"b":[{"c":[{"d":1}]}]}],"o":{},"m":[[1]]})"}),
            (Lines{"a: list<item: struct<b: list<item: struct<c: list<item: struct<d: int64>>>>>>",
                   "o: string", "m: string"}));
  EXPECT_EQ(notes_, Lines{"convert.deep_json m"});
  EXPECT_EQ(
      Columns({R"({"a":[{"b":[{"c":[{"d":[1]}]}]}]})"}),
      (Lines{"a: list<item: struct<b: list<item: struct<c: list<item: struct<d: string>>>>>>"}));
  EXPECT_EQ(notes_, Lines{"convert.deep_json a.b.c.d"});
  options_.nested_as_json = true;
  EXPECT_EQ(Columns({R"({"a":[{"b":1}],"i":1})"}), (Lines{"a: string", "i: int64"}));
  EXPECT_EQ(marks_, (JsonMarks{{"/a", JsonMark::kValue}}));
}

TEST_F(FieldPlanTest, TakesTypesFromTheContractFirst) {
  contract_ = Parsed(
      "      - {name: doc, logicalType: string}\n"
      "      - {name: v, logicalType: number, physicalType: 'numeric(14,2)'}\n"
      "      - {name: n, logicalType: number}\n"
      "      - {name: f, logicalType: number, physicalType: float8}\n"
      "      - {name: i, logicalType: integer, physicalType: integer}\n"
      "      - {name: d, logicalType: date}\n"
      "      - {name: at, logicalType: timestamp, physicalType: timestamptz}\n"
      "      - {name: data, logicalType: object}\n"
      "      - {name: tags, logicalType: array, items: {logicalType: string}}\n");
  fields_ = ContractFields(contract_);
  EXPECT_EQ(Columns({R"({"DOC":7,"v":1,"n":"1,5","f":1,"i":"1","d":"x","at":"x"})",
                     R"({"n":12.25,"data":[1],"tags":[1],"more":1})"}),
            (Lines{"DOC: string", "v: decimal128(14, 2)", "n: decimal128(4, 2)", "f: double",
                   "i: int32", "d: date32[day]", "at: timestamp[us, tz=UTC]", "data: string",
                   "tags: list<item: string>", "more: int64"}));
  EXPECT_EQ(marks_, (JsonMarks{{"/data", JsonMark::kValue}}));
}

TEST_F(FieldPlanTest, KeepsTheTypesOfAFileThatHasThem) {
  for (const auto& type :
       {arrow::int16(), arrow::float32(), arrow::decimal128(9, 2), arrow::date32(), arrow::utf8(),
        arrow::list(arrow::int32()), arrow::struct_({arrow::field("x", arrow::binary())})}) {
    EXPECT_EQ(Column(type), type->ToString());
  }
  contract_ = Parsed("      - {name: c, logicalType: number, physicalType: 'numeric(5,1)'}\n");
  fields_ = ContractFields(contract_);
  EXPECT_EQ(Column(arrow::utf8()), "decimal128(5, 1)");
  options_.nested_as_json = true;
  fields_.clear();
  EXPECT_EQ(Column(arrow::list(arrow::int32())), "string");
}

TEST_F(FieldPlanTest, MakesColumnsOfAContractWhereNoRowHasAny) {
  contract_ = Parsed(
      "      - {name: id, logicalType: integer, primaryKey: true, required: true}\n"
      "      - name: contacts\n"
      "        logicalType: array\n"
      "        items:\n"
      "          logicalType: object\n"
      "          physicalName: contact\n"
      "          customProperties: [{property: eclusa.parentColumns, value: supplier}]\n"
      "          properties: [{name: n, logicalType: string, primaryKey: true, required: true}]\n");
  Lines columns;
  for (const ContractField& field : ContractFields(contract_)) {
    const FieldPlan plan = FieldPlanner::FromContract(field);
    columns.push_back(plan.name + ": " + OutputType(plan, TypeOf(ShapeOf(plan)))->ToString());
  }
  EXPECT_EQ(columns, (Lines{"id: int64", "contacts: list<item: struct<n: string>>"}));
}

}  // namespace
}  // namespace eclusa
