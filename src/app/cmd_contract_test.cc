#include "app/cmd_contract.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "contract/contract_texts.h"
#include "contract/parse.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

struct Answer {
  int code = -1;
  std::string text;
};

class ContractCommand : public testing::Test {
 protected:
  std::string Put(const std::string& name, const std::string& text) {
    return folder_.Write(name, text);
  }

  Answer FromFile(const FromFileOptions& options) {
    std::stringstream out;
    return Finish(RunContractFromFile(options, context_, out), out);
  }
  Answer Check(const CheckOptions& options) {
    std::stringstream out;
    return Finish(RunContractCheck(options, context_, out), out);
  }
  Answer Diff(const DiffOptions& options) {
    std::stringstream out;
    return Finish(RunContractDiff(options, context_, out), out);
  }
  static Answer Finish(const Result<int>& done, const std::stringstream& out) {
    if (!done.ok()) return {-1, done.error().code()};
    return {*done, out.str()};
  }
  static bool Has(const Answer& answer, const std::string& part) {
    return answer.text.find(part) != std::string::npos;
  }

  TestFolder folder_;
  CommandContext context_;
};

TEST_F(ContractCommand, InfersTypesFromACsvFile) {
  const std::string path = Put("vendas.csv",
                               "codigo;cpf;valor;quando;vazio\n"
                               "1;00000000191;1.234,50;31/12/2023;\n"
                               "2;12345678909;7,00;01/02/2024;\n");
  const Answer answer = FromFile({.path = path});
  ASSERT_EQ(answer.code, kExitGood) << answer.text;
  EXPECT_TRUE(Has(answer, "# inferred from all 2 rows of vendas.csv")) << answer.text;
  EXPECT_TRUE(Has(answer, "# vazio had no value")) << answer.text;
  const ParsedContract parsed = ParseContract(answer.text);
  ASSERT_TRUE(parsed.contract.has_value()) << answer.text;
  const auto& properties = parsed.contract->properties;
  ASSERT_EQ(properties.size(), 5);
  EXPECT_EQ(parsed.contract->dataset, "vendas");
  EXPECT_EQ(parsed.contract->dialect.delimiter, ';');
  EXPECT_EQ(parsed.contract->dialect.decimal, ',');
  EXPECT_EQ(properties[0].logical_type, LogicalType::kInteger);
  EXPECT_EQ(properties[1].logical_type, LogicalType::kString);
  EXPECT_EQ(properties[2].logical_type, LogicalType::kNumber);
  EXPECT_EQ(properties[3].date_patterns, std::vector<std::string>{"dd/MM/yyyy"});
  EXPECT_EQ(properties[4].logical_type, LogicalType::kString);
}

TEST_F(ContractCommand, SaysThatALargeFileWasNotSeenWhole) {
  std::string text = "a\n";
  for (int i = 0; i < 50; ++i) text += std::to_string(i) + "\n";
  const Answer answer = FromFile({.path = Put("t.csv", text), .rows_max = 10});
  EXPECT_TRUE(Has(answer, "# inferred from the first 10 rows of t.csv")) << answer.text;
}

TEST_F(ContractCommand, TakesTheKeyThatIsNamed) {
  const std::string path = Put("t.csv", "a,b\n1,2\n");
  const Answer answer = FromFile({.path = path, .dataset = "other", .key = {"b"}});
  const ParsedContract parsed = ParseContract(answer.text);
  ASSERT_TRUE(parsed.contract.has_value()) << answer.text;
  EXPECT_EQ(parsed.contract->dataset, "other");
  EXPECT_EQ(parsed.contract->KeyColumns(), std::vector<std::string>{"b"});
  EXPECT_EQ(FromFile({.path = path, .key = {"z"}}).text, "contract.key_unknown");
  EXPECT_EQ(FromFile({.path = folder_.At("none.csv")}).text, "file.not_found");
}

TEST_F(ContractCommand, ListsEveryErrorWithFileAndPlace) {
  const std::string path = Put("c.yaml", PropertyText("logicaltype: string, required: maybe"));
  const Answer answer = Check({.path = path});
  EXPECT_EQ(answer.code, kExitFailed);
  EXPECT_TRUE(Has(answer, path + ": line 9, column 19: logicaltype is not a word")) << answer.text;
  EXPECT_TRUE(Has(answer, "Did you mean logicalType?")) << answer.text;
  EXPECT_TRUE(Has(answer, "required cannot be maybe")) << answer.text;
  context_.language = Language::kPortuguese;
  EXPECT_TRUE(Has(Check({.path = path}), "Você quis dizer logicalType?"));
}

TEST_F(ContractCommand, ChecksAgainstATable) {
  TableDescription table;
  table.name = {"public", "t"};
  table.columns.resize(1);
  table.columns[0].name = "a";
  table.columns[0].type = ParseTypeName("varchar(150)").value();
  const std::string path =
      Put("c.yaml", PropertyText("logicalType: string, logicalTypeOptions: {maxLength: 200}"));
  EXPECT_EQ(Check({.path = path}).code, kExitGood);
  const Answer append = Check({.path = path, .table = &table, .mode = "append"});
  EXPECT_EQ(append.code, kExitGood);
  EXPECT_TRUE(Has(append, "- a may have 200 in the contract and 150 in public.t")) << append.text;
  const Answer upsert = Check({.path = path, .table = &table});
  EXPECT_EQ(upsert.code, kExitFailed);
  EXPECT_TRUE(Has(upsert, "! neither the contract nor public.t has a key")) << upsert.text;
  const auto object = boost::json::parse(Check({.path = path, .table = &table, .json = true}).text);
  EXPECT_FALSE(object.at("ok").as_bool());
  EXPECT_EQ(object.at("drift").as_array().size(), 2);
}

TEST_F(ContractCommand, TellsWhetherANewContractIsCompatible) {
  const std::string old = Put("old.yaml", PropertyText("logicalType: string"));
  const std::string same = Put("same.yaml", PropertyText("logicalType: 'string'"));
  const std::string strict =
      Put("strict.yaml", PropertyText("logicalType: string, required: true"));
  EXPECT_EQ(Diff({.before = old, .after = same}).code, kExitGood);
  EXPECT_EQ(Diff({.before = strict, .after = old}).code, kExitGood);
  const Answer answer = Diff({.before = old, .after = strict});
  EXPECT_EQ(answer.code, kExitFailed);
  EXPECT_TRUE(Has(answer, "! a became required")) << answer.text;
  const auto object = boost::json::parse(Diff({.before = old, .after = strict, .json = true}).text);
  EXPECT_FALSE(object.at("compatible").as_bool());
  EXPECT_TRUE(object.at("differences").as_array().at(0).at("breaking").as_bool());
  const std::string wrong = Put("wrong.yaml", "a: 1\n");
  EXPECT_EQ(Diff({.before = old, .after = wrong}).code, kExitFailed);
}

TEST_F(ContractCommand, RefusesAFileThatIsTooLarge) {
  const std::string path = Put("c.yaml", std::string(kContractBytesMax + 10, '#'));
  EXPECT_TRUE(Has(Check({.path = path}), "[contract.too_large]"));
}

TableDescription TableOf(const std::string& name, const std::string& more = "") {
  TableDescription table;
  table.name = {"erp", name};
  for (const std::string& column : {std::string("id"), more}) {
    if (column.empty()) continue;
    table.columns.emplace_back();
    table.columns.back().name = column;
    table.columns.back().type = ParseTypeName("uuid").value();
    table.columns.back().not_null = true;
  }
  table.unique_keys.emplace_back();
  table.unique_keys[0].columns = {0};
  table.unique_keys[0].primary = true;
  return table;
}

void Refer(TableDescription& table, const std::string& other, const std::string& column) {
  table.referenced_by.emplace_back();
  table.referenced_by.back().name = other + "_" + column;
  table.referenced_by.back().other = {"erp", other};
  table.referenced_by.back().columns = {0};
  table.referenced_by.back().other_columns = {column};
}

// pessoas <- contatos <- emails; pedidos refers to pessoas twice.
class DocumentCommand : public ContractCommand {
 protected:
  DocumentCommand() {
    Refer(root_, "contatos", "id_pessoa");
    Refer(root_, "pedidos", "cliente");
    Refer(root_, "pedidos", "vendedor");
    Refer(contacts_, "emails", "id_contato");
    Refer(contacts_, "pessoas", "principal");
  }
  Result<TableDescription> Describe(const TableName& name) {
    for (const TableDescription* table : {&root_, &contacts_, &emails_, &orders_}) {
      if (table->name == name) return *table;
    }
    return Error(ErrorKind::kNotFound, code::table_not_found, {{"table", name.Display()}});
  }
  Answer FromTable(FromTableOptions options) {
    options.describe = [this](const TableName& name) { return Describe(name); };
    std::stringstream out;
    return Finish(RunContractFromTable(root_, options, context_, out), out);
  }

  TableDescription root_ = TableOf("pessoas");
  TableDescription contacts_ = TableOf("contatos", "id_pessoa");
  TableDescription emails_ = TableOf("emails", "id_contato");
  TableDescription orders_ = TableOf("pedidos", "cliente");
};

TEST_F(DocumentCommand, MakesListsOfReferringTablesWhereTheyAreWanted) {
  EXPECT_FALSE(Has(FromTable({}), "array"));
  const Answer answer = FromTable({.children = true});
  ASSERT_EQ(answer.code, kExitGood) << answer.text;
  EXPECT_TRUE(Has(answer, "# erp.pedidos refers to erp.pessoas by several foreign keys"))
      << answer.text;
  const ParsedContract parsed = ParseContract(answer.text);
  ASSERT_TRUE(parsed.contract.has_value()) << answer.text;
  ASSERT_EQ(parsed.contract->children.size(), 1);
  EXPECT_EQ(parsed.contract->children[0].dataset.children.at(0).name, "emails");
  context_.language = Language::kPortuguese;
  EXPECT_TRUE(Has(FromTable({.children = true}), "por várias chaves estrangeiras"));
}

TEST_F(DocumentCommand, TakesOnlyTheTablesThatAreNamed) {
  const Answer one = FromTable({.children = true, .only = {{"", "contatos"}}});
  EXPECT_TRUE(Has(one, "erp.contatos")) << one.text;
  EXPECT_FALSE(Has(one, "emails")) << one.text;
  EXPECT_TRUE(Has(FromTable({.children = true, .only = {{"erp", "contatos"}, {"", "emails"}}}),
                  "erp.emails"));
  EXPECT_EQ(FromTable({.children = true, .only = {{"", "emails"}}}).text,
            "contract.derived_not_referring");
  EXPECT_EQ(FromTable({.children = true, .only = {{"ns", "contatos"}}}).text,
            "contract.derived_not_referring");
}

TEST_F(DocumentCommand, ChecksListsAgainstTheirTables) {
  const std::string path = Put("c.yaml", FromTable({.children = true}).text);
  CheckOptions options{.path = path, .table = &root_};
  options.describe = [this](const TableName& name) { return Describe(name); };
  const Answer good = Check(options);
  EXPECT_EQ(good.code, kExitGood) << good.text;
  EXPECT_TRUE(Has(good, ", 2 lists, sha256")) << good.text;
  EXPECT_TRUE(Has(good, "the table fits")) << good.text;
  emails_.columns.pop_back();
  const Answer drifted = Check(options);
  EXPECT_EQ(drifted.code, kExitFailed);
  EXPECT_TRUE(Has(drifted, "! eclusa.parentColumns names id_contato")) << drifted.text;
  emails_.name.name = "gone";
  EXPECT_TRUE(Has(Check(options), "[table.not_found]"));
}

}  // namespace
}  // namespace eclusa
