// Names in SQL text: quoting them, and reading a table's name as a user writes it.
//
// The only place where a name becomes part of a statement. Values never do: they travel as
// parameters or in COPY; QuoteLiteral is for the few places where the grammar takes no parameter
// (DDL, comments). Pure functions, safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "model/table.h"

namespace eclusa {

// Always in quotes, so that no list of reserved words is needed: "My Table", "select".
std::string QuoteIdentifier(std::string_view name);

// "schema"."name"; only "name" where the schema is empty.
std::string QuoteQualified(const TableName& name);

// 'it''s'; E'a\\b' where there is a backslash, whatever standard_conforming_strings says.
std::string QuoteLiteral(std::string_view text);

// Reads t, s.t, "My Schema"."T x". As in SQL, what stands outside quotes is folded to lower case
// and a quote inside quotes is written twice. The schema is empty where none is given (search_path
// decides). Errors: table.name (kInvalid), also for three parts and for parts over 63 bytes.
Result<TableName> ParseTableName(std::string_view text);

}  // namespace eclusa
