#include "settings/settings.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "core/edit_distance.h"
#include "model/codes.h"
#include "settings/separate_variables.h"

namespace eclusa {
namespace {

constexpr size_t kSecretMax = 64 << 10;

constexpr SettingWord kWords[] = {
#define ECLUSA_SETTING(name, variable, kind, standard, english, portuguese) \
  {name, variable, SettingKind::kind, standard, {english, portuguese}},
#include "settings/words.inc"
#undef ECLUSA_SETTING
};

const SettingWord* FindWord(std::string_view name) {
  const auto found = std::find_if(std::begin(kWords), std::end(kWords),
                                  [&](const SettingWord& word) { return word.name == name; });
  return found == std::end(kWords) ? nullptr : found;
}

std::string NearestName(std::string_view name) {
  const auto nearest =
      std::min_element(std::begin(kWords), std::end(kWords), [&](const auto& a, const auto& b) {
        return EditDistance(a.name, name) < EditDistance(b.name, name);
      });
  return std::string(nearest->name);
}

Error BadValue(std::string_view name, const std::string& value, const char* expected) {
  return Error(ErrorKind::kInvalid, code::config_bad_value,
               {{"name", std::string(name)}, {"value", value}, {"expected", expected}});
}

std::optional<Error> CheckValue(const SettingWord& word, const std::string& text) {
  if (word.kind == SettingKind::kNumber) {
    int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number < 0) {
      return BadValue(word.name, text, "0, 1, 2 ...");
    }
  }
  if (word.kind == SettingKind::kFlag && text != "true" && text != "false") {
    return BadValue(word.name, text, "true, false");
  }
  return std::nullopt;
}

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// Of a value in a connection string of libpq, which may be quoted where it is one of keywords.
size_t EndOfValue(const std::string& text, size_t begin, bool uri) {
  if (uri) return std::min(text.find('&', begin), text.size());
  const bool quoted = begin < text.size() && text[begin] == '\'';
  const std::string_view ends = quoted ? "'" : kBlanks;
  size_t end = quoted ? begin + 1 : begin;
  while (end < text.size() && ends.find(text[end]) == std::string_view::npos) {
    end += text[end] == '\\' ? 2 : 1;
  }
  return std::min(quoted ? end + 1 : end, text.size());
}

std::string WithoutLineEnd(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Result<std::string> SecretOfFile(const std::string& name, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || text.str().size() > kSecretMax) return BadValue(name, path, "a readable file");
  return WithoutLineEnd(text.str());
}

Result<std::string> SecretOfCommand(const std::string& name, const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"),
                                                   [](FILE* file) { return pclose(file); });
  std::string text;
  char block[4096];
  while (pipe && text.size() < kSecretMax) {
    const size_t got = std::fread(block, 1, sizeof block, pipe.get());
    if (got == 0) break;
    text.append(block, got);
  }
  text = WithoutLineEnd(std::move(text));
  if (text.empty()) return BadValue(name, command, "a command that prints the secret");
  return text;
}

}  // namespace

std::string WithoutPassword(std::string shown) {
  const size_t scheme = shown.find("://");
  const size_t at = shown.rfind('@');
  const size_t colon = scheme == std::string::npos ? scheme : shown.find(':', scheme + 3);
  if (scheme != std::string::npos && at != std::string::npos && colon < at) {
    shown.replace(colon + 1, at - colon - 1, "***");
  }
  constexpr std::string_view kWord = "password";  // sslpassword too
  for (size_t i = shown.find(kWord); i != std::string::npos; i = shown.find(kWord, i)) {
    i = std::min(shown.find_first_not_of(kBlanks, i + kWord.size()), shown.size());
    if (i == shown.size() || shown[i] != '=') continue;
    i = std::min(shown.find_first_not_of(kBlanks, i + 1), shown.size());
    shown.replace(i, EndOfValue(shown, i, scheme != std::string::npos) - i, "***");
  }
  return shown;
}

std::span<const SettingWord> SettingWords() { return kWords; }

std::string_view Name(SettingFrom from) {
  constexpr std::string_view kNames[] = {"default", "file", "environment", "flag"};
  return kNames[static_cast<size_t>(from)];
}

// Puts the sources on each other, the weakest first, and keeps all errors.
class SettingsReader {
 public:
  SettingsRead Read(const Settings::Sources& sources) {
    for (const SettingWord& word : kWords) {
      settings_.values_[std::string(word.name)] = {std::string(word.standard),
                                                   SettingFrom::kDefault};
    }
    if (!sources.path.empty()) ReadFile(sources.path);
    ReadSeparateVariables(sources);
    for (const SettingWord& word : kWords) ReadVariable(word, sources.variables);
    for (const auto& [name, text] : sources.flags) Set(name, text, SettingFrom::kFlag);
    if (errors_.empty()) return {.settings = std::move(settings_), .errors = {}};
    return {.settings = std::nullopt, .errors = std::move(errors_)};
  }

 private:
  void ReadSeparateVariables(const Settings::Sources& sources) {
    TakeParts("database", DatabaseOfParts, sources);
    TakeParts("broker.url", BrokerOfParts, sources);
  }

  using Parts = Result<std::optional<std::string>> (*)(const Settings::Variables&);
  // They are not looked at where a variable of ours or a flag says the same.
  void TakeParts(const std::string& name, Parts parts, const Settings::Sources& sources) {
    const SettingWord* word = FindWord(name);
    CHECK(word != nullptr);
    const auto ours = sources.variables.find(word->variable);
    if (ours != sources.variables.end() && !ours->second.empty()) return;
    if (sources.flags.contains(name)) return;
    auto text = parts(sources.variables);
    if (!text.ok()) {
      errors_.push_back(std::move(text).error());
    } else if (*text) {
      Set(name, **text, SettingFrom::kEnvironment);
    }
  }

  void Set(const std::string& name, const std::string& text, SettingFrom from) {
    const SettingWord* word = FindWord(name);
    CHECK(word != nullptr);
    if (auto wrong = CheckValue(*word, text)) {
      errors_.push_back(*std::move(wrong));
      return;
    }
    settings_.values_[name] = {text, from};
  }

  void SetSecret(const std::string& name, Result<std::string> text, SettingFrom from) {
    if (text.ok()) {
      Set(name, *text, from);
    } else {
      errors_.push_back(std::move(text).error());
    }
  }

  void ReadVariable(const SettingWord& word, const Settings::Variables& variables) {
    const std::string name(word.name);
    const std::string variable(word.variable);
    const auto at = [&](const std::string& key) {
      const auto found = variables.find(key);
      return found == variables.end() ? std::string() : found->second;
    };
    if (const std::string text = at(variable); !text.empty()) {
      Set(name, text, SettingFrom::kEnvironment);
    }
    if (word.kind != SettingKind::kSecret) return;
    if (const std::string path = at(variable + "_FILE"); !path.empty()) {
      SetSecret(name, SecretOfFile(name, path), SettingFrom::kEnvironment);
    }
    if (const std::string command = at(variable + "_COMMAND"); !command.empty()) {
      SetSecret(name, SecretOfCommand(name, command), SettingFrom::kEnvironment);
    }
  }

  void ReadFile(const std::string& path) {
    try {
      ReadNode(YAML::LoadFile(path), "");
    } catch (const YAML::BadFile&) {
      errors_.emplace_back(ErrorKind::kNotFound, code::file_not_found,
                           ErrorArguments{{"path", path}});
    } catch (const YAML::Exception& exception) {
      errors_.emplace_back(ErrorKind::kInvalid, code::config_syntax,
                           ErrorArguments{{"path", path},
                                          {"line", std::to_string(exception.mark.line + 1)},
                                          {"detail", exception.msg}});
    }
  }

  void ReadNode(const YAML::Node& node, const std::string& name) {
    if (node.IsMap()) {
      for (const auto& entry : node) {
        const std::string word = entry.first.as<std::string>();
        ReadNode(entry.second, name.empty() ? word : name + "." + word);
      }
      return;
    }
    if (name.empty()) return;  // an empty file
    if (ReadSecret(node, name)) return;
    const SettingWord* word = FindWord(name);
    if (word == nullptr) {
      errors_.emplace_back(ErrorKind::kInvalid, code::config_unknown,
                           ErrorArguments{{"name", name},
                                          {"line", std::to_string(node.Mark().line + 1)},
                                          {"nearest", NearestName(name)}});
      return;
    }
    if (node.IsSequence() != (word->kind == SettingKind::kList) && !node.IsScalar()) {
      errors_.push_back(
          BadValue(name, "...", word->kind == SettingKind::kList ? "[...]" : "one value"));
      return;
    }
    Set(name, TextOf(node), SettingFrom::kFile);
  }

  // NAME_file and NAME_command of a secret.
  bool ReadSecret(const YAML::Node& node, const std::string& name) {
    for (const char* ending : {"_file", "_command"}) {
      if (!name.ends_with(ending)) continue;
      const std::string secret = name.substr(0, name.size() - std::string_view(ending).size());
      const SettingWord* word = FindWord(secret);
      if (word == nullptr || word->kind != SettingKind::kSecret) continue;
      const std::string source = node.as<std::string>();
      const bool file = std::string_view(ending) == "_file";
      SetSecret(secret, file ? SecretOfFile(name, source) : SecretOfCommand(name, source),
                SettingFrom::kFile);
      return true;
    }
    return false;
  }

  static std::string TextOf(const YAML::Node& node) {
    if (node.IsNull()) return {};
    if (node.IsScalar()) return node.Scalar();
    std::string text;
    for (const YAML::Node& item : node) text += (text.empty() ? "" : ",") + item.as<std::string>();
    return text;
  }

  Settings settings_;
  std::vector<Error> errors_;
};

SettingsRead ReadSettings(const Settings::Sources& sources) {
  return SettingsReader().Read(sources);
}

const Settings::Value& Settings::At(std::string_view name) const {
  const auto found = values_.find(name);
  CHECK(found != values_.end());
  return found->second;
}

const std::string& Settings::Text(std::string_view name) const { return At(name).text; }

int64_t Settings::Number(std::string_view name) const {
  const std::string& text = At(name).text;
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool Settings::Flag(std::string_view name) const { return At(name).text == "true"; }

std::vector<std::string> Settings::List(std::string_view name) const {
  std::vector<std::string> items;
  std::istringstream text(At(name).text);
  for (std::string item; std::getline(text, item, ',');) items.push_back(item);
  return items;
}

SettingFrom Settings::WhereFrom(std::string_view name) const { return At(name).from; }

std::string Settings::Shown(std::string_view name) const {
  const std::string& text = At(name).text;
  if (FindWord(name)->kind == SettingKind::kSecret) return text.empty() ? "" : "***";
  const bool no_url = text.find("://") == std::string::npos;
  if (name == "broker.url" && no_url && text.find('@') != std::string::npos) return "***";
  if (name == "database" || name == "broker.url") return WithoutPassword(text);
  if (name != "targets") return text;
  std::string shown;
  for (const std::string& line : List(name)) {
    shown += (shown.empty() ? "" : ",") + WithoutPassword(line);
  }
  return shown;
}

std::string SettingsDocument() {
  std::string text =
      "# Settings of serve and worker\n\n"
      "Flags go over the environment, the environment over one YAML file (`--config FILE`, else\n"
      "`ECLUSA_CONFIG`). `eclusa config show` prints all of them and where each comes from; "
      "`eclusa\n"
      "config check` says what is wrong. An unknown word is an error. A secret is never an "
      "argument:\n"
      "`NAME_file` and `NAME_command` (in the environment `VARIABLE_FILE`, `VARIABLE_COMMAND`) "
      "read it\n"
      "from a file or from what a command prints. This page is compared with the program by a "
      "test.\n\n"
      "The database may also be given in pieces: `DB_NAME`, `DB_USER`, `DB_PASS`, `DB_HOST`, and\n"
      "`DB_PORT` (5432); the broker as `RABBIT_CONTAINER_DNS` (localhost) and\n"
      "`RABBIT_CONTAINER_PORT` (5672). They go over the file, and `ECLUSA_DB` and\n"
      "`ECLUSA_BROKER_URL` over them; a mandatory one that is missing is named.\n\n"
      "    listen: [127.0.0.1:8080]\n"
      "    workers: 4\n"
      "    storage:\n"
      "      s3:\n"
      "        endpoint: https://s3.sa-east-1.amazonaws.com\n"
      "        bucket: uploads\n"
      "        access_key: AKIA...\n"
      "        secret_key_file: /run/secrets/s3\n\n"
      "| setting | variable | default | what for |\n|---|---|---|---|\n";
  for (const SettingWord& word : kWords) {
    text.append("| ").append(word.name).append(" | ").append(word.variable).append(" | ");
    text.append(word.standard).append(" | ").append(word.about[0]);
    text.append(word.kind == SettingKind::kSecret ? " (secret) |\n" : " |\n");
  }
  return text;
}

}  // namespace eclusa
