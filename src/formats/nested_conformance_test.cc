// What every Source of nested data promises and every Sink of it keeps: the same table of values,
// written by a Sink and read by the Source of its format, in each spelling.
#include <gtest/gtest.h>

#include <functional>

#include "formats/nested_tables.h"
#include "formats/read_rows.h"
#include "formats/sink.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"

namespace eclusa {
namespace {

using Strings = std::vector<std::string>;

std::shared_ptr<arrow::DataType> TypeOfRows() {
  const auto text = [](const char* name) { return arrow::field(name, arrow::utf8()); };
  const auto email =
      arrow::struct_({text("email"), arrow::field("tags", arrow::list(arrow::utf8()))});
  const auto contact = arrow::struct_({text("nome"), arrow::field("emails", arrow::list(email))});
  const auto address =
      arrow::struct_({text("rua"), arrow::field("geo", arrow::struct_({text("lat")}))});
  return arrow::struct_({text("id"), arrow::field("ender", address),
                         arrow::field("contatos", arrow::list(contact)),
                         arrow::field("codigos", arrow::list(arrow::utf8())), text("nada")});
}

// Nulls at each level, empty lists, empty texts, and one of the extremes; `id` counts up.
Strings ExpectedRows() {
  const std::string many = [] {
    std::string items;
    for (int i = 0; i < 3000; ++i) items += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\"";
    return items;
  }();
  const Strings rests = {
      R"("ender":{"rua":"x","geo":{"lat":"1"}},"contatos":[{"nome":"a","emails":[{"email":"p","tags":["t","u"]},{"email":null,"tags":[]}]}],"codigos":["1",null,""],"nada":null})",
      R"("ender":null,"contatos":null,"codigos":null,"nada":null})",
      R"("ender":{"rua":null,"geo":null},"contatos":[],"codigos":[],"nada":null})",
      R"("ender":{"rua":"","geo":{"lat":null}},"contatos":[{"nome":null,"emails":null},null,{"nome":"","emails":[]},{"nome":"São \"x\"\n","emails":[null]}],"codigos":[null],"nada":null})",
      R"("ender":null,"contatos":null,"codigos":[)" + many + R"(],"nada":null})",
  };
  Strings rows;
  for (size_t i = 0; i < 500; ++i) {
    // Few of the long ones.
    const size_t rest = i % 5 == 4 && i % 50 != 4 ? 0 : i % 5;
    rows.push_back("{\"id\":\"" + std::to_string(i) + "\"," + rests[rest]);
  }
  return rows;
}

std::shared_ptr<arrow::RecordBatch> ExpectedBatch() {
  std::string json;
  for (const std::string& row : ExpectedRows()) json += (json.empty() ? "[" : ",") + row;
  const auto rows = FromJson(TypeOfRows(), json + "]");
  return arrow::RecordBatch::FromStructArray(rows).ValueOrDie();
}

std::string Written(const std::string& format) {
  const TestFolder folder;
  const auto batch = ExpectedBatch();
  SinkOptions options{.path = folder.At("f"), .format = format, .schema = batch->schema()};
  auto sink = CreateSink(options).value();
  // In pieces, as batches come.
  for (int64_t row = 0; row < batch->num_rows(); row += 70) {
    CHECK(sink->Append(*batch->Slice(row, 70)).ok());
  }
  CHECK(std::move(*sink).Finish().ok());
  return folder.Read("f");
}

struct Spelling {
  std::string name;
  std::function<std::string()> bytes;
};

std::vector<Spelling> Spellings() {
  return {
      {"JsonLines", [] { return Written("jsonl"); }},
      {"JsonArray", [] { return Written("json"); }},
      {"JsonEnvelope", [] { return "{\"next\": null, \"result\": " + Written("json") + "}"; }},
      {"JsonLinesGzip", [] { return Compressed(Written("jsonl"), arrow::Compression::GZIP); }},
      {"JsonArrayZstd", [] { return Compressed(Written("json"), arrow::Compression::ZSTD); }},
      {"Parquet", [] { return Written("parquet"); }},
      {"ParquetOfManyRowGroups", [] { return ParquetBytes(ExpectedBatch(), 7); }},
  };
}

class NestedConformance : public testing::TestWithParam<Spelling> {
 protected:
  std::unique_ptr<Source> Open(SourceOptions options = {}) {
    options.path = path_;
    return OpenSource(options).value();
  }
  // Each row as one JSON object.
  static Strings RowsOf(Source& source) {
    Strings rows;
    while (const auto batch = source.Next().value()) {
      EXPECT_TRUE(batch->rows->ValidateFull().ok());
      EXPECT_TRUE(batch->rows->schema()->Equals(source.schema()));
      EXPECT_TRUE(batch->unreadable.empty());
      const auto objects = batch->rows->ToStructArray().ValueOrDie();
      for (int64_t row = 0; row < batch->row_count(); ++row) {
        EXPECT_EQ(batch->PlaceOf(row).row, static_cast<int64_t>(rows.size()) + 1);
        AppendJson(*objects, row, rows.emplace_back());
      }
    }
    return rows;
  }

  TestFolder folder_;
  std::string path_ = folder_.Write("data", GetParam().bytes());
};

Strings Expected() {
  Strings rows = ExpectedRows();
  for (std::string& row : rows) {
    for (size_t at; (at = row.find('\n')) != std::string::npos;) row.replace(at, 1, "\\u000a");
    for (size_t at; (at = row.find("\\n")) != std::string::npos;) row.replace(at, 2, "\\u000a");
  }
  return rows;
}

TEST_P(NestedConformance, GivesEveryRowAsItWasWrittenInBatchesOfAnySize) {
  for (const int32_t batch_rows : {1, 3, 100, 8192}) {
    SourceOptions options;
    options.batch_rows = batch_rows;
    EXPECT_EQ(RowsOf(*Open(options)), Expected()) << batch_rows;
  }
}

TEST_P(NestedConformance, ReadsOnlyWhatIsWanted) {
  SourceOptions options;
  options.wanted = {"contatos", "id"};
  const auto source = Open(options);
  EXPECT_EQ(source->schema().field_names(), (Strings{"id", "contatos"}));
  EXPECT_EQ(source->schema().field(1)->type()->ToString(),
            "list<item: struct<nome: string, emails: list<item: struct<email: string, tags: "
            "list<item: string>>>>>");
  EXPECT_EQ(RowsOf(*source).size(), 500U);
}

INSTANTIATE_TEST_SUITE_P(Formats, NestedConformance, testing::ValuesIn(Spellings()),
                         [](const auto& spelling) { return spelling.param.name; });

}  // namespace
}  // namespace eclusa
