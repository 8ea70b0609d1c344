#include "core/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace eclusa {
namespace {

Error Missing(std::string path) {
  return {ErrorKind::kNotFound, "file.not_found", {{"path", std::move(path)}}};
}

Result<int> Half(int number) {
  if (number % 2 != 0) return Error(ErrorKind::kInvalid, "number.odd");
  return number / 2;
}

Result<int> Quarter(int number) {
  const int half = TRY(Half(number));
  return TRY_WITH(Half(half), "the second half");
}

Status CheckQuarter(int number) {
  TRY(Quarter(number));
  return Ok();
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*Half(4), 2);
  const Result<int> odd = Half(3);
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error().code(), "number.odd");
  EXPECT_EQ(odd.error().kind(), ErrorKind::kInvalid);
}

TEST(Result, TryReturnsTheFirstErrorAsItIs) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_TRUE(Quarter(3).error().context().empty());
}

TEST(Result, TryWithAddsWhereItHappened) {
  EXPECT_EQ(Quarter(6).error().context(), std::vector<std::string>{"the second half"});
}

TEST(Result, ContextGrowsFromTheInsideOut) {
  const Error error = Missing("a.csv").With("opening").With("loading");
  EXPECT_EQ(error.context(), (std::vector<std::string>{"opening", "loading"}));
  EXPECT_EQ(error.arguments().front().second, "a.csv");
}

TEST(Result, KeepsTheServersState) {
  EXPECT_EQ(Missing("x").WithSqlState("23505").sql_state(), "23505");
}

TEST(Result, MovesValuesThatCannotBeCopied) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(made);
  EXPECT_EQ(*taken, 7);
}

TEST(Status, IsOkOrHoldsAnError) {
  EXPECT_TRUE(CheckQuarter(8).ok());
  EXPECT_EQ(CheckQuarter(7).error().code(), "number.odd");
}

TEST(ResultDeathTest, ReadingAValueThatIsNotThereIsAProgramError) {
  EXPECT_DEATH(static_cast<void>(Half(1).value()), "check=ok\\(\\)");
}

}  // namespace
}  // namespace eclusa
