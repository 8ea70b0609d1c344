// How a Diagnosis is shown: to people, and as JSON.

#include <array>
#include <boost/json.hpp>
#include <string_view>

#include "app/doctor.h"

namespace eclusa {
namespace {

struct SeverityWords {
  std::string_view name;     // in JSON
  std::string_view text[2];  // by Language, padded to one width
};
constexpr std::array<SeverityWords, 3> kSeverities = {{
    {"problem", {"problem  ", "problema "}},
    {"warning", {"warning  ", "atenção  "}},
    {"advice", {"advice   ", "sugestão "}},
}};
constexpr std::string_view kIndent = "         ";

const SeverityWords& Words(Severity severity) { return kSeverities[static_cast<size_t>(severity)]; }

boost::json::object ArgumentsJson(const Error& message) {
  boost::json::object arguments;
  for (const auto& [name, value] : message.arguments()) arguments[name] = value;
  return arguments;
}

}  // namespace

std::string DiagnosisText(const Diagnosis& diagnosis, Language language) {
  std::string text = Text(diagnosis.server, language) + "\n";
  const auto add = [&](std::string_view head, const Error& message, std::string_view code) {
    text += std::string(head) + Text(message, language);
    if (!code.empty()) text += " [" + std::string(code) + "]";
    text += "\n" + std::string(kIndent) + "-> " + Hint(message, language) + "\n";
  };
  for (const Finding& finding : diagnosis.findings) {
    add(Words(finding.severity).text[static_cast<size_t>(language)], finding.message,
        finding.message.code());
  }
  if (diagnosis.findings.empty()) {
    add("ok       ", Error(ErrorKind::kInvalid, code::doctor_all_well), {});
  }
  return text;
}

std::string DiagnosisJson(const Diagnosis& diagnosis, Language language) {
  boost::json::array findings;
  int64_t problems = 0;
  for (const Finding& finding : diagnosis.findings) {
    if (finding.severity == Severity::kProblem) ++problems;
    findings.push_back({{"severity", Words(finding.severity).name},
                        {"code", finding.message.code()},
                        {"text", Text(finding.message, language)},
                        {"hint", Hint(finding.message, language)},
                        {"arguments", ArgumentsJson(finding.message)}});
  }
  boost::json::object object;
  object["server"] = ArgumentsJson(diagnosis.server);
  object["problems"] = problems;
  object["findings"] = std::move(findings);
  return boost::json::serialize(object);
}

}  // namespace eclusa
