// Which media type an answer has, by the request's Accept, and which a body may have.
//
// What a call can answer with stands in one table; /openapi.json says the same, and a test compares
// them. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "http/message.h"

namespace eclusa::api {

// Of an operation of the router: the first is what a caller without a wish gets.
const std::vector<std::string_view>& AnswerTypes(std::string_view operation);

// The one of AnswerTypes that the caller likes best. api.not_acceptable where there is none.
Result<std::string_view> ChooseAnswerType(const http::Request& request);

// api.media_type for a body that says that it is not JSON. A body that says nothing is taken as it.
Status CheckJsonBody(const http::Request& request);

}  // namespace eclusa::api
