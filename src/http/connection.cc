#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <utility>

#include "model/codes.h"

namespace eclusa::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kHeadBuffer = 4 << 10;   // enough for most heads
constexpr size_t kBodyBuffer = 64 << 10;  // less, and large bodies crawl
// From here on a sink is fed. With what one read may add, the bound of a connection's body.
constexpr size_t kSinkPiece = 192 << 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kLastChunk = "\r\n0\r\n\r\n";
constexpr size_t kCopiedMax = 16 << 10;  // a body that goes out in one buffer with its head

}  // namespace

Connection::Connection(ServerCore& core, Loop& loop, Socket socket, asio::ssl::context* tls,
                       Peer peer)
    : core_(core),
      loop_(loop),
      transport_(std::move(socket), tls),
      peer_(std::move(peer)),
      timer_(loop.context) {
  loop_.connections.insert(this);
}

Connection::~Connection() {
  if (phase_ != Phase::kClosed) Close(AccessOutcome::kStopped);
}

void Connection::Start() {
  if (!transport_.secure()) {
    NextRequest();
  } else {
    SetDeadline(core_.config.head_timeout);
    transport_.Handshake([self = shared_from_this()](NetError error) {
      if (self->phase_ == Phase::kClosed) return;
      if (error || self->timed_out_) return self->Close(AccessOutcome::kClientGone);
      self->NextRequest();
    });
  }
}

void Connection::StartRefused(Refusal refusal) { Refuse(refusal, false); }

// --- head --------------------------------------------------------------------------------------

void Connection::NextRequest() {
  if (in_.empty() && core_.draining) return Close(AccessOutcome::kAnswered);
  parser_ =
      std::make_unique<RequestParser>(core_.config.head_bytes_max, core_.config.uri_bytes_max);
  phase_ = in_.empty() ? Phase::kIdle : Phase::kHead;
  // A client that has never sent a byte has no longer for the first than for a head.
  const bool idle = phase_ == Phase::kIdle && requests_ > 0;
  SetDeadline(idle ? core_.config.idle_timeout : core_.config.head_timeout);
  if (phase_ == Phase::kIdle) {
    // What a large body needed is given back: many connections may be idle.
    in_.Shrink(2 * kHeadBuffer);
    if (body_.capacity() > kHeadBuffer) body_ = std::string();
    if (out_.capacity() > kCopiedMax) out_ = std::string();
    Read(kHeadBuffer, &Connection::ReadHead);
  } else {
    ReadHead();
  }
}

void Connection::ReadHead() {
  if (phase_ == Phase::kIdle) {
    phase_ = Phase::kHead;
    if (requests_ > 0) SetDeadline(core_.config.head_timeout);
  }
  size_t consumed = 0;
  switch (parser_->ReadHead(in_.view(), consumed)) {
    case ParseState::kMore:
      return Read(kHeadBuffer, &Connection::ReadHead);
    case ParseState::kRefused:
      return Refuse(parser_->refusal(), false);
    case ParseState::kDone:
      in_.Consume(consumed);
      return OnHead();
  }
}

Exchange& Connection::NewExchange() {
  exchange_ = std::make_shared<Exchange>();
  Request& request = exchange_->request;
  request.peer = peer_.address;
  request.secure = transport_.secure();
  request.stop = exchange_->stop.get_token();
  ++requests_;
  body_done_ = true;
  return *exchange_;
}

void Connection::OnHead() {
  ClearDeadline();
  Exchange& exchange = NewExchange();
  Request& request = exchange.request;
  RawHead raw = parser_->TakeHead();
  auto facts = ReadHeadFacts(raw);
  request.method = std::move(raw.method);
  request.headers = std::move(raw.headers);
  const std::string_view trace_id = TraceIdOf(request.headers);
  request.trace_id = trace_id.empty() ? NewTraceId() : std::string(trace_id);
  if (const auto* const refusal = std::get_if<Refusal>(&facts)) return Refuse(*refusal, false);

  exchange.facts = std::get<HeadFacts>(std::move(facts));
  const Target& target = exchange.facts.target;
  for (const std::string& segment : target.segments) request.path.append("/").append(segment);
  request.query_parameters = std::move(exchange.facts.target.query);
  request.query = std::move(exchange.facts.target.raw_query);
  if (!target.authority.empty()) {
    request.host = target.authority;
  } else if (const std::string* const host = request.headers.Find("Host")) {
    request.host = *host;
  }
  request.content_length = exchange.facts.content_length;

  Step step = FindRoute(core_.router, exchange);
  body_done_ = !exchange.facts.has_body();
  if (!std::holds_alternative<GoOn>(step)) return OnStep(std::move(step), nullptr);
  if (body_done_ || exchange.route->body == BodyKind::kStreamed) return CallHandler();
  StartBody();
}

// --- body --------------------------------------------------------------------------------------

void Connection::StartBody() {
  body_.clear();
  body_left_ = exchange_->facts.content_length.value_or(0);
  body_rate_ = {};
  continue_due_ = exchange_->facts.expects_continue;
  ReadBody();
}

// Goes on with what was read; then waits for more, or hands on what there is.
void Connection::ReadBody() {
  phase_ = Phase::kBody;
  if (!body_done_ && !DecodeBody()) return;
  const bool streamed = exchange_->route->body == BodyKind::kStreamed;
  if (streamed && (body_done_ || body_.size() >= kSinkPiece)) return CallSink(body_done_);
  if (body_done_) {
    exchange_->request.body = std::exchange(body_, {});
    return CallHandler();
  }
  if (!continue_due_ || !in_.empty()) return WaitForBody();
  continue_due_ = false;
  out_ = kContinue;
  middle_ = tail_ = {};
  Write(&Connection::WaitForBody);
}

bool Connection::DecodeBody() {
  const size_t before = body_.size();
  if (exchange_->facts.chunked) {
    size_t consumed = 0;
    const ParseState state = parser_->ReadChunks(in_.view(), consumed, body_);
    in_.Consume(consumed);
    if (state == ParseState::kRefused) {
      Refuse(parser_->refusal(), false);
      return false;
    }
    body_done_ = state == ParseState::kDone;
  } else {
    const auto count = static_cast<size_t>(std::min<uint64_t>(in_.view().size(), body_left_));
    body_.append(in_.view().substr(0, count));
    in_.Consume(count);
    body_left_ -= count;
    body_done_ = body_left_ == 0;
  }
  exchange_->bytes_in += body_.size() - before;
  if (exchange_->bytes_in <= exchange_->route->body_max) return true;
  Refuse(BodyTooLarge(*exchange_->route), false);
  return false;
}

void Connection::WaitForBody() {
  phase_ = Phase::kBody;
  continue_due_ = false;
  SetDeadline(body_rate_.Begin(core_.config, core_.config.body_timeout));
  Read(kBodyBuffer, &Connection::OnBodyRead);
}

void Connection::OnBodyRead() {
  ClearDeadline();
  body_rate_.End(last_read_);
  ReadBody();
}

// --- the pool ----------------------------------------------------------------------------------

// Lends the exchange to the pool for `work`, which gives a Step; `then` is what GoOn goes on with.
template <class Work>
HandlerPool::Task Connection::Lend(Work work, Next then) {
  in_pool_ = true;
  return [self = shared_from_this(), exchange = exchange_, work, then] {
    asio::post(self->loop_.context, [self, then, step = work(*exchange)]() mutable {
      self->OnStep(std::move(step), then);
    });
  };
}

void Connection::CallHandler() {
  phase_ = Phase::kHandler;
  ClearDeadline();
  if (core_.pool.Offer(Lend(RunHandler, &Connection::StartBody))) return;
  in_pool_ = false;
  Refuse({503, code::http_busy, {}, {{"Retry-After", "1"}}}, body_done_);
}

void Connection::CallSink(bool last) {
  phase_ = Phase::kHandler;
  core_.pool.Add(Lend([body = std::string_view{body_},
                       last](Exchange& exchange) { return RunSink(exchange, body, last); },
                      &Connection::OnSinkFed));
}

void Connection::OnSinkFed() {
  body_.clear();
  ReadBody();
}

void Connection::CallPull() {
  core_.pool.Add(Lend(
      [](Exchange& exchange) -> Step {
        RunPull(exchange);
        return GoOn{};
      },
      &Connection::WriteAnswer));
}

// The exchange is back.
void Connection::OnStep(Step step, Next then) {
  in_pool_ = false;
  if (phase_ == Phase::kClosed) return GiveUpExchange();
  if (const auto* const refusal = std::get_if<Refusal>(&step)) return Refuse(*refusal, body_done_);
  if (std::holds_alternative<Answered>(step)) return Answer();
  (this->*then)();
}

// What a sink or a pull body undoes when it is destroyed may take its time.
void Connection::DropOnPool() {
  const std::shared_ptr<Exchange> exchange = std::move(exchange_);
  if (exchange->sink == nullptr && !exchange->response.pull) return;
  core_.pool.Add([exchange] {
    exchange->sink.reset();
    exchange->response.pull = nullptr;
  });
}

// --- answer ------------------------------------------------------------------------------------

void Connection::Refuse(const Refusal& refusal, bool keep_alive) {
  if (exchange_ == nullptr) NewExchange();
  Exchange& exchange = *exchange_;
  ClearDeadline();
  close_after_ |= !keep_alive;
  exchange.refusal_code = refusal.code;
  if (exchange.request.trace_id.empty()) exchange.request.trace_id = NewTraceId();
  if (exchange.sink != nullptr) {
    core_.pool.Add([sink = std::shared_ptr<BodySink>(std::move(exchange.sink))] {});
  }
  Response page;
  try {
    page = core_.hooks.error_page(refusal, exchange.request);
  } catch (const std::exception&) {
    page = PlainErrorPage(refusal, exchange.request);
  }
  CHECK(!page.pull);
  for (const auto& [name, value] : refusal.headers) page.headers.Set(name, value);
  if (!std::holds_alternative<Answered>(SetResponse(exchange, std::move(page)))) {
    SetResponse(exchange, PlainErrorPage(refusal, exchange.request));
  }
  Answer();
}

void Connection::Answer() {
  Exchange& exchange = *exchange_;
  phase_ = Phase::kWriting;
  close_after_ = close_after_ || !exchange.facts.keep_alive || !body_done_ || core_.draining ||
                 requests_ >= core_.config.requests_per_connection ||
                 exchange.frame.framing == BodyFraming::kUntilClose;
  exchange.frame.keep_alive = !close_after_;
  answer_rate_ = {};
  out_.clear();
  AppendResponseHead(exchange.response, exchange.frame, out_);
  WriteAnswer();
}

// Writes out_ and the exchange's chunk.
void Connection::WriteAnswer() {
  Exchange& exchange = *exchange_;
  if (exchange.pull_failed) return Close(AccessOutcome::kBroken);
  middle_ = tail_ = {};
  if (!exchange.head_only) {
    middle_ = exchange.chunk;
    if (exchange.frame.framing == BodyFraming::kChunked) {
      if (!middle_.empty()) fmt::format_to(std::back_inserter(out_), "{:x}\r\n", middle_.size());
      tail_ = middle_.empty() ? kLastChunk.substr(2) : kLastChunk;
      if (exchange.more) tail_ = kLastChunk.substr(0, 2);
    }
    if (middle_.size() <= kCopiedMax) {
      out_.append(middle_).append(tail_);
      middle_ = tail_ = {};
    }
  }
  Write(&Connection::OnAnswerWritten);
}

void Connection::OnAnswerWritten() {
  if (exchange_->more) {
    out_.clear();
    return CallPull();
  }
  FinishExchange(AccessOutcome::kAnswered);
  DropOnPool();
  if (close_after_) return Linger();
  NextRequest();
}

void Connection::FinishExchange(AccessOutcome outcome) {
  const Exchange& exchange = *exchange_;
  const Request& request = exchange.request;
  AccessEvent event;
  event.method = request.method;
  event.operation = request.operation;
  event.status = exchange.bytes_out > 0 ? exchange.response.status : 0;
  event.bytes_in = exchange.bytes_in;
  event.bytes_out = exchange.bytes_out;
  event.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - exchange.began);
  event.trace_id = request.trace_id;
  event.peer = peer_.address;
  event.outcome = outcome;
  event.refusal_code = exchange.refusal_code;
  event.error = exchange.error ? &*exchange.error : nullptr;
  core_.hooks.access_log(event);
}

// --- the end -----------------------------------------------------------------------------------

// Ends what is sent and reads what still comes, for a while: a socket that is closed with unread
// bytes takes the answer with it.
void Connection::Linger() {
  phase_ = Phase::kLinger;
  SetDeadline(core_.config.linger_timeout);
  transport_.EndWriting([self = shared_from_this()](NetError) {
    if (self->phase_ == Phase::kClosed) return;
    self->transport_.ShutdownSend();
    self->ReadAway();
  });
}

void Connection::ReadAway() {
  in_.Consume(in_.view().size());
  transport_.ReadRaw(in_.Room(kHeadBuffer), [self = shared_from_this()](NetError error, size_t) {
    if (self->phase_ == Phase::kClosed) return;
    if (error) return self->Close(AccessOutcome::kAnswered);
    self->ReadAway();
  });
}

void Connection::Drain() {
  if (phase_ == Phase::kIdle) return Close(AccessOutcome::kStopped);
  close_after_ = true;
}

void Connection::Close(AccessOutcome outcome) {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  timer_.cancel();
  transport_.Close();
  loop_.connections.erase(this);
  core_.counts.Remove(peer_.count_key);
  if (exchange_ == nullptr) return;
  end_ = outcome;
  exchange_->stop.request_stop();
  if (!in_pool_) GiveUpExchange();  // else when it is back
}

void Connection::GiveUpExchange() {
  FinishExchange(end_);
  DropOnPool();
}

// --- reading, writing, waiting -----------------------------------------------------------------

void Connection::Read(size_t capacity, Next then) {
  transport_.ReadSome(in_.Room(capacity),
                      [self = shared_from_this(), then](NetError error, size_t count) {
                        if (self->phase_ == Phase::kClosed) return;
                        if (std::exchange(self->timed_out_, false)) return self->OnTimedOut();
                        if (error) return self->Close(AccessOutcome::kClientGone);
                        self->in_.Filled(count);
                        self->last_read_ = count;
                        (self.get()->*then)();
                      });
}

void Connection::Write(Next then) {
  written_ = 0;
  WriteMore(then);
}

void Connection::WriteMore(Next then) {
  std::array<asio::const_buffer, 3> buffers;
  size_t skipped = written_;
  size_t left = 0;
  for (size_t i = 0; const std::string_view part : {std::string_view{out_}, middle_, tail_}) {
    const size_t skip = std::min(skipped, part.size());
    skipped -= skip;
    left += part.size() - skip;
    buffers[i++] = asio::buffer(part.data() + skip, part.size() - skip);
  }
  SetDeadline(answer_rate_.Begin(core_.config, core_.config.write_timeout));
  transport_.WriteSome(buffers,
                       [self = shared_from_this(), left, then](NetError error, size_t count) {
                         if (self->phase_ == Phase::kClosed) return;
                         if (error) return self->Close(AccessOutcome::kClientGone);
                         self->written_ += count;
                         self->answer_rate_.End(count);
                         if (self->phase_ == Phase::kWriting) self->exchange_->bytes_out += count;
                         if (count < left) return self->WriteMore(then);
                         self->ClearDeadline();
                         (self.get()->*then)();
                       });
}

void Connection::SetDeadline(std::chrono::milliseconds timeout) {
  deadline_ = Clock::now() + timeout;
  if (deadline_ < timer_at_) ArmTimer(deadline_);
}

// The timer is seldom moved: it looks at the deadline when it fires, and waits on.
void Connection::ArmTimer(Clock::time_point at) {
  timer_at_ = at;
  timer_.expires_at(at);
  timer_.async_wait([self = shared_from_this()](NetError error) {
    if (error || self->phase_ == Phase::kClosed) return;
    self->timer_at_ = Clock::time_point::max();
    if (self->deadline_ <= Clock::now()) return self->OnDeadline();
    if (self->deadline_ != Clock::time_point::max()) self->ArmTimer(self->deadline_);
  });
}

void Connection::OnDeadline() {
  ClearDeadline();
  switch (phase_) {
    case Phase::kHead:
    case Phase::kBody:
      timed_out_ = true;
      return transport_.Cancel();
    case Phase::kWriting:
      return Close(AccessOutcome::kTimedOut);
    case Phase::kIdle:
    case Phase::kLinger:
      return Close(AccessOutcome::kAnswered);
    case Phase::kHandler:
    case Phase::kClosed:
      return;
  }
}

void Connection::OnTimedOut() {
  const auto& config = core_.config;
  const auto timeout = phase_ == Phase::kHead ? config.head_timeout : config.body_timeout;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout).count();
  Refuse({408, code::http_timeout, {{"seconds", std::to_string(seconds)}}, {}}, false);
}

}  // namespace eclusa::http
