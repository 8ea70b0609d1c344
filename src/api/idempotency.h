// Idempotency-Key: the same request again gets the first one's answer.
//
// What the endpoint does and the answer to the key are one transaction: either both are there or
// neither, whenever the server dies. Source: the IETF draft "The Idempotency-Key HTTP Header
// Field". Kept seven days. The same key with another request: 422 (api.key_reused); while the first
// still runs: 409 (api.key_in_use). What was answered 5xx, or never, may be tried again. Threads:
// as the call's session.
#pragma once

#include <string>

#include "api/service.h"
#include "core/result.h"

namespace eclusa::api {

// Without the header it is the transaction alone.
Result<http::Response> AnswerOnce(Call& call, const Endpoint& endpoint);

}  // namespace eclusa::api
