// The values that contracts write as words, and decimals as text. Inside of this module.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "model/table.h"

namespace eclusa {

std::string_view Name(LogicalType type);
std::optional<LogicalType> ParseLogicalType(std::string_view text);

std::string_view Name(DocumentFormat format);  // "" for kNone
std::optional<DocumentFormat> ParseDocumentFormat(std::string_view text);

// The word of ODCS or of a metric that a rule comes from: "maxLength", "validValues".
std::string_view Name(Rule::Kind kind);

// A table as a contract writes it, read as SQL reads it: t, s.t, "My Schema"."T x". Nothing: not
// such.
std::optional<TableName> ReadTableName(std::string_view text);
// In quotes where ReadTableName would not give the same name back.
std::string WriteTableName(const TableName& name);

// [-+]digits[.digits], at least one digit, no exponent, at most 1000 characters.
bool IsDecimal(std::string_view text);
// -1, 0, 1. Both must be decimals. Exact, whatever their length.
int CompareDecimals(std::string_view left, std::string_view right);

std::string WriteTolerance(const Tolerance& tolerance);  // "10", "2.5%", "unlimited"

// PostgreSQL's INDEX_MAX_KEYS.
inline constexpr int kKeyColumnsMax = 32;
// Property::key_position while it is read: of the key, its place to be counted.
inline constexpr int kPositionNotGiven = kKeyColumnsMax + 1;

}  // namespace eclusa
