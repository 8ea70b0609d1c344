// A load's report for people: what became of the rows, why some failed, and what to type next.
#pragma once

#include <string>

#include "app/command.h"
#include "model/report.h"

namespace eclusa {

std::string ReportText(const LoadReport& report, const CommandContext& context, bool colours);

// 12345678 -> 12,345,678 (12.345.678 in Portuguese).
std::string Thousands(int64_t number, Language language);

}  // namespace eclusa
