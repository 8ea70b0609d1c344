// Named fault points: places where a test may stop, kill or signal the process.
//
// A point is declared once, beside the code it names, and listed by FaultPoints(), which is what
// the kill driver reads. In normal runs a point costs one load of a flag. What happens at a point
// is said by ArmFault("load.staged", "kill"): kill (SIGKILL), stop (SIGSTOP), or hold PATH, once:
// PATH and PATH.reached are named pipes; the point writes its name to PATH.reached and goes on when
// PATH was opened for writing and closed. That is how a test acts from a second session in the
// middle of a load without waiting for anything but the point itself. Threads: arm before threads
// start; points are safe from any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace eclusa {

class FaultPoint {
 public:
  // `name` must outlive the program (a literal). Registers itself.
  explicit FaultPoint(const char* name);
  void Reach() const {
    if (armed_) Act();
  }
  std::string_view name() const { return name_; }

 private:
  friend bool ArmFault(std::string_view point, std::string_view action);
  void Act() const;

  const char* name_;
  mutable bool armed_ = false;
  std::string action_;
};

// The names of all points of this binary, sorted.
std::vector<std::string> FaultPoints();

// False: no such point, or no such action.
bool ArmFault(std::string_view point, std::string_view action);

}  // namespace eclusa
