// eclusa_dispatch_bench: what a message costs, from the outbox to a claim. Under
// tools/with_postgres.sh and tools/with_rabbitmq.sh; prints one JSON object, times in microseconds.
//
//   publish     a message to the queue until the broker has confirmed it, one after the other
//   batch       the same in batches of 500, per message
//   deliver     from before it is published until it is received
//   hint        from the outbox row's commit and NOTIFY until the receiver has it: publisher
//   included
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "broker/receiver.h"
#include "broker/sender.h"
#include "control/schema.h"
#include "dispatch/publisher.h"
#include "pg/connection.h"

namespace {

using namespace eclusa;
using Clock = std::chrono::steady_clock;

constexpr int kMessages = 1000;
constexpr std::chrono::milliseconds kPatience{10'000};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  CHECK(value != nullptr);
  return value;
}

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

std::string Spread(const char* name, std::vector<double> times) {
  std::ranges::sort(times);
  return fmt::format(R"("{}": {{"p50": {:.0f}, "p99": {:.0f}}})", name, times[times.size() / 2],
                     times[times.size() * 99 / 100]);
}

// Takes all that is there.
void Take(BrokerReceiver& receiver, size_t messages) {
  while (messages > 0) {
    const auto some = receiver.Receive(kPatience);
    CHECK(some.ok() && !some->empty() && receiver.Accept().ok());
    messages -= some->size();
  }
}

void MeasureBroker(const BrokerConfig& config) {
  auto sender = BrokerSender::Open(config);
  auto receiver = BrokerReceiver::Open(config, 64);
  CHECK(sender.ok() && receiver.ok());
  const std::vector<std::string> one{"17/3"};
  std::vector<double> publish;
  std::vector<double> deliver;
  for (int i = 0; i < kMessages; ++i) {
    const auto begin = Clock::now();
    CHECK(sender->Send(one).ok());
    publish.push_back(Microseconds(Clock::now() - begin));
    Take(*receiver, 1);
    deliver.push_back(Microseconds(Clock::now() - begin));
  }
  const std::vector<std::string> batch(500, "17/3");
  const auto begin = Clock::now();
  for (int i = 0; i < 10; ++i) CHECK(sender->Send(batch).ok());
  const double each = Microseconds(Clock::now() - begin) / (10.0 * 500);
  Take(*receiver, 5000);
  fmt::print("{{{}, {}, \"batch\": {:.1f}, ", Spread("publish", publish),
             Spread("deliver", deliver), each);
}

void MeasureHints(const BrokerConfig& config, const std::string& conninfo) {
  auto session = Connection::Open(conninfo, {});
  CHECK(session.ok() && EnsureSchema(*session).ok());
  const std::jthread publisher([&](const std::stop_token& stop) {
    Publisher({.conninfo = conninfo, .broker = config}).Run(stop);
  });
  auto receiver = BrokerReceiver::Open(config, 64);
  CHECK(receiver.ok());
  std::vector<double> hint;
  for (int i = 0; i < kMessages; ++i) {
    const auto begin = Clock::now();
    CHECK(session->Execute("INSERT INTO eclusa.outbox (job_id, part) VALUES (17, 3)").ok());
    CHECK(session->Execute("NOTIFY eclusa_ready").ok());
    Take(*receiver, 1);
    hint.push_back(Microseconds(Clock::now() - begin));
  }
  fmt::print("{}}}\n", Spread("hint", hint));
}

}  // namespace

int main() {
  auto config = ParseBrokerUrl(Variable("ECLUSA_TEST_BROKER"));
  CHECK(config.ok());
  config->queue = "eclusa_bench";
  MeasureBroker(*config);
  MeasureHints(*config, Variable("ECLUSA_TEST_DB"));
}
