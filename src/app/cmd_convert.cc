#include "app/cmd_convert.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "app/contract_file.h"
#include "convert/convert.h"
#include "core/log.h"
#include "formats/sink.h"

namespace eclusa {
namespace {

namespace json = boost::json;

// Of failed rows; the rest is counted, and in the failures file.
constexpr int64_t kRowsTold = 20;

struct ConvertFlags {
  std::string input;
  std::string output;
  std::string format;
  std::string contract;
  std::string nested = "native";
  std::string mixed = "text";
  std::vector<std::string> json_columns;
  std::string delimiter;
  std::string encoding;
  std::optional<std::string> pointer;
  std::string failures;
  bool as_json = false;
};

std::string Endings() {
  std::string endings;
  for (const std::string& format : OutputFormats()) {
    endings += (endings.empty() ? "." : ", .") + format;
  }
  return endings;
}

Result<std::string> FormatOf(const std::string& path) {
  std::string format = OutputFormatOf(path);
  if (!format.empty()) return format;
  return Error(ErrorKind::kInvalid, code::convert_unknown_ending,
               {{"path", path}, {"endings", Endings()}});
}

Result<char> DelimiterOf(const std::string& text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1) return text[0];
  return Error(ErrorKind::kInvalid, code::usage_flag,
               {{"flag", "--delimiter"}, {"value", text}, {"expected", "one character, or tab"}});
}

Result<ConvertRequest> RequestOf(const ConvertFlags& flags) {
  ConvertRequest request;
  request.input = flags.input;
  const bool to_standard_output = flags.output == "-";
  if (!to_standard_output) request.output = flags.output;
  request.output_format = flags.format.empty() ? TRY(FormatOf(flags.output)) : flags.format;
  request.failures = flags.failures;
  if (!flags.failures.empty()) TRY(FormatOf(flags.failures));
  if (!flags.delimiter.empty()) request.dialect.delimiter = TRY(DelimiterOf(flags.delimiter));
  if (!flags.encoding.empty()) request.dialect.encoding = flags.encoding;
  if (flags.pointer) {
    if (!ParseJsonPointer(*flags.pointer)) {
      return Error(
          ErrorKind::kInvalid, code::usage_flag,
          {{"flag", "--pointer"}, {"value", *flags.pointer}, {"expected", "/result, /data/items"}});
    }
    request.dialect.pointer = flags.pointer;
  }
  request.json_columns = flags.json_columns;
  request.plan = {.nested_as_json = flags.nested == "json", .mixed_as_json = flags.mixed == "json"};
  return request;
}

std::string PlaceText(const Place& place, const CommandContext& context) {
  std::string text = fmt::format("{} {}", context.Say("row", "linha de dados"), place.row);
  if (place.line > 0) {
    text += fmt::format(", {} {}", context.Say("line", "linha do arquivo"), place.line);
  }
  return text;
}

void TellRow(const Place& place, const std::vector<Reason>& reasons,
             const CommandContext& context) {
  for (const Reason& reason : reasons) {
    const std::string inside = reason.path.empty() ? "" : ", " + reason.path;
    WriteToTerminal(fmt::format("{}{}: {} [{}]\n", PlaceText(place, context), inside,
                                Text(reason, context.language), reason.code));
  }
}

Error NoteError(const PlanNote& note) {
  return {ErrorKind::kInvalid, note.code, {{"column", note.column}, {"kinds", note.kinds}}};
}

std::string ReportJson(const ConvertReport& report, const ConvertFlags& flags,
                       const CommandContext& context) {
  json::array notes;
  for (const PlanNote& note : report.notes) {
    notes.emplace_back(ErrorObject(NoteError(note), context.language));
  }
  json::array columns;
  for (const auto& [name, type] : report.columns) {
    columns.emplace_back(json::object{{"name", name}, {"type", type}});
  }
  return json::serialize(json::object{
      {"input", json::object{{"path", flags.input}, {"format", report.input_format}}},
      {"output", json::object{{"path", flags.output}, {"format", report.output_format}}},
      {"rows", json::object{{"read", report.rows_read},
                            {"written", report.rows_written},
                            {"failed", report.rows_failed}}},
      {"columns", std::move(columns)},
      {"notes", std::move(notes)},
      {"failures", flags.failures.empty() || report.rows_failed == 0
                       ? json::value(nullptr)
                       : json::value(flags.failures)}});
}

std::string ReportText(const ConvertReport& report, const ConvertFlags& flags,
                       const CommandContext& context) {
  std::string text;
  for (const PlanNote& note : report.notes) {
    text += fmt::format("{}{}\n", context.Say("note: ", "aviso: "),
                        Text(NoteError(note), context.language));
  }
  text += fmt::format("{} ({}) -> {} ({})\n", flags.input, report.input_format, flags.output,
                      report.output_format);
  text += fmt::format("{} {}, {} {}, {} {}\n", report.rows_read,
                      context.Say("rows read", "linhas lidas"), report.rows_written,
                      context.Say("written", "gravadas"), report.rows_failed,
                      context.Say("failed", "com falha"));
  if (report.rows_failed > kRowsTold && flags.failures.empty()) {
    text += context.Say("next: write all failed rows to a file with --failures PATH\n",
                        "próximo passo: grave todas as linhas com falha com --failures CAMINHO\n");
  } else if (report.rows_failed > 0 && !flags.failures.empty()) {
    text += fmt::format("{} {}\n",
                        context.Say("failed rows, each with its reasons:",
                                    "linhas com falha, cada uma com seus motivos:"),
                        flags.failures);
  }
  return text;
}

Result<int> Convert(const ConvertFlags& flags, const CommandContext& context) {
  ConvertRequest request = TRY(RequestOf(flags));
  std::optional<Contract> contract;
  if (!flags.contract.empty()) {
    ParsedContract parsed = ParseContract(TRY(ReadContractText(flags.contract)));
    if (!parsed.contract) {
      for (size_t i = 1; i < parsed.errors.size(); ++i) PrintError(parsed.errors[i], context);
      return std::move(parsed.errors.front()).With(flags.contract);
    }
    contract = std::move(parsed.contract);
    request.contract = &*contract;
  }
  request.stop = context.stop;
  int64_t told = 0;
  request.on_failure = [&](const Place& place, const std::vector<Reason>& reasons) {
    if (++told <= kRowsTold) TellRow(place, reasons, context);
  };
  const ConvertReport report = TRY(ConvertFile(request));
  if (told > kRowsTold) {
    WriteToTerminal(fmt::format("... {} {}\n", told - kRowsTold,
                                context.Say("more failed rows", "outras linhas com falha")));
  }
  const std::string text = flags.as_json ? ReportJson(report, flags, context) + "\n"
                                         : ReportText(report, flags, context);
  // Where standard output is the file, the report is not part of it.
  if (flags.output == "-") {
    WriteToTerminal(text);
  } else {
    fmt::print("{}", text);
  }
  return report.rows_failed > 0 ? kExitFailures : kExitGood;
}

void AddFlags(CLI::App& command, ConvertFlags& flags, const CommandContext& context) {
  const auto say = [&](const char* en, const char* pt) { return std::string(context.Say(en, pt)); };
  command.add_option("IN", flags.input, say("the file to read", "o arquivo a ler"))->required();
  command
      .add_option("OUT", flags.output,
                  say("the file to write; its ending says the format; - is standard output",
                      "o arquivo a gravar; o final do nome diz o formato; - é a saída padrão"))
      ->required();
  command
      .add_option("--to-format", flags.format,
                  say("format of OUT, whatever its name", "formato de OUT, seja qual for o nome"))
      ->check(CLI::IsMember(OutputFormats()));
  command.add_option("--contract", flags.contract,
                     say("types from this contract (YAML)", "tipos deste contrato (YAML)"));
  command
      .add_option("--nested", flags.nested,
                  say("objects and lists: native, or text columns of JSON",
                      "objetos e listas: nativos, ou colunas de texto JSON"))
      ->check(CLI::IsMember({"native", "json"}));
  command
      .add_option("--mixed", flags.mixed,
                  say("fields with texts and numbers: text, or JSON text that tells them apart",
                      "campos com textos e números: texto, ou texto JSON que os distingue"))
      ->check(CLI::IsMember({"text", "json"}));
  command
      .add_option("--json-columns", flags.json_columns,
                  say("text columns of IN that hold JSON: a,b",
                      "colunas de texto de IN que contêm JSON: a,b"))
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--delimiter", flags.delimiter,
                     say("CSV: one character, or tab", "CSV: um caractere, ou tab"));
  command.add_option("--encoding", flags.encoding, "utf-8 | windows-1252 | iso-8859-1");
  command.add_option_function<std::string>(
      "--pointer", [&flags](const std::string& text) { flags.pointer = text; },
      say("JSON: where the list of documents is, for example /result",
          "JSON: onde está a lista de documentos, por exemplo /result"));
  command.add_option(
      "--failures", flags.failures,
      say("write the failed rows to this file", "gravar as linhas com falha neste arquivo"));
  command.add_flag("--json", flags.as_json,
                   say("one JSON object instead of text", "um objeto JSON em vez de texto"));
}

}  // namespace

void AddConvertCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ConvertFlags>();
  CLI::App* command = app.add_subcommand(
      "convert", context.Say("a file in another format, with nothing lost on the way",
                             "um arquivo em outro formato, sem perder nada no caminho"));
  AddFlags(*command, *flags, context);
  command->footer(
      "\n  eclusa convert suppliers.json suppliers.parquet --contract suppliers.yaml\n"
      "  eclusa convert suppliers.parquet suppliers.json\n"
      "  eclusa convert suppliers.json suppliers.csv\n"
      "  eclusa convert suppliers.csv back.json --json-columns contacts,addresses\n"
      "\nexit: 0 all rows written, 1 failed, 2 usage, 3 written without the rows that failed");
  command->callback([flags, &context] {
    RunCommand(context, flags->as_json, [&] { return Convert(*flags, context); });
  });
}

}  // namespace eclusa
