#include "client/api_session.h"

#include <gtest/gtest.h>

namespace eclusa::client {
namespace {

ClientResponse Answer(int status, std::string body, ClientHeaders headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

TEST(ApiSession, TellsAProblemInTheServersWords) {
  const Error error = ProblemOf(
      Answer(422, R"({"code":"api.field","detail":"falta o campo","hint":"Informe-o."})"), "h");
  EXPECT_EQ(error.code(), "api.field");
  EXPECT_EQ(error.kind(), ErrorKind::kInvalid);
  EXPECT_EQ(Text(error, Language::kEnglish), "falta o campo");
  EXPECT_EQ(Hint(error, Language::kEnglish), "Informe-o.");
}

TEST(ApiSession, TellsAnAnswerThatIsNoProblemByItsStatus) {
  const Error error = ProblemOf(Answer(502, "<html>Bad Gateway</html>"), "gateway");
  EXPECT_EQ(error.code(), code::client_status);
  EXPECT_EQ(Text(error, Language::kEnglish), "gateway answered 502");
}

TEST(ApiSession, KnowsWhatIsWorthTryingAgain) {
  for (const int status : {408, 429, 502, 503, 504}) {
    EXPECT_EQ(ProblemOf(Answer(status, ""), "h").kind(), ErrorKind::kUnavailable) << status;
  }
  for (const int status : {400, 401, 403, 413, 422}) {
    EXPECT_EQ(ProblemOf(Answer(status, ""), "h").kind(), ErrorKind::kInvalid) << status;
  }
  const Error busy =
      ProblemOf(Answer(409, R"({"code":"api.key_in_use","detail":"still going on"})"), "h");
  EXPECT_EQ(busy.kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(ProblemOf(Answer(409, ""), "h").kind(), ErrorKind::kConflict);
  EXPECT_EQ(ProblemOf(Answer(404, ""), "h").kind(), ErrorKind::kNotFound);
}

TEST(ApiSession, ReadsRetryAfterInSecondsAlone) {
  EXPECT_EQ(RetryAfterOf(Answer(503, "", {{"retry-after", "7"}})), std::chrono::seconds(7));
  for (const char* text : {"", "-1", "7x", "Fri, 31 Dec 2027 23:59:59 GMT"}) {
    EXPECT_EQ(RetryAfterOf(Answer(503, "", {{"retry-after", text}})), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace eclusa::client
