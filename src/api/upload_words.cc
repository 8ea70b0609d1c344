#include "api/upload_words.h"

#include <algorithm>
#include <boost/json.hpp>

#include "api/load_body.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

constexpr int kPartsMax = 10'000;

}  // namespace

namespace json = boost::json;

Result<std::string> TenantOfCall(const Call& call, const json::object& body,
                                 const Contract& contract) {
  std::string tenant = TRY(TenantOf(body, contract));
  const auto& own = call.caller.tenants;
  if (tenant.empty() && own && own->size() == 1) tenant = own->front();
  if (!call.caller.Speaks(tenant)) {
    return Error(ErrorKind::kInvalid, code::api_tenant_not_allowed, {{"tenant", tenant}});
  }
  return tenant;
}

int64_t FileBytesMax(const ApiConfig& config, const Contract& contract) {
  return std::min(config.upload_bytes_max,
                  contract.max_file_bytes.value_or(config.upload_bytes_max));
}

Result<UploadClaims> ClaimsOf(const json::object& body, const ApiConfig& config,
                              const Contract& contract) {
  const int64_t limit = FileBytesMax(config, contract);
  UploadClaims claims;
  claims.size = TRY(NumberField(body, "size"));
  TRY(CheckNotEmpty(body, {"sha256", "content_type"}));
  claims.sha256 = TRY(TextField(body, "sha256")).value_or("");
  claims.content_type = TRY(TextField(body, "content_type")).value_or("");
  claims.max_size = limit;
  if (claims.size && *claims.size > limit) {
    return Error(ErrorKind::kInvalid, code::store_too_large,
                 {{"limit", std::to_string(limit)}, {"pointer", "/size"}});
  }
  const int64_t parts = TRY(NumberField(body, "parts")).value_or(1);
  if (parts < 1 || parts > kPartsMax) return FieldError("parts", "1 ... 10000");
  claims.parts = static_cast<int>(parts);
  return claims;
}

}  // namespace eclusa::api
