// BrokerFixture: the broker of tools/with_rabbitmq.sh, and what others may do to it. For tests.
#pragma once

#include <amqp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "broker/config.h"
#include "broker/receiver.h"
#include "broker/sender.h"
#include "broker/session.h"

namespace eclusa {

class BrokerFixture {
 public:
  BrokerFixture() : config_(ConfigOf("ECLUSA_TEST_BROKER")) {
    static int made = 0;
    config_.queue = "test_" + std::to_string(getpid()) + "_" + std::to_string(++made);
  }
  // A queue of its own for each.
  const BrokerConfig& config() const { return config_; }
  BrokerConfig TlsConfig() const {
    BrokerConfig config = ConfigOf("ECLUSA_TEST_BROKER_TLS");
    config.queue = config_.queue;
    config.ca = Variable("ECLUSA_TEST_BROKER_CA");
    return config;
  }
  // Any text, as somebody may send it who knows the queue's name.
  void Send(const std::string& message) const {
    auto sender = BrokerSender::Open(config_);
    CHECK(sender.ok());
    CHECK(sender->Send(std::vector{message}).ok());
  }
  void DeleteQueue() const {
    auto session = BrokerSession::Open(config_);
    CHECK(session.ok());
    amqp_queue_delete(session->state(), BrokerSession::kChannel, session->queue(), 0, 0);
    CHECK(session->Check(amqp_get_rpc_reply(session->state())).ok());
  }

 private:
  static std::string Variable(const char* name) {
    const char* value = std::getenv(name);
    CHECK(value != nullptr);  // run under tools/with_rabbitmq.sh
    return value;
  }
  static BrokerConfig ConfigOf(const char* name) {
    auto parsed = ParseBrokerUrl(Variable(name));
    CHECK(parsed.ok());
    return *parsed;
  }

  BrokerConfig config_;
};

}  // namespace eclusa
