// BrokerReceiver: takes messages out of the queue, and gives them back where nobody has time.
//
// Receive takes what is there; the caller says of all of it Accept, after which they are gone, or
// GiveBack: then they are another receiver's, and none come here before Resume. At most `prefetch`
// are here at a time. Receive is also what says that we are still there: call it at least every
// five seconds, giving it time 0 where there is none. Threads: one at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/session.h"
#include "core/result.h"

namespace eclusa {

class BrokerReceiver {
 public:
  static Result<BrokerReceiver> Open(const BrokerConfig& config, int prefetch);

  // Empty: none came in that time. Errors are those of BrokerSession.
  Result<std::vector<std::string>> Receive(std::chrono::milliseconds patience);
  Status Accept();
  Status GiveBack();
  Status Resume();
  bool paused() const { return paused_; }

 private:
  BrokerReceiver(BrokerSession session, int prefetch)
      : session_(std::move(session)), prefetch_(prefetch) {}
  Status Consume();
  Status ReadOther();

  BrokerSession session_;
  int prefetch_;
  bool paused_ = true;
  uint64_t last_ = 0;  // delivery tag, of what is not accepted yet; 0: all is
};

}  // namespace eclusa
