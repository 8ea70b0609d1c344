#include "app/command.h"

#include <unistd.h>

#include <boost/json.hpp>
#include <cstdio>

#include "app/contract_file.h"
#include "core/log.h"
#include "model/codes.h"
#include "settings/settings.h"

namespace eclusa {
namespace {

int ExitCodeOf(const Error& error) {
  // What --max-removals and --min-rows refuse is refused by a tolerance too.
  if (error.code() == code::replace_too_many_removals ||
      error.code() == code::replace_too_few_rows) {
    return kExitRejected;
  }
  if (error.code() == code::usage_flag || error.code() == code::config_secret_argument ||
      error.code() == code::client_no_server || error.code() == code::client_no_token) {
    return kExitUsage;
  }
  return error.kind() == ErrorKind::kCancelled ? kExitCancelled : kExitFailed;
}

}  // namespace

int PrintError(const Error& error, const CommandContext& context) {
  const bool colours = isatty(STDERR_FILENO) == 1 && context.Variable("NO_COLOR").empty();
  std::string text = colours ? "\033[31meclusa:\033[0m " : "eclusa: ";
  for (auto where = error.context().rbegin(); where != error.context().rend(); ++where) {
    text += *where + ": ";
  }
  text += Text(error, context.language) + " [" + error.code() + "]\n";
  const std::string hint = Hint(error, context.language);
  if (!hint.empty())
    text += std::string("  ") + context.Say("next: ", "próximo passo: ") + hint + "\n";
  WriteToTerminal(text);
  return ExitCodeOf(error);
}

Status CheckNoPassword(const std::string& flag, const std::string& value) {
  if (WithoutPassword(value) == value) return Ok();
  return Error(ErrorKind::kInvalid, code::config_secret_argument, {{"flag", flag}});
}

void RunCommand(CommandContext& context, bool json, const std::function<Result<int>()>& body) {
  const auto run = [&]() -> Result<int> {
    TRY(CheckNoPassword("--db", context.database));
    return body();
  };
  auto code = run();
  if (!code.ok() && json) {
    const boost::json::object object{{"error", ErrorObject(code.error(), context.language)}};
    std::puts(boost::json::serialize(object).c_str());
  }
  context.exit_code = code.ok() ? *code : PrintError(code.error(), context);
}

void RunCommand(CommandContext& context, const std::function<Result<int>()>& body) {
  RunCommand(context, /*json=*/false, body);
}

}  // namespace eclusa
