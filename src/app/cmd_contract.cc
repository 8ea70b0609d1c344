#include "app/cmd_contract.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <memory>
#include <optional>

#include "app/cmd_token.h"
#include "app/contract_file.h"
#include "app/database.h"
#include "contract/compare.h"
#include "contract/derive.h"
#include "contract/diff.h"
#include "contract/value_tally.h"
#include "contract/words.h"
#include "contract/write.h"
#include "formats/sample.h"
#include "pg/catalog.h"
#include "pg/identifier.h"

namespace eclusa {
namespace {

namespace json = boost::json;

// "suppliers.2024.csv.gz" is of the dataset suppliers.
std::string DatasetOf(const std::string& file) {
  const size_t dot = file.find('.', 1);
  return file.substr(0, dot);
}

// Names in it come from a file: a line's end would end the comment.
std::string Comment(const std::string& text) {
  std::string line = "# " + text;
  std::ranges::replace_if(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return line + "\n";
}

void AddNotes(const std::vector<Error>& notes, const CommandContext& context, std::ostream& out) {
  for (const Error& note : notes) {
    out << Comment(Text(note, context.language)) << Comment("  " + Hint(note, context.language));
  }
}

json::array ErrorArray(const std::vector<Error>& errors, Language language) {
  json::array array;
  for (const Error& error : errors) array.push_back(ErrorObject(error, language));
  return array;
}

size_t CountLists(const Contract& contract) {
  size_t count = contract.children.size();
  for (const ChildDataset& child : contract.children) count += CountLists(child.dataset);
  return count;
}

// What is right with a contract, in a line.
std::string Summary(const Contract& contract, const CommandContext& context) {
  const size_t lists = CountLists(contract);
  const std::string nested =
      lists == 0 ? std::string() : fmt::format(", {} {}", lists, context.Say("lists", "listas"));
  return fmt::format("{}: {} {}, {} {}{}, {} {}\n", contract.dataset,
                     context.Say("version", "versão"), contract.version, contract.properties.size(),
                     context.Say("properties", "propriedades"), nested, "sha256", contract.digest);
}

// "! " before what decides, "- " before what is only told.
std::string Item(const Error& error, bool decides, const CommandContext& context) {
  return fmt::format("{} {} [{}]\n    {}{}\n", decides ? "!" : "-", Text(error, context.language),
                     error.code(), context.Say("next: ", "próximo passo: "),
                     Hint(error, context.language));
}

std::vector<Drift> DriftOf(const Contract& contract, const CheckOptions& options) {
  if (options.table == nullptr) return {};
  const Mode mode = ParseMode(options.mode).value_or(contract.mode.value_or(Mode::kUpsert));
  std::vector<Drift> drifts = CompareWithTable(contract, *options.table, mode);
  for (Drift& drift : DriftOfLists(contract, *options.table, mode, options.describe)) {
    drifts.push_back(std::move(drift));
  }
  return drifts;
}

bool IsGood(const std::vector<Drift>& drift) { return std::ranges::none_of(drift, &Drift::fatal); }

std::string CheckJson(const Contract& contract, const std::vector<Drift>& drift,
                      const CommandContext& context) {
  json::array array;
  for (const Drift& difference : drift) {
    json::object object = ErrorObject(difference.error, context.language);
    object["fatal"] = difference.fatal;
    array.push_back(std::move(object));
  }
  return json::serialize(json::object{{"ok", IsGood(drift)},
                                      {"dataset", contract.dataset},
                                      {"version", contract.version},
                                      {"digest", contract.digest},
                                      {"errors", json::array()},
                                      {"drift", std::move(array)}}) +
         "\n";
}

std::string CheckText(const Contract& contract, const std::vector<Drift>& drift,
                      const TableDescription* table, const CommandContext& context) {
  std::string out = Summary(contract, context);
  for (const Drift& difference : drift) {
    out += Item(difference.error, difference.fatal, context);
  }
  if (table != nullptr && drift.empty()) {
    out += table->name.Display() + ": " + context.Say("the table fits", "a tabela combina") + "\n";
  }
  return out;
}

// The contract of a file; nothing: it is wrong, and that has been printed.
Result<std::optional<Contract>> ReadForDiff(const std::string& path, bool as_json,
                                            const CommandContext& context, std::ostream& out) {
  ParsedContract parsed = ParseContract(TRY(ReadContractText(path)));
  if (parsed.errors.empty()) return std::move(parsed.contract);
  if (as_json) {
    out << json::serialize(json::object{{"compatible", nullptr},
                                        {"file", path},
                                        {"errors", ErrorArray(parsed.errors, context.language)}})
        << "\n";
  } else {
    out << ErrorsText(path, parsed, context);
  }
  return std::optional<Contract>();
}

struct ContractFlags {
  std::string target;
  std::string to;
  std::string delimiter;
  std::string encoding;
  bool markdown = false;
  std::vector<std::string> child;
  FromTableOptions from_table;
  FromFileOptions from_file;
  CheckOptions check;
  DiffOptions diff;
};

// `use` is given the table and a function for others, while the database is open.
template <class Use>
Result<int> WithTable(const CommandContext& context, const std::string& name, Use use) {
  Database database = TRY(OpenBareDatabase(context));
  const DescribeFunction describe = [&](const TableName& other) {
    return DescribeTable(database.connection, other);
  };
  const TableName target = TRY(ParseTableName(name));
  const TableDescription table = TRY(describe(target));
  return use(table, describe);
}

void AddFromTable(CLI::App& contract, std::shared_ptr<ContractFlags> flags,
                  CommandContext& context) {
  CLI::App* command = contract.add_subcommand(
      "from-table",
      context.Say("print the contract of a table", "imprime o contrato de uma tabela"));
  AddDatabaseFlags(*command, context);
  command->add_option("TABLE", flags->target, "[schema.]table")->required();
  command
      ->add_option("--key", flags->from_table.key,
                   context.Say("columns to find rows by (default: the primary key)",
                               "colunas que identificam a linha (padrão: a chave primária)"))
      ->delimiter(',');
  command->add_flag("--children", flags->from_table.children,
                    context.Say("a document: tables that refer to it by its key become lists in it",
                                "um documento: tabelas que se referem à chave viram listas nele"));
  command
      ->add_option("--child", flags->child,
                   context.Say("a document of these tables alone: [schema.]table,...",
                               "um documento só com estas tabelas: [esquema.]tabela,..."))
      ->delimiter(',');
  command->callback([flags, &context] {
    RunCommand(context, [&]() -> Result<int> {
      FromTableOptions& options = flags->from_table;
      for (const std::string& name : flags->child) {
        options.only.push_back(TRY(ParseTableName(name)));
      }
      options.children = options.children || !options.only.empty();
      return WithTable(context, flags->target,
                       [&](const TableDescription& table, const DescribeFunction& describe) {
                         options.describe = describe;
                         return RunContractFromTable(table, options, context, std::cout);
                       });
    });
  });
}

void AddFromFile(CLI::App& contract, std::shared_ptr<ContractFlags> flags,
                 CommandContext& context) {
  CLI::App* command = contract.add_subcommand(
      "from-file", context.Say("print a contract inferred from a file: names and types only",
                               "imprime um contrato deduzido de um arquivo: só nomes e tipos"));
  FromFileOptions& options = flags->from_file;
  command
      ->add_option("FILE", options.path,
                   context.Say("CSV, JSON, Avro or Parquet", "CSV, JSON, Avro ou Parquet"))
      ->required();
  command->add_option("--dataset", options.dataset,
                      context.Say("name of the dataset (default: by the file's name)",
                                  "nome do conjunto (padrão: pelo nome do arquivo)"));
  command
      ->add_option("--key", options.key,
                   context.Say("columns to find rows by", "colunas que identificam a linha"))
      ->delimiter(',');
  command
      ->add_option("--rows", options.rows_max, context.Say("rows to look at", "linhas a examinar"))
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      ->add_option("--delimiter", flags->delimiter,
                   context.Say("one character, or tab", "um caractere, ou tab"))
      ->check([](const std::string& text) {
        return text.size() == 1 || text == "tab" ? std::string()
                                                 : std::string("one character, or tab");
      });
  command->add_option("--encoding", flags->encoding)
      ->check(CLI::IsMember({"utf-8", "windows-1252", "iso-8859-1"}));
  command
      ->add_option_function<std::string>(
          "--pointer",
          [flags](const std::string& text) { flags->from_file.dialect.pointer = text; },
          context.Say("JSON: where the list of documents is, for example /result",
                      "JSON: onde está a lista de documentos, por exemplo /result"))
      ->check([](const std::string& text) {
        return ParseJsonPointer(text) ? std::string() : std::string("/result, /data/items");
      });
  command->callback([flags, &context] {
    Dialect& dialect = flags->from_file.dialect;
    if (!flags->delimiter.empty()) {
      dialect.delimiter = flags->delimiter == "tab" ? '\t' : flags->delimiter[0];
    }
    if (!flags->encoding.empty()) dialect.encoding = flags->encoding;
    RunCommand(context, [&] { return RunContractFromFile(flags->from_file, context, std::cout); });
  });
}

void AddCheck(CLI::App& contract, std::shared_ptr<ContractFlags> flags, CommandContext& context) {
  CLI::App* command = contract.add_subcommand(
      "check", context.Say("tell what is wrong in a contract, and where it differs from its table",
                           "diz o que está errado em um contrato, e onde difere da tabela"));
  AddDatabaseFlags(*command, context);
  command->add_option("FILE", flags->check.path)->required();
  command->add_option(
      "--to", flags->to,
      context.Say("table to compare with: [schema.]table", "tabela a comparar: [esquema.]tabela"));
  command
      ->add_option("--mode", flags->check.mode,
                   context.Say("mode of the loads (default: the contract's, else upsert)",
                               "modo das cargas (padrão: o do contrato, senão upsert)"))
      ->check(CLI::IsMember({"upsert", "insert", "append", "delete", "mixed", "replace"}));
  command->add_flag("--json", flags->check.json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([flags, &context] {
    RunCommand(context, flags->check.json, [&]() -> Result<int> {
      if (flags->to.empty()) return RunContractCheck(flags->check, context, std::cout);
      return WithTable(context, flags->to,
                       [&](const TableDescription& table, const DescribeFunction& describe) {
                         flags->check.table = &table;
                         flags->check.describe = describe;
                         return RunContractCheck(flags->check, context, std::cout);
                       });
    });
  });
}

void AddDiff(CLI::App& contract, std::shared_ptr<ContractFlags> flags, CommandContext& context) {
  CLI::App* command = contract.add_subcommand(
      "diff", context.Say("tell whether a new contract accepts all that the old one accepted",
                          "diz se um contrato novo aceita tudo o que o antigo aceitava"));
  command->add_option("OLD", flags->diff.before)->required();
  command->add_option("NEW", flags->diff.after)->required();
  command->add_flag("--json", flags->diff.json,
                    context.Say("print one JSON object", "imprime um objeto JSON"));
  command->callback([flags, &context] {
    RunCommand(context, flags->diff.json,
               [&] { return RunContractDiff(flags->diff, context, std::cout); });
  });
}

void AddWords(CLI::App& contract, std::shared_ptr<ContractFlags> flags, CommandContext& context) {
  CLI::App* command = contract.add_subcommand(
      "words",
      context.Say("every word that a contract may use", "todas as palavras de um contrato"));
  command->add_flag(
      "--markdown", flags->markdown,
      context.Say("as the table of docs/contract.md", "como a tabela de docs/contract.md"));
  command->callback([flags, &context] {
    std::cout << (flags->markdown ? WordsAsMarkdown() : WordsAsText(context.language));
  });
}

}  // namespace

Result<int> RunContractFromTable(const TableDescription& table, const FromTableOptions& options,
                                 const CommandContext& context, std::ostream& out) {
  if (!options.children) {
    out << WriteContract(TRY(DeriveFromTable(table, options.key)));
    return kExitGood;
  }
  const std::vector<TableDescription> others =
      TRY(DescribeReferring(table, options.key, options.only, options.describe));
  const DerivedDocument document = TRY(DeriveDocument(table, others, options.key));
  AddNotes(document.notes, context, out);
  out << WriteContract(document.contract);
  return kExitGood;
}

Result<int> RunContractFromFile(const FromFileOptions& options, const CommandContext& context,
                                std::ostream& out) {
  SourceOptions source;
  source.path = options.path;
  source.dialect = options.dialect;
  std::vector<ValueTally> tallies;
  FileSample sample =
      TRY(ReadSample(source, options.rows_max, [&](size_t column, std::string_view value) {
        if (tallies.size() <= column) tallies.resize(column + 1);
        tallies[column].Add(value);
      }));
  tallies.resize(sample.columns.size());
  DescribeTexts(tallies, sample);
  const std::string dataset = options.dataset.empty() ? DatasetOf(sample.file) : options.dataset;
  const SampledContract sampled = TRY(DeriveFromSample(sample, dataset, options.key));
  AddNotes(sampled.notes, context, out);
  out << WriteContract(sampled.contract);
  return kExitGood;
}

Result<int> RunContractCheck(const CheckOptions& options, const CommandContext& context,
                             std::ostream& out) {
  const ParsedContract parsed = ParseContract(TRY(ReadContractText(options.path)));
  if (!parsed.errors.empty()) {
    if (options.json) {
      out << json::serialize(json::object{{"ok", false},
                                          {"errors", ErrorArray(parsed.errors, context.language)},
                                          {"errors_left_out", parsed.errors_left_out},
                                          {"drift", json::array()}})
          << "\n";
    } else {
      out << ErrorsText(options.path, parsed, context);
    }
    return kExitFailed;
  }
  const std::vector<Drift> drift = DriftOf(*parsed.contract, options);
  out << (options.json ? CheckJson(*parsed.contract, drift, context)
                       : CheckText(*parsed.contract, drift, options.table, context));
  return IsGood(drift) ? kExitGood : kExitFailed;
}

Result<int> RunContractDiff(const DiffOptions& options, const CommandContext& context,
                            std::ostream& out) {
  const auto before = TRY(ReadForDiff(options.before, options.json, context, out));
  const auto after = TRY(ReadForDiff(options.after, options.json, context, out));
  if (!before || !after) return kExitFailed;
  const std::vector<Difference> differences = DiffContracts(*before, *after);
  const bool compatible = Compatible(differences);
  if (options.json) {
    json::array array;
    for (const Difference& difference : differences) {
      json::object object = ErrorObject(difference.item, context.language);
      object["breaking"] = difference.breaking;
      array.push_back(std::move(object));
    }
    out << json::serialize(
               json::object{{"compatible", compatible}, {"differences", std::move(array)}})
        << "\n";
  } else {
    for (const Difference& difference : differences) {
      out << Item(difference.item, difference.breaking, context);
    }
    out << (compatible
                ? context.Say("compatible: what the old one accepted is accepted",
                              "compatível: o que o antigo aceitava é aceito")
                : context.Say("not compatible: rows or files that passed can fail (!)",
                              "não compatível: linhas ou arquivos que passavam podem falhar (!)"))
        << "\n";
  }
  return compatible ? kExitGood : kExitFailed;
}

void AddContractCommand(CLI::App& app, CommandContext& context) {
  CLI::App* contract = app.add_subcommand(
      "contract",
      context.Say("contracts: what a dataset is", "contratos: o que um conjunto de dados é"));
  contract->require_subcommand(1);
  auto flags = std::make_shared<ContractFlags>();
  AddFromTable(*contract, flags, context);
  AddFromFile(*contract, flags, context);
  AddCheck(*contract, flags, context);
  AddDiff(*contract, flags, context);
  AddWords(*contract, flags, context);
  AddPublishCommand(*contract, context);
}

}  // namespace eclusa
