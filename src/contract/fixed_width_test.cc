// Words of fixed width: read, written, compared, and what is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/contract_fixture.h"
#include "contract/diff.h"
#include "contract/parse.h"
#include "contract/write.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string FixedText(const std::string& properties, const std::string& dialect = "{}") {
  return "apiVersion: v3.1.0\nkind: DataContract\nid: i\nversion: 1.0.0\nstatus: active\n"
         "schema:\n  - name: t\n    customProperties:\n"
         "      - {property: eclusa.dialect, value: " +
         dialect + "}\n    properties:\n" + properties;
}

std::string PlacedProperty(const std::string& name, const std::string& words) {
  return "      - {name: " + name + ", logicalType: string, customProperties: [" + words + "]}\n";
}

std::string Place(const std::string& name, int offset, int width = 0) {
  std::string words = "{property: eclusa.offset, value: " + std::to_string(offset) + "}";
  if (width > 0) words += ", {property: eclusa.width, value: " + std::to_string(width) + "}";
  return PlacedProperty(name, words);
}

TEST(FixedWidth, ReadsPlacesAndHowLinesAreWritten) {
  const Contract contract =
      ParseContractOrFirstError(
          FixedText(Place("a", 0, 4) + Place("b", 4),
                    "{headerLines: 2, padding: '0', paddingSide: left, lineLength: 80, "
                    "shortLines: pad}"))
          .value();
  EXPECT_TRUE(contract.IsFixedWidth());
  EXPECT_EQ(contract.properties[0].offset, 0);
  EXPECT_EQ(contract.properties[0].width, 4);
  EXPECT_EQ(contract.properties[1].offset, 4);
  EXPECT_EQ(contract.properties[1].width, std::nullopt);
  EXPECT_EQ(contract.dialect.header_lines, 2);
  EXPECT_EQ(contract.dialect.padding, '0');
  EXPECT_EQ(contract.dialect.padding_side, PaddingSide::kLeft);
  EXPECT_EQ(contract.dialect.line_length, 80);
  EXPECT_EQ(contract.dialect.pad_short_lines, true);
  const Contract again = ParseContractOrFirstError(WriteContract(contract)).value();
  EXPECT_EQ(again.digest, contract.digest);
  EXPECT_EQ(WriteContract(again), WriteContract(contract));
  EXPECT_TRUE(DiffContracts(contract, again).empty());
}

TEST(FixedWidth, RefusesPlacesThatOverlapByName) {
  EXPECT_EQ(CodesOf(FixedText(Place("a", 0, 5) + Place("b", 4, 2))),
            (std::vector<std::string>{"contract.places_overlap"}));
  // Only the last of the line may go to its end.
  EXPECT_EQ(CodesOf(FixedText(Place("a", 0) + Place("b", 4, 2))),
            (std::vector<std::string>{"contract.places_overlap"}));
  EXPECT_EQ(CodesOf(FixedText(Place("b", 4, 2) + Place("a", 0, 4))), std::vector<std::string>{});
}

TEST(FixedWidth, RefusesAPropertyWithoutAPlaceOrASource) {
  const std::string placed = Place("a", 0, 5);
  EXPECT_EQ(CodesOf(FixedText(placed + "      - {name: b, logicalType: string}\n")),
            (std::vector<std::string>{"contract.place_missing"}));
  EXPECT_TRUE(
      CodesOf(FixedText(placed + PlacedProperty("b", "{property: eclusa.default, value: x}")))
          .empty());
  EXPECT_TRUE(
      CodesOf(FixedText(placed + PlacedProperty("b", "{property: eclusa.constant, value: x}")))
          .empty());
}

TEST(FixedWidth, RefusesWordsThatMeanNothingThere) {
  EXPECT_EQ(CodesOf(FixedText(PlacedProperty("a", "{property: eclusa.width, value: 3}"))),
            (std::vector<std::string>{"contract.word_needs"}));
  EXPECT_EQ(CodesOf(FixedText("      - {name: a, logicalType: string}\n", "{headerLines: 1}")),
            (std::vector<std::string>{"contract.word_needs"}));
  EXPECT_EQ(CodesOf(FixedText(Place("a", 0, 3), "{delimiter: ';', header: true}")),
            (std::vector<std::string>{"contract.word_conflict", "contract.word_conflict"}));
  EXPECT_EQ(CodesOf(FixedText(Place("a", 0, 9), "{lineLength: 8}")),
            (std::vector<std::string>{"contract.place_outside"}));
  EXPECT_EQ(CodesOf(FixedText(Place("a", 17'000'000, 9))),
            (std::vector<std::string>{"contract.value"}));
}

TEST(FixedWidth, TellsAMovedColumnFromTheSameOne) {
  const auto parse = [](const std::string& text) {
    return ParseContractOrFirstError(text).value();
  };
  const Contract before = parse(FixedText(Place("a", 0, 4)));
  EXPECT_FALSE(Compatible(DiffContracts(before, parse(FixedText(Place("a", 1, 4))))));
  EXPECT_FALSE(Compatible(DiffContracts(before, parse(FixedText(Place("a", 0, 5))))));
  EXPECT_TRUE(
      Compatible(DiffContracts(before, parse(FixedText(Place("a", 0, 4), "{shortLines: pad}")))));
}

}  // namespace
}  // namespace eclusa
