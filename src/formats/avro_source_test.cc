#include "formats/avro_source.h"

#include <gtest/gtest.h>

#include "formats/avro_test_files.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

Result<std::unique_ptr<Source>> OpenBytes(const std::string& bytes,
                                          const SourceOptions& options = {}) {
  return OpenAvro(OpenMemoryInput(bytes, "f").value(), options);
}

ReadFile ReadBytes(const std::string& bytes, const SourceOptions& options = {}) {
  return ReadRows(*OpenBytes(bytes, options).value());
}

// One column of one type, one row: its value as text, and its type.
std::string ReadOne(const std::string& type, const std::string& content) {
  const auto source =
      OpenBytes(AvroFile(RecordOf(R"({"name":"c","type":)" + type + "}"), {{1, content}})).value();
  const std::string arrow_type = source->schema().field(0)->type()->ToString();
  const ReadFile file = ReadRows(*source);
  if (file.rows.empty()) return file.failures().empty() ? "nothing" : file.failures()[0];
  return file.rows[0].values[0].value_or("null") + " " + arrow_type;
}

std::string LogicalOf(const std::string& type, const std::string& logical) {
  return R"({"type":")" + type + R"(","logicalType":")" + logical + "\"}";
}

TEST(AvroSource, ReadsPlainTypes) {
  EXPECT_EQ(ReadOne(R"("null")", ""), "null null");
  EXPECT_EQ(ReadOne(R"("boolean")", "\1"), "true bool");
  EXPECT_EQ(ReadOne(R"("int")", Long(INT32_MIN)), "-2147483648 int32");
  EXPECT_EQ(ReadOne(R"("long")", Long(INT64_MIN)), "-9223372036854775808 int64");
  EXPECT_EQ(ReadOne(R"("long")", Long(INT64_MAX)), "9223372036854775807 int64");
  EXPECT_EQ(ReadOne(R"("float")", std::string("\0\0\xC0\x3F", 4)), "1.5 float");
  EXPECT_EQ(ReadOne(R"("double")", std::string("\0\0\0\0\0\0\xF8\x3F", 8)), "1.5 double");
  EXPECT_EQ(ReadOne(R"("string")", Bytes("São")), "São string");
  EXPECT_EQ(ReadOne(R"("bytes")", Bytes("\xFF")), "\\xff binary");
  EXPECT_EQ(ReadOne(R"({"type":"fixed","name":"f","size":2})", "ab"),
            "\\x6162 fixed_size_binary[2]");
  EXPECT_EQ(ReadOne(R"({"type":"enum","name":"e","symbols":["A","BB"]})", Long(1)), "BB string");
}

TEST(AvroSource, ReadsLogicalTypes) {
  EXPECT_EQ(ReadOne(LogicalOf("int", "date"), Long(-1)), "1969-12-31 date32[day]");
  EXPECT_EQ(ReadOne(LogicalOf("int", "time-millis"), Long(1500)), "00:00:01.5 time32[ms]");
  EXPECT_EQ(ReadOne(LogicalOf("long", "time-micros"), Long(1500)), "00:00:00.0015 time64[us]");
  EXPECT_EQ(ReadOne(LogicalOf("long", "timestamp-millis"), Long(1500)),
            "1970-01-01 00:00:01.5+00 timestamp[ms, tz=UTC]");
  EXPECT_EQ(ReadOne(LogicalOf("long", "timestamp-micros"), Long(-1)),
            "1969-12-31 23:59:59.999999+00 timestamp[us, tz=UTC]");
  EXPECT_EQ(ReadOne(LogicalOf("long", "local-timestamp-micros"), Long(1)),
            "1970-01-01 00:00:00.000001 timestamp[us]");
  EXPECT_EQ(ReadOne(LogicalOf("string", "uuid"), Bytes("00000000-0000-0000-0000-000000000001")),
            "00000000-0000-0000-0000-000000000001 string");
}

TEST(AvroSource, ReadsDecimals) {
  const auto decimal = [](const std::string& of, int precision, int scale) {
    return R"({"type":)" + of + R"(,"logicalType":"decimal","precision":)" +
           std::to_string(precision) + R"(,"scale":)" + std::to_string(scale) + "}";
  };
  const std::string bytes = R"("bytes")";
  EXPECT_EQ(ReadOne(decimal(bytes, 9, 2), Bytes("\x05")), "0.05 decimal128(9, 2)");
  EXPECT_EQ(ReadOne(decimal(bytes, 9, 2), Bytes("\xFF\x7F")), "-1.29 decimal128(9, 2)");
  EXPECT_EQ(ReadOne(decimal(bytes, 9, 0), Bytes(std::string(40, '\0') + "\x07")),
            "7 decimal128(9, 0)");
  EXPECT_EQ(ReadOne(decimal(bytes, 9, 0), Bytes(std::string(40, '\xFF'))), "-1 decimal128(9, 0)");
  EXPECT_EQ(ReadOne(decimal(bytes, 9, 0), Bytes("")), "0 decimal128(9, 0)");
  EXPECT_EQ(ReadOne(decimal(bytes, 40, 1), Bytes("\x64")), "10.0 decimal256(40, 1)");
  EXPECT_EQ(ReadOne(R"({"type":"fixed","name":"f","size":4,"logicalType":"decimal","precision":9})",
                    std::string("\0\0\1\0", 4)),
            "256 decimal128(9, 0)");
  // Too many digits: of the type, and of what Arrow holds.
  EXPECT_EQ(ReadOne(decimal(bytes, 2, 0), Bytes("\x64")), "1:0:number.overflow");
  EXPECT_EQ(ReadOne(decimal(bytes, 38, 0), Bytes(std::string(17, '\x7F'))), "1:0:number.overflow");
  EXPECT_EQ(ReadOne(decimal(bytes, 38, 0), Bytes("\xFF" + std::string(16, '\x7F'))),
            "1:0:number.overflow");
}

TEST(AvroSource, ReadsUnionsWithNullInEitherOrder) {
  const std::string schema =
      RecordOf(R"({"name":"a","type":["null","long"]},{"name":"b","type":["string","null"]})");
  const ReadFile file =
      ReadBytes(AvroFile(schema, {{3, Long(0) + Long(1) + Long(1) + Long(7) + Long(0) + Bytes("") +
                                          Long(1) + Long(8) + Long(1)}}));
  EXPECT_EQ(file.values(), (std::vector<Values>{{kNull, kNull}, {"7", ""}, {"8", kNull}}));
}

TEST(AvroSource, ReadsNestedRecordsAndArrays) {
  const std::string schema = RecordOf(
      R"({"name":"list","type":["null",{"type":"array","items":{"type":"record","name":"i","fields":[
            {"name":"x","type":"int"},{"name":"deep","type":["null",{"type":"array","items":"string"}]}]}}]},
         {"name":"one","type":["null",{"type":"record","name":"o","fields":[{"name":"y","type":["null","int"]}]}]})");
  const std::string item = Long(4) + Long(1) + Long(2) + Bytes("p") + Bytes("q") + Long(0);
  const std::string content = Long(0) + Long(0) +                      // absent, null
                              Long(1) + Long(0) + Long(1) + Long(0) +  // empty, a record of null
                              Long(1) + Long(1) + item + Long(-1) + Long(item.size()) + item +
                              Long(0) + Long(0);
  const auto source = OpenBytes(AvroFile(schema, {{3, content}})).value();
  EXPECT_EQ(source->schema().field(0)->type()->ToString(),
            "list<item: struct<x: int32, deep: list<item: string>>>");
  const auto batch = source->Next().value();
  ASSERT_TRUE(batch->rows->ValidateFull().ok());
  const auto& lists = static_cast<const arrow::ListArray&>(*batch->rows->column(0));
  const auto& one = static_cast<const arrow::StructArray&>(*batch->rows->column(1));
  EXPECT_TRUE(lists.IsNull(0));
  EXPECT_FALSE(lists.IsNull(1));
  EXPECT_EQ(lists.value_length(1), 0);
  EXPECT_EQ(lists.value_length(2), 2);
  EXPECT_TRUE(one.IsNull(0));
  EXPECT_FALSE(one.IsNull(1));
  EXPECT_TRUE(one.field(0)->IsNull(1));
  const auto& items = static_cast<const arrow::StructArray&>(*lists.values());
  EXPECT_EQ(items.field(0)->ToString(), "[\n  4,\n  4\n]");
  EXPECT_EQ(items.field(1)->GetScalar(1).ValueOrDie()->ToString(), "list<item: string>[p, q]");
}

TEST(AvroSource, RefusesByNameWhatNoColumnHoldsWhereItIsWanted) {
  const std::pair<const char*, const char*> refused[] = {
      {R"({"type":"map","values":"int"})", "map"},
      {R"(["null","int","string"])", "union of null, int, string"},
      {R"(["null","r"])", "r within itself"},
      {R"({"type":"array","items":{"type":"array","items":"int"}})", "array of array"},
      {R"({"type":"array","items":"null"})", "array of null"},
      {R"({"type":"bytes","logicalType":"decimal","precision":77})", "decimal(77, 0)"}};
  for (const auto& [type, text] : refused) {
    const std::string schema = RecordOf(std::string(R"({"name":"plain","type":"int"},)") +
                                        R"({"name":"odd","type":)" + type + "}");
    const std::string bytes = AvroFile(schema, {});
    SourceOptions options;
    options.wanted = {"odd"};
    const auto wanted = OpenBytes(bytes, options);
    ASSERT_FALSE(wanted.ok()) << type;
    EXPECT_EQ(wanted.error().code(), code::avro_type);
    EXPECT_NE(Text(wanted.error(), Language::kEnglish).find(std::string("odd of ")),
              std::string::npos);
    EXPECT_NE(Text(wanted.error(), Language::kEnglish).find(text), std::string::npos) << type;
    // Named by nobody, it is refused when rows are asked for.
    const auto all = OpenBytes(bytes).value();
    EXPECT_EQ(all->Next().error().code(), code::avro_type);
    options.wanted = {"plain"};
    EXPECT_TRUE(OpenBytes(bytes, options).ok());
  }
}

TEST(AvroSource, SkipsWhateverIsNotWanted) {
  const std::string schema = RecordOf(R"(
      {"name":"map","type":{"type":"map","values":["null","string",{"type":"array","items":"r"}]}},
      {"name":"nothing","type":{"type":"array","items":"null"}},
      {"name":"plain","type":"int"},
      {"name":"text","type":"string"})");
  // The map of a record may hold records of its own.
  const std::string inner = Long(0) + Long(0) + Long(9) + Bytes("in");
  const std::string row = Long(2) + Bytes("k") + Long(0) + Bytes("l") + Long(2) + Long(1) + inner +
                          Long(0) + Long(0) + Long(1'000'000'000) + Long(0) + Long(5) +
                          Bytes("out");
  SourceOptions options;
  options.wanted = {"plain"};
  EXPECT_EQ(ReadBytes(AvroFile(schema, {{2, row + row}}), options).values(),
            (std::vector<Values>{{"5"}, {"5"}}));
}

TEST(AvroSource, ReadsEveryCodec) {
  const auto batch = MakeBatch({{"a", Texts({"x", kNull, std::string(100'000, 'y')})}});
  for (const std::string codec : {"null", "deflate", "snappy", "zstandard"}) {
    EXPECT_EQ(ReadBytes(AvroBytes(batch, codec, 2)).values(),
              (std::vector<Values>{{"x"}, {kNull}, {std::string(100'000, 'y')}}))
        << codec;
  }
  for (const std::string codec : {"bzip2", "xz", "lzma"}) {
    const auto source = OpenBytes(AvroHeader(RecordOf(""), codec));
    ASSERT_FALSE(source.ok());
    EXPECT_EQ(source.error().code(), code::avro_codec);
    EXPECT_NE(Text(source.error(), Language::kEnglish).find(codec), std::string::npos);
  }
}

// Files of blocks of three rows each, of one column of texts.
class DamagedAvro : public testing::TestWithParam<std::string> {
 protected:
  static std::string Schema() { return RecordOf(R"({"name":"c","type":"string"})"); }
  static TestBlock Rows(const std::string& name) {
    return {3, Bytes(name + "1") + Bytes(name + "2") + Bytes(name + "3")};
  }
  static std::string Block(const TestBlock& block) { return AvroBlockBytes(block, GetParam()); }
  static std::string Header() { return AvroHeader(Schema(), GetParam()); }
  static std::vector<Values> Values3(const std::string& name) {
    return {{name + "1"}, {name + "2"}, {name + "3"}};
  }
  static void ExpectLost(const std::string& damaged, const std::vector<std::string>& failures,
                         int64_t next_row) {
    for (const int32_t batch_rows : {1, 2, 3, 100}) {
      SourceOptions options;
      options.batch_rows = batch_rows;
      const ReadFile file =
          ReadBytes(Header() + Block(Rows("a")) + damaged + Block(Rows("z")), options);
      EXPECT_EQ(file.error, std::nullopt);
      EXPECT_EQ(file.failures(), failures);
      std::vector<Values> expected = Values3("a");
      for (const Values& row : Values3("z")) expected.push_back(row);
      EXPECT_EQ(file.values(), expected);
      ASSERT_EQ(file.rows.size(), 6U);
      EXPECT_EQ(file.rows[3].place.row, next_row);
    }
  }
};

const std::vector<std::string> kThreeDamaged = {"4:0:row.block_damaged", "5:0:row.block_damaged",
                                                "6:0:row.block_damaged"};

TEST_P(DamagedAvro, LosesOneBlockWhoseMarkerIsWrong) {
  std::string block = Block(Rows("m"));
  block[block.size() - 3] ^= 1;
  ExpectLost(block, kThreeDamaged, 7);
}

TEST_P(DamagedAvro, LosesOneBlockWhoseValuesAreWrong) {
  ExpectLost(Block({3, Bytes("m1") + Bytes("m2") + Long(100) + "m"}), kThreeDamaged, 7);
  ExpectLost(Block({3, Bytes("m1") + Bytes("m2") + Long(-5)}), kThreeDamaged, 7);
}

TEST_P(DamagedAvro, LosesOneBlockWhoseRowCountIsWrong) {
  ExpectLost(Block({2, Rows("m").second}), {"4:0:row.block_damaged", "5:0:row.block_damaged"}, 6);
  ExpectLost(Block({4, Rows("m").second}),
             {"4:0:row.block_damaged", "5:0:row.block_damaged", "6:0:row.block_damaged",
              "7:0:row.block_damaged"},
             8);
  ExpectLost(Block({0, Rows("m").second}), {"4:0:row.block_lost"}, 5);
  // Nobody believes that so few bytes hold so many rows.
  ExpectLost(Block({1'000'000'000, Rows("m").second}), {"4:0:row.block_lost"}, 5);
}

TEST_P(DamagedAvro, LosesOneBlockWhoseHeadIsWrong) {
  const std::string block = Block(Rows("m"));
  ExpectLost(std::string(11, '\xFF') + block, {"4:0:row.block_lost"}, 5);
  ExpectLost(Long(-3) + block.substr(1), {"4:0:row.block_lost"}, 5);
  ExpectLost(Long(3) + Long(1'000'000'000'000) + block.substr(2), {"4:0:row.block_lost"}, 5);
  ExpectLost(Long(3) + Long(1000) + block.substr(2), {"4:0:row.block_lost"}, 5);
}

TEST_P(DamagedAvro, SaysThatTheFileIsCut) {
  const std::string whole = Header() + Block(Rows("a")) + Block(Rows("z"));
  const size_t blocks = Header().size();
  const size_t second = blocks + Block(Rows("a")).size();
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto source = OpenBytes(whole.substr(0, size));
    if (size < blocks) {
      ASSERT_FALSE(source.ok()) << size;
      continue;
    }
    const ReadFile file = ReadRows(**source);
    if (size == blocks || size == second) {
      EXPECT_EQ(file.error, std::nullopt);
    } else {
      ASSERT_TRUE(file.error) << size;
      EXPECT_EQ(file.error->code(), code::file_truncated) << size;
    }
  }
}

TEST_P(DamagedAvro, GivesNoRowOfALargeBlockThatIsDamagedAtItsEnd) {
  TestBlock large;
  for (int i = 0; i < 1000; ++i) large.second += Bytes("row " + std::to_string(i));
  large = {1001, large.second + Long(77)};
  SourceOptions options;
  options.batch_rows = 10;
  const ReadFile file = ReadBytes(Header() + Block(large) + Block(Rows("z")), options);
  EXPECT_EQ(file.values(), Values3("z"));
  EXPECT_EQ(file.unreadable.size(), 1001U);
  EXPECT_EQ(file.rows[0].place.row, 1002);
}

INSTANTIATE_TEST_SUITE_P(Codecs, DamagedAvro,
                         testing::Values("null", "deflate", "snappy", "zstandard"),
                         [](const auto& codec) { return codec.param; });

TEST(AvroSource, ReadsDeflateWithTheRestOfAZlibStreamBehindIt) {
  const std::string schema = RecordOf(R"({"name":"c","type":"string"})");
  const std::string packed = AvroCodec::Create("deflate", "f").value().Compress(Bytes("x")).value();
  const auto file = [&](size_t rest) {
    return AvroHeader(schema, "deflate") + Long(1) + Bytes(packed + std::string(rest, '\x12')) +
           kTestMarker;
  };
  EXPECT_EQ(ReadBytes(file(3)).values(), (std::vector<Values>{{"x"}}));
  EXPECT_EQ(ReadBytes(file(5)).failures(), (std::vector<std::string>{"1:0:row.block_damaged"}));
}

TEST(AvroSource, NoticesEachFlippedBitOfCompressedContent) {
  TestBlock block;
  for (int i = 0; i < 100; ++i) block.second += Bytes("row " + std::to_string(i * 7919));
  block.first = 100;
  const std::string schema = RecordOf(R"({"name":"c","type":"string"})");
  const std::string bytes = AvroFile(schema, {block}, "snappy");
  const size_t begin = AvroHeader(schema, "snappy").size() + 4;
  for (size_t at = begin; at < bytes.size() - 16; ++at) {
    std::string flipped = bytes;
    flipped[at] ^= 0x10;
    const ReadFile file = ReadBytes(flipped);
    EXPECT_TRUE(file.rows.empty()) << at;
    EXPECT_FALSE(file.unreadable.empty() && !file.error) << at;
  }
}

TEST(AvroSource, FailsARowAloneWhereAValueCannotBeHeld) {
  const std::string schema = RecordOf(
      R"({"name":"id","type":"int"},{"name":"s","type":["null","string"]},{"name":"t","type":{"type":"int","logicalType":"time-millis"}},)"
      R"({"name":"l","type":{"type":"array","items":{"type":"record","name":"i","fields":[{"name":"x","type":"string"}]}}})");
  const auto row = [](int id, const std::string& s, int64_t t, const std::string& x) {
    return Long(id) + Long(1) + Bytes(s) + Long(t) + Long(1) + Bytes(x) + Long(0);
  };
  const ReadFile file = ReadBytes(AvroFile(
      schema, {{5, row(1, "a", 0, "") + row(2, "b\xFF", -1, "") + row(3, "c", 86'400'000, "") +
                       row(4, "d", 86'399'999, "\xC3") + row(5, "e", 5, "ok")}}));
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"2:0:text.encoding+type.time",
                                                       "3:0:type.time", "4:0:text.encoding"}));
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "b\\xFF");
  EXPECT_NE(file.unreadable[0].raw.find("id=2"), std::string::npos);
  EXPECT_EQ(file.unreadable[2].reasons[0].column, "l.x");
  ASSERT_EQ(file.rows.size(), 2U);
  EXPECT_EQ(file.rows[1].place.row, 5);
  EXPECT_EQ(file.rows[1].values[0], "5");
}

TEST(AvroSource, FailsARowAloneThatIsTooLong) {
  const std::string schema = RecordOf(
      R"({"name":"s","type":"string"},{"name":"l","type":{"type":"array","items":"boolean"}})");
  SourceOptions options;
  options.dialect.row_bytes_max = 100;
  const std::string none = Long(0);
  const ReadFile file = ReadBytes(
      AvroFile(schema, {{4, Bytes("a") + none + Bytes(std::string(101, 'x')) + none + Bytes("b") +
                                Long(60) + std::string(60, '\1') + none + Bytes("c") + none}}),
      options);
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"2:0:row.too_long", "3:0:row.too_long"}));
  EXPECT_EQ(file.rows.size(), 2U);
}

TEST(AvroSource, IsNotMovedByWhatALittleFileClaims) {
  const auto lost = [](const std::string& type, const std::string& content) {
    return ReadOne(type, content);
  };
  const std::string list = R"({"type":"array","items":"int"})";
  EXPECT_EQ(lost(list, Long(1'000'000'000'000)), "1:0:row.block_damaged");
  EXPECT_EQ(lost(list, Long(INT64_MIN) + Long(1)), "1:0:row.block_damaged");
  EXPECT_EQ(lost(R"("string")", Long(INT64_MAX)), "1:0:row.block_damaged");
  EXPECT_EQ(lost(R"("int")", Long(int64_t{1} << 40)), "1:0:row.block_damaged");
  EXPECT_EQ(lost(R"("boolean")", "\2"), "1:0:row.block_damaged");
  EXPECT_EQ(lost(R"(["null","int"])", Long(2)), "1:0:row.block_damaged");
  EXPECT_EQ(lost(R"({"type":"enum","name":"e","symbols":["A"]})", Long(1)),
            "1:0:row.block_damaged");
  // A billion rows without content.
  const ReadFile empty = ReadBytes(
      AvroFile(RecordOf(R"({"name":"n","type":"null"})"), {{1'000'000'000, ""}, {2, ""}}));
  EXPECT_EQ(empty.failures(), (std::vector<std::string>{"1:0:row.block_lost"}));
  EXPECT_EQ(empty.rows.size(), 2U);
}

TEST(AvroSource, LosesABlockThatDecompressesWithoutMeasure) {
  const std::string schema = RecordOf(R"({"name":"s","type":"string"})");
  const auto codec = AvroCodec::Create("zstandard", "f").value();
  const std::string frame = codec.Compress(std::string(32 << 20, 'x')).value();
  std::string bomb;
  for (int i = 0; i < 1000; ++i) bomb += frame;  // 32 GiB
  std::string block = Long(1) + Bytes(bomb) + kTestMarker;
  const ReadFile file = ReadBytes(AvroHeader(schema, "zstandard") + block +
                                  AvroBlockBytes({1, Bytes("y")}, "zstandard"));
  EXPECT_EQ(file.failures(), (std::vector<std::string>{"1:0:row.block_damaged"}));
  EXPECT_EQ(file.values(), (std::vector<Values>{{"y"}}));
}

TEST(AvroSource, SaysWhatIsWrongWithTheFileAsAWhole) {
  const auto code_of = [](const std::string& bytes) {
    const auto source = OpenBytes(bytes);
    return source.ok() ? "none" : source.error().code();
  };
  EXPECT_EQ(code_of(AvroHeader(R"("int")")), code::avro_no_record);
  EXPECT_EQ(code_of(AvroHeader("{")), code::avro_schema);
  EXPECT_EQ(code_of("id\n1\n"), code::avro_damaged);
  EXPECT_EQ(code_of(std::string("Obj\x01", 4) + Long(1'000'000'000)), code::avro_damaged);
  EXPECT_EQ(code_of(std::string("Obj\x01", 4) + Long(0) + kTestMarker), code::avro_schema);
  EXPECT_EQ(code_of("Obj\x01"), code::file_truncated);
}

TEST(AvroSource, IsFoundByItsFirstBytesEvenInGzip) {
  const TestFolder folder;
  const std::string bytes = AvroBytes(MakeBatch({{"a", Texts({"x"})}}), "deflate", 1);
  SourceOptions options;
  options.path = folder.Write("f.csv", Compressed(bytes, arrow::Compression::GZIP));
  const auto source = OpenSource(options).value();
  EXPECT_EQ(source->format().format, "avro");
  EXPECT_EQ(source->format().compression, "gzip");
  EXPECT_EQ(ReadRows(*source).values(), (std::vector<Values>{{"x"}}));
}

}  // namespace
}  // namespace eclusa
