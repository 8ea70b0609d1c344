#include "load/part_place.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

PartPlace Place() {
  return {.part = SourcePart{.begin = 10,
                             .end = 99,
                             .first_row = 4,
                             .rows = 3,
                             .first_line = 5,
                             .encoding = "windows-1252"},
          .expected = {{.name = "items",
                        .kind = ShapeKind::kObjects,
                        .always = true,
                        .children = {{.name = "é\"", .always = false, .children = {}}}}},
          .children_per_row = 100,
          .layout = "l"};
}

TEST(PartPlaceTest, IsReadAsItWasWritten) {
  const PartPlace read = PartPlaceFromJson(ToJson(Place())).value();
  EXPECT_EQ(ToJson(read), ToJson(Place()));
  ASSERT_TRUE(read.part);
  EXPECT_EQ(read.part->end, 99);
  EXPECT_EQ(read.part->encoding, "windows-1252");
  ASSERT_EQ(read.expected.size(), 1);
  EXPECT_EQ(read.expected[0].kind, ShapeKind::kObjects);
  ASSERT_EQ(read.expected[0].children.size(), 1);
  EXPECT_EQ(read.expected[0].children[0].name, "é\"");
  EXPECT_FALSE(read.expected[0].children[0].always);
  EXPECT_FALSE(PartPlaceFromJson(ToJson(PartPlace{.layout = "l"})).value().part);
}

TEST(PartPlaceTest, NumbersOfChildrenBeginWhereThePartBeforeHasItsLast) {
  PartPlace place = Place();
  EXPECT_EQ(place.ChildNumbers(), std::pair(int64_t{300}, int64_t{600}));
  place.part->first_row = 7;
  EXPECT_EQ(place.ChildNumbers().first, 600);
  place.part.reset();
  EXPECT_EQ(place.ChildNumbers().first, 0);
}

TEST(PartPlaceTest, FindingsAreReadAsTheyWereWritten) {
  const PartFindings findings{.warnings = {{"late", 2}},
                              .present = 3,
                              .key_unreadable = true,
                              .passed_over = {"x"},
                              .children = {{.read = 5, .staged = 4, .failed = 1}}};
  const PartFindings read = PartFindingsFromJson(ToJson(findings)).value();
  EXPECT_EQ(ToJson(read), ToJson(findings));
  EXPECT_EQ(read.present, 3);
  EXPECT_TRUE(read.key_unreadable);
  ASSERT_EQ(read.children.size(), 1);
  EXPECT_EQ(read.children[0].failed, 1);
}

TEST(PartPlaceTest, WhatAnotherVersionWroteIsRefused) {
  for (const std::string text :
       {"", "{", "[]", "1", "{}", R"({"layout":"l"})",
        R"({"layout":1,"expected":[],"children_per_row":0})",
        R"({"layout":"l","expected":[1],"children_per_row":0})",
        R"({"layout":"l","expected":[],"children_per_row":0,"begin":1})"}) {
    const auto place = PartPlaceFromJson(text);
    ASSERT_FALSE(place.ok()) << text;
    EXPECT_EQ(place.error().code(), code::job_part_unreadable);
  }
  EXPECT_FALSE(PartFindingsFromJson("{}").ok());
  EXPECT_FALSE(PartFindingsFromJson(R"({"warnings":{"a":"b"},"present":1,"key_unreadable":true,
      "passed_over":[],"children":[]})")
                   .ok());
}

}  // namespace
}  // namespace eclusa
