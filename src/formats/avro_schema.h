// AvroSchema: the schema of an Avro file, as a graph of types.
//
// Read from the JSON of the file's header. Named types are resolved, so that a type may be reached
// in several ways, and from itself (a recursive record, through a union, array or map). A logical
// type that does not fit its type is left out, as the specification wants it; so is one that is not
// known. Source: Apache Avro 1.12 specification. Bounds: 100,000 types, 64 levels. A field that
// carries `eclusa.name` is called that (avro_sink.h). Errors: avro.schema. Immutable once read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace eclusa {

struct AvroType;

struct AvroField {
  std::string name;
  const AvroType* type = nullptr;
};

struct AvroType {
  enum class Kind : uint8_t {
    kNull,
    kBoolean,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kBytes,
    kString,
    kRecord,
    kEnum,
    kFixed,
    kArray,
    kMap,
    kUnion,
  };
  enum class Logical : uint8_t {
    kNone,
    kDecimal,
    kDate,
    kTimeMillis,
    kTimeMicros,
    kTimestampMillis,
    kTimestampMicros,
    kTimestampNanos,
    kLocalTimestampMillis,
    kLocalTimestampMicros,
    kLocalTimestampNanos,
  };
  Kind kind = Kind::kNull;
  Logical logical = Logical::kNone;
  int32_t precision = 0;             // kDecimal
  int32_t scale = 0;                 // kDecimal
  int32_t size = 0;                  // kFixed
  std::string name;                  // kRecord, kEnum, kFixed: with its namespace
  std::vector<std::string> symbols;  // kEnum
  std::vector<AvroField> fields;     // kRecord
  std::vector<const AvroType*> of;   // kArray, kMap: the item; kUnion: the branches
  int64_t bytes_min = 0;             // of the shortest value; 0: all values are empty

  // Union of null and one other: that one, and which branch null is; else null.
  const AvroType* Optional(int* null_branch) const;
  // "map", "union of string, long": for messages.
  std::string Describe() const;
};

class AvroSchema {
 public:
  // `path` stands in errors.
  static Result<AvroSchema> Parse(std::string_view json, const std::string& path);
  // What each value of the file is.
  const AvroType& root() const { return *root_; }

 private:
  friend class AvroSchemaParser;
  std::vector<std::unique_ptr<AvroType>> types_;  // all; they refer to each other
  const AvroType* root_ = nullptr;
};

}  // namespace eclusa
