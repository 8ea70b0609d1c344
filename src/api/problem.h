// Answers of the API: JSON, and problem documents (RFC 9457) in the caller's language.
//
// A problem has type, title, status, detail, hint, instance, code and trace_id, and nothing of the
// server's inside: no SQL, no stack, no path. Pure functions.
#pragma once

#include <boost/json/fwd.hpp>

#include "core/result.h"
#include "http/message.h"
#include "model/codes.h"

namespace eclusa::api {

// Of Accept-Language: pt or en, English where it says neither.
Language LanguageOf(const http::Request& request);

// 4xx or 5xx, by the error's code where that says more than its kind.
int StatusOf(const Error& error);

http::Response Problem(const Error& error, const http::Request& request);
// The same for what the server refuses by itself.
http::Response RefusalProblem(const http::Refusal& refusal, const http::Request& request);

http::Response JsonAnswer(int status, const boost::json::value& value);
http::Response JsonTextAnswer(int status, std::string text);

}  // namespace eclusa::api
