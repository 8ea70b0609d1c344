#include "broker/session.h"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <array>

#include "model/codes.h"

namespace eclusa {
namespace {

constexpr int kHeartbeatSeconds = 10;
constexpr int kFrameMost = 131'072;

timeval TimevalOf(std::chrono::milliseconds duration) {
  return {.tv_sec = duration.count() / 1000,
          .tv_usec = static_cast<suseconds_t>(duration.count() % 1000 * 1000)};
}

amqp_bytes_t BytesOf(const std::string& text) {
  return {.len = text.size(),
          .bytes = const_cast<char*>(text.data())};  // the library only reads it
}

std::string TextOf(const amqp_bytes_t& bytes) {
  return {static_cast<const char*>(bytes.bytes), bytes.len};
}

// What the broker says when it closes a channel or a connection: code and text.
struct Closed {
  int code = 0;
  std::string text;
};

std::optional<Closed> ClosedBy(const amqp_method_t& method) {
  if (method.id == AMQP_CONNECTION_CLOSE_METHOD) {
    const auto* closed = static_cast<const amqp_connection_close_t*>(method.decoded);
    return Closed{closed->reply_code, TextOf(closed->reply_text)};
  }
  if (method.id == AMQP_CHANNEL_CLOSE_METHOD) {
    const auto* closed = static_cast<const amqp_channel_close_t*>(method.decoded);
    return Closed{closed->reply_code, TextOf(closed->reply_text)};
  }
  return std::nullopt;
}

bool IsRefusal(int code) {
  return code == AMQP_ACCESS_REFUSED || code == AMQP_NOT_ALLOWED || code == AMQP_INVALID_PATH;
}

}  // namespace

void BrokerSession::Close::operator()(amqp_connection_state_t state) const {
  if (amqp_get_sockfd(state) >= 0) amqp_connection_close(state, AMQP_REPLY_SUCCESS);
  amqp_destroy_connection(state);
}

BrokerSession::BrokerSession(const BrokerConfig& config)
    : config_(config), state_(amqp_new_connection()) {}

Result<BrokerSession> BrokerSession::Open(const BrokerConfig& config) {
  BrokerSession session(config);
  TRY(session.Connect());
  TRY(session.LogIn());
  TRY(session.DeclareQueue());
  return session;
}

amqp_bytes_t BrokerSession::queue() const { return BytesOf(config_.queue); }

Error BrokerSession::Lost(const std::string& detail) const {
  return Error(ErrorKind::kUnavailable, code::broker_lost,
               {{"host", config_.Place()}, {"detail", detail}});
}

Error BrokerSession::Refused(const std::string& detail) const {
  return Error(ErrorKind::kInvalid, code::broker_refused,
               {{"host", config_.Place()},
                {"user", config_.user},
                {"vhost", config_.vhost},
                {"detail", detail}});
}

Status BrokerSession::Connect() {
  const auto away = [&](const std::string& detail) {
    return Error(ErrorKind::kUnavailable, code::broker_away,
                 {{"host", config_.Place()}, {"detail", detail}});
  };
  amqp_socket_t* socket = config_.tls ? amqp_ssl_socket_new(state()) : amqp_tcp_socket_new(state());
  CHECK(socket != nullptr);
  if (config_.tls) {
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
    if (config_.ca.empty()) {
      SSL_CTX_set_default_verify_paths(static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket)));
    } else if (amqp_ssl_socket_set_cacert(socket, config_.ca.c_str()) != AMQP_STATUS_OK) {
      return away("broker.ca: " + config_.ca);
    }
    if (!config_.key.empty() && amqp_ssl_socket_set_key(socket, config_.certificate.c_str(),
                                                        config_.key.c_str()) != AMQP_STATUS_OK) {
      return away("broker.certificate, broker.key: " + config_.certificate);
    }
  }
  const timeval patience = TimevalOf(config_.patience);
  amqp_set_handshake_timeout(state(), &patience);
  amqp_set_rpc_timeout(state(), &patience);
  const int opened =
      amqp_socket_open_noblock(socket, config_.host.c_str(), config_.port, &patience);
  if (opened != AMQP_STATUS_OK) return away(amqp_error_string2(opened));
  return Ok();
}

Status BrokerSession::LogIn() {
  // So that we are told when our queue is deleted.
  std::array capabilities = {
      amqp_table_entry_t{.key = amqp_cstring_bytes("consumer_cancel_notify"),
                         .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}}}};
  std::array entries = {
      amqp_table_entry_t{
          .key = amqp_cstring_bytes("capabilities"),
          .value = {.kind = AMQP_FIELD_KIND_TABLE,
                    .value = {.table = {.num_entries = 1, .entries = capabilities.data()}}}},
      amqp_table_entry_t{.key = amqp_cstring_bytes("connection_name"),
                         .value = {.kind = AMQP_FIELD_KIND_UTF8,
                                   .value = {.bytes = amqp_cstring_bytes("eclusa")}}}};
  const amqp_table_t properties = {.num_entries = entries.size(), .entries = entries.data()};
  const amqp_rpc_reply_t login = amqp_login_with_properties(
      state(), config_.vhost.c_str(), 0, kFrameMost, kHeartbeatSeconds, &properties,
      AMQP_SASL_METHOD_PLAIN, config_.user.c_str(), config_.password.c_str());
  // A broker that knows no better closes the connection where it refuses the password.
  if (login.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION &&
      login.library_error == AMQP_STATUS_CONNECTION_CLOSED) {
    return Refused(amqp_error_string2(login.library_error));
  }
  TRY(Check(login));
  amqp_channel_open(state(), kChannel);
  return Check(amqp_get_rpc_reply(state()));
}

Status BrokerSession::DeclareQueue() {
  std::array entries = {
      amqp_table_entry_t{.key = amqp_cstring_bytes("x-queue-type"),
                         .value = {.kind = AMQP_FIELD_KIND_UTF8,
                                   .value = {.bytes = amqp_cstring_bytes("quorum")}}},
      amqp_table_entry_t{.key = amqp_cstring_bytes("x-max-length"),
                         .value = {.kind = AMQP_FIELD_KIND_I32, .value = {.i32 = kQueueMost}}}};
  constexpr amqp_boolean_t kPassive = 0;
  constexpr amqp_boolean_t kDurable = 1;
  constexpr amqp_boolean_t kExclusive = 0;
  constexpr amqp_boolean_t kAutoDelete = 0;
  amqp_queue_declare(state(), kChannel, queue(), kPassive, kDurable, kExclusive, kAutoDelete,
                     {.num_entries = entries.size(), .entries = entries.data()});
  const amqp_rpc_reply_t reply = amqp_get_rpc_reply(state());
  if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION) {
    const auto closed = ClosedBy(reply.reply);
    if (closed && closed->code == AMQP_PRECONDITION_FAILED) {
      return Error(ErrorKind::kInvalid, code::broker_queue_differs,
                   {{"queue", config_.queue}, {"detail", closed->text}});
    }
  }
  return Check(reply);
}

Status BrokerSession::Check(const amqp_rpc_reply_t& reply) const {
  switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL:
      return Ok();
    case AMQP_RESPONSE_SERVER_EXCEPTION: {
      const auto closed = ClosedBy(reply.reply);
      if (!closed) return Lost("an answer to something else");
      if (IsRefusal(closed->code)) return Refused(closed->text);
      return Lost(closed->text);
    }
    case AMQP_RESPONSE_LIBRARY_EXCEPTION:
      return Check(reply.library_error);
    case AMQP_RESPONSE_NONE:
      break;
  }
  return Lost("no answer");
}

Status BrokerSession::Check(int status) const {
  if (status == AMQP_STATUS_OK) return Ok();
  return Lost(amqp_error_string2(status));
}

Result<std::optional<amqp_frame_t>> BrokerSession::WaitForFrame(
    std::chrono::milliseconds patience) {
  amqp_maybe_release_buffers(state());
  const timeval most = TimevalOf(patience);
  amqp_frame_t frame;
  const int status = amqp_simple_wait_frame_noblock(state(), &frame, &most);
  if (status == AMQP_STATUS_TIMEOUT) return std::optional<amqp_frame_t>();
  TRY(Check(status));
  return std::optional(frame);
}

std::optional<Error> BrokerSession::EndOf(const amqp_frame_t& frame) const {
  if (frame.frame_type != AMQP_FRAME_METHOD) return std::nullopt;
  const amqp_method_t& method = frame.payload.method;
  if (method.id == AMQP_BASIC_CANCEL_METHOD) {
    return Error(ErrorKind::kNotFound, code::broker_queue_gone, {{"queue", config_.queue}});
  }
  const auto closed = ClosedBy(method);
  if (!closed) return std::nullopt;
  if (IsRefusal(closed->code)) return Refused(closed->text);
  return Lost(closed->text);
}

}  // namespace eclusa
