#include "dispatch/broker_dispatcher.h"

#include <algorithm>
#include <thread>

#include "core/log.h"
#include "core/wait.h"
#include "dispatch/hint.h"
#include "dispatch/publisher.h"
#include "jobs/notify_dispatcher.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// More than there are slots: hints of rows that were found without them are taken away by the
// dozen.
constexpr int kPrefetch = 64;
// How often a stop is looked for; and where none are taken, whether a slot is idle.
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kPausedTick{10};
constexpr std::chrono::minutes kTellOdd{1};

}  // namespace

Status BrokerDispatcherConfig::Validate() const {
  TRY(broker.Validate());
  for (const auto& [name, poll] :
       {std::pair("broker.poll_seconds", poll_live), std::pair("poll_seconds", poll_away)}) {
    if (poll.count() >= 1) continue;
    return Error(ErrorKind::kInvalid, code::config_bad_value,
                 {{"name", name}, {"value", "0"}, {"expected", ">= 1"}});
  }
  return Ok();
}

void BrokerDispatcher::Run(const WorkerSlots& slots, const std::stop_token& stop) {
  const std::jthread publisher(
      [&] { Publisher({.conninfo = config_.conninfo, .broker = config_.broker}).Run(stop); });
  NotifyDispatcher notify(config_.conninfo, config_.poll_away);
  std::optional<std::jthread> listener;
  while (!stop.stop_requested()) {
    auto receiver = BrokerReceiver::Open(config_.broker, kPrefetch);
    Status ended = Ok();
    if (receiver.ok()) {
      listener.reset();
      ended = RunReceiver(*receiver, slots, stop);
    } else {
      ended = std::move(receiver).error();
    }
    live_ = false;
    if (ended.ok()) return;
    const auto wait = reconnect_.Away(ended.error());
    if (!listener) {
      slots.wake();  // to sleep less long
      listener.emplace([&](const std::stop_token& back) { notify.Run(slots, back); });
    }
    WaitOrStop(wait, stop);
  }
}

Status BrokerDispatcher::RunReceiver(BrokerReceiver& receiver, const WorkerSlots& slots,
                                     const std::stop_token& stop) {
  reconnect_.Live();
  live_ = true;
  slots.wake();  // what became ready before was told to nobody
  while (!stop.stop_requested()) {
    if (receiver.paused() && slots.idle() > 0) TRY(receiver.Resume());
    TRY(Take(receiver, slots));
  }
  return Ok();
}

Status BrokerDispatcher::Take(BrokerReceiver& receiver, const WorkerSlots& slots) {
  const std::vector<std::string> messages =
      TRY(receiver.Receive(receiver.paused() ? kPausedTick : kTick));
  if (messages.empty()) return Ok();
  if (slots.idle() == 0) return receiver.GiveBack();
  TRY(receiver.Accept());
  TellOdd(messages);
  slots.wake();
  return Ok();
}

void BrokerDispatcher::TellOdd(const std::vector<std::string>& messages) {
  odd_ += std::ranges::count_if(messages,
                                [](const auto& text) { return !ParseHint(text).has_value(); });
  if (odd_ == 0) return;
  const auto now = Clock::now();
  if (odd_told_ && now - *odd_told_ < kTellOdd) return;
  LogWarning("broker_message_odd",
             {{"queue", config_.broker.queue}, {"count", std::to_string(odd_)}});
  odd_ = 0;
  odd_told_ = now;
}

}  // namespace eclusa
