#include "app/report_text.h"

#include <fmt/format.h>

namespace eclusa {
namespace {

constexpr size_t kCausesShown = 8;
constexpr int kBarWidth = 24;

struct OutcomeLine {
  const char* english;
  const char* portuguese;
  int64_t count;
  const char* colour;
};

std::string Bar(int64_t count, int64_t all) {
  if (count == 0 || all == 0) return {};
  const int64_t filled = std::max<int64_t>(1, count * kBarWidth / all);
  std::string bar;
  for (int64_t i = 0; i < filled; ++i) bar += "█";
  return bar;
}

const char* StateText(const LoadReport& report, const CommandContext& context) {
  switch (report.state) {
    case JobState::kSucceeded:
      return report.dry_run ? context.Say("would load cleanly", "carregaria sem falhas")
                            : context.Say("loaded", "carregado");
    case JobState::kSucceededWithFailures:
      return report.dry_run ? context.Say("would load with failures", "carregaria com falhas")
                            : context.Say("loaded, with failures", "carregado, com falhas");
    case JobState::kRejected:
      return context.Say("REJECTED: more rows failed than allowed; the target is untouched",
                         "REJEITADO: mais falhas que o permitido; o destino não foi alterado");
    default:
      return Name(report.state).data();
  }
}

std::string Headline(const LoadReport& report, const ReportNames& names,
                     const CommandContext& context) {
  const double seconds = static_cast<double>(std::max<int64_t>(report.duration_ms, 1)) / 1000;
  const auto rate = static_cast<int64_t>(static_cast<double>(report.outcomes.read) / seconds);
  return fmt::format("job {} · {} · {}: {}\n{} {} {} · {} {}\n", names.job, report.target,
                     report.mode, StateText(report, context),
                     Thousands(report.outcomes.read, context.language),
                     context.Say("rows read in", "linhas lidas em"),
                     SecondsText(report.duration_ms, context.language),
                     Thousands(rate, context.language), context.Say("rows/s", "linhas/s"));
}

// What became of something; the last ones are rows of the target that no row read speaks of.
std::vector<OutcomeLine> OutcomeLines(const OutcomeCounts& counts) {
  std::vector<OutcomeLine> lines = {
      {"inserted", "inseridas", counts.inserted, "32"},
      {"updated", "alteradas", counts.updated, "32"},
      {"unchanged", "inalteradas", counts.unchanged, "2"},
      {"deleted", "excluídas", counts.deleted, "32"},
      {"superseded", "superadas", counts.superseded, "33"},
      {"duplicate", "duplicadas", counts.duplicate, "33"},
      {"waiting", "em espera", counts.waiting, "33"},
      {"failed", "com falha", counts.failed, "31"},
      {"skipped", "não julgadas", counts.skipped, "31"},
      {"removed (no longer in the file)", "removidas (fora do arquivo)", counts.removed, ""},
      {"gone with rows they hung on", "levadas com as linhas de que dependiam", counts.cascaded,
       ""},
  };
  std::erase_if(lines, [](const OutcomeLine& line) { return line.count == 0; });
  return lines;
}

std::string OutcomesText(const LoadReport& report, const CommandContext& context, bool colours) {
  std::string text;
  for (const OutcomeLine& line : OutcomeLines(report.outcomes)) {
    const std::string_view colour = line.colour;
    std::string bar = colour.empty() ? "" : Bar(line.count, report.outcomes.read);
    if (colours && !bar.empty()) bar = fmt::format("\033[{}m{}\033[0m", colour, bar);
    text += fmt::format("  {:>14}  {:<13}{}{}\n", Thousands(line.count, context.language),
                        context.Say(line.english, line.portuguese), bar.empty() ? "" : " ", bar);
  }
  return text;
}

// Of documents: one line a child table.
std::string TablesText(const LoadReport& report, const CommandContext& context) {
  std::string text;
  for (const TableReport& table : report.tables) {
    text +=
        fmt::format("  {} → {}: {} {}", table.list, table.target,
                    Thousands(table.outcomes.read, context.language), context.Say("read", "lidas"));
    for (const OutcomeLine& line : OutcomeLines(table.outcomes)) {
      text += fmt::format(" · {} {}", Thousands(line.count, context.language),
                          context.Say(line.english, line.portuguese));
    }
    text += "\n";
  }
  return text;
}

// What was decided about a file and not asked for, so that who knows better can say so.
std::string EncodingsText(const LoadReport& report, const CommandContext& context) {
  std::string text;
  for (const FileReport& file : report.files) {
    if (file.encoding_basis != "found" || file.encoding == "utf-8") continue;
    text += fmt::format("  {}: {} {}{}\n", file.path, context.Say("read as", "lido como"),
                        file.encoding,
                        context.Say(", as its bytes look (--encoding settles it)",
                                    ", pelo que os bytes mostram (--encoding define)"));
  }
  return text;
}

std::string CausesText(const LoadReport& report, const CommandContext& context) {
  if (report.causes.empty()) return {};
  std::string text = context.Say("\nwhy rows failed\n", "\npor que linhas falharam\n");
  for (size_t i = 0; i < std::min(report.causes.size(), kCausesShown); ++i) {
    const Cause& cause = report.causes[i];
    const std::string where =
        cause.sample_place.line > 0
            ? fmt::format("{} {}, {} {}", context.Say("row", "linha de dados"),
                          cause.sample_place.row, context.Say("line", "linha"),
                          cause.sample_place.line)
            : fmt::format("{} {}", context.Say("row", "linha de dados"), cause.sample_place.row);
    text += fmt::format("  {:>10}  {:<20} {}\n", Thousands(cause.count, context.language),
                        cause.code, cause.column);
    const std::string inside = cause.sample.path.empty() ? "" : ", " + cause.sample.path;
    text += fmt::format("  {:>10}  {} {}{}: {}\n", "", context.Say("e.g.", "ex.:"), where, inside,
                        Text(cause.sample, context.language));
  }
  if (report.causes.size() > kCausesShown) {
    text += fmt::format("  … {} {}\n", report.causes.size() - kCausesShown,
                        context.Say("more causes", "outras causas"));
  }
  return text;
}

std::string NextText(const LoadReport& report, const ReportNames& names,
                     const CommandContext& context) {
  std::string text;
  for (const std::string& statement : report.advice) {
    text += fmt::format("\n{}\n  {}\n",
                        context.Say("a sequence is behind the keys that were loaded; run:",
                                    "uma sequência está atrás das chaves carregadas; rode:"),
                        statement);
  }
  if (report.closed_failures > 0) {
    text += fmt::format("\n{} {} {}\n", Thousands(report.closed_failures, context.language),
                        context.Say("failures closed of job", "falhas encerradas do job"),
                        names.parent);
  }
  if (report.state == JobState::kSucceeded) return text;
  const bool loaded = report.state != JobState::kRejected && !report.dry_run;
  text += fmt::format(
      "\n{}\n  {} failures {} --output failures.csv{}\n",
      loaded ? context.Say("next: write the failed rows to a file, fix them, hand them in",
                           "próximo passo: grave as linhas com falha, corrija e reenvie")
             : context.Say("next: look at the failed rows, correct the file, load all of it again",
                           "próximo passo: veja as linhas com falha, corrija o arquivo e "
                           "carregue-o inteiro de novo"),
      names.command, names.job, names.flags);
  if (loaded) {
    text += fmt::format("  {} resubmit {} failures.csv{}\n", names.command, names.job, names.flags);
  }
  return text;
}

}  // namespace

std::string Thousands(int64_t number, Language language) {
  std::string digits = std::to_string(number);
  const char separator = language == Language::kPortuguese ? '.' : ',';
  for (int at = static_cast<int>(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3) {
    digits.insert(static_cast<size_t>(at), 1, separator);
  }
  return digits;
}

ReportNames ReportNames::Local(const LoadReport& report) {
  return {.job = std::to_string(report.job_id),
          .parent = std::to_string(report.parent_job_id.value_or(0)),
          .flags = {}};
}

std::string ReportText(const LoadReport& report, const CommandContext& context, bool colours) {
  return ReportText(report, ReportNames::Local(report), context, colours);
}

std::string ReportText(const LoadReport& report, const ReportNames& names,
                       const CommandContext& context, bool colours) {
  std::string text = Headline(report, names, context) + OutcomesText(report, context, colours) +
                     TablesText(report, context);
  for (const WarningReport& warning : report.warnings) {
    text += fmt::format("  {:>14}  {} {}\n", Thousands(warning.count, context.language),
                        context.Say("warnings:", "avisos:"), warning.counter);
  }
  if (!report.unknown_columns.empty()) {
    text += fmt::format("  {} {}\n", context.Say("columns not loaded:", "colunas não carregadas:"),
                        fmt::join(report.unknown_columns, ", "));
  }
  if (!report.unreadable_columns.empty()) {
    text += fmt::format(
        "  {} {}\n",
        context.Say("columns that cannot be read (failed rows come back without them):",
                    "colunas que não podem ser lidas (linhas com falha voltam sem elas):"),
        fmt::join(report.unreadable_columns, ", "));
  }
  return text + EncodingsText(report, context) + CausesText(report, context) +
         NextText(report, names, context);
}

}  // namespace eclusa
