// What a contract's text was parsed to, in the words that tests compare. For tests of this module
// only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "contract/contract_texts.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {

// A root's key, and a list's.
inline constexpr const char* kRoot = "      - {name: pk, logicalType: integer, primaryKey: true}\n";
inline constexpr const char* kKey = "{name: id, logicalType: integer, primaryKey: true}";

inline std::string Argument(const Error& error, std::string_view name) {
  for (const auto& [key, value] : error.arguments()) {
    if (key == name) return value;
  }
  return "";
}

// "line:column code" of every error.
inline std::vector<std::string> ErrorsOf(const std::string& text) {
  std::vector<std::string> out;
  for (const Error& error : ParseContract(text).errors) {
    out.push_back(Argument(error, "line") + ":" + Argument(error, "column") + " " + error.code());
    for (const Language language : {Language::kEnglish, Language::kPortuguese}) {
      EXPECT_EQ(Text(error, language).find("{p"), std::string::npos) << Text(error, language);
    }
  }
  return out;
}

inline std::vector<std::string> CodesOf(const std::string& text) {
  std::vector<std::string> codes;
  for (const Error& error : ParseContract(text).errors) codes.push_back(error.code());
  return codes;
}

// The code of the only error; "" where there is none.
inline std::string CodeOf(const std::string& text) {
  const std::vector<std::string> codes = CodesOf(text);
  if (codes.size() > 1) return "several";
  return codes.empty() ? "" : codes[0];
}

inline Contract Parsed(const std::string& text) {
  ParsedContract parsed = ParseContract(text);
  for (const Error& error : parsed.errors) {
    ADD_FAILURE() << Text(error, Language::kEnglish) << "\n" << text;
  }
  return parsed.contract.value_or(Contract{});
}

}  // namespace eclusa
