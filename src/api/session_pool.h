// SessionPool: sessions of the database for handlers, opened when needed and given back.
//
// Blocking: who finds all of them taken waits, at most `patience`. A session that broke, or that a
// handler left inside a transaction, is not given out again. Threads: any.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "pg/connection.h"

namespace eclusa::api {

class SessionPool {
 public:
  // A session on loan. Move-only.
  class Loan {
   public:
    Loan(SessionPool& pool, Connection session) : pool_(&pool), session_(std::move(session)) {}
    Loan(Loan&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), session_(std::move(other.session_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (pool_ != nullptr) pool_->GiveBack(std::move(session_), sound_);
    }
    Connection& operator*() { return session_; }
    Connection* operator->() { return &session_; }
    // It is not to be given out again.
    void Spoil() { sound_ = false; }

   private:
    SessionPool* pool_;
    Connection session_;
    bool sound_ = true;
  };

  SessionPool(std::string conninfo, int size,
              std::chrono::milliseconds patience = std::chrono::milliseconds(5000))
      : conninfo_(std::move(conninfo)), size_(size), patience_(patience) {}

  // kUnavailable where none came free in time, or the database does not answer.
  Result<Loan> Borrow();
  const std::string& conninfo() const { return conninfo_; }

 private:
  void GiveBack(Connection session, bool sound);

  const std::string conninfo_;
  const int size_;
  const std::chrono::milliseconds patience_;

  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<Connection> idle_;
  int out_ = 0;
};

}  // namespace eclusa::api
