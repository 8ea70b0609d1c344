#include "check/row_width.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

// `count` text columns of one row, each of so many bytes.
std::vector<std::string> CodesOf(size_t count, size_t bytes, TypeKind kind = TypeKind::kText) {
  std::vector<BoundColumn> bound(count);
  std::vector<TypedColumn> columns;
  for (size_t i = 0; i < count; ++i) {
    columns.emplace_back(kind, 1);
    if (FixedWidth(kind) > 0) {
      columns.back().AllocateFixed();
    } else {
      columns.back().SetOwned({0, static_cast<int32_t>(bytes)}, std::vector<char>(bytes, 'x'));
    }
  }
  Findings findings(1);
  CheckRowWidths(bound, columns, findings);
  std::vector<std::string> codes;
  for (const auto& found : findings.reasons()) codes.emplace_back(found.reason.code);
  return codes;
}

using Codes = std::vector<std::string>;

TEST(RowWidthTest, ManyValuesAreTooManyAndLongOnesAreNot) {
  EXPECT_EQ(CodesOf(1, 1 << 20), Codes());
  EXPECT_EQ(CodesOf(440, 1000), Codes());
  EXPECT_EQ(CodesOf(450, 1000), Codes({std::string(code::row_too_wide)}));
  EXPECT_EQ(CodesOf(380, 20), Codes());
  EXPECT_EQ(CodesOf(390, 20), Codes({std::string(code::row_too_wide)}));
  EXPECT_EQ(CodesOf(1010, 0, TypeKind::kInt8), Codes());
  EXPECT_EQ(CodesOf(1015, 0, TypeKind::kInt8), Codes({std::string(code::row_too_wide)}));
  EXPECT_EQ(CodesOf(1594, 3), Codes());
}

TEST(RowWidthTest, NullsTakeNoRoom) {
  std::vector<BoundColumn> bound(1594);
  std::vector<TypedColumn> columns;
  for (size_t i = 0; i < bound.size(); ++i) {
    columns.emplace_back(TypeKind::kInt8, 1);
    columns.back().AllocateFixed();
    if (i % 2 == 0) columns.back().SetNull(0);
  }
  Findings findings(1);
  CheckRowWidths(bound, columns, findings);
  EXPECT_TRUE(findings.reasons().empty());
}

}  // namespace
}  // namespace eclusa
