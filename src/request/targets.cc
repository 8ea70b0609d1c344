#include "request/targets.h"

#include <algorithm>
#include <sstream>

#include "model/codes.h"
#include "pg/conninfo.h"

namespace eclusa {
namespace {

// Only its first word is shown: what follows may hold a password, wherever it stands.
Error BadLine(const std::string& name, const char* expected) {
  return {ErrorKind::kInvalid,
          code::config_bad_value,
          {{"name", "targets"}, {"value", name + " ..."}, {"expected", expected}}};
}

}  // namespace

Result<Targets> Targets::Parse(const std::vector<std::string>& lines) {
  Targets targets;
  for (const std::string& text : lines) {
    std::istringstream words(text);
    Line line;
    Target target;
    words >> line.name >> line.dataset >> line.tenant >> std::ws;
    std::getline(words, target.conninfo);
    target.name = line.name;
    if (HoldsSecret(target.conninfo)) {
      return BadLine(line.name, "no password: put it in libpq's passfile or service file");
    }
    if (line.tenant.empty() || !IsConninfo(target.conninfo)) {
      return BadLine(line.name, "NAME DATASET|* TENANT|* postgresql://...|service=...");
    }
    if (const Target* known = targets.Find(line.name); known == nullptr) {
      targets.targets_.push_back(std::move(target));
    } else if (known->conninfo != target.conninfo) {
      return BadLine(line.name, "one database for each name");
    }
    targets.lines_.push_back(std::move(line));
  }
  return targets;
}

std::string Targets::NameFor(std::string_view dataset, std::string_view tenant) const {
  const auto fits = [](const std::string& word, std::string_view name) {
    return word == "*" || word == name;
  };
  const auto line = std::ranges::find_if(lines_, [&](const Line& one) {
    return fits(one.dataset, dataset) && fits(one.tenant, tenant);
  });
  return line == lines_.end() ? std::string() : line->name;
}

const Target* Targets::Find(std::string_view name) const {
  const auto target = std::ranges::find(targets_, name, &Target::name);
  return target == targets_.end() ? nullptr : &*target;
}

Result<Target> Targets::Require(const std::string& name) const {
  if (const Target* target = Find(name)) return *target;
  return Error(ErrorKind::kInvalid, code::job_unknown_target, {{"target", name}});
}

}  // namespace eclusa
