#include "broker/receiver.h"

#include <amqp_framing.h>
#include <sys/time.h>

namespace eclusa {
namespace {

constexpr amqp_boolean_t kMultiple = 1;
constexpr amqp_boolean_t kRequeue = 1;

const amqp_bytes_t kConsumer = amqp_cstring_bytes("worker");

}  // namespace

Result<BrokerReceiver> BrokerReceiver::Open(const BrokerConfig& config, int prefetch) {
  BrokerReceiver receiver(TRY(BrokerSession::Open(config)), prefetch);
  const amqp_connection_state_t state = receiver.session_.state();
  constexpr uint32_t kAnySize = 0;
  constexpr amqp_boolean_t kGlobal = 0;
  amqp_basic_qos(state, BrokerSession::kChannel, kAnySize, static_cast<uint16_t>(prefetch),
                 kGlobal);
  TRY(receiver.session_.Check(amqp_get_rpc_reply(state)));
  TRY(receiver.Resume());
  return receiver;
}

Status BrokerReceiver::Resume() {
  if (!paused_) return Ok();
  constexpr amqp_boolean_t kNoLocal = 0;
  constexpr amqp_boolean_t kNoAck = 0;
  constexpr amqp_boolean_t kExclusive = 0;
  amqp_basic_consume(session_.state(), BrokerSession::kChannel, session_.queue(), kConsumer,
                     kNoLocal, kNoAck, kExclusive, amqp_empty_table);
  TRY(session_.Check(amqp_get_rpc_reply(session_.state())));
  paused_ = false;
  return Ok();
}

Result<std::vector<std::string>> BrokerReceiver::Receive(std::chrono::milliseconds patience) {
  std::vector<std::string> messages;
  timeval wait = {.tv_sec = patience.count() / 1000,
                  .tv_usec = static_cast<suseconds_t>(patience.count() % 1000 * 1000)};
  while (messages.size() < static_cast<size_t>(prefetch_)) {
    amqp_maybe_release_buffers(session_.state());
    amqp_envelope_t envelope;
    const amqp_rpc_reply_t reply = amqp_consume_message(session_.state(), &envelope, &wait, 0);
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
      const amqp_bytes_t& body = envelope.message.body;
      messages.emplace_back(static_cast<const char*>(body.bytes), body.len);
      last_ = envelope.delivery_tag;
      amqp_destroy_envelope(&envelope);
      wait = {};
      continue;
    }
    const bool library = reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION;
    if (library && reply.library_error == AMQP_STATUS_TIMEOUT) break;
    if (!library || reply.library_error != AMQP_STATUS_UNEXPECTED_STATE) {
      return std::move(session_.Check(reply)).error();
    }
    TRY(ReadOther());
  }
  return messages;
}

// A frame that is no message, which the library leaves to us.
Status BrokerReceiver::ReadOther() {
  const auto frame = TRY(session_.WaitForFrame(session_.config().patience));
  if (!frame) return Ok();
  if (auto end = session_.EndOf(*frame)) return *std::move(end);
  return Ok();
}

Status BrokerReceiver::Accept() {
  if (last_ == 0) return Ok();
  const uint64_t tag = std::exchange(last_, 0);
  return session_.Check(amqp_basic_ack(session_.state(), BrokerSession::kChannel, tag, kMultiple));
}

Status BrokerReceiver::GiveBack() {
  if (!paused_) {
    amqp_basic_cancel(session_.state(), BrokerSession::kChannel, kConsumer);
    TRY(session_.Check(amqp_get_rpc_reply(session_.state())));
    paused_ = true;
    // What was on its way when the broker heard of it.
    while (!TRY(Receive({})).empty()) {
    }
  }
  if (last_ == 0) return Ok();
  const uint64_t tag = std::exchange(last_, 0);
  return session_.Check(
      amqp_basic_nack(session_.state(), BrokerSession::kChannel, tag, kMultiple, kRequeue));
}

}  // namespace eclusa
