#include "formats/json_texts.h"

#include <gtest/gtest.h>

#include "formats/read_rows.h"
#include "formats/test_tables.h"
#include "formats/value_text.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string JsonOf(const arrow::Array& array) {
  std::string text;
  for (int64_t row = 0; row < array.length(); ++row) {
    if (row > 0) text += ' ';
    AppendJson(array, row, text);
  }
  return text;
}

TEST(JsonTexts, BecomeTheirValues) {
  const FieldShape shape{.name = "contatos",
                         .kind = ShapeKind::kObjects,
                         .children = {{.name = "id"}, {.name = "nome"}}};
  const auto texts = Texts(
      {"[{\"id\":1,\"nome\":\"a\"},{\"id\":2}]", kNull, " [ ] ", "null", "[{\"id\":3,\"x\":4}]"});
  std::vector<JsonTextFault> faults;
  const auto array =
      JsonTextsToArray(static_cast<const arrow::StringArray&>(*texts), shape, &faults).ValueOrDie();
  EXPECT_TRUE(faults.empty());
  EXPECT_TRUE(array->ValidateFull().ok());
  EXPECT_TRUE(array->type()->Equals(TypeOf(shape)));
  EXPECT_EQ(JsonOf(*array),
            "[{\"id\":\"1\",\"nome\":\"a\"},{\"id\":\"2\",\"nome\":null}] null [] null "
            "[{\"id\":\"3\",\"nome\":null}]");
}

TEST(JsonTexts, FailOneByOne) {
  const FieldShape shape{.name = "c", .kind = ShapeKind::kObject, .children = {{.name = "id"}}};
  const auto texts = Texts({"{\"id\":1}", "{\"id\":1", "{} x", "5", "", "{\"id\":2}"});
  std::vector<JsonTextFault> faults;
  const auto array =
      JsonTextsToArray(static_cast<const arrow::StringArray&>(*texts), shape, &faults).ValueOrDie();
  EXPECT_EQ(JsonOf(*array), "{\"id\":\"1\"} null null null null {\"id\":\"2\"}");
  ASSERT_EQ(faults.size(), 4U);
  EXPECT_EQ(faults[0].row, 1);
  EXPECT_EQ(faults[0].reason.code, code::json_truncated);
  EXPECT_EQ(faults[1].reason.code, code::json_malformed);
  EXPECT_EQ(faults[2].reason.code, code::json_kind);
  EXPECT_EQ(faults[2].reason.column, "c");
  EXPECT_EQ(faults[3].reason.code, code::json_truncated);
}

}  // namespace
}  // namespace eclusa
