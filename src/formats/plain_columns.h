// Plain columns: Arrow arrays without disguises, and rows of them that hold text that is not UTF-8.
//
// A plain type is bool, an integer, float or double, decimal, utf8, binary, fixed_size_binary,
// date32, a time, timestamp or duration, null, a list of one of these, a struct of plain types, or
// a list of such structs; lists inside lists of structs to kListLevelsMax, structs and lists to
// kShapeLevelsMax (formats/field_shape.h). Maps, unions and lists of lists are not. Pure functions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace arrow {
class Array;
class DataType;
class RecordBatch;
template <class T>
class Result;
}  // namespace arrow

namespace eclusa {

// The plain type of which values of `type` are; null: a nested type that is none.
std::shared_ptr<arrow::DataType> PlainType(const std::shared_ptr<arrow::DataType>& type);

// Whether a plain type is a struct, or a list of structs.
bool IsNestedType(const arrow::DataType& plain);

// The values as that type. The array itself where it is plain already.
arrow::Result<std::shared_ptr<arrow::Array>> PlainArray(std::shared_ptr<arrow::Array> array);

// A value of text that is not valid UTF-8.
struct WrongText {
  int64_t row;
  std::string column;  // its path, where it is nested: contatos.nome
  std::string bytes;
};
// All of them, by row; of a list the first. Cheap where there are none. The batch's columns are
// plain.
std::vector<WrongText> FindWrongText(const arrow::RecordBatch& batch);

// A row's values as one text, for people: what is kept of a row that cannot be read. Clipped.
std::string RowAsText(const arrow::RecordBatch& batch, int64_t row);

// The batch without some of its rows, which are given in ascending order.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> WithoutRows(const arrow::RecordBatch& batch,
                                                               const std::vector<int64_t>& rows);

}  // namespace eclusa
