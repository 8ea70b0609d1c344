#include "failures/copy_text.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(CopyText, WritesRowsAsCopyReadsThem) {
  CopyText out;
  out.Int(-7);
  out.OptionalInt(std::nullopt);
  out.Text("a\tb\\c\r\nd");
  out.Bytes(std::string("\0\xFFz", 3));
  out.EndRow();
  out.Text("");
  out.EndRow();
  EXPECT_EQ(out.rows(), "-7\t\\N\ta\\tb\\\\c\\r\\nd\t\\\\x00ff7a\n\n");
}

TEST(CopyText, IsEmptyAfterClear) {
  CopyText out;
  out.Int(1);
  out.EndRow();
  out.Clear();
  EXPECT_EQ(out.size(), 0u);
}

}  // namespace
}  // namespace eclusa
