// POST {dataset}/_bulk/upload: a file and the words of its load in one form. POST /: the same,
// where the dataset is the one that the file's field is named after.
//
// Who calls is asked before the body comes. When the file begins, all words must have come: they
// are checked, and an upload is made as POST {dataset}/_bulk makes one. Its bytes go to the store
// as they come (to a file of this machine first where that is a bucket, which wants to know their
// number). With the last boundary the load is registered, in one transaction with the answer to an
// Idempotency-Key; what the key stands for is the words and the digest of the file. A file whose
// load is refused is removed; what a client leaves half sent is nothing, and its upload is swept.
#pragma once

#include <memory>

#include "api/service.h"
#include "core/result.h"
#include "http/message.h"

namespace eclusa::api {

Result<std::unique_ptr<http::BodySink>> ReceiveForm(Call& call);
// Answers with the splitter's document (api/splitter_status.h). Callers of a network may come in.
Result<std::unique_ptr<http::BodySink>> ReceiveNamedForm(Call& call);

}  // namespace eclusa::api
