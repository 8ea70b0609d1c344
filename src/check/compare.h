// Order of values of one type, as PostgreSQL's default operators have it.
//
// Numbers of different kinds compare with each other; NaN is the largest and equals itself. Texts
// and other kinds compare for equality only (HasOrder is false): their order is the database's
// collation. Pure functions; neither value may be null.
#pragma once

#include <cstdint>

#include "model/typed_column.h"

namespace eclusa {

bool IsIntegerKind(TypeKind kind);
bool IsNumberKind(TypeKind kind);
bool HasOrder(TypeKind kind);

// Below, equal, above: negative, 0, positive. Kinds are equal, or both integers, or both floats.
int CompareValues(const TypedColumn& left, int64_t left_row, const TypedColumn& right,
                  int64_t right_row);

int64_t IntegerAt(const TypedColumn& column, int64_t row);
double FloatAt(const TypedColumn& column, int64_t row);

}  // namespace eclusa
