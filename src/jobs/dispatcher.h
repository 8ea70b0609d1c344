// Dispatcher: how a worker hears that a job or a part of one is ready.
//
// The rows in PostgreSQL are the truth, and a worker looks at them every poll() by itself. What a
// dispatcher says is a hint that makes it look now: one that is lost, doubled, late or wrong
// changes nothing but the delay. Run from one thread; poll from any.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace eclusa {

// What the dispatcher sees of the worker.
struct WorkerSlots {
  std::function<void()> wake;  // those that sleep look now
  std::function<int()> idle;   // how many sleep
};

class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  // Until told to stop. Whatever it speaks to may be away, for as long as it likes.
  virtual void Run(const WorkerSlots& slots, const std::stop_token& stop) = 0;
  // How long a slot sleeps that is told nothing. May change; the slots are woken then.
  virtual std::chrono::milliseconds poll() const = 0;
};

}  // namespace eclusa
