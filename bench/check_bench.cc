// eclusa_check_bench: the checker alone, on batches like the load bench's suppliers, per column
// type and as a whole row of 22 columns, from text and from Arrow's types, and per format of
// documents. Times are per row.
#include <arrow/api.h>
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <random>

#include "check/checker.h"
#include "types/document_oracle.h"

namespace {

using eclusa::Batch;
using eclusa::Checker;

constexpr int64_t kRows = 8192;

using eclusa::DocumentFormat;

// One column: its name, its type, its values as text, and what kind of documents they are.
struct Column {
  std::string name;
  std::string type;
  std::vector<std::string> values;
  DocumentFormat format = DocumentFormat::kNone;
};

template <class Make>
Column MakeColumn(const std::string& name, const std::string& type, Make make) {
  Column column{name, type, {}, DocumentFormat::kNone};
  std::mt19937_64 random(name.size() + 1);
  for (int64_t row = 0; row < kRows; ++row) column.values.push_back(make(random));
  return column;
}

std::string Hex(std::mt19937_64& random, int digits) {
  return fmt::format("{:0{}x}", random() & ((uint64_t{1} << (4 * digits)) - 1), digits);
}

Column MakeColumn(const std::string& name, const std::string& type) {
  using Random = std::mt19937_64;
  if (type == "uuid") {
    return MakeColumn(name, type, [](Random& r) {
      return Hex(r, 8) + "-" + Hex(r, 4) + "-" + Hex(r, 4) + "-" + Hex(r, 4) + "-" + Hex(r, 12);
    });
  }
  if (type == "integer")
    return MakeColumn(name, type, [](Random& r) { return std::to_string(r() % 100000); });
  if (type == "bigint")
    return MakeColumn(name, type, [](Random& r) { return std::to_string(r() >> 8); });
  if (type == "numeric(14,2)") {
    return MakeColumn(name, type,
                      [](Random& r) { return fmt::format("{}.{:02}", r() % 1000000, r() % 100); });
  }
  if (type == "double precision") {
    return MakeColumn(name, type, [](Random& r) {
      return fmt::format("{}", static_cast<double>(r() % 1000000) / 7);
    });
  }
  if (type == "boolean")
    return MakeColumn(name, type, [](Random& r) { return std::string(r() % 2 == 0 ? "t" : "f"); });
  if (type == "date") {
    return MakeColumn(name, type, [](Random& r) {
      return fmt::format("{}-{:02}-{:02}", 2000 + r() % 25, 1 + r() % 12, 1 + r() % 28);
    });
  }
  if (type == "timestamptz") {
    return MakeColumn(name, type, [](Random& r) {
      return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", 2000 + r() % 25, 1 + r() % 12,
                         1 + r() % 28, r() % 24, r() % 60, r() % 60, r() % 1000000);
    });
  }
  if (type == "varchar(150)") {
    return MakeColumn(name, type, [](Random& r) {
      return fmt::format("Comércio São João {} Ltda", r() % 1000000);
    });
  }
  return MakeColumn(name, type,
                    [](Random& r) { return fmt::format("Rua das Flores {}", r() % 1000000); });
}

std::string Some(std::mt19937_64& random, size_t count, const std::string& characters) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += characters[random() % characters.size()];
  return text;
}

constexpr char kDigits[] = "0123456789";
constexpr char kDigitsAndLetters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

Column MakeDocuments(const std::string& name, DocumentFormat format) {
  using Random = std::mt19937_64;
  Column column = MakeColumn(name, "text", [&](Random& r) -> std::string {
    const std::string cpf = eclusa::oracle::Cpf(Some(r, 9, kDigits));
    if (name == "cpf_masked") {
      return cpf.substr(0, 3) + "." + cpf.substr(3, 3) + "." + cpf.substr(6, 3) + "-" +
             cpf.substr(9);
    }
    if (format == DocumentFormat::kCpf) return cpf;
    if (name == "cnpj_letters") return eclusa::oracle::Cnpj(Some(r, 12, kDigitsAndLetters));
    if (format == DocumentFormat::kCnpj) return eclusa::oracle::Cnpj(Some(r, 12, kDigits));
    if (format == DocumentFormat::kCep) return "1" + Some(r, 7, kDigits);
    if (format == DocumentFormat::kUf) return r() % 2 == 0 ? "SP" : "RJ";
    while (true) {
      const std::string code = "35" + Some(r, 5, kDigits);
      if (eclusa::oracle::IsIbge(code)) return code;
    }
  });
  column.format = format;
  return column;
}

std::vector<Column> SupplierColumns() {
  std::vector<Column> columns;
  for (const auto& [name, type] :
       std::vector<std::pair<std::string, std::string>>{{"id", "uuid"},
                                                        {"tenant", "integer"},
                                                        {"code", "text"},
                                                        {"legal_name", "varchar(150)"},
                                                        {"trade_name", "text"},
                                                        {"cnpj", "text"},
                                                        {"state_reg", "text"},
                                                        {"email", "text"},
                                                        {"phone", "text"},
                                                        {"street", "text"},
                                                        {"number", "text"},
                                                        {"district", "text"},
                                                        {"city", "text"},
                                                        {"uf", "text"},
                                                        {"zip", "text"},
                                                        {"credit_limit", "numeric(14,2)"},
                                                        {"discount", "numeric(14,2)"},
                                                        {"active", "boolean"},
                                                        {"blocked", "boolean"},
                                                        {"since", "date"},
                                                        {"updated_at", "timestamptz"},
                                                        {"category_id", "integer"}}) {
    columns.push_back(MakeColumn(name, type));
  }
  return columns;
}

// The same row, whose documents are looked at or are any text.
std::vector<Column> SupplierWithDocuments(bool checked) {
  std::vector<Column> columns = SupplierColumns();
  for (Column& column : columns) {
    const DocumentFormat format = column.name == "cnpj"  ? DocumentFormat::kCnpj
                                  : column.name == "uf"  ? DocumentFormat::kUf
                                  : column.name == "zip" ? DocumentFormat::kCep
                                                         : DocumentFormat::kNone;
    if (format == DocumentFormat::kNone) continue;
    column = MakeDocuments(column.name, format);
    if (!checked) column.format = DocumentFormat::kNone;
  }
  return columns;
}

std::shared_ptr<arrow::Array> AsText(const Column& column) {
  arrow::StringBuilder builder;
  if (!builder.AppendValues(column.values).ok()) std::abort();
  return *builder.Finish();
}

// The same values as Parquet would hold them.
std::shared_ptr<arrow::Array> AsTyped(const Column& column) {
  const auto make = [&](auto& builder, auto value_of) -> std::shared_ptr<arrow::Array> {
    for (const std::string& text : column.values) {
      if (!builder.Append(value_of(text)).ok()) std::abort();
    }
    return *builder.Finish();
  };
  if (column.type == "integer") {
    arrow::Int32Builder builder;
    return make(builder, [](const std::string& text) { return std::stoi(text); });
  }
  if (column.type == "numeric(14,2)") {
    arrow::Decimal128Builder builder(arrow::decimal128(14, 2));
    return make(builder,
                [](const std::string& text) { return *arrow::Decimal128::FromString(text); });
  }
  if (column.type == "boolean") {
    arrow::BooleanBuilder builder;
    return make(builder, [](const std::string& text) { return text == "t"; });
  }
  if (column.type == "date") {
    arrow::Date32Builder builder;
    return make(builder,
                [](const std::string& text) { return 10957 + static_cast<int32_t>(text[9]); });
  }
  if (column.type == "timestamptz") {
    arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"),
                                    arrow::default_memory_pool());
    return make(builder, [](const std::string& text) { return 946684800000000 + text[9]; });
  }
  if (column.type == "uuid") {
    arrow::FixedSizeBinaryBuilder builder(arrow::fixed_size_binary(16));
    return make(builder, [](const std::string& text) { return text.substr(0, 16); });
  }
  return AsText(column);
}

void Run(benchmark::State& state, const std::vector<Column>& columns, bool text) {
  eclusa::Contract contract;
  eclusa::TableDescription table;
  eclusa::CheckerOptions options;
  options.text_format = text;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const Column& column : columns) {
    eclusa::ColumnDescription target;
    target.name = column.name;
    target.type = *eclusa::ParseTypeName(column.type);
    table.columns.push_back(target);
    eclusa::Property property;
    property.name = property.column = column.name;
    if (column.format != DocumentFormat::kNone) {
      eclusa::Rule rule;
      rule.kind = eclusa::Rule::Kind::kFormat;
      rule.format = column.format;
      property.rules = {rule};
    }
    contract.properties.push_back(property);
    arrays.push_back(text ? AsText(column) : AsTyped(column));
    fields.push_back(arrow::field(column.name, arrays.back()->type()));
  }
  const auto schema = arrow::schema(fields);
  const auto rows = arrow::RecordBatch::Make(schema, kRows, arrays);
  const auto checker = Checker::Create(contract, table, *schema, options);
  if (!checker.ok()) {
    state.SkipWithError(checker.error().code().c_str());
    return;
  }
  for (auto _ : state) {
    Batch batch;
    batch.rows = rows;
    const eclusa::CheckedBatch checked = (*checker)->Check(std::move(batch));
    if (checked.accepted_count() != kRows) {
      state.SkipWithError("a row was rejected");
      return;
    }
    benchmark::DoNotOptimize(checked.accepted.data());
  }
  state.SetItemsProcessed(state.iterations() * kRows);
  state.counters["ns/row"] =
      benchmark::Counter(static_cast<double>(state.iterations() * kRows) / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::string type : {"uuid", "integer", "bigint", "numeric(14,2)", "double precision",
                                 "boolean", "date", "timestamptz", "varchar(150)", "text"}) {
    benchmark::RegisterBenchmark(("text/" + type).c_str(), [type](benchmark::State& state) {
      Run(state, {MakeColumn("a", type)}, true);
    });
  }
  for (const std::string type :
       {"uuid", "integer", "numeric(14,2)", "boolean", "date", "timestamptz", "varchar(150)"}) {
    benchmark::RegisterBenchmark(("arrow/" + type).c_str(), [type](benchmark::State& state) {
      Run(state, {MakeColumn("a", type)}, false);
    });
  }
  for (const auto& [name, format] :
       std::vector<std::pair<std::string, DocumentFormat>>{{"cpf", DocumentFormat::kCpf},
                                                           {"cpf_masked", DocumentFormat::kCpf},
                                                           {"cnpj", DocumentFormat::kCnpj},
                                                           {"cnpj_letters", DocumentFormat::kCnpj},
                                                           {"cep", DocumentFormat::kCep},
                                                           {"uf", DocumentFormat::kUf},
                                                           {"ibge", DocumentFormat::kIbge}}) {
    benchmark::RegisterBenchmark(("document/" + name).c_str(),
                                 [name = name, format = format](benchmark::State& state) {
                                   Run(state, {MakeDocuments(name, format)}, true);
                                 });
  }
  for (const bool checked : {false, true}) {
    benchmark::RegisterBenchmark(
        checked ? "supplier_documents/checked" : "supplier_documents/any_text",
        [checked](benchmark::State& state) { Run(state, SupplierWithDocuments(checked), true); });
  }
  benchmark::RegisterBenchmark(
      "text/supplier", [](benchmark::State& state) { Run(state, SupplierColumns(), true); });
  benchmark::RegisterBenchmark(
      "arrow/supplier", [](benchmark::State& state) { Run(state, SupplierColumns(), false); });
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
