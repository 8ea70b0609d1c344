// What an upload is asked for with: whose it is, and what it claims to be.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "api/service.h"
#include "contract/contract.h"
#include "core/result.h"
#include "store/object_store.h"

namespace eclusa::api {

// The tenant that the body names, or the only one that the caller speaks for.
Result<std::string> TenantOfCall(const Call& call, const boost::json::object& body,
                                 const Contract& contract);

// Of one file: what the contract says, at most the server's own limit.
int64_t FileBytesMax(const ApiConfig& config, const Contract& contract);

// Of `size`, `sha256`, `content_type` and `parts`, within the limits of server and dataset; without
// the object's name.
Result<UploadClaims> ClaimsOf(const boost::json::object& body, const ApiConfig& config,
                              const Contract& contract);

}  // namespace eclusa::api
