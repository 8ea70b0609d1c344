#include "formats/parquet_source.h"

#include <arrow/util/secure_string.h>
#include <gtest/gtest.h>
#include <parquet/encryption/encryption.h>

#include <cstring>

#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Strings = std::vector<std::string>;
class ParquetSourceTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Source>> Open(const std::string& bytes, SourceOptions options = {}) {
    options.path = folder_.Write("f.parquet", bytes);
    return OpenSource(options);
  }
  ReadFile Read(const std::string& bytes, const SourceOptions& options = {}) {
    auto source = Open(bytes, options);
    if (source.ok()) return ReadRows(**source);
    ReadFile file;
    file.error = source.error();
    return file;
  }
  std::string CodeOf(const std::string& bytes, const SourceOptions& options = {}) {
    const ReadFile file = Read(bytes, options);
    return file.error ? file.error->code() : "none";
  }
  std::string TypeOf(const std::shared_ptr<arrow::Array>& array) {
    return Open(ParquetBytes(MakeBatch({{"a", array}})))
        .value()
        ->schema()
        .field(0)
        ->type()
        ->ToString();
  }

  TestFolder folder_;
};

std::string Squares(int64_t count, int64_t row_group_rows = 1 << 20) {
  std::vector<std::optional<int64_t>> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(i * i);
  return ParquetBytes(MakeBatch({{"n", Numbers<arrow::Int64Builder, int64_t>(values)}}),
                      row_group_rows);
}

TEST_F(ParquetSourceTest, NumbersRowsThroughAllRowGroups) {
  SourceOptions options;
  options.batch_rows = 64;
  const auto source = Open(Squares(1000, 300), options).value();
  EXPECT_EQ(source->RowsTotal(), 1000);
  const ReadFile file = ReadRows(*source);
  ASSERT_EQ(file.rows.size(), 1000U);
  for (int64_t i = 0; i < 1000; ++i) {
    const ReadRow& row = file.rows[static_cast<size_t>(i)];
    EXPECT_EQ(row.place.row, i + 1);
    EXPECT_EQ(row.place.line, 0);
    EXPECT_EQ(row.place.byte_offset, -1);
    EXPECT_EQ(row.values[0], std::to_string(i * i));
  }
  EXPECT_EQ(source->BytesRead(), source->BytesTotal());
}

TEST_F(ParquetSourceTest, CutsBatchesInsideARowGroup) {
  SourceOptions options;
  options.batch_rows = 100;
  EXPECT_EQ(Read(Squares(1000), options).batches, 10);
}

TEST_F(ParquetSourceTest, GivesTypesWithoutDisguises) {
  EXPECT_EQ(TypeOf(Texts({"a"})), "string");
  EXPECT_EQ(TypeOf(std::make_shared<arrow::NullArray>(1)), "null");
  arrow::StringDictionaryBuilder dictionary;
  ASSERT_TRUE(dictionary.Append("x").ok() && dictionary.AppendNull().ok());
  const auto encoded = dictionary.Finish().ValueOrDie();
  EXPECT_EQ(TypeOf(encoded), "string");
  EXPECT_EQ(Read(ParquetBytes(MakeBatch({{"a", encoded}}))).values(),
            (std::vector<Values>{{"x"}, {kNull}}));
  arrow::LargeStringBuilder large;
  ASSERT_TRUE(large.Append("y").ok());
  const auto large_text = large.Finish().ValueOrDie();
  EXPECT_EQ(TypeOf(large_text), "string");
  EXPECT_EQ(Read(ParquetBytes(MakeBatch({{"a", large_text}}))).values(),
            (std::vector<Values>{{"y"}}));
}

TEST_F(ParquetSourceTest, ReadsColumnsThatAreAllNull) {
  EXPECT_EQ(Read(ParquetBytes(MakeBatch({{"a", std::make_shared<arrow::NullArray>(2)}}))).values(),
            (std::vector<Values>{{kNull}, {kNull}}));
}

TEST_F(ParquetSourceTest, ReadsTheColumnsThatAreWanted) {
  SourceOptions options;
  options.wanted = {"c", "a"};
  const std::string bytes =
      ParquetBytes(MakeBatch({{"a", Texts({"1"})}, {"b", Texts({"2"})}, {"c", Texts({"3"})}}));
  EXPECT_EQ(Open(bytes, options).value()->schema().field_names(), (Strings{"a", "c"}));
  EXPECT_EQ(Read(bytes, options).values(), (std::vector<Values>{{"1", "3"}}));
}

std::string WithMap() {
  arrow::MapBuilder maps(arrow::default_memory_pool(), std::make_shared<arrow::StringBuilder>(),
                         std::make_shared<arrow::Int32Builder>());
  CHECK(maps.Append().ok());
  CHECK(static_cast<arrow::StringBuilder&>(*maps.key_builder()).Append("k").ok());
  CHECK(static_cast<arrow::Int32Builder&>(*maps.item_builder()).Append(1).ok());
  arrow::ListBuilder lists(arrow::default_memory_pool(), std::make_shared<arrow::Int32Builder>());
  auto& items = static_cast<arrow::Int32Builder&>(*lists.value_builder());
  CHECK(lists.Append().ok() && items.Append(1).ok() && items.AppendNull().ok());
  return ParquetBytes(MakeBatch({{"id", Texts({"1"})},
                                 {"pairs", maps.Finish().ValueOrDie()},
                                 {"list", lists.Finish().ValueOrDie()}}));
}

TEST_F(ParquetSourceTest, RefusesAMapOnlyWhereItIsWanted) {
  SourceOptions options;
  const auto all = Open(WithMap()).value();
  EXPECT_EQ(all->schema().num_fields(), 3);
  const auto first = all->Next();
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code(), code::parquet_nested);
  options.wanted = {"pairs"};
  const auto opened = Open(WithMap(), options);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), code::parquet_nested);
  EXPECT_NE(Text(opened.error(), Language::kEnglish).find("column pairs of"), std::string::npos);
  options.wanted = {"id", "list"};
  EXPECT_EQ(Read(WithMap(), options).values(), (std::vector<Values>{{"1", "{\"1\",NULL}"}}));
}

TEST_F(ParquetSourceTest, FailsRowsWithTextThatIsNotUtf8) {
  const ReadFile file =
      Read(ParquetBytes(MakeBatch({{"a", Texts({"1", "2", "3", "4"})},
                                   {"b", Texts({"S\xC3\xA3o", "S\xE3o", kNull, "\xC3"})},
                                   {"c", Texts({"x", "\xA3", "y", "\xA3z"})}})));
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "S\xC3\xA3o", "x"}, {"3", kNull, "y"}}));
  EXPECT_EQ(file.failures(),
            (Strings{"2:0:text.encoding+text.encoding", "4:0:text.encoding+text.encoding"}));
  EXPECT_EQ(file.rows[1].place.row, 3);
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "b");
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "S\\xE3o");
}

TEST_F(ParquetSourceTest, SaysThatTheEndIsMissing) {
  const std::string bytes = Squares(100);
  EXPECT_EQ(CodeOf(""), code::parquet_truncated);
  for (const size_t size : {size_t{4}, size_t{11}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_EQ(CodeOf(bytes.substr(0, size)), code::parquet_truncated) << size;
  }
}

TEST_F(ParquetSourceTest, RefusesAFileThatLiesAboutItsFormat) {
  EXPECT_EQ(CodeOf("a,b\n1,2\n"), code::parquet_not_parquet);
  SourceOptions options;
  options.path = folder_.Write("f.csv", Squares(3));
  EXPECT_EQ(OpenSource(options).value()->format().format, "parquet");
  options.path = folder_.Write("f.parquet.gz", Compressed(Squares(3), arrow::Compression::GZIP));
  EXPECT_EQ(OpenSource(options).error().code(), code::parquet_compressed);
}

TEST_F(ParquetSourceTest, RefusesAFooterOfAnAbsurdSize) {
  std::string bytes = Squares(100);
  bytes.replace(bytes.size() - 8, 4, "\xF0\xFF\xFF\x7F");
  EXPECT_EQ(CodeOf(bytes), code::parquet_absurd);
}

TEST_F(ParquetSourceTest, RefusesAnEncryptedFile) {
  const auto keys =
      parquet::FileEncryptionProperties::Builder(arrow::util::SecureString("0123456789012345"))
          .build();
  const auto properties = parquet::WriterProperties::Builder().encryption(keys)->build();
  const auto batch = MakeBatch({{"a", Texts({"1"})}});
  EXPECT_EQ(CodeOf(ParquetBytes(batch, 10, properties)), code::parquet_encrypted);
}

// A footer, written by thrift's compact protocol as the library writes it, in which every single
// byte is replaced: no value of any field may crash, hang, or take memory that is not there.
TEST_F(ParquetSourceTest, SurvivesEveryChangedByteOfTheFooter) {
  const std::string bytes =
      ParquetBytes(MakeBatch({{"a", Texts({"x", kNull, "z"})},
                              {"b", Numbers<arrow::Int64Builder, int64_t>({{1}, {2}, {3}})}}));
  uint32_t footer = 0;
  std::memcpy(&footer, bytes.data() + bytes.size() - 8, 4);
  int refused = 0;
  for (size_t at = bytes.size() - 8 - footer; at < bytes.size() - 8; ++at) {
    for (const char change : {'\xFF', '\x7F', '\x80', '\x01'}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      const ReadFile file = Read(changed);
      if (file.error) ++refused;
      EXPECT_LE(file.rows.size(), 3U);
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(ParquetSourceTest, SurvivesEveryChangedByteOfThePages) {
  const std::string bytes = ParquetBytes(MakeBatch({{"a", Texts({"x", kNull, "z", "x", "y"})}}));
  for (size_t at = 4; at < bytes.size() - 300; ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0xFF);
    EXPECT_LE(Read(changed).rows.size(), 5U);
  }
}

TEST_F(ParquetSourceTest, SaysThatAPageIsDamaged) {
  const auto checked =
      parquet::WriterProperties::Builder().enable_page_checksum()->disable_dictionary()->build();
  std::string bytes =
      ParquetBytes(MakeBatch({{"a", Texts({std::string(1000, 'x'), "y"})}}), 10, checked);
  bytes[500] = static_cast<char>(bytes[500] ^ 1);
  EXPECT_EQ(CodeOf(bytes), code::parquet_damaged);
}

TEST_F(ParquetSourceTest, ReadsTenThousandColumns) {
  NamedColumns columns;
  for (int i = 0; i < 10000; ++i) {
    columns.emplace_back("c" + std::to_string(i), Texts({std::to_string(i), kNull}));
  }
  const std::string bytes = ParquetBytes(MakeBatch(columns));
  const ReadFile all = Read(bytes);
  ASSERT_EQ(all.rows.size(), 2U);
  EXPECT_EQ(all.rows[0].values[9999], "9999");
  SourceOptions options;
  options.wanted = {"c5000"};
  EXPECT_EQ(Read(bytes, options).values(), (std::vector<Values>{{"5000"}, {kNull}}));
}

TEST_F(ParquetSourceTest, ReadsAFileWithoutRows) {
  const ReadFile file = Read(ParquetBytes(MakeBatch({{"a", Texts({})}})));
  EXPECT_EQ(file.error, std::nullopt);
  EXPECT_EQ(file.batches, 0);
}

TEST(OpenSource, NamesFormatsThatItDoesNotRead) {
  const TestFolder folder;
  const auto text_of = [&](const std::string& name, const std::string& bytes) {
    SourceOptions options;
    options.path = folder.Write(name, bytes);
    const auto source = OpenSource(options);
    return source.ok() ? "opened" : Text(source.error(), Language::kEnglish);
  };
  EXPECT_NE(text_of("f.csv", "PK\x03\x04...").find("holds ZIP"), std::string::npos);
  EXPECT_NE(text_of("f.csv", "%PDF-1.7").find("holds PDF"), std::string::npos);
  EXPECT_EQ(text_of("f.json.csv", "a,b\n"), "opened");
}

}  // namespace
}  // namespace eclusa
