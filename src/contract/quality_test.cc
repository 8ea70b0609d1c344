// Quality rules of ODCS as rules of a row and of the set.

#include <gtest/gtest.h>

#include "contract/contract_fixture.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {
namespace {

using Texts = std::vector<std::string>;

std::string OfProperty(const std::string& rule) {
  return PropertyText("logicalType: string, quality: [{" + rule + "}]");
}

std::string OfDataset(const std::string& rule) {
  return ContractText(
      "      - {name: a, logicalType: string}\n      - {name: b, logicalType: string}\n",
      "    quality: [{" + rule + "}]\n");
}

Property PropertyWithRule(const std::string& rule) {
  return Parsed(OfProperty(rule)).properties.at(0);
}
SetRule ParsedSetRule(const std::string& rule) { return Parsed(OfDataset(rule)).set_rules.at(0); }

TEST(Quality, NullValuesMakeAPropertyRequired) {
  EXPECT_TRUE(PropertyWithRule("metric: nullValues, mustBe: 0").required);
  EXPECT_TRUE(PropertyWithRule("type: library, metric: nullValues, mustBeLessThan: 1").required);
  EXPECT_TRUE(PropertyWithRule("metric: nullValues, mustBe: 0, unit: percent").required);
}

TEST(Quality, NullValuesThatOnlyFlagAreARuleOfTheirOwn) {
  const Property property = PropertyWithRule(
      "metric: nullValues, mustBe: 0, customProperties: [{property: eclusa.onViolation, value: "
      "flag}]");
  EXPECT_FALSE(property.required);
  ASSERT_EQ(property.rules.size(), 1);
  EXPECT_EQ(property.rules[0].kind, Rule::Kind::kRequired);
  EXPECT_EQ(property.rules[0].on_violation, OnViolation::kFlag);
}

TEST(Quality, InvalidValuesAreAListOrAPattern) {
  const Property list =
      PropertyWithRule("metric: invalidValues, mustBe: 0, arguments: {validValues: [kg, 1, null]}");
  EXPECT_EQ(list.rules.at(0).kind, Rule::Kind::kInList);
  EXPECT_EQ(list.rules.at(0).list, (Texts{"kg", "1"}));
  const Property pattern =
      PropertyWithRule("metric: invalidValues, mustBe: 0, arguments: {pattern: '[A-Z]+'}");
  EXPECT_EQ(pattern.rules.at(0).kind, Rule::Kind::kPattern);
  EXPECT_EQ(pattern.rules.at(0).text, "[A-Z]+");
  EXPECT_EQ(CodeOf(OfProperty("metric: invalidValues, mustBe: 0")), "contract.word_missing");
  EXPECT_EQ(CodeOf(OfProperty("metric: invalidValues, mustBe: 0, arguments: {pattern: '('}")),
            "contract.pattern");
}

TEST(Quality, MissingValuesAreAListOfWhatMayNotStandThere) {
  const Property property = PropertyWithRule(
      "metric: missingValues, mustBe: 0, arguments: {missingValues: [null, '', N/A]}");
  EXPECT_TRUE(property.required);
  EXPECT_EQ(property.rules.at(0).kind, Rule::Kind::kNotInList);
  EXPECT_EQ(property.rules.at(0).list, (Texts{"", "N/A"}));
}

TEST(Quality, ARuleMayDoOtherThanItsProperty) {
  const Property property =
      Parsed(PropertyText(
                 "logicalType: string, logicalTypeOptions: {maxLength: 9}, quality: [{metric: "
                 "invalidValues, "
                 "mustBe: 0, arguments: {pattern: x}, customProperties: [{property: "
                 "eclusa.onViolation, value: "
                 "reject}]}, {metric: invalidValues, mustBe: 0, arguments: {validValues: [x]}}], "
                 "customProperties: [{property: eclusa.onViolation, value: null}]"))
          .properties.at(0);
  ASSERT_EQ(property.rules.size(), 3);
  EXPECT_EQ(property.rules[0].kind, Rule::Kind::kMaxLength);
  EXPECT_EQ(property.rules[0].on_violation, OnViolation::kNull);
  EXPECT_EQ(property.rules[1].kind, Rule::Kind::kPattern);
  EXPECT_EQ(property.rules[1].on_violation, OnViolation::kReject);
  EXPECT_EQ(property.rules[2].kind, Rule::Kind::kInList);
  EXPECT_EQ(property.rules[2].on_violation, OnViolation::kNull);
}

TEST(Quality, RowCountBoundsTheRows) {
  const auto limits = [](const std::string& rule) {
    const SetRule set_rule = ParsedSetRule("metric: rowCount, " + rule);
    return std::pair(set_rule.at_least, set_rule.at_most);
  };
  using Limits = std::pair<std::optional<int64_t>, std::optional<int64_t>>;
  EXPECT_EQ(limits("mustBe: 5"), Limits(5, 5));
  EXPECT_EQ(limits("mustBeGreaterThan: 5"), Limits(6, std::nullopt));
  EXPECT_EQ(limits("mustBeGreaterOrEqualTo: 5.5"), Limits(6, std::nullopt));
  EXPECT_EQ(limits("mustBeLessThan: 5"), Limits(std::nullopt, 4));
  EXPECT_EQ(limits("mustBeLessOrEqualTo: 5"), Limits(std::nullopt, 5));
  EXPECT_EQ(limits("mustBeBetween: [100, 120]"), Limits(100, 120));
}

TEST(Quality, DuplicateValuesAreOfOneOrSeveralProperties) {
  const SetRule several =
      ParsedSetRule("metric: duplicateValues, mustBe: 0, arguments: {properties: [a, b]}");
  EXPECT_EQ(several.kind, SetRule::Kind::kDuplicateValues);
  EXPECT_EQ(several.properties, (Texts{"a", "b"}));
  EXPECT_EQ(several.at_most, 0);
  const Contract one = Parsed(OfProperty("metric: duplicateValues, mustBeLessThan: 10"));
  EXPECT_EQ(one.set_rules.at(0).properties, Texts{"a"});
  EXPECT_EQ(one.set_rules.at(0).at_most, 9);
  EXPECT_EQ(CodeOf(OfDataset("metric: duplicateValues, mustBe: 0, arguments: {properties: [z]}")),
            "contract.property_unknown");
}

TEST(Quality, TextAndCustomAreKept) {
  const Contract contract = Parsed(OfProperty("type: text, description: checked by hand"));
  EXPECT_TRUE(contract.properties[0].rules.empty());
  EXPECT_EQ(contract.properties[0].kept.at(0),
            (KeptWord{"quality", "{description: \"checked by hand\", type: text}"}));
  EXPECT_EQ(Parsed(OfDataset("type: custom, engine: soda, implementation: x")).dataset_kept.size(),
            1);
}

TEST(Quality, WhatCannotBeCheckedIsRefusedByName) {
  EXPECT_EQ(CodeOf(OfProperty("type: sql, mustBe: 0")), "contract.quality_sql");
  EXPECT_EQ(CodeOf(OfProperty("metric: rowCount, mustBe: 0")), "contract.quality_place");
  EXPECT_EQ(CodeOf(OfDataset("metric: nullValues, mustBe: 0")), "contract.quality_place");
  EXPECT_EQ(CodeOf(OfProperty("metric: nullValues")), "contract.quality_operator");
  EXPECT_EQ(CodeOf(OfDataset("metric: rowCount, mustBe: 1, mustBeLessThan: 3")),
            "contract.quality_operator");
  EXPECT_EQ(CodeOf(OfProperty("metric: nullValues, mustBe: 3")), "contract.quality_threshold");
  EXPECT_EQ(CodeOf(OfProperty("metric: nullValues, mustBeLessThan: 1, unit: percent")),
            "contract.quality_threshold");
  EXPECT_EQ(CodeOf(OfDataset("metric: rowCount, mustBe: 1.5")), "contract.quality_threshold");
  EXPECT_EQ(CodeOf(OfDataset("metric: rowCount, mustBeLessThan: 0")), "contract.quality_threshold");
  EXPECT_EQ(CodeOf(OfDataset("metric: rowCount, mustBe: 1e300")), "contract.quality_threshold");
  EXPECT_EQ(CodeOf(OfDataset("metric: freshness, mustBe: 1")), "contract.value");
  EXPECT_EQ(CodeOf(OfDataset("metric: rowCount, mustNotBe: 1, mustBe: 2")),
            "contract.word_refused");
  EXPECT_EQ(CodeOf(OfProperty("metric: nullValues, mustBe: 0, arguments: {pattern: x}")),
            "contract.word_conflict");
}

}  // namespace
}  // namespace eclusa
