#include "pg/near_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(NearTables, OffersTypingMistakesNearestFirst) {
  const std::vector<TableName> tables = {
      {"ns", "pedidos"}, {"ns", "fornecedor"}, {"ns", "fornecedores"}, {"public", "clientes"}};
  EXPECT_THAT(NearTables({"ns", "fornecedore"}, tables),
              ElementsAre(TableName{"ns", "fornecedor"}, TableName{"ns", "fornecedores"}));
  EXPECT_THAT(NearTables({"", "xyz"}, tables), IsEmpty());
}

TEST(NearTables, OffersTheSameNameInAnotherSchemaOrInOtherLetters) {
  EXPECT_THAT(NearTables({"public", "notas"}, {{"vendas", "notas"}}),
              ElementsAre(TableName{"vendas", "notas"}));
  EXPECT_THAT(NearTables({"", "notas"}, {{"public", "Notas"}}),
              ElementsAre(TableName{"public", "Notas"}));
}

TEST(NearTables, OffersThreeAtMost) {
  const std::vector<TableName> tables = {{"s", "t1"}, {"s", "t2"}, {"s", "t3"}, {"s", "t4"}};
  EXPECT_EQ(NearTables({"s", "t5"}, tables).size(), 3U);
}

}  // namespace
}  // namespace eclusa
