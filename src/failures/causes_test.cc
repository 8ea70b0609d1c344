#include "failures/causes.h"

#include "failures/failures_fixture.h"

namespace eclusa {
namespace {

class CausesTest : public FailuresFixture {};

TEST_F(CausesTest, AreGroupedByCodeAndColumnTheMostFrequentFirst) {
  const Job job = MakeJob(db());
  FailureStore store(job.id, 0);
  const Batch batch = TextBatch({"name"}, {{"a"}, {"b"}, {"c"}});
  ASSERT_TRUE(store
                  .Append(batch, {{1, {BadInteger("age", "second")}},
                                  {0, {BadInteger("name", "n"), BadInteger("age", "first")}},
                                  {2, {BadInteger("age", "third")}}})
                  .ok());
  ASSERT_TRUE(store.Flush(db()).ok());
  const std::vector<Cause> causes = ReadCauses(db(), job.id).value();
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(causes[0].column, "age");
  EXPECT_EQ(causes[0].count, 3);
  EXPECT_EQ(causes[0].sample.value, "first") << "of the first row in the order of the load";
  EXPECT_EQ(causes[0].sample_place.row, 1);
  EXPECT_EQ(causes[0].sample_place.line, 2);
  EXPECT_EQ(causes[0].sample_place.byte_offset, 100);
  EXPECT_EQ(causes[1].column, "name");
}

TEST_F(CausesTest, CanBeThoseOfOpenFailuresOnly) {
  const Job job = MakeJob(db());
  Store(job, TextBatch({"name"}, {{"a"}, {"b"}}), {0, 1});
  Must(db(),
       "UPDATE eclusa.failures SET state = 'waived', waived_reason = 'x', closed_at = now() "
       "WHERE row = 1");
  EXPECT_EQ(ReadCauses(db(), job.id, CausesOf::kOpen)->at(0).count, 1);
  EXPECT_EQ(ReadCauses(db(), job.id)->at(0).count, 2);
}

}  // namespace
}  // namespace eclusa
