// CheckFixture: a table, a contract and a batch in a few lines, for the tests of this module.
#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/checker.h"

namespace eclusa {

class CheckFixture : public ::testing::Test {
 protected:
  using Texts = std::vector<std::optional<std::string>>;

  // A column of the table, and a property of the contract that reads it. The reference lives until
  // the next call.
  Property& Add(const std::string& name, const std::string& type);
  Property& Add(const std::string& name, PgType type);
  ColumnDescription& Column(const std::string& name);

  static Rule MakeRule(Rule::Kind kind, const std::string& text);
  static Rule MakeFormat(DocumentFormat format);

  // The file: columns in order. Text columns, or any Arrow array.
  void File(const std::string& name, const Texts& values);
  void File(const std::string& name, std::shared_ptr<arrow::Array> values);

  // Begins with another file.
  void ClearFile();

  // Makes the checker and checks the file. Fails the test where Create refuses.
  void Check();
  // The code with which Create refuses; empty: it does not.
  std::string CreateCode();

  // "row:code(column)" of all reasons, in their order: "2:type.integer(a) 2:value.required(b)".
  std::string Reasons() const;
  const Reason& ReasonOf(int64_t row) const;
  const TypedColumn& Values(const std::string& column) const;
  // A value of a text column, "<null>" where it is null.
  std::string Text(const std::string& column, int64_t row) const;
  int64_t Warnings(const std::string& counter) const;

  TableDescription table_;
  Contract contract_;
  CheckerOptions options_;
  std::unique_ptr<Checker> checker_;
  CheckedBatch checked_;

 private:
  std::shared_ptr<arrow::Schema> Schema() const;

  std::vector<std::shared_ptr<arrow::Field>> fields_;
  std::vector<std::shared_ptr<arrow::Array>> arrays_;
};

}  // namespace eclusa
