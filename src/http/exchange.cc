#include "http/exchange.h"

#include <exception>
#include <utility>

#include "core/fault.h"
#include "model/codes.h"

namespace eclusa::http {
namespace {

const FaultPoint kBeforeHandler("http.before_handler");
const FaultPoint kBodyWritten("http.body_written");
const FaultPoint kBodyFinished("http.body_finished");

Refusal RefusalOf(Exchange& exchange, Error error) {
  const bool unavailable = error.kind() == ErrorKind::kUnavailable;
  exchange.error = std::move(error);
  if (unavailable) return {503, code::http_unavailable, {}, {{"Retry-After", "5"}}};
  return {500, code::http_internal, {}, {}};
}

Refusal RefusalOfException(Exchange& exchange, std::string what) {
  return RefusalOf(exchange,
                   Error(ErrorKind::kInternal, code::http_exception, {{"what", std::move(what)}}));
}

// Runs `run`, which gives a Result<Step>, and ends its errors and exceptions here.
template <class Run>
Step Guarded(Exchange& exchange, const Run& run) {
  try {
    Result<Step> step = run();
    if (!step.ok()) return RefusalOf(exchange, std::move(step).error());
    return std::move(step).value();
  } catch (const std::exception& exception) {
    return RefusalOfException(exchange, exception.what());
  } catch (...) {
    return RefusalOfException(exchange, "?");
  }
}

}  // namespace

Refusal BodyTooLarge(const Route& route) {
  if (route.body == BodyKind::kNone) return {413, code::http_body_not_taken, {}, {}};
  return {413, code::http_body_too_large, {{"limit", std::to_string(route.body_max)}}, {}};
}

Step FindRoute(const Router& router, Exchange& exchange) {
  Request& request = exchange.request;
  const HeadFacts& facts = exchange.facts;
  if (facts.target.asterisk) {
    return SetResponse(exchange, {.status = 204, .headers = {{"Allow", router.AllMethods()}}});
  }
  RouteMatch match = router.Match(request.method, facts.target.segments);
  if (match.route == nullptr) {
    if (match.allowed.empty())
      return Refusal{404, code::http_not_found, {{"path", request.path}}, {}};
    if (request.method == "OPTIONS") {
      return SetResponse(exchange, {.status = 204, .headers = {{"Allow", match.allowed}}});
    }
    return Refusal{405,
                   code::http_method_not_allowed,
                   {{"method", request.method}, {"allowed", match.allowed}},
                   {{"Allow", match.allowed}}};
  }
  const Route& route = *match.route;
  exchange.route = &route;
  request.operation = route.operation;
  request.path_parameters = std::move(match.parameters);
  if (route.length_required && !facts.content_length) {
    return Refusal{411, code::http_length_required, {}, {}};
  }
  const uint64_t body_max = route.body == BodyKind::kNone ? 0 : route.body_max;
  if (facts.content_length.value_or(0) > body_max) return BodyTooLarge(route);
  if (route.body == BodyKind::kNone && facts.chunked) return BodyTooLarge(route);
  return GoOn{};
}

Step RunHandler(Exchange& exchange) {
  kBeforeHandler.Reach();
  return Guarded(exchange, [&]() -> Result<Step> {
    const Route& route = *exchange.route;
    if (route.body != BodyKind::kStreamed)
      return SetResponse(exchange, TRY(route.handler(exchange.request)));
    Streamed streamed = TRY(route.stream_handler(exchange.request));
    if (auto* const response = std::get_if<Response>(&streamed)) {
      return SetResponse(exchange, std::move(*response));
    }
    exchange.sink = std::get<std::unique_ptr<BodySink>>(std::move(streamed));
    CHECK(exchange.sink != nullptr);
    return Step(GoOn{});
  });
}

Step RunSink(Exchange& exchange, std::string_view bytes, bool last) {
  Step step = Guarded(exchange, [&]() -> Result<Step> {
    if (!bytes.empty()) {
      std::optional<Response> early = TRY(exchange.sink->Write(bytes));
      if (early) return SetResponse(exchange, *std::move(early));
      kBodyWritten.Reach();
    }
    if (!last) return Step(GoOn{});
    Response response = TRY(exchange.sink->Finish());
    kBodyFinished.Reach();
    return SetResponse(exchange, std::move(response));
  });
  if (!std::holds_alternative<GoOn>(step)) exchange.sink.reset();
  return step;
}

void RunPull(Exchange& exchange) {
  exchange.chunk.clear();
  const Step step = Guarded(exchange, [&]() -> Result<Step> {
    // An empty chunk would end the body where chunks are counted: only the last may be empty.
    do {
      exchange.more = TRY(exchange.response.pull(exchange.chunk));
    } while (exchange.more && exchange.chunk.empty() && !exchange.stop.stop_requested());
    return Step(GoOn{});
  });
  exchange.pulled += exchange.chunk.size();
  const bool sized = exchange.frame.framing == BodyFraming::kLength;
  const uint64_t length = exchange.frame.length;
  const bool wrong_length =
      sized && (exchange.pulled > length || (!exchange.more && exchange.pulled < length));
  if (std::holds_alternative<GoOn>(step) && wrong_length) {
    exchange.error =
        Error(ErrorKind::kInternal, code::http_pull_length,
              {{"expected", std::to_string(length)}, {"found", std::to_string(exchange.pulled)}});
  }
  exchange.pull_failed = !std::holds_alternative<GoOn>(step) || wrong_length;
  if (exchange.pull_failed || !exchange.more) exchange.response.pull = nullptr;
}

Step SetResponse(Exchange& exchange, Response response) {
  if (!IsWritable(response)) {
    return RefusalOf(exchange, Error(ErrorKind::kInternal, code::http_response_field));
  }
  exchange.frame = FrameOf(response, exchange.facts.http11);
  exchange.head_only =
      exchange.request.method == "HEAD" || exchange.frame.framing == BodyFraming::kNone;
  exchange.response = std::move(response);
  exchange.chunk.clear();
  exchange.more = false;
  exchange.pull_failed = false;
  if (exchange.head_only) {
    exchange.response.pull = nullptr;
  } else if (exchange.response.pull) {
    // The first chunk comes before the head is written, so that a failure of it can be told.
    RunPull(exchange);
    if (exchange.pull_failed) {
      return RefusalOf(exchange, *std::exchange(exchange.error, std::nullopt));
    }
  } else {
    exchange.chunk = std::move(exchange.response.body);
  }
  return Answered{};
}

}  // namespace eclusa::http
