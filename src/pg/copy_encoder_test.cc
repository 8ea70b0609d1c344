#include "pg/copy_encoder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace eclusa {
namespace {

TypedColumn Integers(const std::vector<int32_t>& values) {
  TypedColumn column(TypeKind::kInt4, static_cast<int64_t>(values.size()));
  column.AllocateFixed();
  std::memcpy(column.MutableFixed<int32_t>(), values.data(), values.size() * 4);
  return column;
}

TypedColumn Texts(TypeKind kind, const std::vector<std::string>& values) {
  TypedColumn column(kind, static_cast<int64_t>(values.size()));
  std::vector<int32_t> offsets = {0};
  std::vector<char> data;
  for (const std::string& value : values) {
    data.insert(data.end(), value.begin(), value.end());
    offsets.push_back(static_cast<int32_t>(data.size()));
  }
  column.SetOwned(std::move(offsets), std::move(data));
  return column;
}

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

TEST(CopyEncoder, WritesHeaderAndTrailer) {
  CopyEncoder encoder;
  encoder.AppendHeader();
  EXPECT_EQ(encoder.bytes(), std::string("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
  encoder.Clear();
  encoder.AppendTrailer();
  EXPECT_EQ(encoder.bytes(), Bytes({0xff, 0xff}));
}

TEST(CopyEncoder, WritesRowsInTheOrderAskedFor) {
  std::vector<TypedColumn> columns;
  columns.push_back(Integers({7, 8, 9}));
  columns.push_back(Texts(TypeKind::kText, {"a", "", "ção"}));
  columns[1].SetNull(1);
  const std::vector<int64_t> ids = {(int64_t{1} << 40) | 1, 2, 3};
  const std::vector<int32_t> order = {1, 0};
  CopyEncoder encoder;
  encoder.AppendRows({.columns = columns, .row_ids = ids, .operations = {}, .order = order});
  EXPECT_EQ(encoder.bytes(), Bytes({0, 3, 0, 0, 0, 8, 0, 0, 0, 0,    0,    0,    0,
                                    2, 0, 0, 0, 4, 0, 0, 0, 8, 0xff, 0xff, 0xff, 0xff}) +
                                 Bytes({0, 3, 0, 0, 0, 8, 0, 0, 1, 0, 0, 0, 0,  1,
                                        0, 0, 0, 4, 0, 0, 0, 7, 0, 0, 0, 1, 'a'}));
}

TEST(CopyEncoder, WritesTheOperationAfterTheRowNumber) {
  const std::vector<int64_t> ids = {5};
  const std::vector<char> operations = {'D'};
  const std::vector<int32_t> order = {0};
  CopyEncoder encoder;
  encoder.AppendRows({.columns = {}, .row_ids = ids, .operations = operations, .order = order});
  EXPECT_EQ(encoder.bytes(), Bytes({0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 'D'}));
}

TEST(CopyEncoder, PutsAVersionBeforeJsonb) {
  std::vector<TypedColumn> columns;
  columns.push_back(Texts(TypeKind::kJsonb, {"{}"}));
  const std::vector<int64_t> ids = {0};
  const std::vector<int32_t> order = {0};
  CopyEncoder encoder;
  encoder.AppendRows({.columns = columns, .row_ids = ids, .operations = {}, .order = order});
  EXPECT_TRUE(encoder.bytes().ends_with(Bytes({0, 0, 0, 3, 1, '{', '}'})));
}

TEST(CopyEncoder, WritesNoRowWhereNoneIsAskedFor) {
  CopyEncoder encoder;
  encoder.AppendRows({});
  EXPECT_TRUE(encoder.bytes().empty());
}

// Texts of every length around the cases of the copying, in more rows than a block and a buffer
// hold.
TEST(CopyEncoder, CopiesTextsOfEveryLengthOverManyBlocks) {
  constexpr int kRows = 5000;
  std::vector<std::string> values;
  std::vector<int64_t> ids;
  std::vector<int32_t> order;
  for (int i = 0; i < kRows; ++i) {
    values.push_back(std::string(static_cast<size_t>(i % 600), static_cast<char>('a' + i % 26)));
    ids.push_back(i);
    order.push_back(kRows - 1 - i);
  }
  std::vector<TypedColumn> columns;
  columns.push_back(Texts(TypeKind::kText, values));
  CopyEncoder encoder;
  encoder.AppendRows({.columns = columns, .row_ids = ids, .operations = {}, .order = order});
  std::string expected;
  for (const int32_t row : order) {
    expected += Bytes({0, 2, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, row >> 8, row & 255, 0, 0});
    const int size = static_cast<int>(values[row].size());
    expected += Bytes({size >> 8, size & 255}) + values[row];
  }
  EXPECT_TRUE(encoder.bytes() == expected);
}

}  // namespace
TEST(CopyEncoder, SaysWhereEachRowEnds) {
  CopyEncoder encoder;
  const std::vector<int64_t> ids{1, 2, 3};
  const std::vector<int32_t> order{2, 0};
  encoder.AppendRows({.columns = {}, .row_ids = ids, .operations = {}, .order = order});
  // 2 bytes of count, 4 of length, 8 of _eclusa_row.
  ASSERT_EQ(encoder.row_ends().size(), 2U);
  EXPECT_EQ(encoder.row_ends()[0], 14U);
  EXPECT_EQ(encoder.row_ends()[1], 28U);
  encoder.Clear();
  EXPECT_TRUE(encoder.row_ends().empty());
}

}  // namespace eclusa
