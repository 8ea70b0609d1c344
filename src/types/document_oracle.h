// The rules of documents written down a second time for tests, slowly and from the text of the
// rules: tables of weights, one digit after the other, nothing shared with documents.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace eclusa::oracle {

// "ASCII code less 48", as the published table lists it.
inline int Value(char c) {
  static const std::string kAlphabet = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return static_cast<int>(kAlphabet.find(c));
}

inline long Sum(const std::string& head, const std::vector<int>& weights) {
  long sum = 0;
  for (size_t i = 0; i < head.size(); ++i) sum += static_cast<long>(Value(head[i])) * weights[i];
  return sum;
}

inline char Digit(long sum) {
  const long rest = sum % 11;
  if (rest == 0 || rest == 1) return '0';
  return std::to_string(11 - rest)[0];
}

// The twelve characters with their check digits behind them.
inline std::string Cnpj(std::string head) {
  head += Digit(Sum(head, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}));
  return head + Digit(Sum(head, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2}));
}

// The nine digits with their check digits behind them.
inline std::string Cpf(std::string head) {
  head += Digit(Sum(head, {10, 9, 8, 7, 6, 5, 4, 3, 2}));
  return head + Digit(Sum(head, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2}));
}

inline bool IsAll(const std::string& text, const std::string& characters) {
  return text.find_first_not_of(characters) == std::string::npos;
}

inline bool IsCpf(const std::string& plain) {
  return plain.size() == 11 && IsAll(plain, "0123456789") &&
         std::set<char>(plain.begin(), plain.end()).size() > 1 && Cpf(plain.substr(0, 9)) == plain;
}

inline bool IsCnpj(const std::string& plain) {
  return plain.size() == 14 && IsAll(plain, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") &&
         IsAll(plain.substr(12), "0123456789") && !IsAll(plain, "0") &&
         Cnpj(plain.substr(0, 12)) == plain;
}

// The manual's own steps: products with 1 and 2, their digits added, the rest of ten.
inline bool IsIbge(const std::string& plain) {
  static const std::map<std::string, char> kOwnDigit = {
      {"430587", '1'}, {"220191", '9'}, {"220225", '1'}, {"220198", '8'}, {"261153", '3'},
      {"311783", '6'}, {"315213", '1'}, {"520393", '9'}, {"520396", '2'}};
  static const std::set<std::string> kUnits = {
      "11", "12", "13", "14", "15", "16", "17", "21", "22", "23", "24", "25", "26", "27",
      "28", "29", "31", "32", "33", "35", "41", "42", "43", "50", "51", "52", "53"};
  if (plain.size() != 7 || !IsAll(plain, "0123456789")) return false;
  if (kUnits.count(plain.substr(0, 2)) == 0 || plain.substr(2, 4) == "0000") return false;
  const auto own = kOwnDigit.find(plain.substr(0, 6));
  if (own != kOwnDigit.end()) return plain[6] == own->second;
  int sum = 0;
  for (size_t i = 0; i < 6; ++i) {
    for (const char digit : std::to_string((plain[i] - '0') * (i % 2 == 0 ? 1 : 2))) {
      sum += digit - '0';
    }
  }
  const int rest = sum % 10;
  return plain[6] - '0' == (rest == 0 ? 0 : 10 - rest);
}

}  // namespace eclusa::oracle
