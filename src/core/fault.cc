#include "core/fault.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace eclusa {
namespace {

std::vector<FaultPoint*>& Registry() {
  static std::vector<FaultPoint*> points;
  return points;
}

}  // namespace

FaultPoint::FaultPoint(const char* name) : name_(name) { Registry().push_back(this); }

void FaultPoint::Act() const {
  if (action_ == "kill") kill(getpid(), SIGKILL);
  if (action_ == "stop") kill(getpid(), SIGSTOP);
  if (action_.starts_with("hold ")) {
    armed_ = false;
    const std::string gate = action_.substr(5);
    std::ofstream(gate + ".reached") << name_ << '\n';
    std::ifstream pipe(gate);
    std::string ignored;
    std::getline(pipe, ignored);
  }
}

std::vector<std::string> FaultPoints() {
  std::vector<std::string> names;
  for (const FaultPoint* point : Registry()) names.emplace_back(point->name());
  std::sort(names.begin(), names.end());
  return names;
}

bool ArmFault(std::string_view point, std::string_view action) {
  if (action != "kill" && action != "stop" && !action.starts_with("hold ")) return false;
  for (FaultPoint* known : Registry()) {
    if (known->name() != point) continue;
    known->action_ = action;
    known->armed_ = true;
    return true;
  }
  return false;
}

}  // namespace eclusa
