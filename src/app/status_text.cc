#include "app/status_text.h"

#include <fmt/format.h>

#include "app/duration_text.h"

namespace eclusa {
namespace {

std::string NotEndedText(const StatusFacts& facts, const CommandContext& context) {
  std::string text;
  if (facts.waits_at) {
    text = fmt::format("  {} {}\n",
                       context.Say("it waits for its turn; its place in the queue:",
                                   "aguarda a vez; seu lugar na fila:"),
                       *facts.waits_at);
  }
  if (facts.retry) {
    text += fmt::format(fmt::runtime(context.Say(
                            "  it was begun before and came to nothing: {0}; again from {1} on\n",
                            "  já foi iniciado e não terminou: {0}; de novo a partir de {1}\n")),
                        facts.retry->why, facts.retry->at);
  }
  if (!text.empty()) return text;
  return facts.alive
             ? context.Say("  it is running; what it read is known when it ends\n",
                           "  está em execução; o que leu será conhecido quando terminar\n")
             : context.Say("  its process is gone; the next load ends it as failed\n",
                           "  o processo terminou; a próxima carga vai encerrá-lo como falho\n");
}

// A job that never came to a report: it runs, it died, it failed or was cancelled.
std::string WithoutReport(const LoadReport& report, const StatusFacts& facts,
                          const CommandContext& context) {
  std::string text =
      fmt::format("job {} · {} · {}: {}", facts.names.job, report.target, report.mode, facts.state);
  if (facts.duration_ms) text += " · " + DurationText(*facts.duration_ms, context.language);
  text += "\n";
  if (!facts.ended) return text + NotEndedText(facts, context);
  if (facts.error) {
    text += "  " + Text(*facts.error, context.language) + " [" + facts.error->code() + "]\n";
    text += std::string("  ") + context.Say("next: ", "próximo passo: ") +
            Hint(*facts.error, context.language) + "\n";
  }
  if (facts.counts) {
    const auto number = [&](int64_t count) { return Thousands(count, context.language); };
    text += fmt::format("  {} {}, {} {}, {} {}\n", number(facts.counts->read),
                        context.Say("rows read", "linhas lidas"), number(facts.counts->failed),
                        context.Say("failed", "com falha"), number(facts.counts->skipped),
                        context.Say("skipped", "não julgadas"));
  }
  return text;
}

std::string OpenFailuresText(const StatusFacts& facts, const CommandContext& context) {
  if (!facts.counts || facts.counts->failed == 0) return {};
  if (facts.open_failures == 0) {
    return context.Say("\nopen failures: none; all were fixed or waived\n",
                       "\nfalhas abertas: nenhuma; todas foram corrigidas ou dispensadas\n");
  }
  return fmt::format("\n{} {}\n", context.Say("open failures:", "falhas abertas:"),
                     Thousands(facts.open_failures, context.language));
}

}  // namespace

boost::json::value RetryJson(const std::optional<NextTry>& retry) {
  if (!retry) return nullptr;
  return {{"tries", retry->tries}, {"at", retry->at}, {"why", retry->why}};
}

std::string StatusText(const LoadReport& report, const StatusFacts& facts,
                       const CommandContext& context, bool colours) {
  return (facts.reported ? ReportText(report, facts.names, context, colours)
                         : WithoutReport(report, facts, context)) +
         OpenFailuresText(facts, context);
}

}  // namespace eclusa
