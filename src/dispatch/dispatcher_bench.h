// DispatcherBench: a dispatcher and the way that its hints come by, for the conformance suite. For
// tests.
#pragma once

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>

#include "broker/broker_fixture.h"
#include "dispatch/broker_dispatcher.h"
#include "dispatch/hint.h"
#include "jobs/notify_dispatcher.h"
#include "pg/connection.h"

namespace eclusa {

class DispatcherBench {
 public:
  virtual ~DispatcherBench() = default;
  virtual std::shared_ptr<Dispatcher> Make(const std::string& conninfo,
                                           std::chrono::milliseconds poll) = 0;
  // Whether hints are heard.
  virtual bool Hears(Connection& session) = 0;
  // One hint, by hand.
  virtual void Tell(Connection& session, const ReadyHint& hint) = 0;
  // Many that say nothing.
  virtual void TellOdd(Connection& session) = 0;
  // Whether the log has a line of such, or of a break: one, however many there were.
  virtual bool tells() const = 0;
  // Whether the dispatcher itself looks more often where it hears nothing.
  virtual bool falls_back() const = 0;
  // Ends what hints come by; Mend gives it back.
  virtual void Break(Connection& session) = 0;
  virtual void Mend() = 0;

 protected:
  static void Must(Connection& session, const std::string& sql) {
    CHECK(session.Execute(sql).ok());
  }
};

class NotifyBench : public DispatcherBench {
 public:
  std::shared_ptr<Dispatcher> Make(const std::string& conninfo,
                                   std::chrono::milliseconds poll) override {
    return std::make_shared<NotifyDispatcher>(conninfo, poll);
  }
  bool Hears(Connection& session) override { return Listeners(session, "true") == 1; }
  void Tell(Connection& session, const ReadyHint& hint) override {
    Must(session, "NOTIFY eclusa_ready, '" + TextOf(hint) + "'");
  }
  void TellOdd(Connection& session) override {
    for (int i = 0; i < 100; ++i) {
      Must(session, "NOTIFY eclusa_ready, 'garbage " + std::to_string(i) + "'");
    }
  }
  bool tells() const override { return false; }
  bool falls_back() const override { return false; }
  void Break(Connection& session) override {
    CHECK(Listeners(session, "pg_terminate_backend(pid)") == 1);
  }
  void Mend() override {}

 private:
  // `act` is done to each, and to nobody else.
  static int64_t Listeners(Connection& session, const std::string& act) {
    const auto found = session.Execute(
        "WITH listeners AS MATERIALIZED (SELECT pid FROM pg_stat_activity WHERE datname = "
        "current_database() AND query = 'LISTEN eclusa_ready') SELECT count(*) FROM listeners "
        "WHERE " +
        act);
    CHECK(found.ok());
    return found->Int(0, 0);
  }
};

class RabbitBench : public DispatcherBench {
 public:
  std::shared_ptr<Dispatcher> Make(const std::string& conninfo,
                                   std::chrono::milliseconds poll) override {
    made_ = std::make_shared<BrokerDispatcher>(
        BrokerDispatcherConfig{.conninfo = conninfo,
                               .broker = broker_.config(),
                               .poll_live = poll,
                               .poll_away = std::chrono::milliseconds(50)});
    return made_;
  }
  bool Hears(Connection&) override { return made_->live(); }
  void Tell(Connection&, const ReadyHint& hint) override { broker_.Send(TextOf(hint)); }
  void TellOdd(Connection&) override {
    auto sender = BrokerSender::Open(broker_.config());
    CHECK(sender.ok());
    const std::vector<std::string> odd(500, std::string("gar\0bage", 8));
    CHECK(sender->Send(odd).ok());
    CHECK(sender->Send(std::vector<std::string>{"999999999", "1/77"}).ok());
  }
  bool tells() const override { return true; }
  bool falls_back() const override { return true; }
  // The broker itself, with all its connections.
  void Break(Connection& session) override {
    pid_t group = 0;
    std::ifstream(Folder() + "/pid") >> group;
    CHECK(kill(-group, SIGTERM) == 0);
    while (made_->live() || kill(-group, 0) == 0) Must(session, "SELECT pg_sleep(0.01)");
  }
  void Mend() override { CHECK(std::system((Folder() + "/start").c_str()) == 0); }

  BrokerFixture& broker() { return broker_; }

 private:
  static std::string Folder() { return std::getenv("ECLUSA_TEST_BROKER_DIR"); }

  BrokerFixture broker_;
  std::shared_ptr<BrokerDispatcher> made_;
};

}  // namespace eclusa
