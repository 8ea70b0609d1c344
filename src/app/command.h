// What every subcommand is given, and how it ends.
//
// A command's file declares one function, AddNAMECommand(app, context), which describes the flags
// and sets a callback that runs the command and puts its exit code into the context. Only this
// module reads the environment, once, in main.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "core/result.h"
#include "model/codes.h"
#include "pg/private_server.h"

namespace CLI {
class App;
}

namespace eclusa {

// Exit codes, as README documents them.
inline constexpr int kExitGood = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFailures = 3;  // loaded, with failures
inline constexpr int kExitRejected = 4;  // refused by tolerance
inline constexpr int kExitCancelled = 130;

struct CommandContext {
  Environment environment;
  Language language = Language::kEnglish;
  std::stop_token stop;
  int exit_code = kExitGood;
  // Of the database, shared by the commands that need one (AddDatabaseFlags).
  std::string database;  // --db
  std::string data_dir;  // --data-dir

  std::string Variable(const std::string& name) const {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  }
  // One of two texts by the language of the user.
  const char* Say(const char* english, const char* portuguese) const {
    return language == Language::kPortuguese ? portuguese : english;
  }
};

// Prints the error with its hint on standard error and returns the exit code that it means.
int PrintError(const Error& error, const CommandContext& context);

// kInvalid (config.secret_argument) for a connection string or URL that holds a password.
Status CheckNoPassword(const std::string& flag, const std::string& value);

// Runs a command's body and keeps its exit code. An error is printed; where the command was asked
// for JSON, also as {"error": {...}} on standard output.
void RunCommand(CommandContext& context, bool json, const std::function<Result<int>()>& body);
// Of a command without --json.
void RunCommand(CommandContext& context, const std::function<Result<int>()>& body);

}  // namespace eclusa
