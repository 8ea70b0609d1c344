#include "types/documents.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "types/document_oracle.h"

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

TEST(Cnpj, IsStoredInUpperCaseAndSaysSo) {
  EXPECT_EQ(Read(DocumentKind::kCnpj, "12.ABc.345/01DE-35"), "12ABC34501DE35");
  EXPECT_EQ(Read(DocumentKind::kCnpj, "12abc34501de35"), "12ABC34501DE35");
  const auto raised = [](DocumentKind kind, std::string_view text) {
    char plain[kDocumentCharactersMax];
    bool changed = false;
    ReadDocument(kind, text, plain, &changed);
    return changed;
  };
  EXPECT_TRUE(raised(DocumentKind::kCnpj, "12.ABc.345/01DE-35"));
  EXPECT_TRUE(raised(DocumentKind::kCpfOrCnpj, "12abc34501de35"));
  EXPECT_FALSE(raised(DocumentKind::kCnpj, "12ABC34501DE35"));
  EXPECT_FALSE(raised(DocumentKind::kCnpj, "12abc34501de36"));
  EXPECT_TRUE(raised(DocumentKind::kUf, "sP"));
  EXPECT_FALSE(raised(DocumentKind::kUf, "SP"));
}

// The sums of seeds-origins.md 8.2 and of docs/brazil.md.
TEST(Cnpj, HasTheSumsOfTheWorkedExamples) {
  const std::vector<int> first{5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  const std::vector<int> second{6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  EXPECT_EQ(oracle::Sum("12ABC34501DE", first), 459);
  EXPECT_EQ(oracle::Sum("12ABC34501DE3", second), 424);
  EXPECT_EQ(oracle::Cnpj("12ABC34501DE"), "12ABC34501DE35");
  EXPECT_EQ(oracle::Sum("ABCDEFGHIJKL", first), 1290);
  EXPECT_EQ(oracle::Sum("ABCDEFGHIJKL8", second), 1408);
  EXPECT_EQ(oracle::Cnpj("ABCDEFGHIJKL"), "ABCDEFGHIJKL80");
}

// Published code exists in which A counts 10: with it, the example has other digits.
TEST(Cnpj, DoesNotTakeTheCheckDigitsOfTheWrongTable) {
  const std::string head = "12ABC34501DE";
  const std::string wrong = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const int weights[] = {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
  std::string whole = head;
  for (int skipped = 1; skipped >= 0; --skipped) {
    long sum = 0;
    for (size_t i = 0; i < whole.size(); ++i) {
      sum += static_cast<long>(wrong.find(whole[i])) * weights[i + static_cast<size_t>(skipped)];
    }
    whole += oracle::Digit(sum);
  }
  EXPECT_NE(whole, "12ABC34501DE35");
  EXPECT_EQ(Read(DocumentKind::kCnpj, whole), "");
}

// seeds-origins.md 8.3: letters that no check digit can tell apart.
TEST(Cnpj, CannotTellCharactersOfOneClassApart) {
  const std::vector<std::string> classes = {"0FQ",  "1GR",  "2HS",  "3IT",  "4JU", "5KV",
                                            "6ALW", "7BMX", "8CNY", "9DOZ", "EP"};
  const std::string all = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  size_t members = 0;
  for (const std::string& one : classes) members += one.size();
  EXPECT_EQ(members, all.size());
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string head;
    for (int k = 0; k < 12; ++k) head += all[random() % all.size()];
    const std::string whole = oracle::Cnpj(head);
    std::string other = whole;
    char& c = other[random() % 12];
    for (const std::string& one : classes) {
      if (one.find(c) == std::string::npos) continue;
      c = one[random() % one.size()];
      break;
    }
    if (other.find_first_not_of('0') == std::string::npos) continue;
    ASSERT_EQ(Read(DocumentKind::kCnpj, other), other) << whole;
  }
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
  for (const std::string text : {"", "1310100", "01310-10", "0131010a", "01.310-100", "013101000",
                                 "00000000", "00000-000"}) {
    EXPECT_EQ(Read(DocumentKind::kCep, text), "") << text;
  }
}

TEST(Uf, IsOneOfTheTwentySeven) {
  const std::string units =
      "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO";
  int found = 0;
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const std::string text{first, second};
      const bool unit = units.find(text) != std::string::npos;
      EXPECT_EQ(Read(DocumentKind::kUf, text), unit ? text : "") << text;
      found += unit ? 1 : 0;
    }
  }
  EXPECT_EQ(found, 27);
  EXPECT_EQ(Read(DocumentKind::kUf, "rj"), "RJ");
  for (const std::string text : {"", "S", "SPX", " SP", "S1", "EX", "São", "35"}) {
    EXPECT_EQ(Read(DocumentKind::kUf, text), "") << text;
  }
}

TEST(Ibge, TakesTheCapitalsOfTheManual) {
  for (const std::string code :
       {"2800308", "1501402", "3106200", "1400100", "5300108", "5002704", "5103403",
        "4106902", "4205407", "2304400", "5208707", "2507507", "1600303", "2704302",
        "1302603", "2408102", "1721000", "4314902", "1100205", "2611606", "1200401",
        "3304557", "2927408", "2111300", "3550308", "2211001", "3205309"}) {
    EXPECT_EQ(Read(DocumentKind::kIbge, code), code);
    EXPECT_EQ(ReadPadded(DocumentKind::kIbge, code.substr(1)), "");
  }
}

TEST(Ibge, TakesNineMunicipalitiesWithTheirOwnCheckDigitAndNoOther) {
  for (const std::string code : {"4305871", "2201919", "2202251", "2201988", "2611533", "3117836",
                                 "3152131", "5203939", "5203962"}) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      const std::string text = code.substr(0, 6) + digit;
      EXPECT_EQ(Read(DocumentKind::kIbge, text), text == code ? code : "") << text;
    }
  }
}

TEST(Ibge, RefusesOthers) {
  for (const std::string text : {"", "355030", "3550309", "35503080", "3550-308", "355030X",
                                 "3400004", "9999999", "0000000", "3500006"}) {
    EXPECT_EQ(Read(DocumentKind::kIbge, text), "") << text;
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
  // There is no CEP below 01000-000: one zero may be lost, no more.
  EXPECT_EQ(ReadPadded(DocumentKind::kCep, "310100"), "");
  EXPECT_EQ(ReadPadded(DocumentKind::kUf, "S"), "");
}

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
    std::string person = oracle::Cpf(cpf);
    ASSERT_EQ(Read(DocumentKind::kCpf, person), oracle::IsCpf(person) ? person : "") << person;
    person[random() % 11] = letters[random() % 10];
    ASSERT_EQ(Read(DocumentKind::kCpf, person), oracle::IsCpf(person) ? person : "") << person;
    // Municipalities: every other time with a unit that exists.
    std::string place = std::to_string(random() % 10000000);
    if (i % 2 == 0) place = "35" + place.substr(0, 5);
    ASSERT_EQ(Read(DocumentKind::kIbge, place), oracle::IsIbge(place) ? place : "") << place;
    // One character changed: valid exactly where the oracle computes the same check digits.
    std::string changed = whole;
    changed[random() % 14] = letters[random() % letters.size()];
    const bool valid = oracle::IsCnpj(changed);
    ASSERT_EQ(Read(DocumentKind::kCnpj, changed), valid ? changed : "") << changed;
    accepted += valid ? 1 : 0;
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace eclusa
