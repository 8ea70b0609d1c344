#include "core/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>

namespace eclusa {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("eclusa",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->set_level(spdlog::level::warn);
    return made;
  }();
  return *logger;
}

bool json_lines = false;

// RFC 8259, section 7. What is no UTF-8 is not made any better here.
void AppendJson(std::string_view text, std::string& line) {
  line.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kDigits[] = "0123456789abcdef";
      line.append("\\u00").append({kDigits[(c >> 4) & 15], kDigits[c & 15]});
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

std::string JsonFields(std::string_view event, LogFields fields) {
  std::string line = ",\"event\":";
  AppendJson(event, line);
  for (const auto& [name, value] : fields) {
    line.push_back(',');
    AppendJson(name, line);
    line.push_back(':');
    AppendJson(value, line);
  }
  return line;
}

void Write(spdlog::level::level_enum level, std::string_view event, LogFields fields) {
  if (!Logger().should_log(level)) return;
  if (json_lines) {
    Logger().log(level, JsonFields(event, fields));
    return;
  }
  std::string line(event);
  for (const auto& [name, value] : fields) {
    const bool plain = value.find_first_of(" \"=\n") == std::string::npos;
    line.append(" ").append(name).append("=");
    if (plain) {
      line.append(value);
    } else {
      line.append("\"");
      for (const char c : value) {
        if (c == '"' || c == '\\') line.push_back('\\');
        line.push_back(c == '\n' ? ' ' : c);
      }
      line.append("\"");
    }
  }
  Logger().log(level, line);
}

}  // namespace

void SetLogLevel(LogLevel level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                   spdlog::level::warn, spdlog::level::err};
  Logger().set_level(kLevels[static_cast<int>(level)]);
}

void SetLogFormat(LogFormat format) {
  json_lines = format == LogFormat::kJson;
  const char* pattern = json_lines ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",\"level\":\"%l\"%v}"
                                   : "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
  Logger().set_pattern(pattern, spdlog::pattern_time_type::utc);
}

void LogDebug(std::string_view event, LogFields fields) {
  Write(spdlog::level::debug, event, fields);
}
void LogInfo(std::string_view event, LogFields fields) {
  Write(spdlog::level::info, event, fields);
}
void LogWarning(std::string_view event, LogFields fields) {
  Write(spdlog::level::warn, event, fields);
}
void LogError(std::string_view event, LogFields fields) {
  Write(spdlog::level::err, event, fields);
}

void WriteToTerminal(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace eclusa
