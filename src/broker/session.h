// BrokerSession: one connection to a RabbitMQ broker with one channel on which the queue is known.
//
// Opened it has logged in and declared the queue: a quorum queue, durable, of kQueueMost messages
// at most, whose oldest give way. TLS takes a broker alone whose certificate is signed by the `ca`
// for the host's name, TLS 1.2 or later. What fails is an error once; the session is then of no
// use.
//   kUnavailable  broker.away, broker.lost        try again later
//   kInvalid      broker.refused, broker.queue_differs   somebody must see to it; trying does no
//   harm kNotFound     broker.queue_gone               the queue was deleted; a new session makes
//   it again
// Sender and Receiver speak through it. Every wait has `patience` as its end. A password is in no
// error. Ownership: move-only; closing closes the connection. Threads: one at a time.
#pragma once

#include <amqp.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "broker/config.h"
#include "core/result.h"

namespace eclusa {

class BrokerSession {
 public:
  static constexpr amqp_channel_t kChannel = 1;
  static constexpr int kQueueMost = 100'000;

  static Result<BrokerSession> Open(const BrokerConfig& config);

  amqp_connection_state_t state() const { return state_.get(); }
  const BrokerConfig& config() const { return config_; }
  amqp_bytes_t queue() const;

  // The next frame, if one comes in that time; nothing else. Sends what heartbeats are due.
  Result<std::optional<amqp_frame_t>> WaitForFrame(std::chrono::milliseconds patience);
  // What the frame says about the end of channel, connection or queue; nothing: it says no such
  // thing.
  std::optional<Error> EndOf(const amqp_frame_t& frame) const;
  // The reply to a call as a Status, and the number that functions of the library return.
  Status Check(const amqp_rpc_reply_t& reply) const;
  Status Check(int status) const;

 private:
  struct Close {
    void operator()(amqp_connection_state_t state) const;
  };
  explicit BrokerSession(const BrokerConfig& config);
  Status Connect();
  Status LogIn();
  Status DeclareQueue();
  Error Lost(const std::string& detail) const;
  Error Refused(const std::string& detail) const;

  BrokerConfig config_;
  std::unique_ptr<std::remove_pointer_t<amqp_connection_state_t>, Close> state_;
};

}  // namespace eclusa
