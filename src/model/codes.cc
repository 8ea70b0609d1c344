#include "model/codes.h"

#include <algorithm>
#include <unordered_map>

namespace eclusa {
namespace {

constexpr CodeEntry kCatalogue[] = {
#define ECLUSA_CODE(id, text, en, en_hint, pt, pt_hint) {text, {en, pt}, {en_hint, pt_hint}},
#include "model/catalogue.inc"
#undef ECLUSA_CODE
};

const std::unordered_map<std::string_view, const CodeEntry*>& Index() {
  static const auto* const index = [] {
    auto* made = new std::unordered_map<std::string_view, const CodeEntry*>();
    for (const CodeEntry& entry : kCatalogue) made->emplace(entry.code, &entry);
    return made;
  }();
  return *index;
}

// Calls `argument(name, out)` for each {name}, which appends what stands for it.
template <class Argument>
std::string Fill(std::string_view text, const Argument& argument) {
  std::string filled;
  filled.reserve(text.size() + 64);
  while (!text.empty()) {
    const size_t open = text.find('{');
    const size_t close = open == text.npos ? text.npos : text.find('}', open);
    filled.append(text.substr(0, close == text.npos ? text.npos : open));
    if (close == text.npos) break;
    argument(text.substr(open + 1, close - open - 1), filled);
    text.remove_prefix(close + 1);
  }
  return filled;
}

void AppendArgument(const ErrorArguments& arguments, std::string_view name, std::string& out) {
  const auto found = std::ranges::find(
      arguments, name, [](const auto& argument) -> std::string_view { return argument.first; });
  if (found != arguments.end()) out.append(found->second);
}

// A code that the catalogue lacks (one kept by a newer version of the program) is shown as it is.
std::string_view TextOf(std::string_view code, Language language) {
  const CodeEntry* entry = FindCode(code);
  return entry == nullptr ? code : entry->text[static_cast<int>(language)];
}

void AppendNamed(const Error& error, std::string_view name, std::string& out) {
  AppendArgument(error.arguments(), name, out);
}

void AppendNamed(const Reason& reason, std::string_view name, std::string& out) {
  if (name == "column") {
    out.append(reason.column);
  } else if (name == "value") {
    out.append(reason.value);
  } else if (name == "rule") {
    out.append(reason.rule);
  } else {
    AppendArgument(reason.arguments, name, out);
  }
}

template <class Source>
std::string FillFrom(std::string_view text, const Source& source, Language language) {
  const auto append = [&](std::string_view name, std::string& out) {
    AppendNamed(source, name, out);
  };
  return Fill(text, [&](std::string_view name, std::string& out) {
    if (!name.starts_with('@')) return append(name, out);
    std::string code;
    append(name.substr(1), code);
    // One level: a text that stands in another names no third one.
    out.append(Fill(TextOf(code, language), append));
  });
}

const std::string* Said(const ErrorArguments& arguments, std::string_view name) {
  const auto found =
      std::ranges::find(arguments, name, [](const auto& argument) { return argument.first; });
  return found == arguments.end() ? nullptr : &found->second;
}

std::string_view HintOf(std::string_view code, Language language) {
  const CodeEntry* entry = FindCode(code);
  return entry == nullptr ? std::string_view() : entry->hint[static_cast<int>(language)];
}

}  // namespace

std::span<const CodeEntry> Catalogue() { return kCatalogue; }

const CodeEntry* FindCode(std::string_view code) {
  const auto found = Index().find(code);
  return found == Index().end() ? nullptr : found->second;
}

std::string Text(const Error& error, Language language) {
  if (const std::string* said = Said(error.arguments(), kSaidText)) return *said;
  return FillFrom(TextOf(error.code(), language), error, language);
}

std::string Hint(const Error& error, Language language) {
  if (const std::string* said = Said(error.arguments(), kSaidHint)) return *said;
  return FillFrom(HintOf(error.code(), language), error, language);
}

std::string Text(const Reason& reason, Language language) {
  if (const std::string* said = Said(reason.arguments, kSaidText)) return *said;
  return FillFrom(TextOf(reason.code, language), reason, language);
}

std::string Hint(const Reason& reason, Language language) {
  if (const std::string* said = Said(reason.arguments, kSaidHint)) return *said;
  return FillFrom(HintOf(reason.code, language), reason, language);
}

}  // namespace eclusa
