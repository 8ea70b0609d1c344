#include "app/cmd_check_document.h"

#include <gtest/gtest.h>

#include <sstream>

namespace eclusa {
namespace {

std::string Told(const CheckDocumentOptions& options, int* exit_code = nullptr,
                 Language language = Language::kEnglish) {
  CommandContext context;
  context.language = language;
  std::stringstream out;
  const int code = RunCheckDocument(options, context, out);
  if (exit_code != nullptr) *exit_code = code;
  return out.str();
}

TEST(CheckDocument, TellsTheKindByTheLengthAndHowItIsStored) {
  int exit_code = -1;
  EXPECT_EQ(Told({.values = {"529.982.247-25", "12.abc.345/01DE-35", "01310-100", "sp", "3550308"}},
                 &exit_code),
            "529.982.247-25: valid as CPF, stored as 52998224725\n"
            "12.abc.345/01DE-35: valid as CNPJ, stored as 12ABC34501DE35\n"
            "01310-100: valid as CEP, stored as 01310100\n"
            "sp: valid as UF, stored as SP\n"
            "3550308: valid as IBGE\n");
  EXPECT_EQ(exit_code, kExitGood);
}

TEST(CheckDocument, SaysWhatIsWrongAndEndsAsALoadWithFailuresDoes) {
  int exit_code = -1;
  EXPECT_EQ(Told({.values = {"52998224725", "111.111.111-11", "5299822472X"}}, &exit_code),
            "52998224725: valid as CPF\n"
            "111.111.111-11: not a valid CPF: it is one digit repeated, which is nobody's number\n"
            "5299822472X: not a valid CPF: its character 11, 'X', is not a digit\n");
  EXPECT_EQ(exit_code, kExitFailures);
}

// Counted by hand: a CPF whose last digit alone is wrong is mended by the one right last digit;
// what else would do follows from the sums.
TEST(CheckDocument, CountsTheSlipsThatWouldExplainItAndNamesNone) {
  const std::string text = Told({.values = {"529.982.247-26"}});
  EXPECT_NE(text.find("one wrong character would explain it in"), std::string::npos) << text;
  EXPECT_NE(text.find("the number does not tell"), std::string::npos) << text;
  EXPECT_EQ(text.find("52998224725"), std::string::npos) << text;
}

TEST(CheckDocument, LooksForTheKindThatIsAsked) {
  EXPECT_EQ(Told({.values = {"00.000.000/0001-91"}, .kind = "cpf"}),
            "00.000.000/0001-91: not a valid CPF: it is a valid CNPJ\n");
  EXPECT_EQ(
      Told({.values = {"191"}, .kind = "cpf_or_cnpj"}),
      "191: not a valid CPF: as it is or with zeros put back at the left it would be a CPF and "
      "a CNPJ alike\n");
  EXPECT_EQ(
      Told({.values = {"12345"}}),
      "12345: nothing that eclusa knows has this length: UF 2, IBGE 7, CEP 8, CPF 11, CNPJ 14\n");
}

TEST(CheckDocument, SaysThatThePlaceholderIsOne) {
  EXPECT_EQ(
      Told({.values = {"12345678909"}}),
      "12345678909: valid as CPF; often typed only to fill a field (eclusa.placeholderCpf)\n");
}

TEST(CheckDocument, SpeaksPortuguese) {
  EXPECT_EQ(
      Told({.values = {"SP", "XX"}}, nullptr, Language::kPortuguese),
      "SP: válido como UF\n"
      "XX: não é válido como UF: não é nenhuma das 27: AC AL AM AP BA CE DF ES GO MA MG MS MT PA "
      "PB PE PI PR RJ RN RO RR RS SC SE SP TO\n");
}

TEST(CheckDocument, IsAnArrayForMachines) {
  EXPECT_EQ(
      Told({.values = {"529.982.247-25", "1"}, .json = true}),
      R"([{"value":"529.982.247-25","kind":"cpf","valid":true,"document":"52998224725",)"
      R"("placeholder":false,"code":null,"message":null,"slips":null},)"
      R"({"value":"1","kind":null,"valid":false,"document":null,"placeholder":false,)"
      R"("code":"document.why_no_kind","message":"nothing that eclusa knows has this length: )"
      R"(UF 2, IBGE 7, CEP 8, CPF 11, CNPJ 14","slips":null}])"
      "\n");
}

}  // namespace
}  // namespace eclusa
