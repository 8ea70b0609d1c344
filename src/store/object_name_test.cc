#include "store/object_name.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TEST(ObjectName, IsMadeOfPlainSegments) {
  EXPECT_TRUE(IsObjectName("a"));
  EXPECT_TRUE(IsObjectName("uploads/47/0f-1_2"));
  EXPECT_TRUE(IsObjectName("1/2/3/4/5/6/7/8"));
  EXPECT_TRUE(IsObjectName(std::string(200, 'a')));
  for (const std::string& name :
       {std::string(), std::string("/"), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("."), std::string(".."), std::string("a/../b"), std::string("a.b"),
        std::string("A"), std::string("a b"), std::string("a\\b"), std::string("a%2e"),
        std::string("-a"), std::string("a/-b"), std::string("\xc3\xa9"), std::string("a\0b", 3),
        std::string("1/2/3/4/5/6/7/8/9"), std::string(201, 'a')}) {
    EXPECT_FALSE(IsObjectName(name)) << name;
    EXPECT_FALSE(CheckObjectName(name).ok());
  }
}

TEST(ObjectName, IsNeverMadeTwice) {
  const std::string name = NewObjectName("uploads/47");
  EXPECT_TRUE(name.starts_with("uploads/47/"));
  EXPECT_EQ(name.size(), 11U + 32U);
  EXPECT_NE(name, NewObjectName("uploads/47"));
}

}  // namespace
}  // namespace eclusa
