#include "store/s3_store.h"

#include <arrow/io/interfaces.h>

#include <charconv>

#include "io/decompress.h"
#include "io/sha256.h"
#include "model/codes.h"
#include "store/object_name.h"
#include "store/s3_reader.h"
#include "store/signing.h"

namespace eclusa {
namespace {

// S3's own limits.
constexpr int64_t kPartLeast = 5 << 20;
constexpr int64_t kRequestMost = int64_t{5} << 30;
constexpr std::chrono::seconds kValidMost = std::chrono::hours(7 * 24);
// A request that carries a file takes its time; one that stands still is ended earlier.
constexpr std::chrono::hours kTransferMost{6};

Error BadS3Claim(const char* claim, int64_t value) {
  return {ErrorKind::kInvalid,
          code::store_upload_claims,
          {{"claim", claim}, {"value", std::to_string(value)}}};
}

Error NotUnderstood() {
  return {ErrorKind::kUnavailable, code::store_unavailable, {{"detail", "not the XML of S3"}}};
}

Error UnknownS3Upload(const std::string& object, const std::string& upload_id) {
  return {ErrorKind::kNotFound,
          code::store_upload_unknown,
          {{"object", object}, {"upload", upload_id}}};
}

}  // namespace

Result<std::unique_ptr<S3Store>> S3Store::Open(S3Config config) {
  return std::unique_ptr<S3Store>(new S3Store(TRY(S3Connection::Open(std::move(config)))));
}

// --- uploads ---

Result<SignedUpload> S3Store::SignUpload(const UploadClaims& claims) {
  TRY(CheckUploadClaims(claims));
  const std::chrono::seconds valid = claims.expires - connection_->Now();
  if (valid <= std::chrono::seconds(0) || valid > kValidMost) {
    return BadS3Claim("expires", valid.count());
  }
  const int parts = UploadPartCount(claims, kPartLeast);
  const int64_t part_size = claims.size ? UploadPartSize(claims, kPartLeast) : 0;
  if (part_size > kRequestMost && claims.size.value_or(0) > kRequestMost) {
    return BadS3Claim("parts", claims.parts);
  }
  SignedUpload upload;
  upload.expires = claims.expires;
  S3Call call;
  call.method = "PUT";
  call.object = claims.object;
  if (parts == 1) {
    if (!claims.content_type.empty()) upload.headers = {{"Content-Type", claims.content_type}};
    if (!claims.sha256.empty()) {
      upload.headers.emplace_back("x-amz-checksum-sha256", Base64(FromHex(claims.sha256)));
    }
    call.headers = upload.headers;
    if (claims.size) call.headers.emplace_back("Content-Length", std::to_string(*claims.size));
    upload.urls.push_back(connection_->Presigned(call, claims.expires));
    return upload;
  }
  upload.upload_id = TRY(BeginParts(claims));
  upload.part_size = part_size;
  for (int part = 1; part <= parts; ++part) {
    call.query = {{"partNumber", std::to_string(part)}, {"uploadId", upload.upload_id}};
    if (claims.size) {
      const int64_t size = std::min(part_size, *claims.size - (part - 1) * part_size);
      call.headers = {{"Content-Length", std::to_string(size)}};
    }
    upload.urls.push_back(connection_->Presigned(call, claims.expires));
  }
  return upload;
}

Result<std::string> S3Store::BeginParts(const UploadClaims& claims) {
  S3Call call;
  call.method = "POST";
  call.object = claims.object;
  call.query = {{"uploads", ""}};
  if (!claims.content_type.empty()) call.headers = {{"Content-Type", claims.content_type}};
  const ClientResponse answer = TRY(connection_->Send(call));
  if (answer.status != 200) return S3Refusal("POST ?uploads", claims.object, answer);
  std::string upload_id = ReadS3UploadId(answer.body);
  if (upload_id.empty()) return NotUnderstood();
  return upload_id;
}

Result<ObjectStat> S3Store::CompleteUpload(const UploadClaims& claims, const std::string& upload_id,
                                           const std::stop_token& stop) {
  TRY(CheckUploadClaims(claims));
  if (upload_id.empty()) {
    const ObjectStat stat = TRY(Stat(claims.object));
    Status fits = CheckUploadedSize(claims, stat.size);
    if (fits.ok() && !claims.sha256.empty() && !stat.sha256.empty() &&
        stat.sha256 != claims.sha256) {
      fits =
          Error(ErrorKind::kInvalid, code::store_digest,
                {{"object", claims.object}, {"found", stat.sha256}, {"expected", claims.sha256}});
    }
    if (fits.ok()) return stat;
    TRY(Remove(claims.object));
    return std::move(fits).error();
  }
  const std::vector<S3Part> parts = TRY(Parts(claims.object, upload_id));
  const int count = UploadPartCount(claims, kPartLeast);
  int64_t size = 0;
  for (int part = 1; part <= count; ++part) {
    const auto at = static_cast<size_t>(part - 1);
    if (at >= parts.size() || parts[at].part.part != part) {
      return Error(ErrorKind::kInvalid, code::store_part_missing,
                   {{"object", claims.object},
                    {"part", std::to_string(part)},
                    {"parts", std::to_string(count)}});
    }
    size += parts[at].part.size;
  }
  if (Status fits = CheckUploadedSize(claims, size); !fits.ok()) {
    TRY(AbortUpload(claims.object, upload_id));
    return std::move(fits).error();
  }
  TRY(Join(claims.object, upload_id, parts, stop));
  return Stat(claims.object);
}

Status S3Store::Join(const std::string& object, const std::string& upload_id,
                     const std::vector<S3Part>& parts, const std::stop_token& stop) {
  S3Call call;
  call.method = "POST";
  call.object = object;
  call.query = {{"uploadId", upload_id}};
  call.headers = {{"Content-Type", "application/xml"}};
  call.body = S3CompletionBody(parts);
  const ClientResponse answer = TRY(connection_->Send(call, stop));
  // S3 begins its answer before it has done the work: a fault may come as 200.
  if (answer.status == 200 && S3FaultCode(answer).empty()) return Ok();
  if (S3FaultCode(answer) == "NoSuchUpload") return UnknownS3Upload(object, upload_id);
  if (answer.status == 200) {
    return Error(ErrorKind::kUnavailable, code::store_unavailable,
                 {{"detail", S3FaultCode(answer)}});
  }
  return S3Refusal("POST ?uploadId", object, answer);
}

Status S3Store::AbortUpload(const std::string& object, const std::string& upload_id) {
  TRY(CheckObjectName(object));
  if (upload_id.empty()) return UnknownS3Upload(object, upload_id);
  S3Call call;
  call.method = "DELETE";
  call.object = object;
  call.query = {{"uploadId", upload_id}};
  const ClientResponse answer = TRY(connection_->Send(call));
  if (answer.status == 204) return Ok();
  if (answer.status == 404) return UnknownS3Upload(object, upload_id);
  return S3Refusal("DELETE ?uploadId", object, answer);
}

Result<std::vector<S3Part>> S3Store::Parts(const std::string& object,
                                           const std::string& upload_id) {
  TRY(CheckObjectName(object));
  if (upload_id.empty()) return UnknownS3Upload(object, upload_id);
  std::vector<S3Part> parts;
  std::string marker;
  do {
    S3Call call;
    call.method = "GET";
    call.object = object;
    call.query = {{"uploadId", upload_id}};
    if (!marker.empty()) call.query.emplace_back("part-number-marker", marker);
    const ClientResponse answer = TRY(connection_->Send(call));
    if (answer.status == 404) return UnknownS3Upload(object, upload_id);
    if (answer.status != 200) return S3Refusal("GET ?uploadId", object, answer);
    S3PartPage page;
    if (!ReadS3Parts(answer.body, &page)) return NotUnderstood();
    parts.insert(parts.end(), page.parts.begin(), page.parts.end());
    marker = page.parts.empty() ? std::string() : page.next;
  } while (!marker.empty());
  return parts;
}

Result<std::vector<UploadedPart>> S3Store::UploadedParts(const std::string& object,
                                                         const std::string& upload_id) {
  std::vector<UploadedPart> parts;
  for (const S3Part& part : TRY(Parts(object, upload_id))) parts.push_back(part.part);
  return parts;
}

// --- objects ---

Result<ObjectStat> S3Store::Stat(const std::string& object) {
  TRY(CheckObjectName(object));
  S3Call call;
  call.method = "HEAD";
  call.object = object;
  call.headers = {{"x-amz-checksum-mode", "ENABLED"}};
  const ClientResponse answer = TRY(connection_->Send(call));
  if (answer.status != 200) return S3Refusal("HEAD", object, answer);
  ObjectStat stat;
  const std::string_view length = answer.Header("content-length");
  std::from_chars(length.data(), length.data() + length.size(), stat.size);
  stat.version = S3VersionOf(answer);
  stat.modified = ReadHttpTime(answer.Header("last-modified"));
  // Of an object in parts it is a digest of digests, with their number behind it.
  const std::string digest = FromBase64(answer.Header("x-amz-checksum-sha256"));
  if (digest.size() == 32) stat.sha256 = HexText(digest);
  return stat;
}

Result<std::shared_ptr<arrow::io::RandomAccessFile>> S3Store::OpenRandomAccess(
    const PinnedObject& pinned, const std::stop_token& stop) {
  TRY(CheckObjectName(pinned.object));
  return MakeRangeFile(TRY(S3Ranges::Open(*connection_, pinned, stop)), stop);
}

Result<std::unique_ptr<Input>> S3Store::OpenInput(const PinnedObject& pinned,
                                                  const std::stop_token& stop) {
  TRY(CheckObjectName(pinned.object));
  return Decompressed(MakeRangeInput(TRY(S3Ranges::Open(*connection_, pinned, stop)), stop),
                      pinned.object);
}

Result<ObjectStat> S3Store::Put(const std::string& object, const ObjectSource& source,
                                const std::stop_token& stop) {
  TRY(CheckObjectName(object));
  if (source.size > kRequestMost) return BadS3Claim("size", source.size);
  S3Call call;
  call.method = "PUT";
  call.object = object;
  if (!source.content_type.empty()) call.headers = {{"Content-Type", source.content_type}};
  if (!source.sha256.empty()) {
    call.headers.emplace_back("x-amz-checksum-sha256", Base64(FromHex(source.sha256)));
  }
  call.body_reader = source.read;
  call.body_size = source.size;
  call.limits.total = kTransferMost;
  const ClientResponse answer = TRY(connection_->Send(call, stop));
  if (S3FaultCode(answer) == "BadDigest") {
    return Error(ErrorKind::kInvalid, code::store_digest,
                 {{"object", object}, {"found", "another"}, {"expected", source.sha256}});
  }
  if (answer.status != 200) return S3Refusal("PUT", object, answer);
  // Of this very request: another one may have replaced it already.
  return ObjectStat{source.size, S3VersionOf(answer), source.sha256, connection_->Now()};
}

Status S3Store::Remove(const std::string& object) {
  TRY(CheckObjectName(object));
  S3Call call;
  call.method = "DELETE";
  call.object = object;
  const ClientResponse answer = TRY(connection_->Send(call));
  if (answer.status == 204 || answer.status == 200 || answer.status == 404) return Ok();
  return S3Refusal("DELETE", object, answer);
}

Status S3Store::List(const SweepScope& scope, const ObjectVisitor& visit) {
  std::string token;
  do {
    S3Call call;
    call.method = "GET";
    call.query = {{"list-type", "2"}, {"prefix", scope.prefix}};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    const ClientResponse answer = TRY(connection_->Send(call));
    if (answer.status != 200) return S3Refusal("GET ?list-type", scope.prefix, answer);
    S3ObjectPage page;
    if (!ReadS3Objects(answer.body, &page)) return NotUnderstood();
    for (const ListedObject& listed : page.objects) {
      // The bucket may hold what is not ours.
      if (IsObjectName(listed.object) && listed.modified < scope.before) TRY(visit(listed));
    }
    token = page.objects.empty() ? std::string() : page.next;
  } while (!token.empty());
  return Ok();
}

Status S3Store::ListUnfinished(const SweepScope& scope, const UploadVisitor& visit) {
  std::string key;
  std::string upload;
  do {
    S3Call call;
    call.method = "GET";
    call.query = {{"uploads", ""}, {"prefix", scope.prefix}};
    if (!key.empty()) {
      call.query.emplace_back("key-marker", key);
      call.query.emplace_back("upload-id-marker", upload);
    }
    const ClientResponse answer = TRY(connection_->Send(call));
    if (answer.status != 200) return S3Refusal("GET ?uploads", scope.prefix, answer);
    S3UploadPage page;
    if (!ReadS3Uploads(answer.body, &page)) return NotUnderstood();
    for (const UnfinishedUpload& listed : page.uploads) {
      if (IsObjectName(listed.object) && listed.started < scope.before) TRY(visit(listed));
    }
    key = page.uploads.empty() ? std::string() : page.next_key;
    upload = page.next_upload;
  } while (!key.empty());
  return Ok();
}

}  // namespace eclusa
