// Differences of contracts with lists: each rule with its reason.
#include <gtest/gtest.h>

#include <span>

#include "contract/contract_fixture.h"
#include "contract/diff.h"
#include "contract/parse.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string NameOf(const Error& error) {
  for (const auto& [key, value] : error.arguments()) {
    if (key == "property" || key == "where") return value;
  }
  return "";
}

// "code name" without "contract.diff_", with "!" where it breaks.
std::vector<std::string> NamedDiffOf(const std::string& before, const std::string& after) {
  std::vector<std::string> out;
  for (const Difference& difference : DiffContracts(Parsed(before), Parsed(after))) {
    EXPECT_EQ(Text(difference.item, Language::kPortuguese).find('{'), std::string::npos);
    out.push_back(difference.item.code().substr(14) + (difference.breaking ? "! " : " ") +
                  NameOf(difference.item));
  }
  return out;
}

struct List {
  std::string name = "contatos";
  std::string array;  // words of the array
  std::string up = "id_pessoa";
  std::string custom;      // more entries of eclusa.* on the items
  std::string properties;  // more properties
};

std::string DocumentText(const List& list) {
  return ContractText(
      std::string(kRoot) + "      - {name: " + list.name + ", logicalType: array, " + list.array +
      "items: {logicalType: object, physicalName: contatos, customProperties: [{property: "
      "eclusa.parentColumns, value: " +
      list.up + "}" + list.custom + "], properties: [" + kKey + list.properties + "]}}\n");
}

std::string Flat(const std::string& more = "") { return ContractText(kRoot + more); }

using Items = std::vector<std::string>;

// A change, why it breaks or does not, and the items that tell it.
struct Change {
  const char* why;
  std::string before;
  std::string after;
  Items items;
};

void ExpectItems(std::span<const Change> changes) {
  for (const Change& change : changes) {
    EXPECT_EQ(NamedDiffOf(change.before, change.after), change.items) << change.why;
  }
}

TEST(DiffContracts, TellsWhatListsMeanToTheirChildren) {
  const std::string one = DocumentText({});
  const auto custom = [](const std::string& word, const std::string& value) {
    return DocumentText({.custom = ", {property: eclusa." + word + ", value: " + value + "}"});
  };
  const Change changes[] = {
      {"the same", one, one, {}},
      {"documents without the list still pass", Flat(), one, {"added contatos"}},
      {"documents without the list now fail",
       Flat(),
       DocumentText({.array = "required: true, "}),
       {"added_required! contatos"}},
      {"its rows are no longer written anywhere", one, Flat(), {"removed! contatos"}},
      {"an absent list now fails",
       one,
       DocumentText({.array = "required: true, "}),
       {"required! contatos"}},
      {"an absent list no longer fails",
       DocumentText({.array = "required: true, "}),
       one,
       {"optional contatos"}},
      {"children hang on other columns", one, DocumentText({.up = "id_dono"}), {"word! contatos"}},
      {"what a list leaves out is deleted now",
       one,
       custom("children", "replace"),
       {"word! contatos"}},
      {"what a list leaves out stays now", custom("children", "replace"), one, {"word! contatos"}},
      {"the default written out is no difference", custom("children", "merge"), one, {}},
      {"a document passes in part that failed whole",
       one,
       custom("onChildFailure", "itself"),
       {"word contatos"}},
      {"a document fails whole that passed in part",
       custom("onChildFailure", "itself"),
       one,
       {"word! contatos"}},
  };
  ExpectItems(changes);
}

TEST(DiffContracts, LooksIntoLists) {
  const std::string one = DocumentText({});
  const Change changes[] = {
      {"a new optional column of the children",
       one,
       DocumentText({.properties = ", {name: nome, logicalType: string}"}),
       {"added contatos.nome"}},
      {"a new required column of the children",
       one,
       DocumentText({.properties = ", {name: nome, logicalType: string, required: true}"}),
       {"added_required! contatos.nome"}},
      {"a rule inside is tightened",
       DocumentText({.properties =
                         ", {name: n, logicalType: string, logicalTypeOptions: {maxLength: "
                         "5}}"}),
       DocumentText({.properties =
                         ", {name: n, logicalType: string, logicalTypeOptions: {maxLength: "
                         "4}}"}),
       {"rule_tightened! contatos.n"}},
      {"a renamed list that answers to its old name",
       one,
       DocumentText({.name = "pessoas",
                     .array = "customProperties: [{property: eclusa.from, value: contatos}], "}),
       {"word pessoas", "word pessoas"}},
      {"a renamed list that does not",
       one,
       DocumentText({.name = "pessoas"}),
       {"added pessoas", "removed! contatos"}},
      {"a JSON column becomes rows, which can fail",
       Flat("      - {name: contatos, logicalType: array, items: {logicalType: object}}\n"),
       one,
       {"type! contatos"}},
      {"rows become a JSON column",
       one,
       Flat("      - {name: contatos, logicalType: array, items: {logicalType: object}}\n"),
       {"type! contatos"}},
  };
  ExpectItems(changes);
}

TEST(DiffContracts, TellsPropertiesWithTheObjectsAroundThem) {
  const auto object = [](const std::string& words) {
    return Flat(
        "      - {name: o, logicalType: object, properties: [{name: x, logicalType: "
        "string}" +
        words + "]}\n");
  };
  EXPECT_EQ(NamedDiffOf(object(""), object(", {name: y, logicalType: string, required: true}")),
            Items{"added_required! o.y"});
  EXPECT_EQ(NamedDiffOf(object(""), Flat("      - {name: x, logicalType: string}\n")),
            (Items{"added x", "removed o.x"}));
}

}  // namespace
}  // namespace eclusa
