#include "api/form_upload.h"

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <set>

#include "api/file_receiver.h"
#include "api/idempotency.h"
#include "api/load_body.h"
#include "api/multipart.h"
#include "api/problem.h"
#include "api/registration.h"
#include "api/splitter_status.h"
#include "api/upload_words.h"
#include "api/uploads.h"
#include "http/target.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

namespace json = boost::json;

constexpr size_t kFieldsMax = 64;
constexpr size_t kFieldBytesMax = 64 << 10;

Error Malformed(const std::string& detail) {
  return {ErrorKind::kInvalid, code::api_multipart, {{"detail", detail}}};
}

using Fields = std::vector<std::pair<std::string, std::string>>;

// A text as the JSON of a registration would have it; one that is not of its kind stays a text,
// which is refused there.
json::value ValueOf(const std::string& name, const std::string& text) {
  static const std::set<std::string, std::less<>> flags = {"again", "dry_run"};
  static const std::set<std::string, std::less<>> numbers = {"min_rows", "priority",
                                                             "rows_per_part", "size"};
  if (flags.contains(name) && (text == "true" || text == "false")) return text == "true";
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, failed] = std::from_chars(text.data(), end, number);
  if (numbers.contains(name) && failed == std::errc() && stopped == end) return number;
  return json::value(text);
}

Result<json::object> WordsOf(const Fields& fields) {
  json::object words;
  for (const auto& [name, text] : fields) {
    json::value* known = words.if_contains(name);
    if (name == "filter") {
      if (known == nullptr) words[name] = json::array();
      words[name].as_array().push_back(json::value(text));
    } else if (known != nullptr) {
      return FieldError(name, "1 x");
    } else {
      words[name] = ValueOf(name, text);
    }
  }
  return words;
}

class FormUpload final : public http::BodySink, private PartReceiver {
 public:
  // Without a dataset: the one that the file's field names.
  FormUpload(const Call& call, std::optional<Dataset> dataset, const std::string& boundary)
      : service_(call.service),
        request_(call.request),
        caller_(call.caller),
        dataset_(std::move(dataset)),
        named_(!dataset_),
        multipart_(boundary, *this) {}

  Result<std::optional<http::Response>> Write(std::string_view bytes) override {
    TRY(multipart_.Write(bytes));
    return std::optional<http::Response>();
  }

  Result<http::Response> Finish() override {
    TRY(multipart_.Finish());
    if (!file_ended_) return Malformed("no file");
    const std::string sha256 = TRY(file_->Finish());
    bool registered = false;
    auto answer = InCall(service_, request_, caller_, [&](Call& call) -> Result<http::Response> {
      // What the key stands for.
      request_.body = dataset_->name + json::serialize(words_) + upload_.file_name + sha256;
      return AnswerOnce(call, [&](Call& once) -> Result<http::Response> {
        load_.flags.stored = {
            TRY(PinUpload(once.session, *service_.store, upload_, request_.stop))};
        load_.flags.contract_text = dataset_->text;
        load_.flags.database = service_.targets.NameFor(dataset_->name, upload_.tenant);
        const EnqueuedJob job = TRY(Register(
            once, {.flags = load_.flags, .tenant = upload_.tenant, .priority = load_.priority}));
        http::Response accepted = TRY(named_ ? AcceptedSplit(once, job) : Accepted(once, job));
        registered = true;
        return accepted;
      });
    });
    // A commit whose answer was lost may have happened; all others have not.
    const bool unsure = !answer.ok() && answer.error().kind() == ErrorKind::kCommitUnknown;
    if (!unsure && (!registered || !answer.ok()))
      TRY(service_.store->Remove(upload_.claims.object));
    return answer;
  }

 private:
  Status Begin(PartHead head) override {
    if (file_ != nullptr) return Malformed("a part behind the file");
    if (head.file_name) {
      if (named_) {
        TRY(FindDataset(head.name));
      } else if (head.name != "file") {
        return FieldError(head.name, "file=@...");
      }
      return BeginFile(*head.file_name);
    }
    if (fields_.size() == kFieldsMax) return Malformed("more than 64 fields");
    fields_.emplace_back(std::move(head.name), "");
    return Ok();
  }

  Status Take(std::string_view bytes) override {
    if (file_ != nullptr) return file_->Write(bytes);
    std::string& text = fields_.back().second;
    if (text.size() + bytes.size() > kFieldBytesMax)
      return Malformed("a field of more than 64 KiB");
    text += bytes;
    return Ok();
  }

  Status End() override {
    file_ended_ = file_ != nullptr;
    if (!file_ended_ && !http::IsUtf8(fields_.back().second)) {
      return Malformed("a field that is not UTF-8");
    }
    return Ok();
  }

  // A dataset that the caller does not see is not there.
  Status FindDataset(const std::string& name) {
    const auto found =
        InCall(service_, request_, caller_, [&](Call& call) -> Result<http::Response> {
          if (!caller_.Sees(name)) {
            return Error(ErrorKind::kNotFound, code::api_no_dataset, {{"dataset", name}});
          }
          dataset_ = TRY(service_.datasets.FindByName(call.session, name));
          return http::Response();
        });
    if (!found.ok()) return found.error();
    if (caller_.FromNetwork()) caller_ = *service_.open.CallerOf(name, request_.peer);
    return Ok();
  }

  // A caller of a network that is open for one tenant need not name it.
  void AddTenant() {
    const std::vector<std::string>& columns = dataset_->contract->tenant_columns;
    if (!caller_.FromNetwork() || caller_.tenants->size() != 1 || columns.empty()) return;
    if (!words_.contains(columns.front())) words_[columns.front()] = caller_.tenants->front();
  }

  Status BeginFile(const std::string& name) {
    words_ = TRY(WordsOf(fields_));
    AddTenant();
    load_ = TRY(ReadLoadForm(words_, *dataset_->contract));
    upload_.dataset = dataset_->name;
    upload_.file_name = name;
    upload_.token_id = caller_.token_id;
    upload_.claims = TRY(ClaimsOf(words_, service_.config, *dataset_->contract));
    const auto made =
        InCall(service_, request_, caller_, [&](Call& call) -> Result<http::Response> {
          upload_.tenant = TRY(TenantOfCall(call, words_, *dataset_->contract));
          // With a key it may have been registered already, and is no new one.
          if (request_.headers.Find("Idempotency-Key") == nullptr) {
            TRY(CheckQueue(call, upload_.tenant));
          }
          upload_ = TRY(InsertUpload(call.session, upload_, service_.config.upload_valid));
          TRY(CheckUploadClaims(upload_.claims));
          return http::Response();
        });
    if (!made.ok()) return made.error();
    file_ = TRY(ReceiveFile(service_, upload_.claims));
    return Ok();
  }

  ApiService& service_;
  http::Request& request_;
  Caller caller_;
  std::optional<Dataset> dataset_;
  const bool named_;
  Multipart multipart_;

  Fields fields_;
  json::object words_;
  LoadBody load_;
  UploadRecord upload_;
  std::unique_ptr<FileReceiver> file_;  // once it has begun
  bool file_ended_ = false;
};

Result<std::unique_ptr<http::BodySink>> Receive(Call& call, std::optional<Dataset> dataset) {
  const std::string* type = call.request.headers.Find("Content-Type");
  if (type == nullptr) return Malformed("no Content-Type");
  const std::string boundary = TRY(BoundaryOf(*type));
  return std::unique_ptr<http::BodySink>(
      std::make_unique<FormUpload>(call, std::move(dataset), boundary));
}

}  // namespace

Result<std::unique_ptr<http::BodySink>> ReceiveForm(Call& call) {
  return Receive(call, TRY(call.FindDataset()));
}

Result<std::unique_ptr<http::BodySink>> ReceiveNamedForm(Call& call) { return Receive(call, {}); }

}  // namespace eclusa::api
