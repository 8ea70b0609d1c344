#include "dispatch/publisher.h"

#include <algorithm>

#include "core/log.h"
#include "core/wait.h"
#include "dispatch/outbox.h"
#include "jobs/queue.h"
#include "jobs/service.h"
#include "model/codes.h"

namespace eclusa {
namespace {

// One that stands still loses its turn, as a service does.
constexpr const char* kPatience = "SET idle_session_timeout = '15s'";

// Between two times that it says that rows are wanted, which is good for a minute.
constexpr std::chrono::seconds kLookAfter{10};

std::string LockQuery() {
  return "SELECT pg_try_advisory_lock(" + LockKeyOf(ServiceLock::kOutbox) + ")";
}

}  // namespace

Status PublisherConfig::Validate() const {
  TRY(broker.Validate());
  const auto bad = [](const char* name) {
    return Error(ErrorKind::kInvalid, code::config_bad_value,
                 {{"name", name}, {"value", "0"}, {"expected", ">= 1"}});
  };
  if (batch < 1) return bad("batch");
  if (interval.count() < 1) return bad("interval");
  if (late.count() < 1) return bad("late");
  return Ok();
}

Result<PublishCounts> Publisher::RunOnce(Connection& session) {
  PublishCounts counts;
  broker_failed_ = false;
  const bool looks_after = Clock::now() >= look_after_;
  if (looks_after) {
    TRY(WantMessages(session));
    look_after_ = Clock::now() + kLookAfter;
  }
  Status sent = Send(session, counts);
  if (!sent.ok() && broker_failed_) sender_.reset();
  // What a broker that is away could not be given in time.
  if (looks_after || !sent.ok()) counts.discarded = TRY(DiscardLate(session, config_.late));
  TRY(std::move(sent));
  return counts;
}

Status Publisher::Send(Connection& session, PublishCounts& counts) {
  broker_failed_ = true;
  if (!sender_) sender_ = TRY(BrokerSender::Open(config_.broker));
  TRY(sender_->Tend());
  broker_failed_ = false;
  while (true) {
    const std::vector<DueHint> due = TRY(ReadDue(session, config_.batch));
    if (due.empty()) return Ok();
    std::vector<std::string> messages;
    messages.reserve(due.size());
    for (const DueHint& hint : due) messages.push_back(TextOf(hint.hint));
    broker_failed_ = true;
    TRY(sender_->Send(messages));
    broker_failed_ = false;
    TRY(DeleteSent(session, due));
    counts.sent += static_cast<int64_t>(due.size());
  }
}

Status Publisher::Lead(Connection& session, const std::stop_token& stop) {
  TRY(ListenForReady(session));
  while (!stop.stop_requested()) {
    TRY(RunOnce(session));
    reconnect_.Live();
    const auto next = TRY(ReadNextDue(session));
    const auto wait = std::min(next.value_or(config_.interval), config_.interval);
    TRY(session.WaitForNotification(std::max(wait, std::chrono::milliseconds(1))));
  }
  return Ok();
}

void Publisher::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto wait = config_.interval;
    const Status led = [&]() -> Status {
      Connection session = TRY(Connection::Open(config_.conninfo, stop));
      TRY(session.Execute(kPatience));
      while (!TRY(session.Execute(LockQuery())).Bool(0, 0)) {
        WaitOrStop(config_.interval, stop);
        if (stop.stop_requested()) return Ok();
      }
      return Lead(session, stop);
    }();
    if (!led.ok() && broker_failed_) wait = reconnect_.Away(led.error());
    sender_.reset();  // whoever leads now sends
    broker_failed_ = false;
    WaitOrStop(wait, stop);
  }
}

}  // namespace eclusa
