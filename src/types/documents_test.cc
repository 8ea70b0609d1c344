#include "types/documents.h"

#include <gtest/gtest.h>

#include <cctype>
#include <optional>
#include <random>
#include <string>

namespace eclusa {
namespace {

std::string Read(DocumentKind kind, std::string_view text) {
  char plain[kDocumentCharactersMax];
  return {plain, ReadDocument(kind, text, plain)};
}

std::string ReadPadded(DocumentKind kind, std::string_view digits) {
  char plain[kDocumentCharactersMax];
  return {plain, ReadPaddedDocument(kind, digits, plain)};
}

TEST(Cnpj, TakesValidOnes) {
  for (const std::string text :
       {"12ABC34501DE35", "ABCDEFGHIJKL80", "00000000000191", "90021382000122", "90024778000123",
        "90025108000121", "90025255000100", "90024420000109", "90024781000147", "04740714000197",
        "44108058000129", "90024780000100", "90024779000178"}) {
    EXPECT_EQ(Read(DocumentKind::kCnpj, text), text);
    const std::string masked = text.substr(0, 2) + "." + text.substr(2, 3) + "." +
                               text.substr(5, 3) + "/" + text.substr(8, 4) + "-" + text.substr(12);
    EXPECT_EQ(Read(DocumentKind::kCnpj, masked), text);
    EXPECT_EQ(Read(DocumentKind::kCpfOrCnpj, masked), text);
  }
  EXPECT_EQ(Read(DocumentKind::kCnpj, "12.ABC.345/01DE-35"), "12ABC34501DE35");
}

TEST(Cnpj, IsStoredInUpperCase) {
  EXPECT_EQ(Read(DocumentKind::kCnpj, "12.ABc.345/01DE-35"), "12ABC34501DE35");
  EXPECT_EQ(Read(DocumentKind::kCnpj, "12abc34501de35"), "12ABC34501DE35");
}

TEST(Cnpj, RefusesInvalidOnes) {
  for (const std::string text :
       {"", "00000000000000", "00.000.000/0000-00", "00000000000192", "ABCDEFGHIJKL81",
        "0000000000019L", "000000000001P1", "0000000000191", "000000000000191", "12ABC3450!DE35",
        "12ABC34501DE3 ", " 12ABC34501DE35", "12.ABC.345/01DE35", "12-ABC-345/01DE-35",
        "12ÁBC3450DE35", "12ABC34501DE53"}) {
    EXPECT_EQ(Read(DocumentKind::kCnpj, text), "") << text;
  }
}

TEST(Cpf, TakesValidOnesMaskedOrPlain) {
  for (const auto& [text, plain] :
       std::vector<std::pair<std::string, std::string>>{{"111.444.777-35", "11144477735"},
                                                        {"529.982.247-25", "52998224725"},
                                                        {"217.306.891-16", "21730689116"},
                                                        {"52998224725", "52998224725"},
                                                        {"123.456.789-09", "12345678909"}}) {
    EXPECT_EQ(Read(DocumentKind::kCpf, text), plain);
    EXPECT_EQ(Read(DocumentKind::kCpfOrCnpj, text), plain);
  }
}

TEST(Cpf, RefusesInvalidOnes) {
  for (char digit = '0'; digit <= '9'; ++digit) {
    const std::string same(11, digit);
    EXPECT_EQ(Read(DocumentKind::kCpf, same), "") << same;
    const std::string masked = same.substr(0, 3) + "." + same.substr(0, 3) + "." +
                               same.substr(0, 3) + "-" + same.substr(0, 2);
    EXPECT_EQ(Read(DocumentKind::kCpf, masked), "") << masked;
  }
  for (const std::string text : {"", "11144477736", "1114447773", "111444777350", "111.444.77735",
                                 "1114447773a", "111 444 777 35", "111.444.777/35"}) {
    EXPECT_EQ(Read(DocumentKind::kCpf, text), "") << text;
  }
}

TEST(Cep, TakesEightDigits) {
  EXPECT_EQ(Read(DocumentKind::kCep, "01310-100"), "01310100");
  EXPECT_EQ(Read(DocumentKind::kCep, "01310100"), "01310100");
  for (const std::string text :
       {"", "1310100", "01310-10", "0131010a", "01.310-100", "013101000"}) {
    EXPECT_EQ(Read(DocumentKind::kCep, text), "") << text;
  }
}

TEST(Documents, GetLostZerosBackOnlyWhereOneReadingIsValid) {
  EXPECT_EQ(ReadPadded(DocumentKind::kCnpj, "191"), "00000000000191");
  EXPECT_EQ(ReadPadded(DocumentKind::kCnpj, "4740714000197"), "04740714000197");
  EXPECT_EQ(ReadPadded(DocumentKind::kCep, "1310100"), "01310100");
  EXPECT_EQ(ReadPadded(DocumentKind::kCpfOrCnpj, "4740714000197"), "04740714000197");
  EXPECT_EQ(ReadPadded(DocumentKind::kCpf, "191"), "00000000191");
  // 00000000191 is a CPF and 00000000000191 a CNPJ: nobody can tell.
  EXPECT_EQ(ReadPadded(DocumentKind::kCpfOrCnpj, "191"), "");
  EXPECT_EQ(ReadPadded(DocumentKind::kCpf, "192"), "");
  EXPECT_EQ(ReadPadded(DocumentKind::kCpf, ""), "");
  EXPECT_EQ(ReadPadded(DocumentKind::kCnpj, "ABC"), "");
}

// The rules written down a second time, slowly: tables of weights, and one digit after the other.
namespace oracle {

int Value(char c) {
  static const std::string kAlphabet = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return static_cast<int>(kAlphabet.find(c));
}

char Digit(const std::string& head, const std::vector<int>& weights) {
  long sum = 0;
  for (size_t i = 0; i < head.size(); ++i) sum += static_cast<long>(Value(head[i])) * weights[i];
  const long rest = sum % 11;
  if (rest == 0 || rest == 1) return '0';
  return std::to_string(11 - rest)[0];
}

std::string Cnpj(std::string head) {
  head += Digit(head, {5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2});
  return head + Digit(head, {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2});
}

std::string Cpf(std::string head) {
  head += Digit(head, {10, 9, 8, 7, 6, 5, 4, 3, 2});
  return head + Digit(head, {11, 10, 9, 8, 7, 6, 5, 4, 3, 2});
}

}  // namespace oracle

TEST(Documents, AgreeWithASlowOracle) {
  std::mt19937 random(42);
  const std::string letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string cnpj;
    for (int k = 0; k < 12; ++k) cnpj += letters[random() % (i % 2 == 0 ? 10 : letters.size())];
    const std::string whole = oracle::Cnpj(cnpj);
    ASSERT_EQ(Read(DocumentKind::kCnpj, whole), whole);
    std::string cpf;
    for (int k = 0; k < 9; ++k) cpf += letters[random() % 10];
    const std::string person = oracle::Cpf(cpf);
    const bool same = person.find_first_not_of(person[0]) == std::string::npos;
    ASSERT_EQ(Read(DocumentKind::kCpf, person), same ? "" : person);
    // One character changed: valid exactly where the oracle computes the same check digits.
    std::string changed = whole;
    changed[random() % 14] = letters[random() % letters.size()];
    const bool digits = std::isdigit(static_cast<unsigned char>(changed[12])) != 0 &&
                        std::isdigit(static_cast<unsigned char>(changed[13])) != 0;
    const bool valid = digits && oracle::Cnpj(changed.substr(0, 12)) == changed;
    ASSERT_EQ(Read(DocumentKind::kCnpj, changed), valid ? changed : "") << changed;
    accepted += valid ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace eclusa
