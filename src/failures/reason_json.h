// Reasons as the JSON that eclusa.failures keeps, and back.
//
// [{"code", "column", "value", "rule", "message", "arguments": {...}}]; the message is English, for
// those who query the table; eclusa itself shows the code's text in the language asked for. Text
// that PostgreSQL could not hold is replaced (control/error_json.h, FitText).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/codes.h"
#include "model/reason.h"

namespace eclusa {

std::string ReasonsToJson(const std::vector<Reason>& reasons);
// Leaves out what it does not understand.
std::vector<Reason> ReasonsFromJson(std::string_view json);
// One reason: an element of that array.
Reason ReasonFromJson(std::string_view json);

// For `_eclusa_errors`: "price: text (type.decimal) | ..." in the language.
std::string DescribeReasons(const std::vector<Reason>& reasons, Language language);

}  // namespace eclusa
