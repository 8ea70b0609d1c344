// Targets: databases of their own that datasets live in, a base per tenant.
//
//   NAME DATASET|* TENANT|* CONNINFO
//
//   acme  vendas  47  postgresql://loader@db7/acme
//   small *       *   service=small
//
// A registration goes to the first line that fits its dataset and tenant, else to the control
// database itself. The name is what a job keeps: the same on all servers and workers, wherever the
// database moves. Several lines of one name must name the same database. No secret may stand in a
// line: libpq reads it from a password file or a service. Values; threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace eclusa {

struct Target {
  std::string name;
  std::string conninfo;
};

class Targets {
 public:
  // kInvalid (config.bad_value) for a line that is none of the above.
  static Result<Targets> Parse(const std::vector<std::string>& lines);

  // The name for a load; empty: it lives in the control database.
  std::string NameFor(std::string_view dataset, std::string_view tenant) const;
  // Null: no line has that name. Lives as long as this.
  const Target* Find(std::string_view name) const;
  // kInvalid (job.unknown_target) where there is none.
  Result<Target> Require(const std::string& name) const;
  // Each name once.
  const std::vector<Target>& all() const { return targets_; }
  bool empty() const { return targets_.empty(); }

 private:
  struct Line {
    std::string name;
    std::string dataset;  // "*": all
    std::string tenant;
  };
  std::vector<Line> lines_;
  std::vector<Target> targets_;
};

}  // namespace eclusa
