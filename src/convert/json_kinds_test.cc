#include "convert/json_kinds.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

// "text number" and the like: what was seen of the field.
std::string Told(const FieldKinds* field) {
  if (field == nullptr) return "none";
  std::string told;
  const auto add = [&](bool seen, std::string_view word) {
    if (seen) told += (told.empty() ? "" : " ") + std::string(word);
  };
  add(field->scalars.text, "text");
  add(field->scalars.number, "number");
  add(field->scalars.boolean, "boolean");
  add(field->object, "object");
  add(field->list, "list");
  add(field->items.text, "texts");
  add(field->items.number, "numbers");
  add(field->items.boolean, "booleans");
  add(field->object_items, "objects");
  add(field->list_items, "lists");
  return told;
}

TEST(JsonKinds, TellsScalarsApartAndNullsFromAll) {
  JsonKinds kinds;
  EXPECT_TRUE(kinds.AddDocument(R"({"a":1,"b":"1","c":true,"d":null})"));
  EXPECT_TRUE(kinds.AddDocument(R"( {"a":null,"b":2,"c":false,"e":"\u0031"} )"));
  EXPECT_EQ(Told(kinds.root().Find("a")), "number");
  EXPECT_EQ(Told(kinds.root().Find("b")), "text number");
  EXPECT_EQ(Told(kinds.root().Find("c")), "boolean");
  EXPECT_EQ(Told(kinds.root().Find("d")), "");
  EXPECT_EQ(Told(kinds.root().Find("none")), "none");
  EXPECT_TRUE(kinds.root().Find("a")->scalars.numbers.all_integers());
  EXPECT_TRUE(kinds.root().Find("b")->scalars.text_digits.all_integers());
  EXPECT_TRUE(kinds.root().Find("e")->scalars.text_digits.all_integers());  // escapes undone
}

TEST(JsonKinds, LooksIntoObjectsAndLists) {
  JsonKinds kinds;
  EXPECT_TRUE(
      kinds.AddDocument(R"({"o":{"x":1},"l":[{"y":"a"},{"y":2,"z":[]}],"s":[1,"a",null]})"));
  EXPECT_TRUE(kinds.AddDocument(R"({"o":[[1]],"l":[]})"));
  EXPECT_EQ(Told(kinds.root().Find("o")), "object list lists");
  EXPECT_EQ(Told(kinds.root().Find("o")->Find("x")), "number");
  EXPECT_EQ(Told(kinds.root().Find("l")), "list objects");
  EXPECT_EQ(Told(kinds.root().Find("l")->Find("y")), "text number");
  EXPECT_EQ(Told(kinds.root().Find("l")->Find("z")), "list");
  EXPECT_EQ(Told(kinds.root().Find("s")), "list texts numbers");
}

TEST(JsonKinds, ReadsOneMemberAlone) {
  JsonKinds kinds;
  EXPECT_TRUE(kinds.AddMember("a", " [1, 2] "));
  EXPECT_TRUE(kinds.AddMember("a", "null"));
  EXPECT_FALSE(kinds.AddMember("a", "[1"));
  EXPECT_FALSE(kinds.AddMember("a", "1 2"));
  kinds.AddText("t", "12.50");
  EXPECT_EQ(Told(kinds.root().Find("a")), "number list numbers");
  EXPECT_EQ(Told(kinds.root().Find("t")), "text");
  EXPECT_EQ(kinds.root().Find("t")->scalars.text_digits.scale(), 2);
}

TEST(JsonKinds, SaysWhatIsNoDocument) {
  for (const std::string_view text : {"", "1", "[{}]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}"}) {
    EXPECT_FALSE(JsonKinds().AddDocument(text)) << text;
  }
}

TEST(JsonKinds, KeepsSoManyNamesAndNoMore) {
  JsonKinds kinds;
  for (size_t i = 0; i < JsonKinds::kFieldsMax; ++i) {
    EXPECT_TRUE(kinds.AddDocument("{\"f" + std::to_string(i) + "\":1}"));
  }
  EXPECT_FALSE(kinds.too_many());
  EXPECT_TRUE(kinds.AddDocument(R"({"one more":{"deep":1}})"));
  EXPECT_TRUE(kinds.too_many());
  EXPECT_EQ(kinds.root().members.size(), JsonKinds::kFieldsMax);
}

}  // namespace
}  // namespace eclusa
