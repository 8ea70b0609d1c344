#include "jobs/service.h"

#include <algorithm>
#include <optional>

#include "core/log.h"
#include "core/wait.h"

namespace eclusa {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kReconnectAfter{1000};
// First half of the advisory lock's key: "ECLV".
constexpr const char* kServiceLockSpace = "1162038358";

Status Turn(const Service& service, Connection& session) {
  const std::string key = LockKeyOf(service.lock);
  // The server ends a session that holds the lock and says nothing.
  const auto idle_for = [](std::chrono::milliseconds most) {
    const std::string value = std::to_string(most.count());
    return "SET idle_session_timeout = " + value +
           "; SET idle_in_transaction_session_timeout = " + value + "; ";
  };
  const QueryResult taken =
      TRY(session.Execute(idle_for(service.patience) + "SELECT pg_try_advisory_lock(" + key + ")"));
  const Status done = taken.Bool(0, 0) ? service.run_once(session) : Ok();
  const std::string unlock = taken.Bool(0, 0) ? "SELECT pg_advisory_unlock(" + key + ")" : "";
  TRY(session.Execute(idle_for({}) + unlock));
  return done;
}

}  // namespace

std::string LockKeyOf(ServiceLock lock) {
  return std::string(kServiceLockSpace) + ", " + std::to_string(static_cast<int32_t>(lock));
}

void RunServices(const std::string& conninfo, const std::vector<Service>& services,
                 const std::stop_token& stop) {
  std::optional<Connection> session;
  std::vector<Clock::time_point> due(services.size(), Clock::now());
  while (!stop.stop_requested()) {
    if (!session) {
      auto opened = Connection::Open(conninfo, stop);
      if (!opened.ok()) {
        WaitOrStop(kReconnectAfter, stop);
        continue;
      }
      session.emplace(*std::move(opened));
    }
    for (size_t i = 0; i < services.size() && session; ++i) {
      if (Clock::now() < due[i]) continue;
      due[i] = Clock::now() + services[i].interval;
      const Status done = Turn(services[i], *session);
      if (done.ok() || stop.stop_requested()) continue;
      LogWarning("service_failed", {{"service", services[i].name}, {"code", done.error().code()}});
      session.reset();
    }
    const auto next = *std::min_element(due.begin(), due.end());
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(next - Clock::now());
    WaitOrStop(std::max(left, std::chrono::milliseconds(1)), stop);
  }
}

}  // namespace eclusa
