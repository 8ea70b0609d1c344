#include "store/sigv4.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "io/sha256.h"
#include "store/signing.h"

namespace eclusa {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string LowerName(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return name;
}

std::string Day(const S3Signer& signer) { return fmt::format("{:%Y%m%d}", signer.time); }
std::string Moment(const S3Signer& signer) { return fmt::format("{:%Y%m%dT%H%M%SZ}", signer.time); }
std::string Scope(const S3Signer& signer) {
  return Day(signer) + "/" + signer.region + "/s3/aws4_request";
}

ClientHeaders Sorted(const ClientHeaders& headers) {
  ClientHeaders sorted;
  for (const auto& [name, value] : headers) sorted.emplace_back(LowerName(name), value);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::string Names(const ClientHeaders& sorted) {
  std::string names;
  for (const auto& [name, value] : sorted) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string Signature(const S3Signer& signer, const S3Request& request,
                      const ClientHeaders& sorted) {
  std::string canonical = request.method + "\n" + UriEncode(request.path, true) + "\n" +
                          EncodedQuery(request.query) + "\n";
  for (const auto& [name, value] : sorted) canonical += name + ":" + value + "\n";
  canonical += "\n" + Names(sorted) + "\n" + request.payload;

  const std::string text = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, Moment(signer), Scope(signer),
                                       HexText(Sha256::Of(canonical)));
  std::string key = HmacSha256("AWS4" + signer.key.secret_key, Day(signer));
  for (const std::string& step : {signer.region, std::string("s3"), std::string("aws4_request")}) {
    key = HmacSha256(key, step);
  }
  return HexText(HmacSha256(key, text));
}

}  // namespace

std::string EncodedQuery(S3Query query) {
  for (auto& [name, value] : query) {
    name = UriEncode(name);
    value = UriEncode(value);
  }
  std::sort(query.begin(), query.end());
  std::string encoded;
  for (const auto& [name, value] : query) {
    encoded += fmt::format("{}{}={}", encoded.empty() ? "" : "&", name, value);
  }
  return encoded;
}

ClientHeaders SignHeaders(const S3Signer& signer, const S3Request& request) {
  ClientHeaders headers = request.headers;
  headers.emplace_back("x-amz-date", Moment(signer));
  headers.emplace_back("x-amz-content-sha256", request.payload);
  if (!signer.key.session_token.empty()) {
    headers.emplace_back("x-amz-security-token", signer.key.session_token);
  }
  const ClientHeaders sorted = Sorted(headers);
  headers.emplace_back("Authorization",
                       fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                                   signer.key.access_key, Scope(signer), Names(sorted),
                                   Signature(signer, request, sorted)));
  return headers;
}

std::string PresignQuery(const S3Signer& signer, const S3Request& request,
                         std::chrono::seconds valid) {
  const ClientHeaders sorted = Sorted(request.headers);
  S3Request all = request;
  all.payload = "UNSIGNED-PAYLOAD";
  all.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  all.query.emplace_back("X-Amz-Credential", signer.key.access_key + "/" + Scope(signer));
  all.query.emplace_back("X-Amz-Date", Moment(signer));
  all.query.emplace_back("X-Amz-Expires", std::to_string(valid.count()));
  if (!signer.key.session_token.empty()) {
    all.query.emplace_back("X-Amz-Security-Token", signer.key.session_token);
  }
  all.query.emplace_back("X-Amz-SignedHeaders", Names(sorted));
  const std::string signature = Signature(signer, all, sorted);
  return EncodedQuery(all.query) + "&X-Amz-Signature=" + signature;
}

}  // namespace eclusa
