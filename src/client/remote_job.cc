#include "client/remote_job.h"

#include <boost/json.hpp>

#include "model/codes.h"

namespace eclusa::client {
namespace {

namespace json = boost::json;

// An object whose fields may be missing or null.
class Fields {
 public:
  explicit Fields(const json::value& value)
      : object_(value.is_object() ? &value.get_object() : nullptr) {}
  explicit Fields(const json::object& object) : object_(&object) {}

  std::string Text(std::string_view name) const {
    const json::value* value = Find(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
  }
  std::optional<int64_t> MaybeNumber(std::string_view name) const {
    const json::value* value = Find(name);
    if (value == nullptr || !value->is_int64()) return std::nullopt;
    return value->get_int64();
  }
  int64_t Number(std::string_view name) const { return MaybeNumber(name).value_or(0); }
  bool Flag(std::string_view name) const {
    const json::value* value = Find(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  }
  const json::array& Items(std::string_view name) const {
    static const json::array kNone;
    const json::value* value = Find(name);
    return value != nullptr && value->is_array() ? value->get_array() : kNone;
  }
  std::vector<std::string> Texts(std::string_view name) const {
    std::vector<std::string> texts;
    for (const json::value& item : Items(name)) {
      if (item.is_string()) texts.emplace_back(item.get_string());
    }
    return texts;
  }
  // Nothing: null, or not there.
  std::optional<Fields> Object(std::string_view name) const {
    const json::value* value = Find(name);
    if (value == nullptr || !value->is_object()) return std::nullopt;
    return Fields(value->get_object());
  }
  const json::object& object() const { return *object_; }

 private:
  const json::value* Find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  const json::object* object_;
};

OutcomeCounts CountsOf(const Fields& fields) {
  return {.read = fields.Number("read"),
          .inserted = fields.Number("inserted"),
          .updated = fields.Number("updated"),
          .unchanged = fields.Number("unchanged"),
          .deleted = fields.Number("deleted"),
          .superseded = fields.Number("superseded"),
          .duplicate = fields.Number("duplicate"),
          .waiting = fields.Number("waiting"),
          .failed = fields.Number("failed"),
          .skipped = fields.Number("skipped"),
          .removed = fields.Number("removed"),
          .cascaded = fields.Number("cascaded")};
}

FileReport FileOf(const Fields& file) {
  return {.path = file.Text("path"),
          .format = file.Text("format"),
          .detail = file.Text("detail"),
          .encoding = file.Text("encoding"),
          .encoding_basis = file.Text("encoding_basis"),
          .bytes = file.Number("bytes"),
          .read = file.Number("read"),
          .applied = file.Number("applied"),
          .failed = file.Number("failed")};
}

Cause CauseOf(const Fields& fields) {
  Cause cause{.code = fields.Text("code"),
              .column = fields.Text("column"),
              .count = fields.Number("count"),
              .sample = {},
              .sample_place = {}};
  const std::optional<Fields> sample = fields.Object("sample");
  if (!sample) return cause;
  cause.sample = {.code = cause.code,
                  .column = cause.column,
                  .value = sample->Text("value"),
                  .rule = sample->Text("rule"),
                  .path = sample->Text("path"),
                  .arguments = {{std::string(kSaidText), sample->Text("message")},
                                {std::string(kSaidHint), sample->Text("hint")}}};
  cause.sample_place.file = static_cast<int32_t>(sample->Number("file"));
  cause.sample_place.row = sample->Number("row");
  cause.sample_place.line = sample->Number("line");
  return cause;
}

LoadReport ReportOf(const Fields& fields) {
  LoadReport report;
  report.state = ParseJobState(fields.Text("state")).value_or(JobState::kFailed);
  report.target = fields.Text("target");
  report.mode = fields.Text("mode");
  report.dry_run = fields.Flag("dry_run");
  if (const auto counts = fields.Object("outcomes")) report.outcomes = CountsOf(*counts);
  for (const json::value& table : fields.Items("tables")) {
    const Fields one(table);
    TableReport& added = report.tables.emplace_back(
        TableReport{.list = one.Text("list"), .target = one.Text("target"), .outcomes = {}});
    if (const auto counts = one.Object("outcomes")) added.outcomes = CountsOf(*counts);
  }
  for (const json::value& file : fields.Items("files")) {
    report.files.push_back(FileOf(Fields(file)));
  }
  for (const json::value& cause : fields.Items("causes")) {
    report.causes.push_back(CauseOf(Fields(cause)));
  }
  for (const json::value& warning : fields.Items("warnings")) {
    const Fields one(warning);
    report.warnings.push_back({.counter = one.Text("counter"), .count = one.Number("count")});
  }
  report.unknown_columns = fields.Texts("unknown_columns");
  report.advice = fields.Texts("advice");
  report.closed_failures = fields.Number("closed_failures");
  report.judgements = static_cast<int>(fields.Number("judgements"));
  report.duration_ms = fields.Number("duration_ms");
  if (const auto phases = fields.Object("phases")) {
    for (const auto& [name, spent] : phases->object()) {
      if (spent.is_int64()) report.phases_ms.emplace_back(name, spent.get_int64());
    }
  }
  return report;
}

std::optional<Error> ErrorOf(const Fields& fields, bool canceled) {
  const std::optional<Fields> error = fields.Object("error");
  const ErrorKind kind = canceled ? ErrorKind::kCancelled : ErrorKind::kInvalid;
  if (!error || error->Text("code").empty()) return std::nullopt;
  return Error(kind, error->Text("code"),
               {{std::string(kSaidText), error->Text("message")},
                {std::string(kSaidHint), error->Text("hint")}});
}

}  // namespace

Result<RemoteJob> ReadRemoteJob(const json::object& document) {
  const Fields fields(document);
  RemoteJob job{.id = fields.Text("id"),
                .parent_id = fields.Text("parent_id"),
                .dataset_path = fields.Text("dataset_path"),
                .tenant = fields.Text("tenant"),
                .state = fields.Text("state"),
                .message = fields.Text("message"),
                .created_at = fields.Text("created_at"),
                .finished_at = fields.Text("finished_at"),
                .position_in_queue = fields.MaybeNumber("position_in_queue"),
                .retry = {},
                .duration_ms = fields.MaybeNumber("duration_ms"),
                .counts = {},
                .open_failures = fields.Number("open_failures"),
                .error = {},
                .reported = false,
                .report = ReportOf(fields)};
  if (job.id.empty() || job.state.empty()) {
    return Error(ErrorKind::kInvalid, code::client_answer,
                 {{"host", "the server"}, {"detail", "no id, no state"}});
  }
  if (const auto retry = fields.Object("retry")) {
    job.retry = {retry->Number("tries"), retry->Text("at"), retry->Text("why")};
  }
  if (fields.Object("outcomes")) job.counts = job.report.outcomes;
  job.error = ErrorOf(fields, job.state == Name(JobState::kCanceled));
  job.reported = job.ended() && !job.report.files.empty();
  return job;
}

}  // namespace eclusa::client
