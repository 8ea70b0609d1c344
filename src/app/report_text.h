// A load's report for people: what became of the rows, why some failed, and what to type next.
#pragma once

#include <string>

#include "app/command.h"
#include "model/report.h"

namespace eclusa {

// What jobs are called, and what is typed next: of this database, or of a server.
struct ReportNames {
  std::string job;
  std::string parent;
  std::string command = "eclusa";  // "eclusa client"
  std::string flags;               // " --server ...", behind each command

  static ReportNames Local(const LoadReport& report);
};

std::string ReportText(const LoadReport& report, const CommandContext& context, bool colours);
std::string ReportText(const LoadReport& report, const ReportNames& names,
                       const CommandContext& context, bool colours);

// 12345678 -> 12,345,678 (12.345.678 in Portuguese).
std::string Thousands(int64_t number, Language language);

}  // namespace eclusa
