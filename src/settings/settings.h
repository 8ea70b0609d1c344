// Settings: how serve and worker are set up: flags over environment over one YAML file.
//
//   listen: [127.0.0.1:8080]
//   storage:
//     s3: {endpoint: https://s3.example, bucket: uploads, access_key: A, secret_key_file: /run/key}
//
// Every setting is a line of settings/words.inc: its name, its variable, what it is for. An unknown
// word is an error that names the nearest one. A secret is never an argument: it stands in a file
// (NAME_file), in a variable, or is what a command prints (NAME_command). Read once, whole; all
// that is wrong is told at once. Values; no environment of its own: the caller gives it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace eclusa {

enum class SettingKind : uint8_t { kText, kNumber, kFlag, kList, kSecret };

struct SettingWord {
  std::string_view name;      // "storage.s3.bucket"
  std::string_view variable;  // "ECLUSA_STORAGE_S3_BUCKET"
  SettingKind kind;
  std::string_view standard;  // as text; "" where there is none
  std::string_view about[2];  // English, Portuguese
};
std::span<const SettingWord> SettingWords();

enum class SettingFrom : uint8_t { kDefault, kFile, kEnvironment, kFlag };
std::string_view Name(SettingFrom from);

// postgresql://user:password@host, amqp://..., and password=..., as they may be shown.
std::string WithoutPassword(std::string shown);

class Settings {
 public:
  using Variables = std::map<std::string, std::string, std::less<>>;
  struct Sources {
    std::string path;     // of the file; empty: none
    Variables variables;  // the environment
    Variables flags;      // by the settings' names
  };
  // By name, which must be one of SettingWords; empty or 0 where there is no value.
  const std::string& Text(std::string_view name) const;
  int64_t Number(std::string_view name) const;
  bool Flag(std::string_view name) const;
  std::vector<std::string> List(std::string_view name) const;
  SettingFrom WhereFrom(std::string_view name) const;
  // As it may be shown: a secret is "***", a password in a connection string too.
  std::string Shown(std::string_view name) const;

 private:
  struct Value {
    std::string text;
    SettingFrom from = SettingFrom::kDefault;
  };
  friend class SettingsReader;
  const Value& At(std::string_view name) const;

  std::map<std::string, Value, std::less<>> values_;
};

struct SettingsRead {
  std::optional<Settings> settings;  // set where there are no errors
  std::vector<Error> errors;
};
SettingsRead ReadSettings(const Settings::Sources& sources);

// docs/settings.md, whole.
std::string SettingsDocument();

}  // namespace eclusa
