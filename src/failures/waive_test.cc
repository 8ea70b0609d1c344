#include "failures/waive.h"

#include "failures/failures_fixture.h"

namespace eclusa {
namespace {

class WaiveTest : public FailuresFixture {
 protected:
  void SetUp() override {
    FailuresFixture::SetUp();
    job_ = MakeJob(db());
    AddFailure(job_, 0, 1);
    AddFailure(job_, 0, 2, "type.date");
    AddFailure(job_, 1, 2, "type.date");
    AddFailure(job_, 1, 3, "type.date");
    Must(db(), "UPDATE eclusa.failures SET codes = '{type.date,value.required}' WHERE row = 3");
  }
  Result<WaiveResult> Row(int64_t row, std::optional<int32_t> file = {},
                          const std::string& reason = "known") {
    return WaiveFailures(
        db(), {.job_id = job_.id, .row = row, .file = file, .code = "", .reason = reason});
  }
  Result<WaiveResult> Code(const std::string& code) {
    return WaiveFailures(
        db(), {.job_id = job_.id, .row = {}, .file = {}, .code = code, .reason = "not ours"});
  }
  Job job_;
};

TEST_F(WaiveTest, ClosesOneRowWithItsReason) {
  const WaiveResult result = Row(1).value();
  EXPECT_EQ(result.waived, 1);
  EXPECT_EQ(result.open_failures, 3);
  EXPECT_EQ(Ask("SELECT waived_reason || ' ' || waived_by FROM eclusa.failures "
                "WHERE state = 'waived'"),
            "known postgres");
  EXPECT_EQ(Ask("SELECT open_failures FROM eclusa.jobs"), "3");
}

TEST_F(WaiveTest, AsksWhichFileWhereTheRowFailedInTwo) {
  EXPECT_EQ(Row(2).error().code(), "failures.ambiguous_row");
  EXPECT_EQ(Row(2, 1)->waived, 1);
  EXPECT_EQ(Row(2)->waived, 1) << "only one is left";
}

TEST_F(WaiveTest, ClosesByCodeOnlyRowsWithoutAnotherReason) {
  const WaiveResult result = Code("type.date").value();
  EXPECT_EQ(result.waived, 2);
  EXPECT_EQ(result.left_for_other_reasons, 1);
  EXPECT_EQ(States(job_), "1 open, 2 waived, 2 waived, 3 open");
}

TEST_F(WaiveTest, RefusesWhatNamesNoOpenFailure) {
  EXPECT_EQ(Row(77).error().code(), "failures.none_matched");
  EXPECT_EQ(Row(77, 0).error().code(), "failures.none_matched");
  EXPECT_EQ(Code("row.malformed").error().code(), "failures.none_matched");
  ASSERT_TRUE(Row(1).ok());
  EXPECT_EQ(Row(1).error().kind(), ErrorKind::kNotFound) << "waived already";
}

TEST_F(WaiveTest, WantsAReasonAndOneThingToWaive) {
  EXPECT_EQ(Row(1, {}, " ").error().code(), "failures.reason_needed");
  EXPECT_EQ(Code("").error().code(), "failures.row_or_code");
  EXPECT_EQ(WaiveFailures(
                db(), {.job_id = job_.id, .row = 1, .file = {}, .code = "type.date", .reason = "x"})
                .error()
                .code(),
            "failures.row_or_code");
  EXPECT_EQ(WaiveFailures(db(), {.job_id = 999, .row = 1, .file = {}, .code = "", .reason = "x"})
                .error()
                .code(),
            "job.not_found");
}

}  // namespace
}  // namespace eclusa
