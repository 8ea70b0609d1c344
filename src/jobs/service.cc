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
  const std::string key =
      std::string(kServiceLockSpace) + ", " + std::to_string(static_cast<int32_t>(service.lock));
  const QueryResult taken = TRY(session.Execute("SELECT pg_try_advisory_lock(" + key + ")"));
  if (!taken.Bool(0, 0)) return Ok();
  const Status done = service.run_once(session);
  TRY(session.Execute("SELECT pg_advisory_unlock(" + key + ")"));
  return done;
}

}  // namespace

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
