#include "http/handler_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace eclusa::http {
namespace {

TEST(HandlerPool, RefusesOffersBeyondItsQueueAndNothingElse) {
  std::atomic<int> ran = 0;
  std::promise<void> started;
  std::promise<void> release;
  HandlerPool pool(1, 2);
  ASSERT_TRUE(pool.Offer([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();  // it runs, and waits no more
  EXPECT_TRUE(pool.Offer([&] { ++ran; }));
  EXPECT_TRUE(pool.Offer([&] { ++ran; }));
  EXPECT_FALSE(pool.Offer([&] { ++ran; }));
  pool.Add([&] { ++ran; });
  release.set_value();
  pool.Stop();
  EXPECT_EQ(ran, 3);
}

TEST(HandlerPool, RunsWhatComesAfterItsEndInTheCaller) {
  HandlerPool pool(2, 1);
  pool.Stop();
  std::thread::id ran_in;
  pool.Add([&] { ran_in = std::this_thread::get_id(); });
  EXPECT_EQ(ran_in, std::this_thread::get_id());
}

TEST(HandlerPool, RunsTasksAtTheSameTime) {
  HandlerPool pool(2, 2);
  std::promise<void> first;
  std::promise<void> second;
  std::promise<void> done;
  pool.Add([&] {
    first.set_value();
    second.get_future().wait();
    done.set_value();
  });
  pool.Add([&] {
    first.get_future().wait();
    second.set_value();
  });
  done.get_future().wait();
  pool.Stop();
}

}  // namespace
}  // namespace eclusa::http
