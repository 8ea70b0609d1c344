#include "formats/avro_schema.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

using Kind = AvroType::Kind;
using Logical = AvroType::Logical;

AvroSchema Parsed(const std::string& json) { return AvroSchema::Parse(json, "f").value(); }

std::string Refusal(const std::string& json) {
  const auto schema = AvroSchema::Parse(json, "f");
  if (schema.ok()) return "read";
  EXPECT_EQ(schema.error().code(), code::avro_schema);
  return Text(schema.error(), Language::kEnglish);
}

TEST(AvroSchema, ReadsTypesWithTheirNamesResolved) {
  const AvroSchema schema = Parsed(R"({
    "type": "record", "name": "a.b.Row", "fields": [
      {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["X", "Y"]}},
      {"name": "other", "type": ["null", "Kind"]},
      {"name": "full", "type": {"type": "a.b.Kind"}},
      {"name": "hash", "type": {"type": "fixed", "name": "Hash", "namespace": "c", "size": 16}},
      {"name": "again", "type": "c.Hash"},
      {"name": "many", "type": {"type": "array", "items": "long"}},
      {"name": "seen", "eclusa.name": "Visto às", "type": "int", "doc": "x"}]})");
  const AvroType& row = schema.root();
  ASSERT_EQ(row.fields.size(), 7U);
  EXPECT_EQ(row.name, "a.b.Row");
  EXPECT_EQ(row.fields[0].type->symbols, (std::vector<std::string>{"X", "Y"}));
  EXPECT_EQ(row.fields[1].type->of[1], row.fields[0].type);
  EXPECT_EQ(row.fields[2].type, row.fields[0].type);
  EXPECT_EQ(row.fields[4].type, row.fields[3].type);
  EXPECT_EQ(row.fields[3].type->size, 16);
  EXPECT_EQ(row.fields[5].type->of[0]->kind, Kind::kLong);
  EXPECT_EQ(row.fields[6].name, "Visto às");
  EXPECT_EQ(row.bytes_min, 1 + 1 + 1 + 16 + 16 + 1 + 1);
}

TEST(AvroSchema, KnowsLogicalTypesThatFitTheirTypeAndLeavesOthersOut) {
  const auto logical = [](const std::string& json) { return Parsed(json).root().logical; };
  EXPECT_EQ(logical(R"({"type":"int","logicalType":"date"})"), Logical::kDate);
  EXPECT_EQ(logical(R"({"type":"long","logicalType":"timestamp-micros"})"),
            Logical::kTimestampMicros);
  EXPECT_EQ(logical(R"({"type":"int","logicalType":"timestamp-micros"})"), Logical::kNone);
  EXPECT_EQ(logical(R"({"type":"string","logicalType":"colour"})"), Logical::kNone);
  const auto decimal = [&](const std::string& rest) {
    return logical(R"({"type":"bytes","logicalType":"decimal",)" + rest + "}");
  };
  EXPECT_EQ(decimal(R"("precision":9,"scale":2)"), Logical::kDecimal);
  EXPECT_EQ(decimal(R"("precision":9)"), Logical::kDecimal);
  EXPECT_EQ(decimal(R"("precision":2,"scale":9)"), Logical::kNone);
  EXPECT_EQ(decimal(R"("precision":0)"), Logical::kNone);
  EXPECT_EQ(decimal(R"("scale":0)"), Logical::kNone);
  const auto fixed = [&](const std::string& rest) {
    return logical(R"({"type":"fixed","name":"f","logicalType":"decimal",)" + rest + "}");
  };
  EXPECT_EQ(fixed(R"("size":4,"precision":9)"), Logical::kDecimal);
  EXPECT_EQ(fixed(R"("size":4,"precision":10)"), Logical::kNone);
}

TEST(AvroSchema, LetsARecordContainItselfWhereThatEnds) {
  const AvroSchema schema = Parsed(R"({"type":"record","name":"Node","fields":[
    {"name":"next","type":["null","Node"]},{"name":"all","type":{"type":"array","items":"Node"}}]})");
  EXPECT_EQ(schema.root().fields[0].type->of[1], &schema.root());
  EXPECT_EQ(schema.root().bytes_min, 2);
  EXPECT_NE(Refusal(R"({"type":"record","name":"N","fields":[{"name":"n","type":"N"}]})")
                .find("without end"),
            std::string::npos);
}

TEST(AvroSchema, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"{", "incomplete"},
      {R"("nothing")", "no type is called nothing"},
      {R"(7)", "neither"},
      {R"({"name":"x"})", "without \"type\""},
      {R"({"type":"record","name":"r"})", "no list of fields"},
      {R"({"type":"record","fields":[]})", "without a name"},
      {R"({"type":"record","name":"r","fields":[{"name":"a"}]})", "without name or type"},
      {R"({"type":"record","name":"r","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]})",
       "two fields a"},
      {R"({"type":"enum","name":"e"})", "no symbols"},
      {R"({"type":"fixed","name":"f","size":-1})", "size of f"},
      {R"({"type":"fixed","name":"f","size":100000000000})", "size of f"},
      {R"({"type":"array"})", "without its items"},
      {R"(["int",["null","int"]])", "union directly within a union"},
      {R"([])", "union of nothing"}};
  for (const auto& [json, text] : wrong) {
    EXPECT_NE(Refusal(json).find(text), std::string::npos) << json << "\n" << Refusal(json);
  }
}

TEST(AvroSchema, RefusesWhatGoesTooDeep) {
  std::string json = R"("int")";
  for (int i = 0; i < 200; ++i) json = R"({"type":"array","items":)" + json + "}";
  EXPECT_NE(Refusal(json), "read");
  std::string brackets(1'000'000, '[');
  EXPECT_NE(Refusal(brackets), "read");
}

}  // namespace
}  // namespace eclusa
