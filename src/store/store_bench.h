// StoreBench: an object store of one test and a client that uploads to it. For tests only.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "http/client.h"
#include "io/sha256.h"
#include "io/test_folder.h"
#include "model/codes.h"
#include "store/local_store.h"
#include "store/object_name.h"
#include "store/s3_store.h"

namespace eclusa {

inline std::chrono::sys_seconds TestNow() {
  return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

class StoreBench {
 public:
  virtual ~StoreBench() = default;
  virtual ObjectStore& store() = 0;
  // Sends the body as a client would; whether it was taken.
  virtual bool Send(const std::string& url, const ClientHeaders& headers, const std::string& body,
                    const std::string& method) = 0;
  // Announces one byte more than it has, and goes.
  virtual bool SendCutShort(const std::string& url, const ClientHeaders& headers,
                            const std::string& body) = 0;
  // Like SignUpload a long time ago: the URLs have expired.
  virtual SignedUpload SignExpired(const UploadClaims& claims) = 0;

  bool Put(const std::string& url, const ClientHeaders& headers, const std::string& body) {
    return Send(url, headers, body, "PUT");
  }
};

class LocalBench final : public StoreBench {
 public:
  LocalBench() : store_(Open(TestNow)) {}

  ObjectStore& store() override { return *store_; }
  bool Send(const std::string& url, const ClientHeaders& headers, const std::string& body,
            const std::string& method) override {
    return Upload(url, headers, {body, method, body.size()});
  }
  bool SendCutShort(const std::string& url, const ClientHeaders& headers,
                    const std::string& body) override {
    return Upload(url, headers, {body, "PUT", body.size() + 1});
  }
  SignedUpload SignExpired(const UploadClaims& claims) override {
    UploadClaims old = claims;
    old.expires = TestNow() - std::chrono::seconds(1);
    return store_->SignUpload(old).value();
  }

 private:
  struct Body {
    const std::string& bytes;
    std::string method;
    size_t announced;
  };

  std::unique_ptr<LocalStore> Open(std::chrono::sys_seconds (*now)()) {
    return LocalStore::Open(
               {folder_.At("store"), kBase, {{"k1", "0123456789abcdef0123456789abcdef"}}, now})
        .value();
  }

  // What the server does with a request.
  bool Upload(const std::string& url, const ClientHeaders& headers, const Body& body) {
    UploadAttempt attempt;
    attempt.method = body.method;
    const size_t question = url.find('?');
    CHECK(url.starts_with(kBase) && question != url.npos);
    attempt.object = url.substr(kBase.size(), question - kBase.size());
    attempt.query = url.substr(question + 1);
    attempt.content_length = static_cast<int64_t>(body.announced);
    for (const auto& [name, value] : headers) {
      if (name == "Content-Type") attempt.content_type = value;
    }
    auto grant = store_->VerifyUpload(attempt);
    if (!grant.ok()) return false;
    auto sink = store_->Receive(*std::move(grant));
    if (!sink.ok()) return false;
    constexpr size_t kPiece = 64 << 10;
    for (size_t at = 0; at < body.bytes.size(); at += kPiece) {
      if (!sink->Write(std::string_view{body.bytes}.substr(at, kPiece)).ok()) return false;
    }
    if (body.announced != body.bytes.size()) return false;  // the connection is gone
    return std::move(*sink).Finish().ok();
  }

  inline static const std::string kBase = "http://server.example/uploads/";
  const TestFolder folder_;
  std::unique_ptr<LocalStore> store_;
};

class S3Bench final : public StoreBench {
 public:
  // A bucket of its own; with versions where asked for.
  explicit S3Bench(bool versions = false) : config_(Config("b-" + RandomHex(8))) {
    const auto connection = S3Connection::Open(config_).value();
    S3Call call;
    call.method = "PUT";
    CHECK(connection->Send(call).value().status == 200);
    if (versions) {
      call.query = {{"versioning", ""}};
      call.body =
          "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
          "<Status>Enabled</Status></VersioningConfiguration>";
      CHECK(connection->Send(call).value().status == 200);
    }
    store_ = S3Store::Open(config_).value();
  }

  static S3Config Config(const std::string& bucket) {
    const auto value = [](const char* name) {
      const char* text = std::getenv(name);
      CHECK(text != nullptr);  // run it under tools/with_s3.sh
      return std::string(text);
    };
    S3Config config;
    config.endpoint = value("ECLUSA_TEST_S3");
    config.region = "us-east-1";
    config.bucket = bucket;
    config.key = {value("ECLUSA_TEST_S3_ACCESS"), value("ECLUSA_TEST_S3_SECRET"), ""};
    config.path_style = true;
    return config;
  }
  const S3Config& config() const { return config_; }

  ObjectStore& store() override { return *store_; }
  bool Send(const std::string& url, const ClientHeaders& headers, const std::string& body,
            const std::string& method) override {
    ClientRequest request;
    request.method = method;
    request.url = url;
    request.headers = headers;
    request.body = body;
    const auto answer = client_.Send(request);
    return answer.ok() && answer.value().status == 200;
  }
  bool SendCutShort(const std::string& url, const ClientHeaders& headers,
                    const std::string& body) override {
    ClientRequest request;
    request.method = "PUT";
    request.url = url;
    request.headers = headers;
    request.body_size = static_cast<int64_t>(body.size()) + 1;
    size_t at = 0;
    request.body_reader = [&](std::span<char> out) -> Result<size_t> {
      if (at == body.size()) return Error(ErrorKind::kUnavailable, code::file_read_failed);
      const size_t count = std::min(out.size(), body.size() - at);
      body.copy(out.data(), count, at);
      at += count;
      return count;
    };
    const auto answer = client_.Send(request);
    return answer.ok() && answer.value().status == 200;
  }
  SignedUpload SignExpired(const UploadClaims& claims) override {
    S3Config old = config_;
    old.now = [] { return TestNow() - std::chrono::hours(2); };
    UploadClaims expired = claims;
    expired.expires = TestNow() - std::chrono::hours(1);
    return S3Store::Open(old).value()->SignUpload(expired).value();
  }

 private:
  S3Config config_;
  std::unique_ptr<S3Store> store_;
  HttpClient client_;
};

}  // namespace eclusa
