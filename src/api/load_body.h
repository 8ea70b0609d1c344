// LoadBody: what a registration asks for, from its JSON to the words of a load.
//
// The same words as the command line's, each checked as there; an unknown field is refused, and
// every refusal names its place by a JSON pointer. Pure functions.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "contract/contract.h"
#include "core/result.h"
#include "request/load_flags.h"

namespace eclusa::api {

// The body as an object. api.syntax where it is none.
Result<boost::json::object> ParseBody(const std::string& body);

// A field that may be absent or null; api.field where it is of another type.
Result<std::optional<std::string>> TextField(const boost::json::object& body, const char* name);
Result<std::optional<int64_t>> NumberField(const boost::json::object& body, const char* name);
Result<std::optional<bool>> FlagField(const boost::json::object& body, const char* name);
Result<std::vector<std::string>> TextsField(const boost::json::object& body, const char* name);
// api.unknown_field for a field that is neither of `known` nor a tenant column.
Status CheckFields(const boost::json::object& body, const std::vector<std::string>& known);
// api.field for one of these that is there and says nothing: "", and null where `null_too`.
Status CheckNotEmpty(const boost::json::object& body, const std::vector<std::string>& names,
                     bool null_too = false);
Error FieldError(const std::string& name, const std::string& expected);

// The tenant columns of the contract with their values; all must be given.
Result<std::vector<std::string>> TenantFlags(const boost::json::object& body,
                                             const Contract& contract);
// The value of the contract's first tenant column, or of `tenant` where it has none; empty: not
// given.
Result<std::string> TenantOf(const boost::json::object& body, const Contract& contract);

struct LoadBody {
  LoadFlags flags;  // without files, contract and target
  std::vector<std::string> urls;
  std::vector<std::string> upload_ids;
  int16_t priority = 0;
};
Result<LoadBody> ReadLoadBody(const boost::json::object& body, const Contract& contract);
// The words of a form that brings its file with it, and `size` and `sha256`, which are the
// upload's.
Result<LoadBody> ReadLoadForm(const boost::json::object& body, const Contract& contract);

}  // namespace eclusa::api
