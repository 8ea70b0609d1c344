#include "check/checker.h"

#include "check/check_fixture.h"

namespace eclusa {
namespace {

using CheckerBinding = CheckFixture;
using CheckerRows = CheckFixture;
using CheckerModes = CheckFixture;

TEST_F(CheckerBinding, TakesNamesExactlyThenWhateverTheCase) {
  Add("id", "integer");
  Add("nome", "text").from = {"razao"};
  Add("cidade", "text");
  File("ID", Texts{"1"});
  File("Razao", Texts{"a"});
  File("cidade", Texts{"b"});
  File("outra", Texts{"c"});
  File("_eclusa_row", Texts{"7"});
  Check();
  EXPECT_EQ(Text("nome", 0), "a");
  EXPECT_EQ(checker_->wanted(), (std::vector<std::string>{"ID", "Razao", "cidade"}));
  EXPECT_EQ(checker_->unknown_columns(), std::vector<std::string>{"outra"});
}

TEST_F(CheckerBinding, DoesNotGiveAClaimedColumnToAnotherTarget) {
  // As in contracts of real systems: the file's id is a document, the table's id comes as pk.
  Add("cpf_cnpj", "text").name = "id";
  Add("id", "integer").name = "pk";
  File("id", Texts{"52998224725"});
  Check();
  EXPECT_EQ(checker_->columns().size(), 1U);
  EXPECT_EQ(Text("cpf_cnpj", 0), "52998224725");
}

TEST_F(CheckerBinding, GivesColumnsInTheTablesOrder) {
  Add("a", "integer");
  Add("b", "integer");
  Add("c", "integer");
  File("c", Texts{"3"});
  File("a", Texts{"1"});
  Check();
  ASSERT_EQ(checker_->columns().size(), 2U);
  EXPECT_EQ(checker_->columns()[0].name, "a");
  EXPECT_EQ(checker_->columns()[1].name, "c");
  EXPECT_EQ(checker_->columns()[1].table_index, 2);
}

TEST_F(CheckerBinding, BindsByOrderWhereTheFileHasNoNames) {
  options_.text_format = true;
  contract_.dialect.header = false;
  Add("b", "text").order = 2;
  Add("a", "text").order = 1;
  File("column1", Texts{"x"});
  File("column2", Texts{"y"});
  Check();
  EXPECT_EQ(Text("a", 0), "x");
  EXPECT_EQ(Text("b", 0), "y");
}

TEST_F(CheckerBinding, RefusesWhatIsUnclear) {
  Add("nome", "text");
  File("Nome", Texts{"a"});
  File("NOME", Texts{"b"});
  EXPECT_EQ(CreateCode(), "column.ambiguous");
  File("nome", Texts{"c"});
  EXPECT_EQ(CreateCode(), "");
  File("nome", Texts{"d"});
  EXPECT_EQ(CreateCode(), "column.twice");
}

TEST_F(CheckerBinding, RefusesUnknownColumnsOnlyWhereAsked) {
  Add("a", "text");
  File("a", Texts{"1"});
  File("b", Texts{"1"});
  EXPECT_EQ(CreateCode(), "");
  contract_.unknown_columns = UnknownColumns::kRefuse;
  EXPECT_EQ(CreateCode(), "column.unknown");
}

TEST_F(CheckerBinding, RefusesMissingKeysAndRequiredColumns) {
  Add("id", "integer");
  Add("a", "text");
  File("a", Texts{"1"});
  options_.key_columns = {"id"};
  EXPECT_EQ(CreateCode(), "column.key_missing");
  options_.mode = Mode::kAppend;
  EXPECT_EQ(CreateCode(), "");
  contract_.properties[0].required = true;
  EXPECT_EQ(CreateCode(), "column.missing");
  contract_.properties[0].default_value = "7";
  EXPECT_EQ(CreateCode(), "");
}

TEST_F(CheckerBinding, ExcusesADerivedContractWhereTheTableFillsTheColumn) {
  Add("id", "integer").required = true;
  Add("a", "text");
  File("a", Texts{"1"});
  Column("id").identity = Identity::kByDefault;
  EXPECT_EQ(CreateCode(), "column.missing");
  contract_.derived = true;
  EXPECT_EQ(CreateCode(), "");
}

TEST_F(CheckerBinding, RefusesColumnsThatTakeNoValues) {
  Add("g", "integer");
  File("g", Texts{"1"});
  Column("g").generated = true;
  EXPECT_EQ(CreateCode(), "column.generated");
  Column("g").generated = false;
  Column("g").identity = Identity::kAlways;
  EXPECT_EQ(CreateCode(), "column.identity");
}

TEST_F(CheckerBinding, RefusesUnsupportedTypesOnlyWhereBound) {
  PgType point;
  point.name = "point";
  Add("p", point);
  Add("a", "text");
  File("a", Texts{"1"});
  EXPECT_EQ(CreateCode(), "");
  File("p", Texts{"(1,2)"});
  EXPECT_EQ(CreateCode(), "column.unsupported");
}

TEST_F(CheckerBinding, RefusesArrowTypesThatCannotBecomeTheTargets) {
  Add("d", "date");
  arrow::DoubleBuilder builder;
  ASSERT_TRUE(builder.Append(1).ok());
  File("d", *builder.Finish());
  EXPECT_EQ(CreateCode(), "column.type");
}

TEST_F(CheckerBinding, JoinsSeveralColumnsLeavingNullsOut) {
  Property& property = Add("nome", "text");
  property.from = {"a", "b"};
  property.join = " ";
  File("a", Texts{"x", std::nullopt, std::nullopt});
  File("b", Texts{"y", "z", std::nullopt});
  Check();
  EXPECT_EQ(Text("nome", 0), "x y");
  EXPECT_EQ(Text("nome", 1), "z");
  EXPECT_EQ(Text("nome", 2), "<null>");
}

TEST_F(CheckerBinding, MakesAbsentColumnsNullWhereAsked) {
  Add("a", "text");
  Add("b", "integer");
  File("a", Texts{"1"});
  contract_.when_absent = WhenAbsent::kNull;
  Check();
  EXPECT_TRUE(Values("b").IsNull(0));
}

TEST_F(CheckerBinding, WritesConstantsAndDefaults) {
  Add("origem", "text").constant = "erp";
  Add("n", "integer").default_value = "7";
  Add("t", "text").default_value = "nada";
  Add("ausente", "numeric(5,2)").default_value = "1.5";
  File("n", Texts{"1", std::nullopt});
  File("t", Texts{"a", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "");
  EXPECT_EQ(Text("origem", 1), "erp");
  EXPECT_EQ(Values("n").Fixed<int32_t>(0), 1);
  EXPECT_EQ(Values("n").Fixed<int32_t>(1), 7);
  EXPECT_FALSE(Values("n").IsNull(1));
  EXPECT_EQ(Text("t", 1), "nada");
  EXPECT_EQ(Values("ausente").Bytes(0).size(), 12U);
  EXPECT_EQ(Warnings("n.default"), 1);
  contract_.properties[1].default_value = "sete";
  EXPECT_EQ(CreateCode(), "rule.value");
}

TEST_F(CheckerRows, KeepAllReasonsInColumnOrder) {
  Add("a", "integer");
  Add("b", "date").required = true;
  Add("c", "numeric(5,2)");
  File("c", Texts{"1.5", "x", "1.555", "1000"});
  File("b", Texts{"2024-01-01", std::nullopt, "31/12/2024", "2024-12-31"});
  File("a", Texts{"1", "abc", "99999999999", "2"});
  Check();
  EXPECT_EQ(
      Reasons(),
      "1:type.integer(a) 1:value.required(b) 1:type.decimal(c) 2:number.overflow(a) 2:type.date(b) "
      "2:number.scale(c) 3:number.overflow(c)");
  EXPECT_EQ(checked_.accepted, (std::vector<uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ(checked_.accepted_count(), 1);
  EXPECT_EQ(ReasonOf(2).value, "99999999999");
  EXPECT_EQ(ReasonOf(2).rule, "integer");
}

TEST_F(CheckerRows, BorrowTextThatDoesNotChange) {
  Add("a", "text");
  File("a", Texts{"ação", "b"});
  Check();
  const auto& array = static_cast<const arrow::StringArray&>(*checked_.batch.rows->column(0));
  EXPECT_EQ(static_cast<const void*>(Values("a").Bytes(0).data()),
            static_cast<const void*>(array.raw_data()));
}

TEST_F(CheckerRows, CountLengthInCharacters) {
  Add("a", "varchar(4)");
  File("a", Texts{"ação", "ações", "abcd ", "abcde"});
  Check();
  EXPECT_EQ(Reasons(), "1:value.too_long(a) 2:value.too_long(a) 3:value.too_long(a)");
  EXPECT_EQ(ReasonOf(1).rule, "4");
}

TEST_F(CheckerRows, CutTextOnlyWhereAllowed) {
  Add("a", "varchar(4)").truncate = true;
  File("a", Texts{"ações", "abcd", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "");
  EXPECT_EQ(Text("a", 0), "açõe");
  EXPECT_EQ(Text("a", 1), "abcd");
  EXPECT_EQ(Text("a", 2), "<null>");
  EXPECT_EQ(Warnings("a.truncate"), 1);
}

TEST_F(CheckerRows, RejectTextThatPostgresCannotHold) {
  Add("a", "text");
  File("a", Texts{std::string("a\0b", 3), "\xFF", "ok", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "0:text.nul(a) 1:text.encoding(a)");
  EXPECT_EQ(ReasonOf(0).value, "a\\x00b");
  EXPECT_EQ(ReasonOf(1).value, "\\xFF");
}

TEST_F(CheckerRows, FindACharacterTornBetweenTwoValues) {
  Add("a", "text");
  File("a", Texts{"x\xC3", "\xA9y"});
  Check();
  EXPECT_EQ(Reasons(), "0:text.encoding(a) 1:text.encoding(a)");
}

TEST_F(CheckerRows, ChangeValuesOnlyByTheContractsWords) {
  Property& a = Add("a", "text");
  a.trim = a.upper = a.unaccent = a.empty_as_null = true;
  File("a", Texts{" São João ", "X", "   ", "", std::nullopt});
  Check();
  EXPECT_EQ(Text("a", 0), "SAO JOAO");
  EXPECT_EQ(Text("a", 1), "X");
  EXPECT_EQ(Text("a", 2), "<null>");
  EXPECT_EQ(Text("a", 3), "<null>");
  EXPECT_EQ(Warnings("a.trim"), 2);
  EXPECT_EQ(Warnings("a.upper"), 1);
  EXPECT_EQ(Warnings("a.unaccent"), 1);
  EXPECT_EQ(Warnings("a.emptyAsNull"), 2);
}

TEST_F(CheckerRows, ReadTheDialect) {
  options_.text_format = true;
  contract_.dialect.decimal = ',';
  contract_.dialect.thousands = '.';
  contract_.dialect.date_patterns = {"dd/MM/yyyy"};
  contract_.dialect.null_markers = {"NULL", "-"};
  contract_.dialect.true_values = {"Sim"};
  contract_.dialect.false_values = {"Não"};
  contract_.dialect.empty_is_null = true;
  Add("n", "numeric(10,2)");
  Add("i", "integer");
  Add("d", "date");
  Add("b", "boolean");
  Add("t", "text");
  File("n", Texts{"1.234,50", "1.5", "NULL"});
  File("i", Texts{"1.234", "12.34", "-"});
  File("d", Texts{"31/12/2024", "2024-12-31", ""});
  File("b", Texts{"SIM", "t", "Não"});
  File("t", Texts{"NULL", "", "x"});
  Check();
  EXPECT_EQ(Reasons(), "1:type.decimal(n) 1:type.integer(i) 1:type.date(d)");
  EXPECT_EQ(Values("i").Fixed<int32_t>(0), 1234);
  EXPECT_EQ(Values("b").Fixed<uint8_t>(0), 1);
  EXPECT_EQ(Values("b").Fixed<uint8_t>(2), 0);
  EXPECT_EQ(Text("t", 0), "<null>");
  EXPECT_EQ(Text("t", 1), "<null>");
  EXPECT_TRUE(Values("d").IsNull(2));
}

TEST_F(CheckerRows, AskATimeZoneForInstants) {
  Add("a", "timestamptz");
  Add("b", "timestamptz").time_zone = "America/Sao_Paulo";
  Add("c", "timestamp");
  File("a", Texts{"2024-01-01 10:00:00Z", "2024-01-01 10:00:00", "2024-01-01 10:00:00-03"});
  File("b", Texts{"2024-01-01 10:00:00", "2018-11-04 00:30:00", "2024-01-01 10:00:00Z"});
  File("c", Texts{"2024-01-01 10:00:00", "2024-01-01 10:00:00Z", "2024-01-01 10:00:00"});
  Check();
  EXPECT_EQ(Reasons(), "1:type.time_zone(a) 1:type.time_zone(b) 1:type.time_zone(c)");
  EXPECT_EQ(Values("a").Fixed<int64_t>(2) - Values("a").Fixed<int64_t>(0),
            3 * 3600 * int64_t{1000000});
  EXPECT_EQ(Values("b").Fixed<int64_t>(0), Values("a").Fixed<int64_t>(2));
  EXPECT_EQ(Warnings("b.timeZone"), 1);
  contract_.properties[1].time_zone = "America/Nenhures";
  EXPECT_EQ(CreateCode(), "rule.time_zone");
}

TEST_F(CheckerRows, StoreDocumentsWithoutMask) {
  Add("doc", "varchar(14)").rules = {MakeFormat(DocumentFormat::kCpfOrCnpj)};
  File("doc", Texts{"529.982.247-25", "12.abc.345/01de-35", "52998224726", "191", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "2:document.cpf_or_cnpj(doc) 3:document.cpf_or_cnpj(doc)");
  EXPECT_EQ(Text("doc", 0), "52998224725");
  EXPECT_EQ(Text("doc", 1), "12ABC34501DE35");
}

TEST_F(CheckerRows, KeepOrEmptyABadDocumentWhereTheContractSaysSo) {
  Rule flag = MakeFormat(DocumentFormat::kCpf);
  flag.on_violation = OnViolation::kFlag;
  flag.flag_column = "cpf_ruim";
  flag.counter = "invalid_cpf_count";
  Add("cpf", "text").rules = {flag};
  Rule empty = MakeFormat(DocumentFormat::kCnpj);
  empty.on_violation = OnViolation::kNull;
  Add("cnpj", "text").rules = {empty};
  Add("cpf_ruim", "boolean");
  contract_.properties.pop_back();
  File("cpf", Texts{"52998224725", "123"});
  File("cnpj", Texts{"1", "00000000000191"});
  Check();
  EXPECT_EQ(Reasons(), "");
  EXPECT_EQ(Text("cpf", 1), "123");
  EXPECT_EQ(Text("cnpj", 0), "<null>");
  EXPECT_EQ(Values("cpf_ruim").Fixed<uint8_t>(0), 0);
  EXPECT_EQ(Values("cpf_ruim").Fixed<uint8_t>(1), 1);
  EXPECT_EQ(Warnings("invalid_cpf_count"), 1);
  EXPECT_EQ(Warnings("cnpj.format"), 1);
}

TEST_F(CheckerRows, PutZerosBackOnlyWhereAllowed) {
  arrow::Int64Builder numbers;
  ASSERT_TRUE(numbers.AppendValues({191, 90021382000122, 4740714000197}).ok());
  const auto array = *numbers.Finish();
  Add("a", "text").rules = {MakeFormat(DocumentFormat::kCnpj)};
  Property& b = Add("b", "text");
  b.rules = {MakeFormat(DocumentFormat::kCnpj)};
  b.pad_zeros = true;
  File("a", array);
  File("b", array);
  Check();
  EXPECT_EQ(Reasons(), "0:document.cnpj(a) 2:document.cnpj(a)");
  EXPECT_EQ(Text("b", 0), "00000000000191");
  EXPECT_EQ(Text("b", 1), "90021382000122");
  EXPECT_EQ(Text("b", 2), "04740714000197");
  EXPECT_EQ(Warnings("b.padZeros"), 0);  // both rows that were padded failed for a
}

TEST_F(CheckerRows, ReadTrueAndFalseIntoAnInteger) {
  Add("ativo", "integer").logical_type = LogicalType::kBoolean;
  File("ativo", Texts{"true", "0", "5"});
  Check();
  EXPECT_EQ(Values("ativo").Fixed<int32_t>(0), 1);
  EXPECT_EQ(Values("ativo").Fixed<int32_t>(1), 0);
  EXPECT_EQ(Reasons(), "2:type.integer(ativo)");
}

TEST_F(CheckerRows, LeaveNotNullToTriggersThatMayFill) {
  Add("a", "text");
  Column("a").not_null = true;
  File("a", Texts{std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "0:value.required(a)");
  table_.triggers.before_insert_row = true;
  Check();
  EXPECT_EQ(Reasons(), "");
}

TEST_F(CheckerModes, NeedKeysAndVersions) {
  Add("id", "integer");
  Add("v", "timestamp");
  options_.key_columns = {"id"};
  options_.version_column = "v";
  File("id", Texts{std::nullopt, "x", "1"});
  File("v", Texts{"2024-01-01", "2024-01-01", std::nullopt});
  Check();
  EXPECT_EQ(Reasons(), "0:key.missing(id) 1:type.integer(id) 2:version.missing(v)");
}

TEST_F(CheckerModes, DeleteReadsKeysOnly) {
  Add("id", "integer");
  Add("nome", "text").required = true;
  Add("t", "integer");
  options_.mode = Mode::kDelete;
  options_.key_columns = {"id"};
  options_.tenants = {{"t", "47"}};
  File("id", Texts{"1"});
  File("nome", Texts{std::nullopt});
  File("t", Texts{"99"});
  Check();
  EXPECT_EQ(Reasons(), "");
  ASSERT_EQ(checker_->columns().size(), 2U);
  EXPECT_EQ(Values("t").Fixed<int32_t>(0), 47);
  EXPECT_EQ(checker_->wanted(), std::vector<std::string>{"id"});
  EXPECT_TRUE(checker_->unknown_columns().empty());
}

TEST_F(CheckerModes, MixedAsksDeletedRowsForTheirKeyOnly) {
  Add("id", "integer");
  Add("n", "integer").required = true;
  options_.mode = Mode::kMixed;
  options_.key_columns = {"id"};
  options_.operation_column = "op";
  File("op", Texts{"I", "update", "d", "D", "x", std::nullopt});
  File("id", Texts{"1", "2", "3", "bad", "5", "6"});
  File("n", Texts{"1", "y", std::nullopt, "y", "1", "1"});
  Check();
  EXPECT_EQ(Reasons(),
            "1:type.integer(n) 3:type.integer(id) 4:operation.unknown(op) 5:operation.unknown(op)");
  EXPECT_EQ(checked_.operations, (std::vector<char>{'U', 'U', 'D', 'D', 'U', 'U'}));
  contract_.strict_operations = true;
  Check();
  EXPECT_EQ(checked_.operations[0], 'I');
}

TEST_F(CheckerModes, ReplaceRefusesRowsOutsideItsFilter) {
  Add("id", "integer");
  Add("valor", "numeric(10,2)");
  Add("uf", "text");
  options_.mode = Mode::kReplace;
  options_.key_columns = {"id"};
  options_.filter = {{"valor", ">=", "10"}, {"uf", "=", "SP"}};
  File("id", Texts{"1", "2", "3", "4", "5"});
  File("valor", Texts{"10.00", "9.99", "11", std::nullopt, "x"});
  File("uf", Texts{"SP", "SP", "RJ", "SP", "SP"});
  Check();
  EXPECT_EQ(
      Reasons(),
      "1:value.outside_filter(valor) 2:value.outside_filter(uf) 3:value.outside_filter(valor) "
      "4:type.decimal(valor)");
  EXPECT_EQ(ReasonOf(1).rule, "valor >= 10");
  options_.filter = {{"uf", "<", "SP"}};
  EXPECT_EQ(CreateCode(), "filter.operator");
  options_.filter = {{"valor", "=", "dez"}};
  EXPECT_EQ(CreateCode(), "filter.value");
  options_.filter = {{"outra", "=", "1"}};
  EXPECT_EQ(CreateCode(), "filter.column");
}

TEST_F(CheckerModes, TakeTenantsFromTheJobAlone) {
  Add("tenant", "uuid").required = true;
  Add("a", "text");
  options_.tenants = {{"tenant", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}};
  File("tenant", Texts{"forged"});
  File("a", Texts{"1"});
  Check();
  EXPECT_EQ(Reasons(), "");
  EXPECT_EQ(Values("tenant").FixedBytes(0, 16)[0], 0xA0);
  options_.tenants = {{"tenant", "47"}};
  EXPECT_EQ(CreateCode(), "tenant.value");
  options_.tenants = {{"dono", "47"}};
  EXPECT_EQ(CreateCode(), "tenant.column");
  contract_.tenant_columns = {"tenant"};
  EXPECT_EQ(CreateCode(), "load.tenant_missing");
}

}  // namespace
}  // namespace eclusa
