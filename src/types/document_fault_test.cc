#include "types/document_fault.h"

#include <gtest/gtest.h>

#include <random>

#include "model/codes.h"
#include "types/document_oracle.h"

namespace eclusa {
namespace {

DocumentFault FaultOf(DocumentKind kind, std::string_view text) {
  return FindDocumentFault(kind, text).fault;
}

// "code, text with its arguments", as a user reads it.
std::string Told(DocumentKind kind, std::string_view text, Language language = Language::kEnglish) {
  const DocumentFinding finding = FindDocumentFault(kind, text);
  return Text(Error(ErrorKind::kInvalid, CodeOf(finding.fault), ArgumentsOf(finding)), language);
}

TEST(DocumentFault, IsNoneWhereTheTextIsADocument) {
  EXPECT_EQ(FaultOf(DocumentKind::kCpf, "529.982.247-25"), DocumentFault::kNone);
  EXPECT_EQ(FaultOf(DocumentKind::kCpfOrCnpj, "12abc34501de35"), DocumentFault::kNone);
  EXPECT_EQ(FaultOf(DocumentKind::kUf, "sp"), DocumentFault::kNone);
}

TEST(DocumentFault, TellsADocumentOfTheOtherKind) {
  const DocumentFinding cnpj = FindDocumentFault(DocumentKind::kCpf, "00.000.000/0001-91");
  EXPECT_EQ(cnpj.fault, DocumentFault::kOtherKind);
  EXPECT_EQ(cnpj.kind, DocumentKind::kCnpj);
  EXPECT_EQ(Told(DocumentKind::kCnpj, "529.982.247-25"), "it is a valid CPF");
  // An invalid one of the other kind is told by its length.
  EXPECT_EQ(FaultOf(DocumentKind::kCpf, "00.000.000/0001-92"), DocumentFault::kLength);
}

TEST(DocumentFault, TellsZerosThatWereProbablyLost) {
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "4740714000197"), DocumentFault::kZerosLost);
  EXPECT_EQ(FaultOf(DocumentKind::kCep, "1310100"), DocumentFault::kZerosLost);
  EXPECT_EQ(Told(DocumentKind::kCpf, "191"),
            "it has 3 digits and would be a valid CPF with zeros put back at the left: they were "
            "probably lost in a number or a spreadsheet");
  const DocumentFinding either = FindDocumentFault(DocumentKind::kCpfOrCnpj, "4740714000197");
  EXPECT_EQ(either.fault, DocumentFault::kZerosLost);
  EXPECT_EQ(either.kind, DocumentKind::kCnpj);
  EXPECT_EQ(FaultOf(DocumentKind::kCpfOrCnpj, "191"), DocumentFault::kAmbiguous);
  // What zeros do not mend has a wrong length, and nothing more is known.
  EXPECT_EQ(FaultOf(DocumentKind::kCpf, "192"), DocumentFault::kLength);
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "4740714000198"), DocumentFault::kLength);
}

TEST(DocumentFault, NamesTheFirstWrongCharacterAndItsPlace) {
  EXPECT_EQ(Told(DocumentKind::kCpf, "529.982.247-2X"), "its character 14, 'X', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kCpf, " 52998224725"), "its character 1, ' ', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kCep, "01é10-100"), "its character 3, 'é', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kCnpj, "12ÁBC34501DE35"),
            "its character 3, 'Á', is neither a digit nor a letter from A to Z");
  // A check digit is a digit, also where letters may stand before it.
  EXPECT_EQ(Told(DocumentKind::kCnpj, "0000000000019L"), "its character 14, 'L', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kCnpj, "000000000001P1"), "its character 13, 'P', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kIbge, "3550-308"), "its character 5, '-', is not a digit");
  EXPECT_EQ(Told(DocumentKind::kCpf, "529.982.247-2X", Language::kPortuguese),
            "o caractere 14, 'X', não é um dígito");
}

TEST(DocumentFault, CountsCharactersWithoutTheMask) {
  EXPECT_EQ(Told(DocumentKind::kCpf, "529.982.247-251"),
            "besides its mask it has 12 characters instead of 11");
  EXPECT_EQ(Told(DocumentKind::kCpfOrCnpj, "529982247255"),
            "besides its mask it has 12 characters instead of 14");
  EXPECT_EQ(Told(DocumentKind::kCnpj, ""), "besides its mask it has 0 characters instead of 14");
  EXPECT_EQ(FaultOf(DocumentKind::kIbge, "355030"), DocumentFault::kLength);
}

TEST(DocumentFault, TellsAMaskThatIsNotTheWholeOne) {
  EXPECT_EQ(Told(DocumentKind::kCpf, "529.982.24725"),
            "its points, slashes and hyphens do not stand as in ###.###.###-##");
  EXPECT_EQ(FaultOf(DocumentKind::kCpf, "529-982-247.25"), DocumentFault::kMask);
  EXPECT_EQ(FaultOf(DocumentKind::kCpf, "52.9982.247-25"), DocumentFault::kMask);
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "12.ABC.345/01DE35"), DocumentFault::kMask);
  EXPECT_EQ(FaultOf(DocumentKind::kCep, "01.310-100"), DocumentFault::kMask);
}

TEST(DocumentFault, TellsOneDigitRepeated) {
  EXPECT_EQ(Told(DocumentKind::kCpf, "111.111.111-11"),
            "it is one digit repeated, which is nobody's number");
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "00.000.000/0000-00"), DocumentFault::kEqual);
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "11111111111111"), DocumentFault::kEqual);
  EXPECT_EQ(FaultOf(DocumentKind::kCep, "00000-000"), DocumentFault::kEqual);
}

TEST(DocumentFault, TellsCheckDigits) {
  EXPECT_EQ(Told(DocumentKind::kCpf, "52998224726"), "its check digits do not match the rest");
  EXPECT_EQ(FaultOf(DocumentKind::kCnpj, "ABCDEFGHIJKL81"), DocumentFault::kCheckDigits);
  EXPECT_EQ(FaultOf(DocumentKind::kIbge, "3550309"), DocumentFault::kCheckDigits);
  EXPECT_EQ(FaultOf(DocumentKind::kIbge, "4305876"), DocumentFault::kCheckDigits);
}

TEST(DocumentFault, TellsPlacesThatDoNotExist) {
  EXPECT_EQ(FaultOf(DocumentKind::kUf, "EX"), DocumentFault::kNotUf);
  EXPECT_EQ(Told(DocumentKind::kIbge, "9999999"), "its first two digits are the code of no state");
  EXPECT_EQ(FaultOf(DocumentKind::kIbge, "3500006"), DocumentFault::kNoMunicipality);
}

// Whatever the text, documents with a slip among them: a fault exactly where ReadDocument refuses
// it, and a text that says it.
TEST(DocumentFault, IsFoundForWhateverIsRefused) {
  std::mt19937 random(3);
  const std::string alphabet = "00112345789ABcXz.-/ ";
  const std::string seeds[] = {"52998224725", "529.982.247-25", "12ABC34501DE35",
                               "01310-100",   "3550308",        "sp"};
  const DocumentKind kinds[] = {DocumentKind::kCpf, DocumentKind::kCnpj, DocumentKind::kCpfOrCnpj,
                                DocumentKind::kCep, DocumentKind::kUf,   DocumentKind::kIbge};
  int found[2] = {0, 0};
  for (int i = 0; i < 50000; ++i) {
    std::string text = i % 2 == 0 ? seeds[random() % std::size(seeds)] : "";
    if (text.empty()) {
      for (size_t k = random() % 20; k > 0; --k) text += alphabet[random() % alphabet.size()];
    } else if (random() % 3 != 0) {
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    }
    if (i % 7 == 0) text += "é";
    for (const DocumentKind kind : kinds) {
      char plain[kDocumentCharactersMax];
      const bool valid = ReadDocument(kind, text, plain) != 0;
      ASSERT_EQ(FaultOf(kind, text) == DocumentFault::kNone, valid) << text;
      ++found[valid ? 1 : 0];
      if (valid) continue;
      ASSERT_NE(Told(kind, text), "") << text;
    }
  }
  EXPECT_GT(found[0], 1000);
  EXPECT_GT(found[1], 1000);
}

// Counted a second time from the text of the rules.
TEST(DocumentSlips, AgreeWithASlowCount) {
  std::mt19937 random(5);
  int several = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string cpf;
    for (int k = 0; k < 11; ++k) cpf += static_cast<char>('0' + random() % 10);
    if (FaultOf(DocumentKind::kCpf, cpf) != DocumentFault::kCheckDigits) continue;
    int one = 0;
    for (size_t at = 0; at < 11; ++at) {
      for (char digit = '0'; digit <= '9'; ++digit) {
        std::string other = cpf;
        other[at] = digit;
        one += digit != cpf[at] && oracle::IsCpf(other) ? 1 : 0;
      }
    }
    int swapped = 0;
    for (size_t at = 0; at < 10; ++at) {
      std::string other = cpf;
      other[at] = cpf[at + 1];
      other[at + 1] = cpf[at];
      swapped += other != cpf && oracle::IsCpf(other) ? 1 : 0;
    }
    const DocumentSlips slips = CountDocumentSlips(DocumentKind::kCpf, cpf);
    ASSERT_EQ(slips.one_character, one) << cpf;
    ASSERT_EQ(slips.swapped_neighbours, swapped) << cpf;
    several += one > 1 ? 1 : 0;
  }
  EXPECT_GT(several, 0);
}

TEST(DocumentSlips, TakeLettersOnlyWhereTheTextHasSome) {
  // One check digit is wrong: the right one explains it, and letters would only in a text of
  // letters.
  const DocumentSlips digits = CountDocumentSlips(DocumentKind::kCnpj, "00.000.000/0001-92");
  const DocumentSlips letters = CountDocumentSlips(DocumentKind::kCnpj, "12.abc.345/01DE-36");
  EXPECT_GE(digits.one_character, 1);
  EXPECT_GE(letters.one_character, 1);
  EXPECT_EQ(CountDocumentSlips(DocumentKind::kCpf, "1").one_character, 0);
}

}  // namespace
}  // namespace eclusa
