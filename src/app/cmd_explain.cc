#include "app/cmd_explain.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <vector>

#include "core/edit_distance.h"

namespace eclusa {
namespace {

std::string_view NearestCode(std::string_view code) {
  const auto entries = Catalogue();
  return std::min_element(entries.begin(), entries.end(),
                          [&](const CodeEntry& left, const CodeEntry& right) {
                            return EditDistance(code, left.code) < EditDistance(code, right.code);
                          })
      ->code;
}

// The code itself, the codes of a group ("type" or "type."), or all.
std::vector<const CodeEntry*> FindCodes(const std::string& wanted) {
  std::vector<const CodeEntry*> found;
  std::string group = wanted;
  if (!group.empty() && group.back() != '.') group += '.';
  for (const CodeEntry& entry : Catalogue()) {
    if (entry.code == wanted) return {&entry};
    if (entry.code.starts_with(group)) found.push_back(&entry);
  }
  return found;
}

}  // namespace

Result<int> RunExplain(const ExplainOptions& options, const CommandContext& context,
                       std::ostream& out) {
  const std::vector<const CodeEntry*> entries = FindCodes(options.code);
  if (entries.empty()) {
    return Error(ErrorKind::kNotFound, code::explain_unknown_code,
                 {{"code", options.code}, {"nearest", std::string(NearestCode(options.code))}});
  }
  const auto language = static_cast<size_t>(context.language);
  if (options.json) {
    boost::json::array array;
    for (const CodeEntry* entry : entries) {
      array.push_back(boost::json::object{
          {"code", entry->code}, {"text", entry->text[language]}, {"hint", entry->hint[language]}});
    }
    out << boost::json::serialize(array) << "\n";
    return kExitGood;
  }
  for (const CodeEntry* entry : entries) {
    out << entry->code << "\n  " << entry->text[language] << "\n  "
        << context.Say("what to do: ", "o que fazer: ") << entry->hint[language] << "\n";
  }
  return kExitGood;
}

void AddExplainCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      app.add_subcommand("explain", context.Say("what a code means and what to do about it",
                                                "o que um código significa e o que fazer"));
  command->add_option("CODE", options->code,
                      context.Say("a code (type.integer) or a group of codes (type); none: all",
                                  "um código (type.integer) ou grupo (type); nenhum: todos"));
  command->add_flag("--json", options->json,
                    context.Say("print one JSON array", "imprime um array JSON"));
  command->callback([options, &context] {
    RunCommand(context, options->json, [&] { return RunExplain(*options, context, std::cout); });
  });
}

}  // namespace eclusa
