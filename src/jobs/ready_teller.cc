#include "jobs/ready_teller.h"

#include <chrono>
#include <optional>

#include "core/wait.h"
#include "jobs/queue.h"

namespace eclusa {
namespace {

constexpr std::chrono::milliseconds kBetween{100};

}  // namespace

ReadyTeller::ReadyTeller(std::string conninfo)
    : conninfo_(std::move(conninfo)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void ReadyTeller::Tell() {
  {
    const std::lock_guard lock(mutex_);
    pending_ = true;
  }
  told_.notify_one();
}

void ReadyTeller::Run(const std::stop_token& stop) {
  std::optional<Connection> session;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!told_.wait(lock, stop, [&] { return pending_; })) return;
      pending_ = false;
    }
    if (!session) {
      if (auto opened = Connection::Open(conninfo_, stop); opened.ok()) {
        session.emplace(*std::move(opened));
      }
    }
    if (session && !TellReady(*session).ok()) session.reset();
    WaitOrStop(kBetween, stop);
  }
}

}  // namespace eclusa
