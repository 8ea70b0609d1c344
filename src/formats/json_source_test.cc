#include "formats/json_source.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <random>

#include "formats/json_layout.h"
#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Strings = std::vector<std::string>;
class JsonSourceTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Source>> Open(const std::string& bytes, const SourceOptions& options = {},
                                       const std::string& name = "f.json") {
    SourceOptions with_path = options;
    with_path.path = folder_.Write(name, bytes);
    return OpenSource(with_path);
  }
  ReadFile Read(const std::string& bytes, const SourceOptions& options = {}) {
    source_ = Open(bytes, options).value();
    return ReadRows(*source_);
  }
  std::string LayoutOf(const std::string& bytes, const SourceOptions& options = {}) {
    return Open(bytes, options).value()->format().layout;
  }
  // "code at byte" of the only row that could not be read.
  std::string FaultOf(const std::string& bytes) {
    const ReadFile file = Read(bytes);
    if (file.unreadable.size() != 1) return std::to_string(file.unreadable.size()) + " rows failed";
    const Reason& reason = file.unreadable[0].reasons.at(0);
    for (const auto& [name, value] : reason.arguments) {
      if (name == "at") return reason.code + " " + value;
    }
    return reason.code;
  }
  // All rows as JSON, columns in order.
  Strings Rows(const std::string& bytes, const SourceOptions& options = {}) {
    Strings rows;
    for (const ReadRow& row : Read(bytes, options).rows) {
      std::string& text = rows.emplace_back();
      for (const auto& value : row.values) {
        if (!text.empty()) text += "|";
        text += value.value_or("null");
      }
    }
    return rows;
  }

  TestFolder folder_;
  std::unique_ptr<Source> source_;
};

TEST_F(JsonSourceTest, TellsHowDocumentsStandInTheFile) {
  EXPECT_EQ(LayoutOf("{\"a\":1}\n{\"a\":2}\n"), "ndjson");
  EXPECT_EQ(LayoutOf("{\"a\":1}\nrubbish\n"), "ndjson");
  EXPECT_EQ(LayoutOf("{\"a\":1,\n{\"a\":2}\n"), "ndjson");
  EXPECT_EQ(LayoutOf(" [ {\"a\":1} ] "), "array");
  EXPECT_EQ(LayoutOf("{\"result\":[{\"a\":1}]}"), "envelope");
  EXPECT_EQ(LayoutOf("{\"next\":null,\"result\":[{\"a\":1}],\"prev\":\"x\"}"), "envelope");
  EXPECT_EQ(LayoutOf("{\"result\":[]}"), "envelope");
  EXPECT_EQ(LayoutOf("{\"a\":1,\"list\":[{\"b\":1}]}"), "documents");
  EXPECT_EQ(LayoutOf("{\"next\":[{\"b\":1}],\"list\":[{\"b\":1}]}"), "documents");
  EXPECT_EQ(LayoutOf("{\"tags\":[1,2]}"), "documents");
  EXPECT_EQ(LayoutOf("{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n"), "documents");
  EXPECT_EQ(LayoutOf("{\"a\":1}{\"a\":2}"), "documents");
}

TEST_F(JsonSourceTest, FindsTheListOfAnEnvelopeByWhatIsExpected) {
  SourceOptions options;
  options.expected = {{.name = "ID", .always = false}};
  const std::string envelope = "{\"status\":\"ok\",\"data\":[{\"id\":1}]}";
  EXPECT_EQ(LayoutOf(envelope), "documents");
  EXPECT_EQ(LayoutOf(envelope, options), "envelope");
  EXPECT_EQ(LayoutOf("{\"id\":1,\"contatos\":[{\"id\":2}]}", options), "documents");
}

TEST_F(JsonSourceTest, FollowsAPointerAndGoesOnBehindTheList) {
  SourceOptions options;
  options.dialect.pointer = "/a~1b/x~0";
  const std::string text =
      "{\"n\":[{\"id\":9}],\"a/b\":{\"y\":1,\"x~\":[{\"id\":1},\n {\"id\":2}],\"z\":[{}]},\"q\":2}";
  EXPECT_EQ(Rows(text, options), (Strings{"1", "2"}));
  EXPECT_EQ(source_->format().layout, "envelope");
  options.dialect.pointer = "/nothing";
  EXPECT_EQ(Open(text, options).error().code(), code::json_pointer);
  options.dialect.pointer = "/n/0";
  EXPECT_EQ(Open(text, options).error().code(), code::json_pointer);
  options.dialect.pointer = "wrong";
  EXPECT_EQ(Open(text, options).error().code(), code::json_pointer);
  // A failures file of such an input has no envelope.
  EXPECT_EQ(Rows("{\"id\":1}\n{\"id\":2}\n", options), (Strings{"1", "2"}));
  EXPECT_EQ(Rows("[{\"id\":1}]", options), (Strings{"1"}));
}

TEST_F(JsonSourceTest, GivesScalarsAsTheyAreWritten) {
  EXPECT_EQ(
      Rows("{\"a\":\"x\",\"b\":1.50,\"c\":true,\"d\":null,\"e\":\"\"}\n"
           "{\"b\":123456789012345678901234567890.10,\"a\":-0,\"e\":1e400,\"c\":false}\n"),
      (Strings{"x|1.50|true|null|", "-0|123456789012345678901234567890.10|false|null|1e400"}));
}

TEST_F(JsonSourceTest, UndoesEscapes) {
  EXPECT_EQ(Rows("{\"\\u0061\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e3\\u20AC\\ud83d\\ude00 plain text "
                 "behind it\"}\n{\"a\":\"S\xC3\xA3o\"}\n"),
            (Strings{"\"\\/\b\f\n\r\t\xC3\xA3\xE2\x82\xAC\xF0\x9F\x98\x80 plain text behind it",
                     "S\xC3\xA3o"}));
  // The checker's business.
  EXPECT_EQ(Rows("{\"a\":\"\\u0000\"}\n{}\n"), (Strings{std::string(1, '\0'), "null"}));
}

TEST_F(JsonSourceTest, GivesNestedColumns) {
  const std::string text =
      "{\"id\":1,\"ender\":{\"rua\":\"x\",\"uf\":null},\"contatos\":[{\"nome\":\"a\",\"emails\":"
      "[\"p\",\"q\"]},null,{}],\"tags\":[1,\"2\",null]}\n"
      "{\"id\":2,\"contatos\":[],\"tags\":null}\n"
      "{\"id\":3,\"ender\":null,\"tags\":[]}\n";
  EXPECT_EQ(
      Rows(text),
      (Strings{"1|{\"rua\":\"x\",\"uf\":null}|[{\"nome\":\"a\",\"emails\":[\"p\",\"q\"]},null,"
               "{\"nome\":null,\"emails\":null}]|{\"1\",\"2\",NULL}",
               "2|null|[]|null", "3|null|null|{}"}));
  EXPECT_EQ(source_->schema().field(2)->type()->ToString(),
            "list<item: struct<nome: string, emails: list<item: string>>>");
}

TEST_F(JsonSourceTest, GivesTheTextOfWhatIsOfSeveralKinds) {
  EXPECT_EQ(Rows("{\"a\":1}\n{\"a\":{\"b\": [1, 2]}}\n{\"a\":[ ]}\n"),
            (Strings{"1", "{\"b\": [1, 2]}", "[ ]"}));
  EXPECT_EQ(Rows("{\"a\":[1,{\"b\":2}]}\n{\"a\":[[1]]}\n"), (Strings{"[1,{\"b\":2}]", "[[1]]"}));
  SourceOptions options;
  options.expected = {{.name = "A", .always = false}};
  EXPECT_EQ(Rows("{\"a\":{\"b\":1}}\n", options), (Strings{"{\"b\":1}"}));
}

TEST_F(JsonSourceTest, GivesAnyValueAsJsonWhereThatIsExpected) {
  SourceOptions options;
  options.expected = {{.name = "a", .kind = ShapeKind::kJson, .always = false}};
  EXPECT_EQ(
      Rows("{\"a\":\"12\\u0041\"}\n{\"a\":null}\n{\"a\":{\"b\" :1}}\n{\"a\":true}\n", options),
      (Strings{"\"12\\u0041\"", "null", "{\"b\" :1}", "true"}));
}

TEST_F(JsonSourceTest, LeavesADeepListAsItsText) {
  EXPECT_EQ(Rows("{\"id\":1,\"a\":[{\"b\":[{\"c\":[{\"d\":[{\"e\":1}]}]}]}]}"),
            (Strings{"1|[{\"b\":[{\"c\":[{\"d\":\"[{\\\"e\\\":1}]\"}]}]}]"}));
}

TEST_F(JsonSourceTest, FailsARowWhoseFieldIsOfAnotherKindThanInTheHead) {
  std::string text;
  while (text.size() <= kJsonHeadBytes) text += "{\"id\":1,\"a\":{\"b\":[{\"c\":1}]}}\n";
  const ReadFile file =
      Read(text + "{\"id\":2,\"a\":5}\n{\"id\":3,\"a\":{\"b\":[1]}}\n{\"id\":4}\n");
  ASSERT_EQ(file.unreadable.size(), 2U);
  EXPECT_EQ(file.unreadable[0].reasons[0].code, code::json_kind);
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "a");
  EXPECT_EQ(file.unreadable[1].reasons[0].column, "a.b");
  EXPECT_EQ(file.unreadable[0].raw, "{\"id\":2,\"a\":5}");
  EXPECT_EQ(file.rows.back().values, (Values{"4", kNull}));
}

TEST_F(JsonSourceTest, TellsFieldsThatCameTooLate) {
  std::string text;
  while (text.size() <= kJsonHeadBytes) text += "{\"id\":1,\"a\":{\"b\":1}}\n";
  text +=
      "{\"id\":2,\"late\":3,\"a\":{\"c\":1}}\n{\"id\":3,\"EXPECTED\":null}\n"
      "{\"id\":4,\"Expected\":4}\n{\"id\":5,\"always\":5}\n";
  SourceOptions options;
  options.expected = {{.name = "expected", .always = false}, {.name = "always"}};
  const ReadFile file = Read(text, options);
  EXPECT_EQ(source_->PassedOver(), (Strings{"a.c", "late"}));
  ASSERT_EQ(file.unreadable.size(), 1U);
  EXPECT_EQ(file.unreadable[0].reasons[0].code, code::json_late_field);
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "Expected");
  EXPECT_EQ(file.rows.back().values, (Values{"5", kNull, "5"}));
}

TEST_F(JsonSourceTest, LetsABrokenLineNotSpeakOfTheNextOne) {
  EXPECT_EQ(Rows("{\"a\":1}\n\n{\"a\":2,\"b\":\n{\"c\":3}\n"),
            (Strings{"1|null|null", "null|null|3"}));
  EXPECT_EQ(source_->schema().ToString(), "a: string\nb: string\nc: string");
}

TEST_F(JsonSourceTest, AddsFieldsThatAreAlwaysWanted) {
  SourceOptions options;
  options.expected = {{.name = "x"},
                      {.name = "list",
                       .kind = ShapeKind::kObjects,
                       .children = {{.name = "n"}, {.name = "m", .always = false}}},
                      {.name = "hint", .always = false}};
  EXPECT_EQ(Rows("{\"id\":1}\n{\"id\":2}\n", options), (Strings{"1|null|null", "2|null|null"}));
  EXPECT_EQ(source_->schema().ToString(),
            "id: string\nx: string\nlist: list<item: struct<n: string>>");
}

TEST_F(JsonSourceTest, SaysWhatIsWrongWithADocumentAndWhere) {
  const std::string good = "{\"a\":1}\n";
  EXPECT_EQ(FaultOf(good + "{\"a\":1,\"a\":2}\n"), "json.duplicate_key 19");
  EXPECT_EQ(FaultOf(good + "{\"b\":{\"x\":1,\"x\":2}}\n"), "json.duplicate_key 24");
  EXPECT_EQ(FaultOf(good + "{\"a\":1,}\n"), "json.trailing_comma 14");
  EXPECT_EQ(FaultOf(good + "{\"a\":[1,]}\n"), "json.trailing_comma 15");
  EXPECT_EQ(FaultOf(good + "{\"a\":NaN}\n"), "json.literal 13");
  EXPECT_EQ(FaultOf(good + "{\"a\":-Infinity}\n"), "json.literal 13");
  EXPECT_EQ(FaultOf(good + "{\"a\":01}\n"), "json.literal 13");
  EXPECT_EQ(FaultOf(good + "{\"a\":1.}\n"), "json.literal 13");
  EXPECT_EQ(FaultOf(good + "{\"a\":+1}\n"), "json.literal 13");
  EXPECT_EQ(FaultOf(good + "{\"a\":'x'}\n"), "json.malformed 13");
  EXPECT_EQ(FaultOf(good + "{\"a\" 1}\n"), "json.malformed 13");
  EXPECT_EQ(FaultOf(good + "{a:1}\n"), "json.malformed 9");
  EXPECT_EQ(FaultOf(good + "{\"a\":1} x\n"), "json.malformed 16");
  EXPECT_EQ(FaultOf(good + "[1]\n"), "json.not_object 8");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"\\x\"}\n"), "json.escape 14");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"\\u12g4\"}\n"), "json.escape 14");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"\\ud83d\"}\n"), "json.surrogate 14");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"\\ude00\\ud83d\"}\n"), "json.surrogate 14");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"x\ty\"}\n"), "json.control_character 15");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"x\n"), "json.truncated 15");
  EXPECT_EQ(FaultOf(good + "{\"a\":tru\n"), "json.truncated 16");
  EXPECT_EQ(FaultOf(good + "{\"a\":{\"b\":2}"), "json.truncated 20");
  EXPECT_EQ(FaultOf(good + "{\"a\":" + std::string(2000, '[') + "\n"), "json.depth 1013");
  EXPECT_EQ(FaultOf(good + "{\"a\":\"\xFF\"}\n"), "text.encoding");
}

TEST_F(JsonSourceTest, NamesTheMemberThatIsNotUtf8) {
  const ReadFile file = Read("{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":\"S\xE3o\"}\n{\"a\":3,\"b\":4}\n");
  ASSERT_EQ(file.unreadable.size(), 1U);
  EXPECT_EQ(file.unreadable[0].reasons[0].column, "b");
  EXPECT_EQ(file.unreadable[0].reasons[0].value, "\"S\\xE3o\"");
  EXPECT_EQ(file.unreadable[0].raw, "{\"a\":1,\"b\":\"S\xE3o\"}");
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1", "2"}, {"3", "4"}}));
}

TEST_F(JsonSourceTest, GoesOnInAnArrayWhereADocumentEnds) {
  const ReadFile file = Read(
      "[{\"a\":1},\n{\"a\":x},\n{\"a\":\"}\",\"a\":1}, 5, \"x,y\", {\"a\":2} {\"a\":3}, "
      "{\"a\":4},]");
  EXPECT_EQ(file.failures(),
            (Strings{"2:2:json.literal", "3:3:json.duplicate_key", "4:3:json.not_object",
                     "5:3:json.not_object", "7:3:json.malformed", "9:3:json.trailing_comma"}));
  EXPECT_EQ(file.values(), (std::vector<Values>{{"1"}, {"2"}, {"4"}}));
  EXPECT_EQ(file.unreadable[1].raw, "{\"a\":\"}\",\"a\":1}");
  EXPECT_EQ(file.rows[1].place.byte_offset, 46);
}

TEST_F(JsonSourceTest, FailsTheRestOfAnArrayWhereNoEndCanBeFound) {
  const ReadFile file = Read("[{\"a\":1},{\"a\":\"x},{\"a\":2},{\"a\":3}]");
  EXPECT_EQ(file.failures(), (Strings{"2:1:json.malformed+json.rest_unreadable"}));
  EXPECT_EQ(Read("[{\"a\":1},{\"a\":[1}},{\"a\":3}]").failures(), (Strings{"2:1:json.malformed"}));
  EXPECT_EQ(Read("[{\"a\":1}").failures(), (Strings{"2:1:json.truncated"}));
  EXPECT_EQ(Read("[{\"a\":1},{\"a\"").failures(),
            (Strings{"2:1:json.truncated+json.rest_unreadable"}));
  EXPECT_EQ(Read("[{\"a\":1}] {}").failures(),
            (Strings{"2:1:json.malformed+json.rest_unreadable"}));
  EXPECT_EQ(Read("{\"result\":[{\"a\":1}]").failures(), (Strings{"2:1:json.truncated"}));
}

TEST_F(JsonSourceTest, FailsDocumentsThatAreTooLong) {
  SourceOptions options;
  options.dialect.row_bytes_max = 20;
  const std::string wide = "{\"a\":\"" + std::string(100, 'x') + "\"}";
  for (const std::string& text :
       {"{\"a\":1}\n" + wide + "\n{\"a\":2}\n", "[{\"a\":1},\n" + wide + ",{\"a\":2}]"}) {
    const ReadFile file = Read(text, options);
    EXPECT_EQ(file.failures(), (Strings{"2:2:row.too_long"}));
    EXPECT_EQ(file.unreadable[0].raw, wide.substr(0, 20));
    EXPECT_EQ(file.values(), (std::vector<Values>{{"1"}, {"2"}}));
  }
}

TEST_F(JsonSourceTest, KeepsDocumentsAsTheyCame) {
  SourceOptions options;
  options.keep_documents = true;
  options.wanted = {"a"};
  EXPECT_EQ(Rows("[{\"a\" : 1, \"b\":\n2},{\"b\":3}]", options),
            (Strings{"1|{\"a\" : 1, \"b\":\n2}", "null|{\"b\":3}"}));
  EXPECT_EQ(source_->schema().field_names(), (Strings{"a", "_eclusa_document"}));
}

TEST_F(JsonSourceTest, IsRecognisedByWhatItHolds) {
  const auto format = [&](const std::string& bytes, const std::string& name) {
    return Open(bytes, {}, name).value()->format().format;
  };
  EXPECT_EQ(format("\xEF\xBB\xBF \n{\"a\":1}", "f.txt"), "json");
  EXPECT_EQ(format("[\n{\"a\":1}]", "f"), "json");
  EXPECT_EQ(format("[id],[name]\n1,2\n", "f.csv"), "csv");
  EXPECT_EQ(format("{x}\n1\n", "f.csv"), "csv");
  EXPECT_EQ(format("", "f.jsonl"), "json");
  EXPECT_EQ(Read("").rows.size(), 0U);
}

TEST_F(JsonSourceTest, ReadsManyFieldsThatNobodyExpected) {
  std::string text = "{\"a\":1}\n";
  while (text.size() <= kJsonHeadBytes) text += "{\"a\":1}\n";
  text += "{";
  for (int i = 0; i < 3000; ++i) text += "\"k" + std::to_string(i) + "\":1,";
  const ReadFile file = Read(text + "\"a\":2}\n" + "{\"k2999\":1,\"k2999\":2}\n{\"a\":3}\n");
  EXPECT_EQ(source_->PassedOver().size(), 1000U);
  ASSERT_EQ(file.unreadable.size(), 1U);
  EXPECT_EQ(file.unreadable[0].reasons[0].code, code::json_duplicate_key);
  EXPECT_EQ(file.rows.back().values, (Values{"3"}));
}

// A file in which something was changed, cut or doubled.
std::string Mutated(std::string text, std::mt19937& dice) {
  constexpr std::string_view kBytes("{}[]\",:\\ \n0eu\xFF\0t-", 17);
  const auto below = [&](size_t limit) { return dice() % limit; };
  for (size_t i = 0; i <= below(3); ++i) {
    const size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = kBytes[below(kBytes.size())];
        break;
      case 1:
        text.insert(at, 1, kBytes[below(kBytes.size())]);
        break;
      case 2:
        text.insert(at, text.substr(below(text.size()), below(40)));
        break;
      default:
        text.erase(at, 1 + below(30));
        if (text.empty()) text = "{";
    }
  }
  return text;
}

TEST_F(JsonSourceTest, GivesEachRowOfABrokenFileAnOutcome) {
  const std::string texts[] = {
      "{\"a\":1,\"b\":{\"c\":[{\"d\":\"x\\u0041\"}]}}\n{\"a\":\"S\xC3\xA3o\"}\n{\"b\":null,\"e\":["
      "1,2]}\n",
      "[{\"a\":1,\"b\":{\"c\":[]}},\n {\"a\":2.5e3},{\"b\":{\"c\":[{\"d\":null}]},\"a\":true}]",
      "{\"next\":null,\"result\":[{\"a\":1},{\"a\":\"\\ud83d\\ude00\"}],\"count\":2}",
  };
  std::mt19937 dice(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = Mutated(texts[i % 3], dice);
    SourceOptions options;
    options.path = "f";
    options.keep_documents = i % 2 == 0;
    const auto source = OpenJson(OpenMemoryInput(text, "f").value(), options).value();
    int64_t rows = 0;
    while (const auto batch = source->Next().value()) {
      ASSERT_TRUE(batch->rows->ValidateFull().ok()) << text;
      rows += batch->row_count() + static_cast<int64_t>(batch->unreadable.size());
      for (const UnreadableRow& row : batch->unreadable) {
        ASSERT_FALSE(row.reasons.empty()) << text;
        ASSERT_LE(row.place.row, rows) << text;
      }
      if (batch->row_count() > 0) {
        ASSERT_LE(batch->PlaceOf(batch->row_count() - 1).row, rows) << text;
      }
    }
    ASSERT_GE(rows, text.find('{') == std::string::npos ? 0 : 1) << text;
  }
}

TEST_F(JsonSourceTest, HoldsNoMoreThanABatchAndTheLongestDocument) {
  // One string, longer than any document may be; not so even that it would be taken for a bomb.
  std::mt19937 random(7);
  std::string block(1 << 20, ' ');
  for (char& c : block) c = static_cast<char>('a' + random() % 26);
  std::string packed = Compressed("[{\"a\":\"", arrow::Compression::GZIP);
  const std::string member = Compressed(block, arrow::Compression::GZIP);
  for (int i = 0; i < 40; ++i) packed += member;
  const ReadFile file = Read(packed);
  EXPECT_EQ(file.failures(), (Strings{"1:1:row.too_long+json.rest_unreadable"}));
  EXPECT_EQ(file.unreadable[0].raw.size(), size_t{64} << 10);
}

}  // namespace
}  // namespace eclusa
