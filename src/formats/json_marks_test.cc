#include "formats/json_marks.h"

#include <gtest/gtest.h>

#include "formats/test_tables.h"

namespace eclusa {
namespace {

TEST(JsonMarks, ComeBackFromMetadataWhateverTheNames) {
  JsonMarks marks;
  marks[JsonMarkPath(JsonMarkPath({}, "a/b~"), "c=d")] = JsonMark::kNumber;
  marks[JsonMarkPath({}, "x")] = JsonMark::kValue;
  EXPECT_EQ(MarksOf(MetadataOf(marks).get()), marks);
  EXPECT_EQ(MarkAt(marks, "/a~1b~0/c=d"), JsonMark::kNumber);
  EXPECT_EQ(MarkAt(marks, "/a"), JsonMark::kText);
  EXPECT_TRUE(MarksOf(nullptr).empty());
}

TEST(JsonMarks, AreBelievedOnlyWhereTheTextIsWhatTheySay) {
  for (const char* number : {"0", "-1.50", "1e400"}) {
    EXPECT_TRUE(IsMarkedText(JsonMark::kNumber, number)) << number;
  }
  for (const char* other : {"", "007", "null", "true", "1 ", "\"1\"", "1,2", "NaN"}) {
    EXPECT_FALSE(IsMarkedText(JsonMark::kNumber, other)) << other;
  }
  EXPECT_TRUE(IsMarkedText(JsonMark::kValue, " {\"a\": [1, null]} "));
  EXPECT_FALSE(IsMarkedText(JsonMark::kValue, "{\"a\": 1"));
  EXPECT_FALSE(IsMarkedText(JsonMark::kValue, "1 2"));
  EXPECT_TRUE(IsMarkedText(JsonMark::kText, "anything"));
}

TEST(MarkedJsonWriter, WritesMarkedTextsWithoutQuotesOnOneLine) {
  const auto texts = Texts({"1.10", "{\n\"a\": 1}", std::nullopt});
  std::string out;
  const JsonMarks marks{{"/x", JsonMark::kValue}};
  const MarkedJsonWriter writer(*texts->type(), "/x", marks);
  for (int64_t row = 0; row < 3; ++row) writer.Append(*texts, row, out);
  EXPECT_EQ(out, "1.10{ \"a\": 1}null");
  out.clear();
  MarkedJsonWriter(*texts->type(), "/y", marks).Append(*texts, 0, out);
  EXPECT_EQ(out, "\"1.10\"");
}

}  // namespace
}  // namespace eclusa
