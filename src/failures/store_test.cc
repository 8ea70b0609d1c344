#include "failures/store.h"

#include "failures/failed_rows.h"
#include "failures/failures_fixture.h"

namespace eclusa {
namespace {

class FailureStoreTest : public FailuresFixture {
 protected:
  // All open failures of file 0, as "row:first column".
  std::string Contents(const Job& job) {
    FailedRows rows(db(), {.job_id = job.id,
                           .files = {0},
                           .closed_too = false,
                           .columns = arrow::schema({arrow::field("name", arrow::utf8())})});
    std::string text;
    while (true) {
      auto page = rows.Next();
      if (!page.ok()) return page.error().code();
      if (!*page) return text;
      const auto names = std::static_pointer_cast<arrow::StringArray>((*page)->rows->column(0));
      for (size_t i = 0; i < (*page)->failures.size(); ++i) {
        const FailedRow& row = (*page)->failures[i];
        text += std::to_string(row.place.row) + ":" +
                (row.raw ? "raw " + *row.raw : names->GetString(static_cast<int64_t>(i))) + " ";
      }
    }
  }
};

TEST_F(FailureStoreTest, KeepsRejectedAndUnreadableRowsAsTheyCame) {
  const Job job = MakeJob(db());
  CheckedBatch checked;
  checked.batch = TextBatch({"name", "age"}, {{"ana", "1"}, {"bia", "x"}, {"caio", ""}});
  checked.batch.unreadable.push_back(Unreadable(4, std::string("a;b\0;\xFF", 6)));
  checked.rejected = {{1, {BadInteger("age", "x"), BadInteger("name", "bia")}}};
  FailureStore store(job.id, 3);
  ASSERT_TRUE(store.Append(checked).ok());
  EXPECT_EQ(store.rows(), 2);
  EXPECT_FALSE(store.WantsFlush());
  ASSERT_TRUE(store.Flush(db()).ok()) << db().last_error().message;
  EXPECT_EQ(Contents(job), std::string("2:bia 4:raw a;b\0;\xFF ", 19));
  EXPECT_EQ(
      Ask("SELECT concat_ws(' ', file, row, line, byte_offset, codes, first_code, part, state, "
          "jsonb_array_length(reasons)) FROM eclusa.failures WHERE row = 2"),
      "0 2 3 200 {row.columns} row.columns 3 open 2");
}

TEST_F(FailureStoreTest, WritesNothingTwice) {
  const Job job = MakeJob(db());
  FailureStore store(job.id, 0);
  ASSERT_TRUE(store.Flush(db()).ok());
  ASSERT_TRUE(store.Append(TextBatch({"name"}, {{"ana"}}), {{0, {BadInteger("name", "")}}}).ok());
  ASSERT_TRUE(store.Flush(db()).ok());
  ASSERT_TRUE(store.Flush(db()).ok());
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failures"), "1");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failure_batches"), "1");
}

TEST_F(FailureStoreTest, PutsBatchesOfOneSchemaTogetherAndOthersApart) {
  const Job job = MakeJob(db());
  FailureStore store(job.id, 0);
  const std::vector<RejectedRow> first = {{0, {BadInteger("name", "")}}};
  ASSERT_TRUE(store.Append(TextBatch({"name"}, {{"a"}}, 1), first).ok());
  ASSERT_TRUE(store.Append(TextBatch({"name"}, {{"b"}}, 2), first).ok());
  ASSERT_TRUE(store.Append(TextBatch({"other"}, {{"c"}}, 1, 1), first).ok());
  ASSERT_TRUE(store.Flush(db()).ok());
  EXPECT_EQ(
      Ask("SELECT string_agg(row_count::text, ' ' ORDER BY batch) FROM eclusa.failure_batches"),
      "2 1");
  EXPECT_EQ(Contents(job), "1:a 2:b ");
}

TEST_F(FailureStoreTest, BoundsItsMemoryByAskingForAFlush) {
  const Job job = MakeJob(db());
  FailureStore store(job.id, 0);
  const std::string wide(64 << 10, 'w');
  TextRows rows(100, {wide});
  std::vector<RejectedRow> rejected;
  for (int64_t i = 0; i < 100; ++i) rejected.push_back({i, {BadInteger("name", "w")}});
  ASSERT_TRUE(store.Append(TextBatch({"name"}, rows), rejected).ok());
  EXPECT_TRUE(store.WantsFlush());
  ASSERT_TRUE(store.Flush(db()).ok());
  EXPECT_FALSE(store.WantsFlush());
  EXPECT_EQ(store.rows(), 100);
}

TEST_F(FailureStoreTest, ForgetsAPartThatIsStagedAgain) {
  const Job job = MakeJob(db());
  const Batch batch = TextBatch({"name"}, {{"a"}, {"b"}, {"c"}});
  Store(job, batch, {0}, 0);
  Store(job, batch, {1}, 1);
  ASSERT_TRUE(ForgetPart(db(), job.id, 0).ok());
  EXPECT_EQ(Contents(job), "2:b ");
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failure_batches"), "1");
}

TEST_F(FailureStoreTest, ReadsTensOfThousandsBackInOrder) {
  const Job job = MakeJob(db());
  FailureStore even(job.id, 0);
  FailureStore odd(job.id, 1);
  constexpr int kBatches = 20;
  constexpr int kRows = 1000;
  for (int b = 0; b < kBatches; ++b) {
    TextRows rows;
    std::vector<RejectedRow> rejected;
    for (int i = 0; i < kRows; ++i) {
      rows.push_back({"n" + std::to_string(b * kRows + i + 1)});
      rejected.push_back({i, {BadInteger("name", "n")}});
    }
    FailureStore& store = b % 2 == 0 ? even : odd;
    ASSERT_TRUE(store.Append(TextBatch({"name"}, rows, b * kRows + 1), rejected).ok());
  }
  ASSERT_TRUE(even.Flush(db()).ok());
  ASSERT_TRUE(odd.Flush(db()).ok());
  std::string expected;
  for (int row = 1; row <= kBatches * kRows; ++row) {
    expected += std::to_string(row) + ":n" + std::to_string(row) + " ";
  }
  EXPECT_EQ(Contents(job), expected);
}

TEST_F(FailureStoreTest, IsUndoneWithItsTransaction) {
  const Job job = MakeJob(db());
  {
    Transaction transaction = Transaction::Begin(db()).value();
    Store(job, TextBatch({"name"}, {{"a"}}), {0});
  }
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.failures"), "0");
}

}  // namespace
}  // namespace eclusa
