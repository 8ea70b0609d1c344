// AvroEncoder: rows of Arrow as Avro records.
//
//   bool boolean · int8, int16, uint8, uint16, int32 int · uint32, int64 long · uint64
//   decimal(20,0) · float, double · utf8 string · binary bytes · fixed_size_binary fixed · decimals
//   decimal on bytes · date32 date · time32 in milliseconds, time64 in microseconds time-millis,
//   time-micros · timestamps timestamp-* with a zone, local-timestamp-* without · struct record ·
//   list array · null null
//
// Everything else (times in other units, timestamps in seconds, durations, decimals with a negative
// scale) is written as its text (value_text.h), so that no value is bent. Each type is a union of
// null and itself. A name that is none in Avro has its other characters replaced by _, and stands
// whole under `eclusa.name`, which our Source reads. Threads: any, once made.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace eclusa {

// The schema of records with these columns, as Avro writes it.
std::string AvroSchemaJson(const arrow::Schema& schema);

// Appends one row; the batch has that schema.
void AppendAvroRow(const arrow::RecordBatch& batch, int64_t row, std::string& out);

void AppendAvroLong(int64_t value, std::string& out);
void AppendAvroBytes(std::string_view bytes, std::string& out);

}  // namespace eclusa
