#include "failures/resubmission.h"

#include <arrow/array/builder_primitive.h>

#include "failures/failures_fixture.h"

namespace eclusa {
namespace {

class ResubmissionTest : public FailuresFixture {
 protected:
  Job MakeChild(const Job& parent) {
    const Job child = MakeJob(db());
    Must(db(), "UPDATE eclusa.jobs SET parent_id = " + std::to_string(parent.id) +
                   " WHERE id = " + std::to_string(child.id));
    return child;
  }
  // The child's rows 1, 2, ... say that they are these rows of the parent.
  void Note(const Job& child, const Job& parent, const TextRows& file_and_row) {
    ResubmittedRows rows(child.id, ReadFiles(db(), parent.id).value());
    ASSERT_TRUE(rows.Append(TextBatch({"_eclusa_file", "_eclusa_row"}, file_and_row)).ok());
    ASSERT_TRUE(rows.Flush(db()).ok()) << db().last_error().message;
  }
  int64_t Close(const Job& parent, const Job& child, const std::vector<RowPlace>& undecided = {}) {
    Transaction transaction = Transaction::Begin(db()).value();
    auto closed = CloseParentFailures(db(), parent.id, child.id, undecided);
    CHECK(closed.ok());
    CHECK(std::move(transaction).Commit().ok());
    return *closed;
  }
  std::string OpenFailures(const Job& job) {
    return Ask("SELECT open_failures FROM eclusa.jobs WHERE id = " + std::to_string(job.id));
  }
};

TEST_F(ResubmissionTest, ClosesWhatEndedWellAndNothingElse) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  for (int row = 1; row <= 4; ++row) AddFailure(parent, 0, row);
  const Job child = MakeChild(parent);
  Note(child, parent, {{"in/0.csv", "1"}, {"in/0.csv", "2"}, {"in/0.csv", "3"}});
  AddFailure(child, 0, 2);  // parent's row 2 failed again
  EXPECT_EQ(Close(parent, child, {{0, 3}}), 1);
  EXPECT_EQ(States(parent), "1 closed, 2 open, 3 open, 4 open");
  EXPECT_EQ(OpenFailures(parent), "3");
  EXPECT_EQ(Ask("SELECT closed_by FROM eclusa.failures WHERE state = 'closed'"),
            std::to_string(child.id));
}

TEST_F(ResubmissionTest, TellsFilesApartByTheirPaths) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  AddFile(parent, 1);
  AddFailure(parent, 0, 1);
  AddFailure(parent, 1, 1);
  const Job child = MakeChild(parent);
  Note(child, parent, {{"in/1.csv", "1"}, {"", "1"}, {"elsewhere.csv", "1"}});
  EXPECT_EQ(Close(parent, child), 1);
  EXPECT_EQ(Ask("SELECT file FROM eclusa.failures WHERE state = 'closed'"), "1");
}

TEST_F(ResubmissionTest, NeedsNoFileWhereTheParentHadOne) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  AddFailure(parent, 0, 7);
  const Job child = MakeChild(parent);
  Note(child, parent, {{"", "7.0"}});
  EXPECT_EQ(Close(parent, child), 1);
}

TEST_F(ResubmissionTest, TakesRowsWithoutANumberForNewOnes) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  ResubmittedRows rows(MakeChild(parent).id, ReadFiles(db(), parent.id).value());
  ASSERT_TRUE(rows.Append(TextBatch({"_eclusa_row"}, {{""}, {"x"}, {"1.5"}, {"-"}})).ok());
  ASSERT_TRUE(rows.Append(TextBatch({"name"}, {{"a"}})).ok());
  EXPECT_EQ(rows.rows(), 0);
}

TEST_F(ResubmissionTest, ReadsNumbersOfTypedFiles) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  arrow::Int64Builder whole;
  arrow::DoubleBuilder floating;
  ASSERT_TRUE(whole.AppendValues({5, 6}).ok());
  ASSERT_TRUE(floating.AppendValues({5.0, 6.5}).ok());
  ResubmittedRows rows(MakeChild(parent).id, ReadFiles(db(), parent.id).value());
  for (arrow::ArrayBuilder* builder :
       std::initializer_list<arrow::ArrayBuilder*>{&whole, &floating}) {
    const auto column = builder->Finish().ValueOrDie();
    Batch batch;
    batch.rows = arrow::RecordBatch::Make(
        arrow::schema({arrow::field("_eclusa_row", column->type())}), 2, {column});
    ASSERT_TRUE(rows.Append(batch).ok());
  }
  EXPECT_EQ(rows.rows(), 3);
}

TEST_F(ResubmissionTest, ClosesUpTheChainOfParents) {
  const Job first = MakeJob(db());
  AddFile(first, 0);
  AddFailure(first, 0, 10);
  AddFailure(first, 0, 20);
  const Job second = MakeChild(first);
  AddFile(second, 0);
  Note(second, first, {{"in/0.csv", "10"}, {"in/0.csv", "20"}});
  AddFailure(second, 0, 1);
  AddFailure(second, 0, 2);
  EXPECT_EQ(Close(first, second), 0);
  const Job third = MakeChild(second);
  Note(third, second, {{"in/0.csv", "2"}});
  EXPECT_EQ(Close(second, third), 1);
  EXPECT_EQ(States(first), "10 open, 20 closed");
  EXPECT_EQ(States(second), "1 open, 2 closed");
  EXPECT_EQ(OpenFailures(first), "1");
}

TEST_F(ResubmissionTest, ForgetsAFileThatIsStagedAgain) {
  const Job parent = MakeJob(db());
  AddFile(parent, 0);
  const Job child = MakeChild(parent);
  Note(child, parent, {{"", "1"}});
  ASSERT_TRUE(ForgetResubmitted(db(), child.id, 0).ok());
  Note(child, parent, {{"", "1"}});
  EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.resubmitted"), "1");
}

TEST(FileLabels, ArePathsAndTellTwinsApart) {
  const FileRecord a{.ordinal = 0, .path = "a.csv", .format = "", .compression = "", .sha256 = ""};
  const FileRecord b{.ordinal = 1, .path = "b.csv", .format = "", .compression = "", .sha256 = ""};
  EXPECT_EQ(FileLabels({a, b}), (std::vector<std::string>{"a.csv", "b.csv"}));
  EXPECT_EQ(FileLabels({a, b, a}), (std::vector<std::string>{"a.csv #1", "b.csv", "a.csv #3"}));
}

}  // namespace
}  // namespace eclusa
