#include "api/session_pool.h"

#include "model/codes.h"

namespace eclusa::api {

Result<SessionPool::Loan> SessionPool::Borrow() {
  {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, patience_, [&] { return !idle_.empty() || out_ < size_; })) {
      return Error(ErrorKind::kUnavailable, code::api_busy);
    }
    ++out_;
    if (!idle_.empty()) {
      Connection session = std::move(idle_.back());
      idle_.pop_back();
      return Loan(*this, std::move(session));
    }
  }
  auto opened = Connection::Open(conninfo_, {}, "eclusa api");
  // Its calls are short; what the server thinks of them may be long, and compiling takes longer.
  if (opened.ok()) {
    if (auto set = opened->Execute("SET jit = off"); !set.ok()) opened = std::move(set).error();
  }
  if (!opened.ok()) {
    const std::lock_guard lock(mutex_);
    --out_;
    free_.notify_one();
    return std::move(opened).error();
  }
  return Loan(*this, *std::move(opened));
}

void SessionPool::GiveBack(Connection session, bool sound) {
  const bool good = sound && !session.in_transaction();
  const std::lock_guard lock(mutex_);
  --out_;
  if (good) {
    idle_.push_back(std::move(session));
  } else {
    idle_.clear();  // what ended this one has rather ended those too: a server that was stopped
  }
  free_.notify_one();
}

}  // namespace eclusa::api
