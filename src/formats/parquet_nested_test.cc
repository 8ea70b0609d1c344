// Nested Parquet: what other writers make of it, and what must be refused.
#include <gtest/gtest.h>
#include <parquet/api/writer.h>

#include <random>

#include "formats/nested_tables.h"
#include "formats/parquet_source.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Strings = std::vector<std::string>;
using parquet::Repetition;
using parquet::schema::GroupNode;
using parquet::schema::NodePtr;
using parquet::schema::NodeVector;
using parquet::schema::PrimitiveNode;

NodePtr TextNode(const std::string& name, Repetition::type repetition) {
  return PrimitiveNode::Make(name, repetition, parquet::LogicalType::String(),
                             parquet::Type::BYTE_ARRAY);
}

NodePtr ListNode(const std::string& name, NodePtr repeated) {
  return GroupNode::Make(name, Repetition::OPTIONAL, {std::move(repeated)},
                         parquet::LogicalType::List());
}

// A file of one leaf of texts, written level by level.
std::string Levels(NodePtr column, int64_t rows, const std::vector<int16_t>& definitions,
                   const std::vector<int16_t>& repetitions, const Strings& values) {
  const auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
  const auto schema = std::static_pointer_cast<GroupNode>(
      GroupNode::Make("schema", Repetition::REQUIRED, NodeVector{std::move(column)}));
  auto writer = parquet::ParquetFileWriter::Open(stream, schema);
  auto* group = writer->AppendRowGroup();
  auto* leaf = static_cast<parquet::ByteArrayWriter*>(group->NextColumn());
  std::vector<parquet::ByteArray> bytes(values.begin(), values.end());
  leaf->WriteBatch(static_cast<int64_t>(definitions.size()), definitions.data(), repetitions.data(),
                   bytes.data());
  leaf->Close();
  EXPECT_EQ(group->num_rows(), rows);
  writer->Close();
  return stream->Finish().ValueOrDie()->ToString();
}

class ParquetNestedTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Source>> Open(const std::string& bytes, SourceOptions options = {}) {
    options.path = folder_.Write("f.parquet", bytes);
    return OpenSource(options);
  }
  // "TYPE VALUE VALUE ..." of the first column.
  std::string Read(const std::string& bytes) {
    const auto source = Open(bytes).value();
    std::string text = source->schema().field(0)->type()->ToString();
    while (true) {
      const auto batch = source->Next();
      if (!batch.ok()) return batch.error().code();
      if (!batch->has_value()) return text;
      EXPECT_TRUE((**batch).rows->ValidateFull().ok());
      for (int64_t row = 0; row < (**batch).row_count(); ++row) {
        text += ' ';
        AppendJson(*(**batch).rows->column(0), row, text);
      }
    }
  }
  std::string ReadOf(const std::shared_ptr<arrow::Array>& array) {
    return Read(ParquetBytes(MakeBatch({{"a", array}})));
  }

  TestFolder folder_;
};

TEST_F(ParquetNestedTest, ReadsListsOfTwoLevels) {
  // [p, q], null, [], [r]
  EXPECT_EQ(Read(Levels(ListNode("a", TextNode("element", Repetition::REPEATED)), 4,
                        {2, 2, 0, 1, 2}, {0, 1, 0, 0, 0}, {"p", "q", "r"})),
            "list<item: string> [\"p\",\"q\"] null [] [\"r\"]");
  // The same with a struct for an item.
  const auto tuple =
      GroupNode::Make("a_tuple", Repetition::REPEATED, {TextNode("nome", Repetition::OPTIONAL)});
  EXPECT_EQ(Read(Levels(ListNode("a", tuple), 4, {3, 2, 0, 1, 3}, {0, 1, 0, 0, 0}, {"p", "r"})),
            "list<item: struct<nome: string>> [{\"nome\":\"p\"},{\"nome\":null}] null [] "
            "[{\"nome\":\"r\"}]");
  // A repeated field without any annotation is a list, too.
  EXPECT_EQ(Read(Levels(TextNode("a", Repetition::REPEATED), 2, {1, 1, 0}, {0, 1, 0}, {"p", "q"})),
            "list<item: string> [\"p\",\"q\"] []");
}

TEST_F(ParquetNestedTest, ReadsListsOfThreeLevelsWhateverTheirNames) {
  const auto bag = GroupNode::Make("bag", Repetition::REPEATED,
                                   {TextNode("array_element", Repetition::OPTIONAL)});
  EXPECT_EQ(Read(Levels(ListNode("a", bag), 3, {3, 2, 1, 0}, {0, 1, 0, 0}, {"p"})),
            "list<item: string> [\"p\",null] [] null");
}

TEST_F(ParquetNestedTest, GivesNestedValuesWithoutDisguises) {
  const auto words = arrow::dictionary(arrow::int32(), arrow::utf8());
  const auto item =
      arrow::struct_({arrow::field("w", words, false), arrow::field("b", arrow::large_binary()),
                      arrow::field("l", arrow::large_list(arrow::large_utf8()))});
  const auto plain =
      arrow::struct_({arrow::field("w", arrow::utf8()), arrow::field("b", arrow::binary()),
                      arrow::field("l", arrow::list(arrow::utf8()))});
  const std::string json =
      R"([[{"w":"x","b":"y","l":["p",null]},{"w":"z","b":null,"l":null}],null,[]])";
  // Dictionaries cannot be made of JSON.
  const auto large = arrow::struct_(
      {arrow::field("w", arrow::large_utf8(), false), item->field(1), item->field(2)});
  EXPECT_EQ(ReadOf(FromJson(arrow::large_list(large), json)),
            arrow::list(plain)->ToString() +
                R"( [{"w":"x","b":"\\x79","l":["p",null]},{"w":"z","b":null,"l":null}] null [])");
  const auto coded = arrow::DictionaryArray::FromArrays(
                         words, FromJson(arrow::int32(), "[0,null,1]"), Texts({"x", "y"}))
                         .ValueOrDie();
  const auto rows = arrow::StructArray::Make({coded}, Strings{"w"}).ValueOrDie();
  EXPECT_EQ(ReadOf(rows), R"(struct<w: string> {"w":"x"} {"w":null} {"w":"y"})");
}

TEST_F(ParquetNestedTest, ReadsColumnsThatHoldNothing) {
  EXPECT_EQ(ReadOf(FromJson(arrow::list(arrow::null()), "[[],null,[null,null]]")),
            "list<item: null> [] null [null,null]");
  EXPECT_EQ(
      ReadOf(FromJson(arrow::struct_({arrow::field("x", arrow::null())}), R"([{"x":null},null])")),
      "struct<x: null> {\"x\":null} null");
}

TEST_F(ParquetNestedTest, RefusesByNameWhatIsNestedOtherwise) {
  const auto deep = [](int levels) {
    std::shared_ptr<arrow::DataType> type = arrow::utf8();
    for (int i = 0; i < levels; ++i) type = arrow::list(arrow::struct_({arrow::field("x", type)}));
    return type;
  };
  EXPECT_EQ(ReadOf(FromJson(deep(3), "[[{\"x\":[]}]]")), deep(3)->ToString() + " [{\"x\":[]}]");
  EXPECT_EQ(ReadOf(FromJson(deep(4), "[[]]")), code::parquet_nested);
  EXPECT_EQ(ReadOf(FromJson(arrow::list(arrow::list(arrow::int32())), "[[]]")),
            code::parquet_nested);
  const auto map = arrow::struct_({arrow::field("m", arrow::map(arrow::utf8(), arrow::int32()))});
  SourceOptions options;
  options.wanted = {"a"};
  const auto opened = Open(ParquetBytes(MakeBatch({{"a", FromJson(map, "[null]")}})), options);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(Text(opened.error(), Language::kEnglish).find("map<string, int32"), std::string::npos);
}

TEST_F(ParquetNestedTest, FailsRowsWithNestedTextThatIsNotUtf8) {
  const auto names = Texts({"a", "S\xE3o", "b", "\xFF", "\xFE", "c", "S\xC3\xA3o"});
  const auto contacts = arrow::StructArray::Make({names}, Strings{"nome"}).ValueOrDie();
  const auto offsets = FromJson(arrow::int32(), "[0,2,2,null,6,7]");
  const auto lists = arrow::ListArray::FromArrays(*offsets, *contacts).ValueOrDie();
  const auto source =
      Open(ParquetBytes(MakeBatch({{"id", Texts({"1", "2", "3", "4", "5"})}, {"l", lists}})))
          .value();
  const ReadFile file = ReadRows(*source);
  EXPECT_EQ(file.failures(), (Strings{"1:0:text.encoding", "3:0:text.encoding"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "l.nome");
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "S\\xE3o");
  ASSERT_EQ(file.rows.size(), 3U);
  EXPECT_EQ(file.rows[2].values[1], "[{\"nome\":\"S\xC3\xA3o\"}]");
}

TEST_F(ParquetNestedTest, MakesBatchesByTheValuesOfLists) {
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int8Builder>());
  auto& items = static_cast<arrow::Int8Builder&>(*lists.value_builder());
  for (int row = 0; row < 100; ++row) {
    CHECK(lists.Append().ok());
    for (int i = 0; i < 50'000; ++i) CHECK(items.Append(0).ok());
  }
  const auto source = Open(ParquetBytes(MakeBatch({{"a", lists.Finish().ValueOrDie()}}))).value();
  int64_t batches = 0;
  while (const auto batch = source->Next().value()) {
    EXPECT_LE(batch->row_count(), 21);
    ++batches;
  }
  EXPECT_GE(batches, 5);
}

TEST_F(ParquetNestedTest, RefusesARowOfMillionsOfItems) {
  const auto nulls = std::make_shared<arrow::NullArray>(20'000'000);
  const auto lists =
      arrow::ListArray::FromArrays(*FromJson(arrow::int32(), "[0,20000000]"), *nulls).ValueOrDie();
  EXPECT_EQ(Open(ParquetBytes(MakeBatch({{"a", lists}}))).error().code(), code::parquet_absurd);
}

TEST_F(ParquetNestedTest, RefusesTooManyColumns) {
  NamedColumns columns;
  const auto array = FromJson(arrow::int8(), "[]");
  for (int i = 0; i < 20'001; ++i) columns.emplace_back("c" + std::to_string(i), array);
  EXPECT_EQ(Open(ParquetBytes(MakeBatch(columns))).error().code(), code::parquet_absurd);
}

TEST_F(ParquetNestedTest, SurvivesBrokenFiles) {
  const auto type = arrow::list(arrow::struct_(
      {arrow::field("x", arrow::utf8()), arrow::field("y", arrow::list(arrow::int32()))}));
  const std::string bytes = ParquetBytes(MakeBatch(
      {{"a", FromJson(type, R"([[{"x":"p","y":[1,2]},{"x":null,"y":[]}],null,[],[null]])")}}));
  std::mt19937 dice(1);
  for (int i = 0; i < 3000; ++i) {
    std::string broken = bytes;
    for (size_t k = 0; k <= dice() % 3; ++k) {
      broken[dice() % broken.size()] = static_cast<char>(dice());
    }
    auto source = Open(broken);
    if (!source.ok()) continue;
    while (true) {
      const auto batch = (*source)->Next();
      if (!batch.ok() || !batch->has_value()) break;
      EXPECT_TRUE((**batch).rows->Validate().ok());
    }
  }
}

}  // namespace
}  // namespace eclusa
