#include "app/contract_file.h"

#include <boost/json.hpp>
#include <memory>

#include "io/input.h"

namespace eclusa {

Result<std::string> ReadContractText(const std::string& path) {
  const std::unique_ptr<Input> input = TRY(OpenInput(path));
  // One byte more, so that the parser sees that there is too much.
  std::string text(kContractBytesMax + 1, '\0');
  const size_t size = TRY(input->Read(text));
  text.resize(size);
  return text;
}

std::string ErrorsText(const std::string& path, const ParsedContract& parsed,
                       const CommandContext& context) {
  std::string out;
  for (const Error& error : parsed.errors) {
    out += path + ": " + Text(error, context.language) + " [" + error.code() + "]\n";
    out += std::string("  ") + context.Say("next: ", "próximo passo: ") +
           Hint(error, context.language) + "\n";
  }
  if (parsed.errors_left_out > 0) {
    out += std::string(context.Say("more errors, not shown: ", "outros erros, não mostrados: ")) +
           std::to_string(parsed.errors_left_out) + "\n";
  }
  return out;
}

boost::json::object ErrorObject(const Error& error, Language language) {
  boost::json::object object{
      {"code", error.code()}, {"text", Text(error, language)}, {"hint", Hint(error, language)}};
  boost::json::object arguments;
  for (const auto& [name, value] : error.arguments()) {
    if (name != kSaidText && name != kSaidHint) arguments[name] = value;
  }
  object["arguments"] = std::move(arguments);
  if (!error.context().empty()) {
    boost::json::array context;
    for (auto where = error.context().rbegin(); where != error.context().rend(); ++where) {
      context.emplace_back(*where);
    }
    object["context"] = std::move(context);
  }
  return object;
}

}  // namespace eclusa
