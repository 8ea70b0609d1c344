#include "failures/kept_rows.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gtest/gtest.h>

namespace eclusa {
namespace {

Rows SomeRows() {
  arrow::StringBuilder builder;
  CHECK(builder.AppendValues(std::vector<std::string>{"a", "", "c", ""}).ok());
  const auto text = builder.Finish().ValueOrDie();
  const auto nothing = arrow::MakeArrayOfNull(arrow::null(), 4).ValueOrDie();
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("t", arrow::utf8()), arrow::field("n", arrow::null())}), 4,
      {text, nothing});
}

const arrow::StringArray& Texts(const Rows& rows) {
  return static_cast<const arrow::StringArray&>(*rows->column(0));
}

TEST(KeptRows, AreSelectedInTheOrderAsked) {
  const Rows kept = SelectRows(SomeRows(), {2, 0}).value();
  ASSERT_EQ(kept->num_rows(), 2);
  EXPECT_EQ(Texts(kept).GetView(0), "c");
  EXPECT_EQ(Texts(kept).GetView(1), "a");
}

TEST(KeptRows, OutsideTheBatchAreAnError) {
  EXPECT_EQ(SelectRows(SomeRows(), {4}).error().code(), "failures.not_kept");
}

TEST(KeptRows, SurviveTheirBytes) {
  const Rows rows = SomeRows();
  const std::string bytes = EncodeRows(rows).value();
  EXPECT_TRUE(DecodeRows(bytes, 1, 1).value()->Equals(*rows));
}

TEST(KeptRows, ThatAreDamagedSaySo) {
  std::string bytes = EncodeRows(SomeRows()).value();
  EXPECT_EQ(DecodeRows("nonsense", 7, 8).error().code(), "failures.damaged");
  EXPECT_EQ(DecodeRows("", 7, 8).error().code(), "failures.damaged");
  EXPECT_EQ(DecodeRows(bytes.substr(0, bytes.size() / 2), 7, 8).error().code(), "failures.damaged");
}

TEST(KeptRows, JoinWithoutRowsToo) {
  const Rows rows = SomeRows();
  EXPECT_EQ(JoinRows({NoRows(rows), rows, rows}).value()->num_rows(), 8);
  EXPECT_EQ(NoRows(rows)->num_rows(), 0);
}

}  // namespace
}  // namespace eclusa
