#include "jobs/notify_dispatcher.h"

#include <optional>

#include "core/wait.h"
#include "jobs/queue.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kReconnectAfter{500};
constexpr std::chrono::milliseconds kListen{1000};

}  // namespace

void NotifyDispatcher::Run(const WorkerSlots& slots, const std::stop_token& stop) {
  std::optional<Connection> session;
  while (!stop.stop_requested()) {
    if (!session) {
      auto opened = Connection::Open(conninfo_, stop);
      if (opened.ok() && ListenForReady(*opened).ok()) {
        session.emplace(*std::move(opened));
        slots.wake();  // what came meanwhile was not heard
      } else {
        WaitOrStop(kReconnectAfter, stop);
        continue;
      }
    }
    auto heard = session->WaitForNotification(kListen);
    if (!heard.ok()) {
      session.reset();
    } else if (*heard) {
      slots.wake();
    }
  }
}

}  // namespace eclusa
