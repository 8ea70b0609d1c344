#include "check/convert_document.h"

#include "check/check_fixture.h"

namespace eclusa {
namespace {

class Documents : public CheckFixture {
 protected:
  // A column `doc` of documents; the property lives until the next call.
  Property& Column(DocumentFormat format, OnViolation on_violation = OnViolation::kReject) {
    Rule rule = MakeFormat(format);
    rule.on_violation = on_violation;
    Property& property = Add("doc", "text");
    property.rules = {rule};
    return property;
  }
  // Why the row failed: the code that {@why} stands for.
  std::string WhyOf(int64_t row) const {
    for (const auto& [name, value] : ReasonOf(row).arguments) {
      if (name == "why") return value;
    }
    return "";
  }
};

TEST_F(Documents, SayWhyTheyAreNone) {
  Column(DocumentFormat::kCpf);
  File("doc", Texts{"52998224726", "529982247", "00.000.000/0001-91", "111.111.111-11", "191"});
  Check();
  EXPECT_EQ(WhyOf(0), "document.why_check_digits");
  EXPECT_EQ(WhyOf(1), "document.why_length");
  EXPECT_EQ(WhyOf(2), "document.why_other_kind");
  EXPECT_EQ(WhyOf(3), "document.why_equal");
  EXPECT_EQ(WhyOf(4), "document.why_zeros_lost");
  EXPECT_EQ(ReasonOf(2).code, "document.cpf");
}

TEST_F(Documents, AreRaisedToCapitalsAndCounted) {
  Column(DocumentFormat::kUf);
  File("doc", Texts{"sp", "RJ", "Mg", "xx", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "3:document.uf(doc)");
  EXPECT_EQ(Text("doc", 0), "SP");
  EXPECT_EQ(Text("doc", 2), "MG");
  EXPECT_EQ(Warnings("doc.upper"), 2);
}

TEST_F(Documents, OfDigitsAloneHaveNoCapitals) {
  Column(DocumentFormat::kIbge);
  arrow::Int64Builder codes;
  ASSERT_TRUE(codes.AppendValues({3550308, 4305871, 4305876}).ok());
  File("doc", *codes.Finish());
  Check();
  EXPECT_EQ(Reasons(), "2:document.ibge(doc)");
  EXPECT_EQ(Text("doc", 1), "4305871");
  EXPECT_EQ(Warnings("doc.upper"), -1);
}

TEST_F(Documents, OfTheOtherKindAreTakenAndCountedWhereTheContractSaysSo) {
  Column(DocumentFormat::kCpf).accept_other_document = true;
  File("doc", Texts{"00.000.000/0001-91", "529.982.247-25", "12.abc.345/01DE-35", "1"});
  Check();
  EXPECT_EQ(Reasons(), "3:document.cpf(doc)");
  EXPECT_EQ(Text("doc", 0), "00000000000191");
  EXPECT_EQ(Text("doc", 2), "12ABC34501DE35");
  EXPECT_EQ(Warnings("doc.otherDocument"), 2);
  EXPECT_EQ(Warnings("doc.upper"), 1);
}

// A CPF that begins with 00 is a CNPJ with three zeros more before it: docs/brazil.md.
TEST_F(Documents, ThatMayBeTwoThingsAreNeither) {
  Property& property = Column(DocumentFormat::kCnpj);
  property.accept_other_document = true;
  property.pad_zeros = true;
  File("doc", Texts{"00000000191", "52998224725", "4740714000197"});
  Check();
  EXPECT_EQ(Reasons(), "0:document.cnpj(doc)");
  EXPECT_EQ(WhyOf(0), "document.why_ambiguous");
  EXPECT_EQ(Text("doc", 1), "52998224725");
  EXPECT_EQ(Text("doc", 2), "04740714000197");
  EXPECT_EQ(Warnings("doc.otherDocument"), 1);
  EXPECT_EQ(Warnings("doc.padZeros"), 1);
}

TEST_F(Documents, ThatOnlyFillAFieldAreRefusedWhereTheContractSaysSo) {
  Column(DocumentFormat::kCpfOrCnpj).refuse_placeholder = true;
  File("doc", Texts{"123.456.789-09", "12345678909", "52998224725"});
  Check();
  EXPECT_EQ(Reasons(), "0:document.cpf_or_cnpj(doc) 1:document.cpf_or_cnpj(doc)");
  EXPECT_EQ(WhyOf(0), "document.why_placeholder");
  contract_.properties[0].refuse_placeholder = false;
  Check();
  EXPECT_EQ(Reasons(), "");
}

TEST_F(Documents, ThatAreRefusedAndOnlyFlaggedCountNoChange) {
  Property& property = Column(DocumentFormat::kCnpj, OnViolation::kFlag);
  property.accept_other_document = true;
  property.refuse_placeholder = true;
  File("doc", Texts{"123.456.789-09"});
  Check();
  EXPECT_EQ(Text("doc", 0), "123.456.789-09");
  EXPECT_EQ(Warnings("doc.format"), 1);
  EXPECT_EQ(Warnings("doc.otherDocument"), 0);
}

class ZeroDates : public CheckFixture {};

TEST_F(ZeroDates, BecomeNullInEveryTypeWhereTheContractSaysSo) {
  contract_.zero_date_as_null = true;
  options_.text_format = true;
  contract_.dialect.date_patterns = {"dd/MM/yyyy"};
  Add("d", "date");
  Add("t", "timestamp");
  Add("z", "timestamptz").time_zone = "-03:00";
  Add("kept", "date").zero_date_as_null = false;
  Add("needed", "date").required = true;
  File("d", Texts{"30/12/1899", "31/12/1899"});
  File("t", Texts{"1899-12-30 00:00:00", "1899-12-30 00:00:01"});
  File("z", Texts{"1899-12-30 00:00:00", "1899-12-30T00:00:00Z"});
  File("kept", Texts{"30/12/1899", "30/12/1899"});
  File("needed", Texts{"01/01/2000", "30/12/1899"});
  Check();
  EXPECT_EQ(Reasons(), "1:value.required(needed)");
  EXPECT_TRUE(Values("d").IsNull(0));
  EXPECT_FALSE(Values("d").IsNull(1));
  EXPECT_TRUE(Values("t").IsNull(0));
  EXPECT_FALSE(Values("t").IsNull(1));
  EXPECT_TRUE(Values("z").IsNull(0));
  EXPECT_TRUE(Values("z").IsNull(1));
  EXPECT_EQ(Values("kept").Fixed<int32_t>(0), -36526);
  EXPECT_EQ(Warnings("d.zeroDateAsNull"), 1);
  EXPECT_EQ(Warnings("kept.zeroDateAsNull"), -1);
}

TEST_F(ZeroDates, AreFoundInArrowsTypesOfAnyUnit) {
  contract_.zero_date_as_null = true;
  constexpr int64_t kDay = -25569;
  arrow::Date32Builder days;
  ASSERT_TRUE(days.AppendValues({kDay, kDay + 1}).ok());
  Add("days", "date");
  File("days", *days.Finish());
  const auto add = [&](const std::string& name, arrow::TimeUnit::type unit, int64_t per_second,
                       const std::string& type, const std::string& zone) {
    arrow::TimestampBuilder builder(arrow::timestamp(unit, zone), arrow::default_memory_pool());
    ASSERT_TRUE(builder.AppendValues({kDay * 86400 * per_second, 0}).ok());
    Add(name, type);
    File(name, *builder.Finish());
  };
  add("s", arrow::TimeUnit::SECOND, 1, "timestamp", "");
  add("ms", arrow::TimeUnit::MILLI, 1000, "date", "");
  add("us", arrow::TimeUnit::MICRO, 1000000, "timestamp", "");
  add("ns", arrow::TimeUnit::NANO, 1000000000, "timestamptz", "UTC");
  Check();
  EXPECT_EQ(Reasons(), "");
  for (const std::string name : {"days", "s", "ms", "us", "ns"}) {
    EXPECT_TRUE(Values(name).IsNull(0)) << name;
    EXPECT_FALSE(Values(name).IsNull(1)) << name;
  }
}

class Booleans : public CheckFixture {};

TEST_F(Booleans, AreReadInPortugueseWhereTheDialectSaysSo) {
  options_.text_format = true;
  Add("b", "boolean");
  File("b",
       Texts{"S", "sim", "V", "verdadeiro", "N", "não", "NÃO", "Nao", "F", "Falso", "t", "talvez"});
  Check();
  EXPECT_EQ(Reasons(),
            "0:type.boolean(b) 1:type.boolean(b) 2:type.boolean(b) 3:type.boolean(b) "
            "5:type.boolean(b) 6:type.boolean(b) 7:type.boolean(b) 9:type.boolean(b) "
            "11:type.boolean(b)");
  contract_.dialect.portuguese_booleans = true;
  Check();
  EXPECT_EQ(Reasons(), "11:type.boolean(b)");
  for (int64_t row = 0; row < 11; ++row) {
    EXPECT_EQ(Values("b").Fixed<uint8_t>(row), row < 4 || row == 10 ? 1 : 0) << row;
  }
}

class ShortYears : public CheckFixture {};

TEST_F(ShortYears, TakeTheDialectsPivotOrTheirOwn) {
  options_.text_format = true;
  contract_.dialect.date_patterns = {"dd/MM/yy", "dd/MM/yyyy"};
  contract_.dialect.pivot_year = 1930;
  Add("a", "date");
  Add("b", "date").pivot_year = 1900;
  File("a", Texts{"01/01/29", "01/01/2029"});
  File("b", Texts{"01/01/29", "01/01/1929"});
  Check();
  EXPECT_EQ(Reasons(), "");
  EXPECT_EQ(Values("a").Fixed<int32_t>(0), Values("a").Fixed<int32_t>(1));
  EXPECT_EQ(Values("b").Fixed<int32_t>(0), Values("b").Fixed<int32_t>(1));
  contract_.dialect.pivot_year.reset();
  EXPECT_EQ(CreateCode(), "rule.date_pattern");
}

}  // namespace
}  // namespace eclusa
