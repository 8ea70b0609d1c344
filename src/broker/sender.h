// BrokerSender: puts messages into the queue, and knows that they are there.
//
// Publisher confirms: Send returns Ok when the broker has taken every message, on a majority of its
// nodes. After an error some may be there: send all of them again, those that read them do not
// mind. Threads: one at a time.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "broker/session.h"
#include "core/result.h"

namespace eclusa {

class BrokerSender {
 public:
  static Result<BrokerSender> Open(const BrokerConfig& config);

  // As BrokerSession's errors; kNotFound (broker.queue_gone) where the queue is there no more,
  // kUnavailable (broker.unconfirmed) where the broker took some but did not keep them.
  Status Send(std::span<const std::string> messages);
  // Says that we are still there, and finds out whether the broker is. At least every five seconds.
  Status Tend();

 private:
  explicit BrokerSender(BrokerSession session) : session_(std::move(session)) {}
  Status Publish(const std::string& message);
  Status Settle(const amqp_frame_t& frame);
  Status ReadReturned();

  BrokerSession session_;
  uint64_t published_ = 0;
  std::set<uint64_t> unconfirmed_;
  bool returned_ = false;  // by the broker, as there is no such queue
  bool refused_ = false;
};

}  // namespace eclusa
