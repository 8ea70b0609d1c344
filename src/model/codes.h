// The catalogue of codes: every message of eclusa in every language, from catalogue.inc.
//
// The explain command, the documentation and all output are made from it. Use the constants
// (code::kRowColumns is spelled code::row_columns) so that an unknown code does not compile.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "model/reason.h"

namespace eclusa {

enum class Language : uint8_t { kEnglish, kPortuguese };

struct CodeEntry {
  std::string_view code;
  std::string_view text[2];  // by Language
  std::string_view hint[2];
};

namespace code {
#define ECLUSA_CODE(id, text, en, en_hint, pt, pt_hint) inline constexpr std::string_view id = text;
#include "model/catalogue.inc"
#undef ECLUSA_CODE
}  // namespace code

std::span<const CodeEntry> Catalogue();
const CodeEntry* FindCode(std::string_view code);  // null: no such code

// The text with its arguments filled in. An argument that the text does not name is left out; a
// name without an argument stays empty. {@why} is an argument that is a code: its text stands
// there, in the same language and filled from the same arguments.
// What another process has said in words of its own (a server, in its caller's language) keeps
// them: arguments of these names are the text and the hint, whatever the code.
inline constexpr std::string_view kSaidText = "said";
inline constexpr std::string_view kSaidHint = "said_hint";
std::string Text(const Error& error, Language language);
std::string Hint(const Error& error, Language language);
std::string Text(const Reason& reason, Language language);
std::string Hint(const Reason& reason, Language language);

}  // namespace eclusa
