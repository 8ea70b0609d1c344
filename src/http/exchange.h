// One request with its answer, and the steps of it that run on the pool: where a handler's Error or
// exception ends.
//
// Threads: belongs to the loop or to a task of the pool, never to both at once. Does not know
// sockets; connection.h moves the bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"
#include "http/request_head.h"
#include "http/response_head.h"
#include "http/router.h"

namespace eclusa::http {

struct Exchange {
  Request request;
  HeadFacts facts;
  const Route* route = nullptr;
  std::stop_source stop;
  std::unique_ptr<BodySink> sink;

  Response response;
  ResponseFrame frame;
  bool head_only = false;    // the answer has no body whatever its frame says
  std::string chunk;         // of a pull body, to be written next
  bool more = false;         // whether a chunk follows `chunk`
  uint64_t pulled = 0;       // bytes of all chunks
  bool pull_failed = false;  // the answer cannot be completed

  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  uint64_t bytes_in = 0;            // of the body, decoded
  uint64_t bytes_out = 0;           // of the answer, head included
  std::optional<Error> error;       // what a handler failed with
  std::string_view refusal_code{};  // what the server refused
};

struct GoOn {};
struct Answered {};  // exchange.response is the answer
using Step = std::variant<GoOn, Answered, Refusal>;

// Finds the route of exchange.request and holds its head against it: 404, 405, 411, 413, and what
// is answered without a handler (OPTIONS). GoOn: exchange.route is set.
Step FindRoute(const Router& router, Exchange& exchange);
Refusal BodyTooLarge(const Route& route);

// On the pool. Calls the handler; GoOn: exchange.sink waits for the body.
Step RunHandler(Exchange& exchange);
// On the pool. Gives `bytes` to the sink, and finishes it after the `last`. The sink is gone after
// any result but GoOn.
Step RunSink(Exchange& exchange, std::string_view bytes, bool last);
// On the pool. Fills exchange.chunk, or sets exchange.pull_failed.
void RunPull(Exchange& exchange);

// Makes `response` the exchange's answer, framed. On the loop for answers without a pull body.
// A Refusal: this response cannot be sent, answer that instead.
Step SetResponse(Exchange& exchange, Response response);

}  // namespace eclusa::http
