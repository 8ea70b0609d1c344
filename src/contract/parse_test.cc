#include "contract/parse.h"

#include <gtest/gtest.h>

#include "contract/contract_fixture.h"
#include "model/codes.h"

namespace eclusa {
namespace {

Property ParsedProperty(const std::string& words) {
  Contract contract = Parsed(PropertyText(words));
  return contract.properties.empty() ? Property{} : contract.properties[0];
}

using Lines = std::vector<std::string>;

TEST(ParseContract, ReadsADataset) {
  const Contract contract = Parsed(
      "apiVersion: v3.1.0\nkind: DataContract\nid: urn:x\nname: n\nversion: 2.0.0\nstatus: draft\n"
      "schema:\n"
      "  - name: fornecedores\n"
      "    logicalType: object\n"
      "    physicalName: ns.pessoas\n"
      "    description: suppliers\n"
      "    properties:\n"
      "      - {name: pk, logicalType: string, physicalName: id, physicalType: uuid,\n"
      "         primaryKey: true, primaryKeyPosition: 1, required: true}\n"
      "      - {name: nome, logicalType: string, required: true, logicalTypeOptions: {maxLength: "
      "150}}\n"
      "      - {name: fornecedor, logicalType: boolean, physicalName: ativo, physicalType: "
      "integer}\n");
  EXPECT_EQ(contract.id, "urn:x");
  EXPECT_EQ(contract.name, "n");
  EXPECT_EQ(contract.version, "2.0.0");
  EXPECT_EQ(contract.status, "draft");
  EXPECT_EQ(contract.dataset, "fornecedores");
  EXPECT_EQ(contract.description, "suppliers");
  EXPECT_EQ(contract.target, (TableName{"ns", "pessoas"}));
  EXPECT_EQ(contract.digest.size(), 64);
  ASSERT_EQ(contract.properties.size(), 3);
  EXPECT_EQ(contract.KeyColumns(), std::vector<std::string>{"id"});
  const Property& name = contract.properties[1];
  EXPECT_TRUE(name.required);
  EXPECT_EQ(name.column, "nome");
  EXPECT_EQ(name.order, 2);
  EXPECT_EQ(name.line, 15);
  ASSERT_EQ(name.rules.size(), 1);
  EXPECT_EQ(name.rules[0].kind, Rule::Kind::kMaxLength);
  EXPECT_EQ(name.rules[0].text, "150");
  EXPECT_EQ(contract.properties[2].physical_type->kind, TypeKind::kInt4);
}

TEST(ParseContract, ReadsTableNamesAsSqlDoes) {
  const auto target = [](const std::string& name) {
    return Parsed(ContractText("      - {name: a, logicalType: string}\n",
                               "    physicalName: " + name + "\n"))
        .target;
  };
  EXPECT_EQ(target("Vendas"), (TableName{"", "vendas"}));
  EXPECT_EQ(target("'\"My Schema\".\"T.x\"'"), (TableName{"My Schema", "T.x"}));
  EXPECT_EQ(Parsed(ContractText("      - {name: a, logicalType: string}\n")).target,
            (TableName{"", "t"}));
  for (const std::string name : {"a.b.c", ".a", "a.", "'\"a'", "'a b'", "'\"\"'"}) {
    EXPECT_EQ(CodeOf(ContractText("      - {name: a, logicalType: string}\n",
                                  "    physicalName: " + name + "\n")),
              "contract.table_name")
        << name;
  }
}

TEST(ParseContract, ReportsEveryErrorWithItsPlace) {
  EXPECT_EQ(ErrorsOf(ContractText("      - {name: a, logicaltype: string}\n"
                                  "      - {name: b, logicalType: text}\n"
                                  "      - {name: c, logicalType: string, required: maybe}\n",
                                  "    colour: red\n")),
            (Lines{"8:5 contract.word_unknown", "10:19 contract.word_misspelled",
                   "11:32 contract.value", "12:50 contract.value"}));
}

TEST(ParseContract, StopsListingErrorsAtTheLimit) {
  std::string properties;
  for (int i = 0; i < 60; ++i)
    properties += "      - {name: a" + std::to_string(i) + ", x: 1, logicalType: string}\n";
  const ParsedContract parsed = ParseContract(ContractText(properties));
  EXPECT_EQ(parsed.errors.size(), kContractErrorsMax);
  EXPECT_EQ(parsed.errors_left_out, 10);
  EXPECT_FALSE(parsed.contract.has_value());
}

TEST(ParseContract, NamesTheNearestWordAndTheRightPlace) {
  const auto misspelled = ParseContract(PropertyText("logicalType: string, requierd: true")).errors;
  ASSERT_EQ(misspelled.size(), 1);
  EXPECT_EQ(misspelled[0].code(), "contract.word_misspelled");
  EXPECT_EQ(Argument(misspelled[0], "nearest"), "required");
  const auto misplaced = ParseContract(PropertyText("logicalType: string, maxLength: 3")).errors;
  ASSERT_EQ(misplaced.size(), 1);
  EXPECT_EQ(misplaced[0].code(), "contract.word_misplaced");
  EXPECT_EQ(Argument(misplaced[0], "place"), "schema[].properties[].logicalTypeOptions");
}

TEST(ParseContract, WantsTheWordsThatMustBeGiven) {
  EXPECT_EQ(
      ErrorsOf("schema: []\n"),
      (Lines{"1:1 contract.word_missing", "1:1 contract.word_missing", "1:1 contract.word_missing",
             "1:1 contract.word_missing", "1:1 contract.word_missing", "1:9 contract.datasets"}));
  EXPECT_EQ(CodeOf("[1, 2]"), "contract.not_map");
  EXPECT_EQ(CodeOf(ContractText("      - {logicalType: string}\n")), "contract.word_missing");
  EXPECT_EQ(CodeOf(PropertyText("description: x")), "contract.word_missing");
}

TEST(ParseContract, TakesTheLogicalTypeFromThePhysicalOne) {
  EXPECT_EQ(ParsedProperty("physicalType: 'numeric(14,2)'").logical_type, LogicalType::kNumber);
  const Property array = ParsedProperty("physicalType: 'integer[]'");
  EXPECT_EQ(array.logical_type, LogicalType::kArray);
  EXPECT_EQ(array.item_type, LogicalType::kInteger);
}

TEST(ParseContract, KeepsAPhysicalTypeThatOnlyTheCatalogKnows) {
  const Property property = ParsedProperty("logicalType: string, physicalType: mood");
  EXPECT_EQ(property.physical_type_name, "mood");
  EXPECT_FALSE(property.physical_type.has_value());
}

TEST(ParseContract, LeavesWordsOfOthersAlone) {
  const Contract contract = Parsed(
      ContractText("      - {name: a, logicalType: string, classification: public, tags: [x],\n"
                   "         customProperties: [{property: other, value: {b: 1, a: 2}}]}\n") +
      "servers: [{server: prod, type: postgres}]\nteam: {name: us}\nprice: {priceAmount: 1.5}\n");
  ASSERT_EQ(contract.kept.size(), 3);
  EXPECT_EQ(contract.kept[1], (KeptWord{"servers", "[{server: prod, type: postgres}]"}));
  ASSERT_EQ(contract.properties[0].kept.size(), 3);
  EXPECT_EQ(contract.properties[0].kept[1],
            (KeptWord{"customProperties", "{property: other, value: {a: 2, b: 1}}"}));
}

TEST(ParseContract, NumbersTheKey) {
  const auto key = [](const std::string& a, const std::string& b) {
    return ContractText("      - {name: a, logicalType: string, " + a + "}\n" +
                        "      - {name: b, logicalType: string, " + b + "}\n");
  };
  const auto columns = [&](const std::string& a, const std::string& b) {
    return Parsed(key(a, b)).KeyColumns();
  };
  EXPECT_EQ(columns("primaryKey: true", "primaryKey: true"), (Lines{"a", "b"}));
  EXPECT_EQ(
      columns("primaryKey: true, primaryKeyPosition: 2", "primaryKey: true, primaryKeyPosition: 1"),
      (Lines{"b", "a"}));
  EXPECT_EQ(columns("primaryKey: false, primaryKeyPosition: -1", "primaryKey: true"), Lines{"b"});
  EXPECT_EQ(CodeOf(key("primaryKey: true, primaryKeyPosition: 1", "primaryKey: true")),
            "contract.key_numbers");
  EXPECT_EQ(CodeOf(key("primaryKey: true, primaryKeyPosition: 2", "required: true")),
            "contract.key_numbers");
  EXPECT_EQ(CodeOf(key("primaryKeyPosition: 1", "required: true")), "contract.key_position");
  EXPECT_EQ(CodeOf(key("primaryKey: true, primaryKeyPosition: 33", "required: true")),
            "contract.key_position");
}

TEST(ParseContract, RefusesNamesAndColumnsTwice) {
  EXPECT_EQ(CodeOf(ContractText("      - {name: a, logicalType: string}\n"
                                "      - {name: a, logicalType: string, physicalName: b}\n")),
            "contract.property_twice");
  EXPECT_EQ(CodeOf(ContractText("      - {name: a, logicalType: string}\n"
                                "      - {name: b, logicalType: string, physicalName: a}\n")),
            "contract.column_twice");
  EXPECT_EQ(CodeOf(PropertyText("logicalType: string, customProperties: [{property: eclusa.trim, "
                                "value: true}, {property: eclusa.trim, value: false}]")),
            "contract.word_twice");
}

TEST(ParseContract, ReadsLimitsOfEachType) {
  const Property number = ParsedProperty(
      "logicalType: number, logicalTypeOptions: {exclusiveMaximum: 9.5, minimum: -1, multipleOf: "
      "0.5}");
  ASSERT_EQ(number.rules.size(), 3);
  EXPECT_EQ(number.rules[0].kind, Rule::Kind::kMinimum);
  EXPECT_EQ(number.rules[0].text, "-1");
  EXPECT_EQ(number.rules[1].kind, Rule::Kind::kExclusiveMaximum);
  EXPECT_EQ(number.rules[2].kind, Rule::Kind::kMultipleOf);
  const Property date =
      ParsedProperty("logicalType: date, logicalTypeOptions: {minimum: 2000-01-01}");
  EXPECT_EQ(date.rules[0].text, "2000-01-01");
  const auto options = [](const std::string& type, const std::string& words) {
    return CodeOf(PropertyText("logicalType: " + type + ", logicalTypeOptions: {" + words + "}"));
  };
  EXPECT_EQ(options("number", "minimum: abc"), "contract.word_type");
  EXPECT_EQ(options("date", "minimum: 5"), "contract.word_type");
  EXPECT_EQ(options("date", "minimum: 2000-02-30"), "contract.word_type");
  EXPECT_EQ(options("string", "minimum: 5"), "contract.word_type");
  EXPECT_EQ(options("integer", "maxLength: 5"), "contract.word_type");
  EXPECT_EQ(options("integer", "multipleOf: 0"), "contract.word_type");
  EXPECT_EQ(options("string", "maxLength: -1"), "contract.value");
  EXPECT_EQ(options("string", "minLength: 5, maxLength: 4"), "contract.range_empty");
  EXPECT_EQ(options("number", "minimum: 10, maximum: 9.99"), "contract.range_empty");
  EXPECT_EQ(options("string", "pattern: '['"), "contract.pattern");
  EXPECT_EQ(options("string", "pattern: '(?=a)'"), "contract.pattern");
  EXPECT_EQ(options("string", "pattern: " + std::string(1001, 'a')), "contract.pattern");
  EXPECT_EQ(options("array, items: {logicalType: string}", "minItems: 1"), "contract.word_refused");
}

TEST(ParseContract, ReadsFormatsByType) {
  const Property document =
      ParsedProperty("logicalType: string, logicalTypeOptions: {format: cpf_or_cnpj}");
  EXPECT_EQ(document.rules[0].kind, Rule::Kind::kFormat);
  EXPECT_EQ(document.rules[0].format, DocumentFormat::kCpfOrCnpj);
  EXPECT_EQ(
      ParsedProperty("logicalType: date, logicalTypeOptions: {format: dd/MM/yyyy}").date_patterns,
      Lines{"dd/MM/yyyy"});
  const Property number = ParsedProperty("logicalType: integer, logicalTypeOptions: {format: i64}");
  EXPECT_TRUE(number.rules.empty());
  EXPECT_EQ(number.kept[0], (KeptWord{"logicalTypeOptions.format", "i64"}));
  const auto format = [](const std::string& type, const std::string& text) {
    return CodeOf(
        PropertyText("logicalType: " + type + ", logicalTypeOptions: {format: " + text + "}"));
  };
  EXPECT_EQ(format("string", "hostname"), "contract.value");
  EXPECT_EQ(format("date", "dd/MM/y"), "contract.date_pattern");
  EXPECT_EQ(format("date", "MMM"), "contract.date_pattern");
  EXPECT_EQ(format("boolean", "x"), "contract.word_type");
}

TEST(ParseContract, ReadsWhatMayBeChangedInAValue) {
  const auto on = [](const std::string& word) {
    return Parsed(PropertyWordText(word, "true")).properties.at(0);
  };
  EXPECT_TRUE(on("eclusa.trim").trim);
  EXPECT_TRUE(on("eclusa.upper").upper);
  EXPECT_TRUE(on("eclusa.unaccent").unaccent);
  EXPECT_TRUE(on("eclusa.emptyAsNull").empty_as_null);
  EXPECT_TRUE(on("eclusa.round").round);
  EXPECT_TRUE(on("eclusa.truncate").truncate);
  EXPECT_TRUE(on("eclusa.noUpdate").no_update);
  const auto with = [](const std::string& word, const std::string& value) {
    return Parsed(PropertyWordText(word, value)).properties.at(0);
  };
  EXPECT_EQ(with("eclusa.default", "'0'").default_value, "0");
  EXPECT_EQ(with("eclusa.constant", "''").constant, "");
  EXPECT_EQ(with("eclusa.from", "b").from, Lines{"b"});
  EXPECT_EQ(with("eclusa.from", "[b, c]").from, (Lines{"b", "c"}));
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.trim", "'true'")), "contract.value");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.trim", "yes")), "contract.value");
}

TEST(ParseContract, ReadsWhatMayBeDoneAboutDocuments) {
  const auto with = [](const std::string& format, const std::string& words) {
    return PropertyText("logicalType: string, logicalTypeOptions: {format: " + format +
                        "}, customProperties: [" + words + "]");
  };
  const std::string pad = "{property: eclusa.lostZeros, value: pad}";
  const std::string accept = "{property: eclusa.otherDocument, value: accept}";
  const std::string refuse = "{property: eclusa.placeholderCpf, value: reject}";
  const Property property = Parsed(with("cpf", pad + ", " + accept + ", " + refuse)).properties[0];
  EXPECT_TRUE(property.pad_zeros);
  EXPECT_TRUE(property.accept_other_document);
  EXPECT_TRUE(property.refuse_placeholder);
  EXPECT_TRUE(
      Parsed(with("cep", "{property: eclusa.padZeros, value: true}")).properties[0].pad_zeros);
  EXPECT_FALSE(
      Parsed(with("cep", "{property: eclusa.lostZeros, value: reject}")).properties[0].pad_zeros);
  EXPECT_EQ(CodeOf(with("uf", "")), "");
  EXPECT_EQ(CodeOf(with("ibge", "")), "");
  EXPECT_EQ(CodeOf(with("uf", pad)), "contract.word_needs");
  EXPECT_EQ(CodeOf(with("cpf_or_cnpj", accept)), "contract.word_needs");
  EXPECT_EQ(CodeOf(with("cnpj", refuse)), "contract.word_needs");
  EXPECT_EQ(CodeOf(with("cnpj", accept + ", " + refuse)), "");
  EXPECT_EQ(CodeOf(with("cpf", pad + ", {property: eclusa.padZeros, value: true}")),
            "contract.word_conflict");
  EXPECT_EQ(CodeOf(with("cpf", "{property: eclusa.lostZeros, value: guess}")), "contract.value");
}

TEST(ParseContract, WantsAPivotForYearsOfTwoDigits) {
  const auto dated = [](const std::string& pattern, const std::string& words) {
    return PropertyText("logicalType: date, logicalTypeOptions: {format: " + pattern +
                        "}, customProperties: [" + words + "]");
  };
  const std::string pivot = "{property: eclusa.pivotYear, value: 1930}";
  EXPECT_EQ(Parsed(dated("dd/MM/yy", pivot)).properties[0].pivot_year, 1930);
  EXPECT_EQ(CodeOf(dated("dd/MM/yy", "")), "contract.word_needs");
  EXPECT_EQ(CodeOf(dated("dd/MM/yyyy", "")), "");
  EXPECT_EQ(CodeOf(dated("dd/MM/y", pivot)), "contract.date_pattern");
  EXPECT_EQ(CodeOf(dated("dd/MM/yy", "{property: eclusa.pivotYear, value: 30}")), "contract.value");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.pivotYear", "1930")), "contract.word_needs");
  const auto dialect = [](const std::string& words) {
    return ContractText(
        "      - {name: a, logicalType: date, logicalTypeOptions: {format: dd/MM/yy}}\n",
        "    customProperties:\n"
        "      - {property: eclusa.dialect, value: {" +
            words + "}}\n");
  };
  EXPECT_EQ(Parsed(dialect("pivotYear: 1950")).dialect.pivot_year, 1950);
  EXPECT_EQ(CodeOf(dialect("decimal: .")), "contract.word_needs");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.dialect", "{datePatterns: dd/MM/yy}")),
            "contract.word_needs");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.dialect", "{datePatterns: dd/MM/yy, pivotYear: 1950}")),
            "");
}

TEST(ParseContract, ReadsDelphisZeroDate) {
  EXPECT_TRUE(Parsed(DatasetWordText("eclusa.zeroDateAsNull", "true")).zero_date_as_null);
  const Property property = ParsedProperty(
      "logicalType: timestamp, customProperties: [{property: eclusa.zeroDateAsNull, value: "
      "false}]");
  EXPECT_EQ(property.zero_date_as_null, false);
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.zeroDateAsNull", "true")), "contract.word_needs");
}

TEST(ParseContract, JoinsSourcesWithAnyText) {
  const Property property = ParsedProperty(
      "logicalType: string, customProperties: [{property: eclusa.from, value: [ddd, "
      "fone]}, {property: eclusa.join, value: ''}]");
  EXPECT_EQ(property.join, "");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.join", "' '")), "contract.word_needs");
}

TEST(ParseContract, RefusesWordsWithoutTheirCompanion) {
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.padZeros", "true")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.lostZeros", "pad")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.timeZone", "UTC")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.datePatterns", "dd/MM/yyyy")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.flagColumn", "f")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyWordText("eclusa.onViolation", "flag")), "contract.word_needs");
  EXPECT_EQ(CodeOf(PropertyText("logicalType: string, items: {logicalType: string}")),
            "contract.word_needs");
  EXPECT_EQ(
      CodeOf(PropertyText("logicalType: string, customProperties: [{property: "
                          "eclusa.constant, value: x}, {property: eclusa.default, value: y}]")),
      "contract.word_conflict");
}

TEST(ParseContract, SaysWhatABreachDoes) {
  const Property property = ParsedProperty(
      "logicalType: string, logicalTypeOptions: {maxLength: 5, format: email}, customProperties: "
      "[{property: eclusa.onViolation, value: flag}, {property: eclusa.flagColumn, value: bad}, "
      "{property: eclusa.counter, value: n}]");
  EXPECT_EQ(property.counter, "n");
  for (const Rule& rule : property.rules) {
    EXPECT_EQ(rule.on_violation, OnViolation::kFlag);
    EXPECT_EQ(rule.flag_column, "bad");
    EXPECT_EQ(rule.counter, "n");
  }
  // A plain null is the word, not an absence.
  const Property nulls = ParsedProperty(
      "logicalType: string, logicalTypeOptions: {maxLength: 5}, customProperties: "
      "[{property: eclusa.onViolation, value: null}]");
  EXPECT_EQ(nulls.rules.at(0).on_violation, OnViolation::kNull);
}

TEST(ParseContract, ReadsTheWordsOfADataset) {
  const auto with = [](const std::string& word, const std::string& value) {
    return Parsed(DatasetWordText("eclusa." + word, value));
  };
  EXPECT_EQ(with("path", "/a/b").path, "/a/b");
  EXPECT_EQ(with("mode", "mixed").mode, Mode::kMixed);
  EXPECT_EQ(with("tenantColumns", "[x, y]").tenant_columns, (Lines{"x", "y"}));
  EXPECT_EQ(with("versionColumn", "v").version_column, "v");
  EXPECT_EQ(with("operationColumn", "op").operation_column, "op");
  EXPECT_TRUE(with("strictOperations", "true").strict_operations);
  EXPECT_EQ(with("duplicates", "first").duplicates, Duplicates::kFirst);
  EXPECT_EQ(with("whenAbsent", "null").when_absent, WhenAbsent::kNull);
  EXPECT_EQ(with("unknownColumns", "refuse").unknown_columns, UnknownColumns::kRefuse);
  EXPECT_TRUE(with("cascade", "allowed").cascade_allowed);
  EXPECT_EQ(with("rowsPerPart", "1000").rows_per_part, 1000);
  EXPECT_EQ(with("maxFileBytes", "68719476736").max_file_bytes, int64_t{68'719'476'736});
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.maxFileBytes", "0")), "contract.value");
  EXPECT_EQ(with("provenanceColumns", "[l, r]").provenance_columns, (Lines{"l", "r"}));
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.provenanceColumns", "[l]")), "contract.value");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.onMissingReference", "fail")), "");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.onMissingReference", "wait")), "contract.waiting");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.mode", "merge")), "contract.value");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.trim", "true")), "contract.word_misplaced");
}

TEST(ParseContract, TakesOneWinnerRuleBesideAVersion) {
  const auto text = [](const std::string& duplicates) {
    return ContractText("      - {name: a, logicalType: string}\n",
                        "    customProperties:\n"
                        "      - {property: eclusa.versionColumn, value: v}\n"
                        "      - {property: eclusa.duplicates, value: " +
                            duplicates + "}\n");
  };
  EXPECT_EQ(CodeOf(text("highest_version")), "");
  EXPECT_EQ(CodeOf(text("last")), "contract.word_conflict");
}

TEST(ParseContract, ReadsTheTolerance) {
  const auto with = [](const std::string& value) {
    return Parsed(DatasetWordText("eclusa.maxFailures", value));
  };
  EXPECT_EQ(with("10").max_failures.rows, 10);
  EXPECT_EQ(with("2.5%").max_failures.percent, 2.5);
  EXPECT_FALSE(with("unlimited").max_failures.rows.has_value());
  const Contract contract = with("{total: 9, perFile: 1%, perCode: {row.columns: 3}}");
  EXPECT_EQ(contract.max_failures.rows, 9);
  EXPECT_EQ(contract.max_failures_per_file->percent, 1);
  ASSERT_EQ(contract.max_failures_by_code.size(), 1);
  EXPECT_EQ(contract.max_failures_by_code[0].first, "row.columns");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.maxFailures", "{perCode: {no.such: 3}}")),
            "contract.code_unknown");
  EXPECT_EQ(CodeOf(DatasetWordText("eclusa.maxFailures", "101%")), "contract.value");
}

TEST(ParseContract, ReadsTheDialect) {
  const Dialect dialect =
      Parsed(DatasetWordText(
                 "eclusa.dialect",
                 "{encoding: windows-1252, delimiter: ;, quote: \"'\", decimal: \",\", "
                 "thousands: ., datePatterns: dd/MM/yyyy, timestampPatterns: [\"dd/MM/yyyy "
                 "HH:mm:ss\"], nullMarkers: [\"\", \"NULL\"], trueValues: S, falseValues: N, "
                 "booleans: pt, header: false, emptyIsNull: true, rowBytesMax: 1000, "
                 "pointer: /data/items}"))
          .dialect;
  EXPECT_EQ(dialect.encoding, "windows-1252");
  EXPECT_EQ(dialect.delimiter, ';');
  EXPECT_EQ(dialect.quote, '\'');
  EXPECT_EQ(dialect.decimal, ',');
  EXPECT_EQ(dialect.thousands, '.');
  EXPECT_EQ(dialect.date_patterns, Lines{"dd/MM/yyyy"});
  EXPECT_EQ(dialect.null_markers.size(), 2);
  EXPECT_EQ(dialect.true_values, Lines{"S"});
  EXPECT_TRUE(dialect.portuguese_booleans);
  EXPECT_EQ(dialect.header, false);
  EXPECT_EQ(dialect.empty_is_null, true);
  EXPECT_EQ(dialect.row_bytes_max, 1000);
  EXPECT_EQ(dialect.pointer, "/data/items");
  EXPECT_EQ(Parsed(DatasetWordText("eclusa.dialect", "{delimiter: \"\\t\"}")).dialect.delimiter,
            '\t');
  const auto code = [](const std::string& words) {
    return CodeOf(DatasetWordText("eclusa.dialect", "{" + words + "}"));
  };
  EXPECT_EQ(code("delimiter: ab"), "contract.value");
  EXPECT_EQ(code("pointer: items"), "contract.value");
  EXPECT_EQ(code("encoding: latin1"), "contract.value");
  EXPECT_EQ(code("booleans: en"), "contract.value");
  EXPECT_EQ(code("decimal: \",\", thousands: \",\""), "contract.word_conflict");
  EXPECT_EQ(code("trueValues: [S], falseValues: [S]"), "contract.word_conflict");
  EXPECT_EQ(code("delimeter: x"), "contract.word_misspelled");
  // Without quotes it is no text.
  EXPECT_EQ(code("nullMarkers: [NULL]"), "contract.value");
}

TEST(ParseContract, RefusesOtherStandards) {
  std::string text = ContractText("      - {name: a, logicalType: string}\n");
  text.replace(text.find("v3.1.0"), 6, "v2.2.2");
  EXPECT_EQ(CodeOf(text), "contract.value");
}

}  // namespace
}  // namespace eclusa
