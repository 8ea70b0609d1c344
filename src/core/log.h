// Structured log lines on standard error: an event's name and key=value fields, or a JSON object a
// line for machines.
//
// Only this file writes to standard error; standard output is for results. A line never holds a
// row's content or a password. Quiet below warnings unless SetLogLevel says otherwise.
// Threads: safe from any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace eclusa {

using LogFields = std::initializer_list<std::pair<std::string_view, std::string>>;

enum class LogLevel { kDebug, kInfo, kWarning, kError };

enum class LogFormat { kText, kJson };

void SetLogLevel(LogLevel level);
// {"time", "level", "event", and each field}. Call before threads start.
void SetLogFormat(LogFormat format);
void LogDebug(std::string_view event, LogFields fields = {});
void LogInfo(std::string_view event, LogFields fields = {});
void LogWarning(std::string_view event, LogFields fields = {});
void LogError(std::string_view event, LogFields fields = {});

// Text for a person at a terminal (errors, progress), written as it is. The only other door to
// standard error.
void WriteToTerminal(std::string_view text);

}  // namespace eclusa
