// JSON objects that can be read in one way only. Pure functions.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace eclusa::jwt {

// Nothing where it is no JSON object in UTF-8, is nested deeper than 32, or some object in it names
// a member twice: which of the two counts is a matter of taste, and of attacks (RFC 8725, 2.6).
std::optional<boost::json::object> ParseStrictObject(std::string_view text);

}  // namespace eclusa::jwt
