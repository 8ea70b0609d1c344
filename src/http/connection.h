// One client's connection on its loop: reads a request, has it handled, writes the answer, and
// again. Requests that were sent ahead wait in the socket and are answered in order.
//
//     idle -> head -> [body] -> handler -> [body <-> sink] -> writing [<-> pull] -> idle or linger
//
// At any time exactly one of these holds: a read is under way, a write is, the pool has the
// exchange, or the connection is closed. Ownership: shared by whatever is under way; nothing under
// way and it is gone. Threads: the loop's, but for what the pool does with the exchange.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/asio.h"
#include "http/client_rate.h"
#include "http/exchange.h"
#include "http/read_buffer.h"
#include "http/request_parser.h"
#include "http/server_core.h"
#include "http/transport.h"

namespace eclusa::http {

// Who is at the other end.
struct Peer {
  std::string address;    // as Request::peer
  std::string count_key;  // what is counted together; empty: not counted by address
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // Counted already; Close takes it off core.counts.
  // `tls` null: plain.
  Connection(ServerCore& core, Loop& loop, Socket socket, asio::ssl::context* tls, Peer peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Start();
  // Answers without having read anything, then closes.
  void StartRefused(Refusal refusal);
  // Closes an idle connection; another is closed after the answer under way.
  void Drain();
  void Close(AccessOutcome outcome);

 private:
  enum class Phase : uint8_t { kIdle, kHead, kBody, kHandler, kWriting, kLinger, kClosed };
  using Next = void (Connection::*)();

  void NextRequest();
  void ReadHead();
  void OnHead();
  Exchange& NewExchange();

  void StartBody();
  void ReadBody();
  bool DecodeBody();  // false: refused
  void OnBodyRead();
  void WaitForBody();

  template <class Work>
  HandlerPool::Task Lend(Work work, Next then);
  void CallHandler();
  void CallSink(bool last);
  void OnSinkFed();
  void CallPull();
  void OnStep(Step step, Next then);
  void DropOnPool();

  void Refuse(const Refusal& refusal, bool keep_alive);
  void Answer();
  void WriteAnswer();
  void OnAnswerWritten();
  void FinishExchange(AccessOutcome outcome);
  void GiveUpExchange();
  void Linger();
  void ReadAway();

  void Read(size_t capacity, Next then);
  void Write(Next then);
  void WriteMore(Next then);
  void SetDeadline(std::chrono::milliseconds timeout);
  void ClearDeadline() { deadline_ = std::chrono::steady_clock::time_point::max(); }
  void ArmTimer(std::chrono::steady_clock::time_point at);
  void OnDeadline();
  void OnTimedOut();

  ServerCore& core_;
  Loop& loop_;
  Transport transport_;
  const Peer peer_;
  Phase phase_ = Phase::kIdle;

  SteadyTimer timer_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point timer_at_ = std::chrono::steady_clock::time_point::max();
  bool timed_out_ = false;  // the read under way was cancelled for it

  ReadBuffer in_;
  size_t last_read_ = 0;
  std::unique_ptr<RequestParser> parser_;
  std::shared_ptr<Exchange> exchange_;            // null between requests
  bool in_pool_ = false;                          // the exchange is the pool's
  bool close_after_ = false;                      // the answer under way is the last
  AccessOutcome end_ = AccessOutcome::kAnswered;  // why the connection was closed
  int requests_ = 0;

  // The body of the request.
  std::string body_;           // decoded, not handed on yet
  uint64_t body_left_ = 0;     // of a body with a length
  bool body_done_ = true;      // all of it was read
  bool continue_due_ = false;  // the client waits for "100 Continue"
  ClientRate body_rate_;

  // What is being written: out_, the exchange's chunk, tail_; the first `written_` bytes are gone.
  std::string out_;
  std::string_view middle_;
  std::string_view tail_;
  size_t written_ = 0;
  ClientRate answer_rate_;
};

}  // namespace eclusa::http
