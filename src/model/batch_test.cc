#include "model/batch.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace eclusa {
namespace {

std::shared_ptr<arrow::RecordBatch> ThreeRows() {
  const auto schema = arrow::schema({arrow::field("a", arrow::null())});
  return arrow::RecordBatch::Make(schema, 3, {std::make_shared<arrow::NullArray>(3)});
}

TEST(Batch, NumbersRowsFromTheFirst) {
  Batch batch;
  batch.file = 2;
  batch.rows = ThreeRows();
  batch.first_row = 11;
  EXPECT_EQ(batch.row_count(), 3);
  EXPECT_EQ(batch.PlaceOf(0).row, 11);
  EXPECT_EQ(batch.PlaceOf(2).row, 13);
  EXPECT_EQ(batch.PlaceOf(2).file, 2);
  EXPECT_EQ(batch.PlaceOf(2).line, 0);
  EXPECT_EQ(batch.PlaceOf(2).byte_offset, -1);
}

TEST(Batch, TakesPlacesFromItsLists) {
  Batch batch;
  batch.rows = ThreeRows();
  batch.row_numbers = {1, 3, 4};
  batch.lines = {2, 5, 9};
  batch.byte_offsets = {10, 40, 95};
  const Place place = batch.PlaceOf(1);
  EXPECT_EQ(place.row, 3);
  EXPECT_EQ(place.line, 5);
  EXPECT_EQ(place.byte_offset, 40);
}

TEST(Batch, MayHoldUnreadableRowsOnly) { EXPECT_EQ(Batch().row_count(), 0); }

TEST(CheckedBatch, CountsAcceptedRows) {
  CheckedBatch checked;
  checked.accepted = {1, 0, 1};
  EXPECT_EQ(checked.accepted_count(), 2);
}

TEST(CheckedBatch, CountsTheBytesOfItsColumnsAndRejectedRows) {
  CheckedBatch checked;
  const size_t empty = checked.ByteSize();
  TypedColumn column(TypeKind::kInt8, 1000);
  column.AllocateFixed();
  checked.columns.push_back(std::move(column));
  EXPECT_EQ(checked.ByteSize() - empty, 8000U);
  checked.batch.unreadable.push_back({{}, std::string(500, 'x'), {}});
  EXPECT_GE(checked.ByteSize() - empty, 8500U);
}

}  // namespace
}  // namespace eclusa
