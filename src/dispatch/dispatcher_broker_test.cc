// What holds of every dispatcher, whatever becomes of its hints: run for each, with a worker. Needs
// PostgreSQL and RabbitMQ.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "dispatch/dispatcher_bench.h"
#include "jobs/jobs_fixture.h"
#include "jobs/service.h"
#include "jobs/worker.h"

namespace eclusa {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kNever{3600};
constexpr std::chrono::milliseconds kOften{50};
constexpr std::chrono::seconds kPatience{60};
constexpr int kSlots = 2;

int Lines(const std::string& log, const std::string& with) {
  int count = 0;
  for (size_t at = log.find(with); at != std::string::npos; at = log.find(with, at + 1)) ++count;
  return count;
}

// Lets the test see what passes between a dispatcher and its worker.
class Observed : public Dispatcher {
 public:
  explicit Observed(std::shared_ptr<Dispatcher> inner) : inner_(std::move(inner)) {}
  void Run(const WorkerSlots& slots, const std::stop_token& stop) override {
    inner_->Run({.wake =
                     [&] {
                       ++wakes_;
                       slots.wake();
                     },
                 .idle = slots.idle},
                stop);
  }
  std::chrono::milliseconds poll() const override { return inner_->poll(); }
  int wakes() const { return wakes_; }

 private:
  const std::shared_ptr<Dispatcher> inner_;
  std::atomic<int> wakes_ = 0;
};

// A tenth of a second in which nothing happens is taken for rest: of a worker that would look again
// only after an hour.
class DispatchTest : public JobsFixture {
 protected:
  void TearDown() override {
    StopWorker();
    JobsFixture::TearDown();
  }
  void StartWorker(DispatcherBench& bench, std::chrono::milliseconds poll) {
    observed_ = std::make_shared<Observed>(bench.Make(Conninfo(), poll));
    worker_.emplace(WorkerConfig{.conninfo = Conninfo(),
                                 .slots = kSlots,
                                 .lease = std::chrono::milliseconds(30'000),
                                 .finish_within = std::chrono::milliseconds(0),
                                 .open_stored = {},
                                 .dispatcher = observed_});
    thread_ = std::jthread([this](const std::stop_token& stop) {
      const Status done = worker_->Run(stop);
      EXPECT_TRUE(done.ok()) << done.error().code();
    });
  }
  void StopWorker() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  template <class Condition>
  void WaitFor(const std::string& what, Condition condition) {
    const auto end = Clock::now() + kPatience;
    while (!condition()) {
      ASSERT_LT(Clock::now(), end) << "never came true: " << what;
      Must(db(), "SELECT pg_sleep(0.002)");
    }
  }
  // Until the hints are heard and each slot has said that it sleeps for long, on the server too.
  void WaitUntilAtRest(DispatcherBench& bench) {
    WaitFor("it hears", [&] { return bench.Hears(db()); });
    WaitFor("it rests", [&] {
      const int before = observed_->wakes();
      return Ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "application_name LIKE 'eclusa worker %' AND state = 'idle' AND state_change < "
                 "clock_timestamp() - interval '100 ms' AND query LIKE '%eclusa.parts%'") ==
                 std::to_string(kSlots) &&
             observed_->wakes() == before;
    });
  }
  void WaitForEnd(int64_t job) {
    WaitFor("the end of job " + std::to_string(job), [&] { return StateOf(job) == "SUCCEEDED"; });
  }
  // Whatever was told of it, it was begun once and loaded once.
  void ExpectLoadedOnce() {
    EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.jobs WHERE attempt <> 1 OR state <> 'SUCCEEDED'"),
              "0");
    EXPECT_EQ(Ask("SELECT count(*) FROM eclusa.ledger"), Ask("SELECT count(*) FROM eclusa.jobs"));
  }
  // Hints are the test's own: no process sends the outbox.
  void HoldPublisher() {
    Must(db(), "SELECT pg_advisory_lock(" + LockKeyOf(ServiceLock::kOutbox) + ")");
  }

  std::shared_ptr<Observed> observed_;
  std::optional<Worker> worker_;
  std::jthread thread_;
};

struct NamedBench {
  const char* name;
  std::unique_ptr<DispatcherBench> (*make)();
};

class AnyDispatcher : public DispatchTest, public testing::WithParamInterface<NamedBench> {
 protected:
  void SetUp() override {
    DispatchTest::SetUp();
    bench_ = GetParam().make();
    HoldPublisher();
  }
  void TellOf(int64_t job) { bench_->Tell(db(), {.job_id = job}); }

  std::unique_ptr<DispatcherBench> bench_;
};

TEST_P(AnyDispatcher, WakesAWorkerThatSleeps) {
  StartWorker(*bench_, kNever);
  WaitUntilAtRest(*bench_);
  const int64_t job = EnqueueAny();
  TellOf(job);
  WaitForEnd(job);
  ExpectLoadedOnce();
}

TEST_P(AnyDispatcher, LosesNothingWithAHint) {
  StartWorker(*bench_, kOften);
  WaitFor("it hears", [&] { return bench_->Hears(db()); });
  WaitForEnd(EnqueueAny());
  ExpectLoadedOnce();
}

TEST_P(AnyDispatcher, DoesNothingTwiceForAHintThatIsDoubled) {
  StartWorker(*bench_, kNever);
  WaitUntilAtRest(*bench_);
  const int64_t job = EnqueueAny();
  for (int i = 0; i < 20; ++i) TellOf(job);
  WaitForEnd(job);
  ExpectLoadedOnce();
}

TEST_P(AnyDispatcher, TakesHintsInAnyOrder) {
  StartWorker(*bench_, kNever);
  WaitUntilAtRest(*bench_);
  std::vector<int64_t> jobs;
  for (int i = 0; i < 4; ++i) jobs.push_back(EnqueueAny());
  for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) TellOf(*job);
  for (const int64_t job : jobs) WaitForEnd(job);
  ExpectLoadedOnce();
}

TEST_P(AnyDispatcher, TakesHintsThatComeLate) {
  const int64_t job = EnqueueAny();
  StartWorker(*bench_, kNever);
  WaitForEnd(job);
  WaitUntilAtRest(*bench_);
  TellOf(job);
  WaitUntilAtRest(*bench_);
  const int64_t next = EnqueueAny();
  TellOf(next);
  WaitForEnd(next);
  ExpectLoadedOnce();
}

TEST_P(AnyDispatcher, LivesWithWhatSaysNothing) {
  testing::internal::CaptureStderr();
  StartWorker(*bench_, kNever);
  WaitUntilAtRest(*bench_);
  bench_->TellOdd(db());
  WaitUntilAtRest(*bench_);
  bench_->TellOdd(db());
  const int64_t job = EnqueueAny();
  TellOf(job);
  WaitForEnd(job);
  StopWorker();
  ExpectLoadedOnce();
  EXPECT_EQ(Lines(testing::internal::GetCapturedStderr(), "broker_message_odd"),
            bench_->tells() ? 1 : 0);
}

// For RabbitMQ the broker is stopped, and comes back after a while with what it kept.
TEST_P(AnyDispatcher, GoesOnWithoutHints) {
  StartWorker(*bench_, bench_->falls_back() ? kNever : kOften);
  WaitFor("it hears", [&] { return bench_->Hears(db()); });
  testing::internal::CaptureStderr();
  bench_->Break(db());
  WaitForEnd(EnqueueAny());
  WaitForEnd(EnqueueAny());
  bench_->Mend();
  WaitFor("it hears again", [&] { return bench_->Hears(db()); });
  if (bench_->falls_back()) WaitUntilAtRest(*bench_);
  const int64_t after = EnqueueAny();
  TellOf(after);
  WaitForEnd(after);
  ExpectLoadedOnce();
  EXPECT_EQ(Lines(testing::internal::GetCapturedStderr(), "broker_away"), bench_->tells() ? 1 : 0);
}

INSTANTIATE_TEST_SUITE_P(Conformance, AnyDispatcher,
                         testing::Values(NamedBench{"Notify",
                                                    []() -> std::unique_ptr<DispatcherBench> {
                                                      return std::make_unique<NotifyBench>();
                                                    }},
                                         NamedBench{"RabbitMQ",
                                                    []() -> std::unique_ptr<DispatcherBench> {
                                                      return std::make_unique<RabbitBench>();
                                                    }}),
                         [](const auto& about) { return about.param.name; });

// What RabbitMQ alone has.
class RabbitDispatcher : public DispatchTest {
 protected:
  RabbitBench bench_;
};

TEST_F(RabbitDispatcher, SendsTheOutboxItself) {
  StartWorker(bench_, kNever);
  WaitUntilAtRest(bench_);
  WaitFor("somebody sends", [&] {
    return Ask("SELECT wanted_until > clock_timestamp() FROM eclusa.publishing") == "t";
  });
  const int64_t job = EnqueueAny();
  Must(db(), "NOTIFY eclusa_ready");  // to the publisher: the worker does not listen
  WaitForEnd(job);
  ExpectLoadedOnce();
  WaitFor("the outbox is sent", [&] { return Ask("SELECT count(*) FROM eclusa.outbox") == "0"; });
  EXPECT_EQ(
      Ask("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query "
          "= 'LISTEN eclusa_ready'"),
      "0");
}

TEST_F(RabbitDispatcher, MakesAQueueAnewThatWasDeleted) {
  HoldPublisher();
  StartWorker(bench_, kNever);
  WaitUntilAtRest(bench_);
  const int before = observed_->wakes();
  bench_.broker().DeleteQueue();
  WaitFor("it noticed", [&] { return observed_->wakes() >= before + 2; });  // gone, and there again
  WaitUntilAtRest(bench_);
  const int64_t job = EnqueueAny();
  bench_.Tell(db(), {.job_id = job});
  WaitForEnd(job);
  ExpectLoadedOnce();
}

TEST_F(RabbitDispatcher, LeavesHintsToThoseWhoHaveTime) {
  HoldPublisher();
  std::atomic<int> busy_woken = 0;
  std::atomic<int> idle_woken = 0;
  std::atomic<int> idle_slots = 0;  // of the first
  RabbitBench other;
  const auto busy = bench_.Make(Conninfo(), kNever);
  const std::jthread first([&](const std::stop_token& stop) {
    busy->Run({.wake = [&] { ++busy_woken; }, .idle = [&] { return idle_slots.load(); }}, stop);
  });
  WaitFor("the busy one hears", [&] { return bench_.Hears(db()); });
  const int busy_before = busy_woken;
  for (int i = 1; i <= 10; ++i) bench_.Tell(db(), {.job_id = i});
  const auto idle = bench_.Make(Conninfo(), kNever);
  const std::jthread second([&](const std::stop_token& stop) {
    idle->Run({.wake = [&] { ++idle_woken; }, .idle = [] { return 1; }}, stop);
  });
  WaitFor("the idle one is woken by a hint", [&] { return idle_woken >= 2; });
  EXPECT_EQ(busy_woken, busy_before);
}

}  // namespace
}  // namespace eclusa
