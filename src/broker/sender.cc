#include "broker/sender.h"

#include <amqp_framing.h>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr uint8_t kPersistent = 2;

}  // namespace

Result<BrokerSender> BrokerSender::Open(const BrokerConfig& config) {
  BrokerSender sender(TRY(BrokerSession::Open(config)));
  amqp_confirm_select(sender.session_.state(), BrokerSession::kChannel);
  TRY(sender.session_.Check(amqp_get_rpc_reply(sender.session_.state())));
  return sender;
}

Status BrokerSender::Publish(const std::string& message) {
  amqp_basic_properties_t properties = {};
  properties._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG;
  properties.delivery_mode = kPersistent;
  properties.content_type = amqp_cstring_bytes("text/plain");
  const amqp_bytes_t body = {.len = message.size(), .bytes = const_cast<char*>(message.data())};
  constexpr amqp_boolean_t kMandatory = 1;  // given back where there is no such queue
  constexpr amqp_boolean_t kImmediate = 0;
  TRY(session_.Check(amqp_basic_publish(session_.state(), BrokerSession::kChannel, amqp_empty_bytes,
                                        session_.queue(), kMandatory, kImmediate, &properties,
                                        body)));
  unconfirmed_.insert(++published_);
  return Ok();
}

Status BrokerSender::Send(std::span<const std::string> messages) {
  returned_ = refused_ = false;
  for (const std::string& message : messages) TRY(Publish(message));
  while (!unconfirmed_.empty()) {
    const auto frame = TRY(session_.WaitForFrame(session_.config().patience));
    if (!frame) {
      return Error(
          ErrorKind::kUnavailable, code::broker_unconfirmed,
          {{"host", session_.config().Place()}, {"count", std::to_string(unconfirmed_.size())}});
    }
    TRY(Settle(*frame));
  }
  if (returned_) {
    return Error(ErrorKind::kNotFound, code::broker_queue_gone,
                 {{"queue", session_.config().queue}});
  }
  if (refused_) {
    return Error(ErrorKind::kUnavailable, code::broker_unconfirmed,
                 {{"host", session_.config().Place()}, {"count", std::to_string(messages.size())}});
  }
  return Ok();
}

Status BrokerSender::Settle(const amqp_frame_t& frame) {
  if (auto end = session_.EndOf(frame)) return *std::move(end);
  if (frame.frame_type != AMQP_FRAME_METHOD) return Ok();
  const amqp_method_t& method = frame.payload.method;
  const auto settle = [&](uint64_t tag, amqp_boolean_t multiple) {
    if (multiple != 0) {
      unconfirmed_.erase(unconfirmed_.begin(), unconfirmed_.upper_bound(tag));
    } else {
      unconfirmed_.erase(tag);
    }
  };
  if (method.id == AMQP_BASIC_ACK_METHOD) {
    const auto* ack = static_cast<const amqp_basic_ack_t*>(method.decoded);
    settle(ack->delivery_tag, ack->multiple);
  } else if (method.id == AMQP_BASIC_NACK_METHOD) {
    const auto* nack = static_cast<const amqp_basic_nack_t*>(method.decoded);
    settle(nack->delivery_tag, nack->multiple);
    refused_ = true;
  } else if (method.id == AMQP_BASIC_RETURN_METHOD) {
    returned_ = true;
    return ReadReturned();
  }
  return Ok();
}

// The message that follows its return.
Status BrokerSender::ReadReturned() {
  amqp_message_t message;
  TRY(session_.Check(amqp_read_message(session_.state(), BrokerSession::kChannel, &message, 0)));
  amqp_destroy_message(&message);
  return Ok();
}

Status BrokerSender::Tend() {
  while (const auto frame = TRY(session_.WaitForFrame({}))) TRY(Settle(*frame));
  return Ok();
}

}  // namespace eclusa
