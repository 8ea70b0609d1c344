// Needs PostgreSQL and RabbitMQ.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "broker/broker_fixture.h"
#include "broker/receiver.h"
#include "control/parts.h"
#include "dispatch/outbox.h"
#include "dispatch/publisher.h"
#include "jobs/jobs_fixture.h"

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr std::chrono::milliseconds kLong{10'000};

class PublisherTest : public JobsFixture {
 protected:
  PublisherConfig Config() const {
    return {.conninfo = Conninfo(),
            .broker = broker_.config(),
            .interval = std::chrono::milliseconds(20)};
  }
  int64_t Waiting() { return std::stoll(Ask("SELECT count(*) FROM eclusa.outbox")); }
  std::vector<std::string> Sent() {
    auto receiver = BrokerReceiver::Open(broker_.config(), 100);
    CHECK(receiver.ok());
    std::vector<std::string> all;
    while (true) {
      const auto some = receiver->Receive(all.empty() ? kLong : std::chrono::milliseconds(50));
      CHECK(some.ok() && receiver->Accept().ok());
      if (some->empty()) return all;
      all.insert(all.end(), some->begin(), some->end());
    }
  }

  BrokerFixture broker_;
};

TEST_F(PublisherTest, GetsNoRowsWhereNobodySends) {
  EnqueueAny();
  EXPECT_EQ(Waiting(), 0);
  ASSERT_TRUE(WantMessages(db()).ok());
  EnqueueAny();
  EXPECT_EQ(Waiting(), 1);
  Must(db(), "UPDATE eclusa.publishing SET wanted_until = clock_timestamp()");
  EnqueueAny();
  EXPECT_EQ(Waiting(), 1);
}

TEST_F(PublisherTest, SendsWhatIsDueAndNothingElse) {
  ASSERT_TRUE(WantMessages(db()).ok());
  const int64_t first = EnqueueAny();
  const int64_t second = EnqueueAny();
  Must(db(),
       "INSERT INTO eclusa.outbox (job_id, ready_at) VALUES (99, clock_timestamp() + interval "
       "'1 hour')");
  Publisher publisher(Config());
  EXPECT_EQ(publisher.RunOnce(db()).value().sent, 2);
  EXPECT_EQ(Waiting(), 1);
  EXPECT_THAT(Sent(), ElementsAre(std::to_string(first), std::to_string(second)));
  EXPECT_EQ(publisher.RunOnce(db()).value().sent, 0);
  const auto next = ReadNextDue(db()).value();
  ASSERT_TRUE(next.has_value());
  EXPECT_GT(*next, std::chrono::minutes(50));
}

TEST_F(PublisherTest, TellsOfPartsWhenTheyAreReadyAndReadyAgain) {
  ASSERT_TRUE(WantMessages(db()).ok());
  const int64_t id = EnqueueAny();
  const int64_t worker = AddWorker();
  const auto claimed = ClaimJob(db(), worker).value();
  const std::string job = std::to_string(id);
  const JobPart place{.file = 0, .place_json = "{}"};
  ASSERT_TRUE(QueueParts(db(), claimed->job, {place, place}).ok());
  Publisher publisher(Config());
  ASSERT_TRUE(publisher.RunOnce(db()).ok());
  EXPECT_THAT(Sent(), UnorderedElementsAre(job, job + "/0", job + "/1"));

  // Given back, lost with its worker, and once more with the job itself.
  const auto given = ClaimPart(db(), worker, {}).value();
  ASSERT_TRUE(GiveBackPart(db(), *given, {}, nullptr).ok());
  const int64_t lost = AddWorker();
  ASSERT_TRUE(ClaimPart(db(), lost, {}).value().has_value());
  Must(db(), "DELETE FROM eclusa.workers WHERE id = " + std::to_string(lost));
  ASSERT_TRUE(LookAfterParts(db(), id, 5).ok());
  ASSERT_TRUE(RequeueJob(db(), claimed->job, {.tries = 1, .delay = {}, .why = "test"}).ok());
  const auto again = ClaimJob(db(), worker).value();
  ASSERT_TRUE(ResumeParts(db(), again->job).ok());
  EXPECT_EQ(publisher.RunOnce(db()).value().sent, 5);
  EXPECT_THAT(Sent(), UnorderedElementsAre(job + "/0", job + "/0", job, job + "/0", job + "/1"));
}

TEST_F(PublisherTest, KeepsWhatItCannotSendButNotForEver) {
  ASSERT_TRUE(WantMessages(db()).ok());
  EnqueueAny();
  PublisherConfig config = Config();
  config.broker.password = "wrong";
  Publisher refused(config);
  EXPECT_EQ(refused.RunOnce(db()).error().code(), "broker.refused");
  EXPECT_EQ(Waiting(), 1);
  Must(db(), "UPDATE eclusa.outbox SET ready_at = ready_at - interval '61 s'");
  EnqueueAny();
  EXPECT_EQ(refused.RunOnce(db()).error().code(), "broker.refused");
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(Publisher(Config()).RunOnce(db()).value().sent, 1);
}

TEST_F(PublisherTest, SendsAgainWhatAQueueLostThatWasDeleted) {
  Publisher publisher(Config());
  ASSERT_TRUE(publisher.RunOnce(db()).ok());
  broker_.DeleteQueue();
  EnqueueAny();
  EXPECT_EQ(publisher.RunOnce(db()).error().code(), "broker.queue_gone");
  EXPECT_EQ(Waiting(), 1);
  EXPECT_EQ(publisher.RunOnce(db()).value().sent, 1);
}

TEST_F(PublisherTest, IsFollowedByAnother) {
  const auto sends = [&] {
    EnqueueAny();
    for (int i = 0; i < 3000 && Waiting() > 0; ++i) Must(db(), "SELECT pg_sleep(0.01)");
    return Waiting() == 0;
  };
  PublisherConfig cannot = Config();
  cannot.broker.password = "wrong";
  const auto run = [](const PublisherConfig& config) {
    return std::jthread([config](const std::stop_token& stop) { Publisher(config).Run(stop); });
  };
  ASSERT_TRUE(WantMessages(db()).ok());
  const std::jthread out_of_reach = run(cannot);
  std::jthread first = run(Config());
  EXPECT_TRUE(sends());
  const std::jthread second = run(Config());
  EXPECT_TRUE(sends());
  first.request_stop();
  first.join();
  EXPECT_TRUE(sends());
}

TEST_F(PublisherTest, RefusesASetupThatCannotWork) {
  PublisherConfig config = Config();
  EXPECT_TRUE(config.Validate().ok());
  config.batch = 0;
  EXPECT_EQ(config.Validate().error().code(), "config.bad_value");
}

}  // namespace
}  // namespace eclusa
