#include "formats/json_late.h"

#include <arrow/type.h>
#include <gtest/gtest.h>

#include "formats/json_layout.h"
#include "formats/read_rows.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// Fields that a caller knows by name.
std::vector<FieldShape> Known(const std::vector<std::string>& names) {
  std::vector<FieldShape> fields;
  for (const std::string& name : names) fields.push_back({.name = name, .always = false});
  return fields;
}

class MarkLateFieldsTest : public testing::Test {
 protected:
  // Of a file of lines: as many documents with an id as fill its head, then `last`.
  std::string ColumnsWith(const std::string& last, std::vector<FieldShape> expected) {
    std::string text;
    while (text.size() < kJsonHeadBytes + 100) text += "{\"id\":1,\"note\":\"" + note_ + "\"}\n";
    options_ = {};
    options_.path = folder_.Write("f.json", text + last + "\n");
    options_.expected = std::move(expected);
    auto source = OpenSource(options_).value();
    looked_again_ = MarkLateFields(*source, stop_.get_token(), &options_).value();
    source = OpenSource(options_).value();
    std::string columns = source->schema().ToString();
    std::ranges::replace(columns, '\n', ' ');
    failures_ = ReadRows(*source).failures();
    passed_over_ = source->PassedOver();
    return columns;
  }

  TestFolder folder_;
  std::stop_source stop_;
  std::string note_ = std::string(100, 'x');
  SourceOptions options_;
  bool looked_again_ = false;
  std::vector<std::string> failures_;
  std::vector<std::string> passed_over_;
};

TEST_F(MarkLateFieldsTest, MakesColumnsOfWhatIsKnownAndLeavesTheRest) {
  EXPECT_EQ(ColumnsWith(R"({"id":2,"price":1,"colour":"red"})", Known({"price", "size"})),
            "id: string note: string price: string");
  EXPECT_TRUE(looked_again_);
  EXPECT_EQ(failures_, std::vector<std::string>{});
  EXPECT_EQ(passed_over_, std::vector<std::string>{"colour"});
}

TEST_F(MarkLateFieldsTest, LooksOnceWhereNoNameIsThere) {
  note_ = "price, \\\"price\\\", pri\\u0063e, \xC3\xA9";
  EXPECT_EQ(ColumnsWith(R"({"id":2,"note":"price","colour":"red"})", Known({"price"})),
            "id: string note: string");
  EXPECT_FALSE(looked_again_);
}

TEST_F(MarkLateFieldsTest, FindsNamesInAnyCaseAndSpelling) {
  EXPECT_EQ(ColumnsWith("{\"id\":2,\"PRICE\" \t :1}", Known({"price"})),
            "id: string note: string PRICE: string");
  EXPECT_EQ(ColumnsWith(R"({"id":2,"pr\u0069ce":1})", Known({"price"})),
            "id: string note: string price: string");
  EXPECT_EQ(ColumnsWith(R"({"id":2,"\u0070rice":1})", Known({"price"})),
            "id: string note: string price: string");
  // Known by two names, of which the file has one.
  EXPECT_EQ(ColumnsWith(R"({"id":2,"price":1})", Known({"price", "Price", "price"})),
            "id: string note: string price: string");
}

TEST_F(MarkLateFieldsTest, FindsWhatNests) {
  std::vector<FieldShape> expected = Known({"id"});
  expected.push_back({.name = "address",
                      .kind = ShapeKind::kObject,
                      .always = false,
                      .children = Known({"city", "street"})});
  expected.push_back({.name = "contacts",
                      .kind = ShapeKind::kObjects,
                      .always = false,
                      .children = Known({"name", "phone"})});
  EXPECT_EQ(
      ColumnsWith(R"({"id":2,"address":{"city":"x"},"contacts":[{"name":"y","age":3}]})", expected),
      "id: string note: string address: struct<city: string> "
      "contacts: list<item: struct<name: string>>");
  EXPECT_EQ(failures_, std::vector<std::string>{});
  EXPECT_EQ(ColumnsWith(R"({"id":2,"address":{},"contacts":[]})", expected),
            "id: string note: string address: string contacts: string");
  EXPECT_EQ(failures_, std::vector<std::string>{});
}

TEST_F(MarkLateFieldsTest, FindsANameThatABlockCutsInTwo) {
  // The name moves byte by byte over the end of what is read at once.
  constexpr size_t kBlockEnd = 8 * (256 << 10);
  for (size_t before = 0; before < 24; ++before) {
    const std::string last = R"({"id":2,"price" : 1})";
    std::string text;
    while (text.size() < kBlockEnd - 400) text += "{\"id\":1,\"note\":\"" + note_ + "\"}\n";
    const std::string begin = "{\"id\":1,\"note\":\"";
    const size_t fill = kBlockEnd - before - begin.size() - 3 - text.size();
    options_ = {};
    options_.path =
        folder_.Write("cut.json", text + begin + std::string(fill, 'x') + "\"}\n" + last + "\n");
    options_.expected = Known({"price"});
    const auto source = OpenSource(options_).value();
    EXPECT_TRUE(MarkLateFields(*source, {}, &options_).value()) << before;
  }
}

TEST_F(MarkLateFieldsTest, StopsWhereItIsAskedTo) {
  options_.path = folder_.Write("f.json", "{\"id\":1}\n");
  options_.expected = Known({"price"});
  const auto source = OpenSource(options_).value();
  stop_.request_stop();
  EXPECT_EQ(MarkLateFields(*source, stop_.get_token(), &options_).error().code(),
            code::load_cancelled);
}

}  // namespace
}  // namespace eclusa
