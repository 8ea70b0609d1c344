#include "model/table.h"

#include <gtest/gtest.h>

namespace eclusa {
namespace {

TableDescription Orders() {
  TableDescription table;
  table.name = {"sales", "Orders"};
  table.columns.resize(2);
  table.columns[0].name = "id";
  table.columns[1].name = "Total";
  table.unique_keys.resize(2);
  table.unique_keys[0].name = "orders_total";
  table.unique_keys[1].name = "orders_pkey";
  table.unique_keys[1].primary = true;
  return table;
}

TEST(TableDescription, FindsColumnsByTheirExactName) {
  const TableDescription table = Orders();
  EXPECT_EQ(table.IndexOf("Total"), 1);
  EXPECT_EQ(table.Find("Total"), &table.columns[1]);
  EXPECT_EQ(table.IndexOf("total"), -1);
  EXPECT_EQ(table.Find("total"), nullptr);
}

TEST(TableDescription, KnowsItsPrimaryKey) {
  TableDescription table = Orders();
  ASSERT_NE(table.PrimaryKey(), nullptr);
  EXPECT_EQ(table.PrimaryKey()->name, "orders_pkey");
  table.unique_keys.pop_back();
  EXPECT_EQ(table.PrimaryKey(), nullptr);
}

TEST(TableName, ShowsSchemaAndName) { EXPECT_EQ(Orders().name.Display(), "sales.Orders"); }

}  // namespace
}  // namespace eclusa
