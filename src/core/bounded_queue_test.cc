#include "core/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace eclusa {
namespace {

TEST(BoundedQueue, HandsItemsOverInOrder) {
  BoundedQueue<int> queue(100);
  EXPECT_TRUE(queue.Push(1, 10));
  EXPECT_TRUE(queue.Push(2, 10));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
}

TEST(BoundedQueue, EndsAfterTheLastItemWhenClosed) {
  BoundedQueue<int> queue(100);
  ASSERT_TRUE(queue.Push(1, 1));
  queue.Close();
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, LetsAnItemLargerThanTheBoundThroughWhenEmpty) {
  BoundedQueue<std::string> queue(8);
  EXPECT_TRUE(queue.Push("large", 1000));
  EXPECT_EQ(queue.Pop(), "large");
}

TEST(BoundedQueue, NeverHoldsMoreBytesThanTheBound) {
  constexpr size_t kBytesMax = 30;
  constexpr size_t kItemBytes = 10;
  constexpr int kItems = 2000;
  BoundedQueue<int> queue(kBytesMax);
  std::atomic<int> inside = 0;
  std::atomic<int> inside_max = 0;
  std::jthread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      if (!queue.Push(i, kItemBytes)) return;
      const int now = ++inside;
      int seen = inside_max;
      while (now > seen && !inside_max.compare_exchange_weak(seen, now)) {
      }
    }
    queue.Close();
  });
  int expected = 0;
  while (const std::optional<int> item = queue.Pop()) {
    --inside;
    EXPECT_EQ(*item, expected++);
  }
  EXPECT_EQ(expected, kItems);
  // One more than fits: a producer counts after its push, a consumer after its pop.
  EXPECT_LE(inside_max, static_cast<int>(kBytesMax / kItemBytes) + 1);
}

TEST(BoundedQueue, AbortWakesAProducerThatWaitsForRoom) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.Push(1, 1));
  bool accepted = true;
  std::thread producer([&] { accepted = queue.Push(2, 1); });
  queue.Abort();
  producer.join();
  EXPECT_FALSE(accepted);
}

TEST(BoundedQueue, AbortWakesAConsumerThatWaitsForItems) {
  BoundedQueue<int> queue(1);
  std::optional<int> item = 1;
  std::thread consumer([&] { item = queue.Pop(); });
  queue.Abort();
  consumer.join();
  EXPECT_EQ(item, std::nullopt);
}

TEST(BoundedQueue, RefusesEverythingAfterAbort) {
  BoundedQueue<int> queue(10);
  ASSERT_TRUE(queue.Push(1, 1));
  queue.Abort();
  EXPECT_FALSE(queue.Push(2, 1));
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, ServesSeveralConsumersEachItemOnce) {
  constexpr int kItems = 1000;
  BoundedQueue<int> queue(16);
  std::atomic<int64_t> sum = 0;
  {
    std::vector<std::jthread> consumers;
    for (int i = 0; i < 3; ++i) {
      consumers.emplace_back([&] {
        while (const std::optional<int> item = queue.Pop()) sum += *item;
      });
    }
    for (int i = 1; i <= kItems; ++i) ASSERT_TRUE(queue.Push(i, 1));
    queue.Close();
  }
  EXPECT_EQ(sum, int64_t{kItems} * (kItems + 1) / 2);
}

}  // namespace
}  // namespace eclusa
