#include "client/remote_job.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "model/codes.h"

namespace eclusa::client {
namespace {

Result<RemoteJob> Read(const char* text) {
  return ReadRemoteJob(boost::json::parse(text).as_object());
}

TEST(RemoteJob, ReadsWhatAReportNeeds) {
  const RemoteJob job = Read(R"({"id":"a-b","parent_id":"c","dataset_path":"/x/y","tenant":"47",
    "state":"SUCCEEDED_WITH_FAILURES","finished_at":"2026-01-01T00:00:00Z","target":"public.people",
    "mode":"upsert","outcomes":{"read":3,"inserted":2,"failed":1},"open_failures":1,
    "files":[{"path":"p.csv","format":"csv","encoding":null}],"advice":["SELECT 1"],
    "closed_failures":4,"warnings":[{"counter":"flagged name","count":2}],"phases":{"stage":5},
    "causes":[{"code":"type.integer","column":"id","count":1,
      "sample":{"file":0,"row":2,"line":3,"message":"id não é inteiro","hint":"Corrija."}}]})")
                            .value();
  EXPECT_TRUE(job.ended());
  EXPECT_TRUE(job.reported);
  EXPECT_EQ(job.Path(), "/x/y/_bulk/status/a-b");
  EXPECT_EQ(job.counts->failed, 1);
  EXPECT_EQ(job.report.state, JobState::kSucceededWithFailures);
  EXPECT_EQ(job.report.outcomes.inserted, 2);
  EXPECT_EQ(job.report.files.at(0).format, "csv");
  EXPECT_EQ(job.report.closed_failures, 4);
  EXPECT_EQ(job.report.warnings.at(0).count, 2);
  EXPECT_EQ(job.report.phases_ms.at(0).second, 5);
  const Cause& cause = job.report.causes.at(0);
  EXPECT_EQ(cause.sample_place.line, 3);
  EXPECT_EQ(Text(cause.sample, Language::kEnglish), "id não é inteiro");
}

TEST(RemoteJob, LeavesUnknownWhatIsNullOrNotThere) {
  const RemoteJob job =
      Read(R"({"id":"a","state":"QUEUED","outcomes":null,"position_in_queue":2,"error":null})")
          .value();
  EXPECT_FALSE(job.ended());
  EXPECT_FALSE(job.reported);
  EXPECT_FALSE(job.counts.has_value());
  EXPECT_FALSE(job.error.has_value());
  EXPECT_EQ(job.position_in_queue, 2);
  EXPECT_FALSE(job.retry.has_value());
}

TEST(RemoteJob, KnowsWhyItWaitsAgain) {
  const RemoteJob job = Read(R"({"id":"a","state":"QUEUED",
    "retry":{"tries":2,"at":"2026-01-02T03:04:05.000Z","why":"database.unreachable"}})")
                            .value();
  EXPECT_EQ(job.retry->tries, 2);
  EXPECT_EQ(job.retry->at, "2026-01-02T03:04:05.000Z");
  EXPECT_EQ(job.retry->why, "database.unreachable");
}

TEST(RemoteJob, KeepsTheErrorInTheServersWords) {
  const RemoteJob job = Read(R"({"id":"a","state":"FAILED","finished_at":"x",
    "error":{"code":"table.none","message":"não há tabela","hint":"Crie-a."}})")
                            .value();
  EXPECT_EQ(job.error->code(), "table.none");
  EXPECT_EQ(Text(*job.error, Language::kEnglish), "não há tabela");
  EXPECT_EQ(Read(R"({"id":"a","state":"CANCELED","error":{"code":"x","message":"y"}})")
                .value()
                .error->kind(),
            ErrorKind::kCancelled);
}

TEST(RemoteJob, RefusesWhatIsNoJob) {
  for (const char* text :
       {"{}", R"({"id":"a"})", R"({"state":"QUEUED"})", R"({"id":1,"state":2})"}) {
    const auto job = Read(text);
    ASSERT_FALSE(job.ok()) << text;
    EXPECT_EQ(job.error().code(), code::client_answer);
  }
}

}  // namespace
}  // namespace eclusa::client
