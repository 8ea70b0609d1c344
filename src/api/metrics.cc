#include "api/metrics.h"

#include "api/endpoints.h"
#include "api/sql.h"
#include "model/codes.h"

namespace eclusa::api {
namespace {

std::string Page(const QueryResult& found) {
  std::string text;
  std::string last;
  for (int row = 0; row < found.rows(); ++row) {
    const std::string name(found.Text(row, 0));
    if (name != last) {
      text += "# HELP " + name + " " + std::string(found.Text(row, 1)) + "\n";
      text += "# TYPE " + name + " gauge\n";
      last = name;
    }
    text += name + std::string(found.Text(row, 2)) + " " + std::string(found.Text(row, 3)) + "\n";
  }
  return text;
}

Result<http::Response> Answer(ApiService& service, Connection& session) {
  http::Response answer;
  answer.headers = {{"Content-Type", "text/plain; version=0.0.4"}};
  answer.body = TRY(service.metrics.Read(session, service.config.workers_wanted));
  return answer;
}

}  // namespace

Result<std::string> MetricsPage::Read(Connection& session, const WorkersWanted& wanted) {
  const std::lock_guard lock(mutex_);
  if (Clock::now() < until_) return text_;
  text_ = Page(TRY(session.Query(
      std::string(sql::kSelectMetrics),
      {std::to_string(wanted.min), std::to_string(wanted.max), std::to_string(wanted.slots)})));
  until_ = Clock::now() + kValid;
  return text_;
}

Result<http::Response> Metrics(Call& call) {
  // It counts what is everybody's.
  if (call.caller.tenants || call.caller.datasets) {
    return Error(ErrorKind::kInvalid, code::api_whole_server);
  }
  return Answer(call.service, call.session);
}

Result<http::Response> OpenMetrics(ApiService& service, http::Request&) {
  auto session = TRY(service.sessions.Borrow());
  auto answer = Answer(service, *session);
  if (!answer.ok()) session.Spoil();
  return answer;
}

}  // namespace eclusa::api
