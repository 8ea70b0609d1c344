#include "jwt/issuer_keys.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include "http/scripted_server.h"
#include "jwt/test_issuer.h"
#include "model/codes.h"

namespace eclusa::jwt {
namespace {

using std::chrono::seconds;

class IssuerKeysTest : public testing::Test {
 protected:
  IssuerKeysTest()
      : server_([this](const std::string&) {
          ++asked_;
          const std::lock_guard lock(mutex_);
          return "HTTP/1.1 " + status_ + "\r\nContent-Length: " + std::to_string(body_.size()) +
                 "\r\n\r\n" + body_;
        }) {}

  IssuerKeys Keys() { return IssuerKeys(Config(server_.Url("/jwks"))); }
  IssuerKeysConfig Config(const std::string& location) {
    return {.location = location, .valid = seconds(600), .refetch = seconds(30), .now = [this] {
              return now_;
            }};
  }
  void Publish(const std::string& body, const std::string& status = "200 OK") {
    const std::lock_guard lock(mutex_);
    body_ = body;
    status_ = status;
  }
  static std::string Outcome(IssuerKeys& keys, const std::string& kid) {
    const auto found = keys.Find(kid, Algorithm::kEs256);
    return found.ok() ? found->kid : found.error().code();
  }

  std::chrono::steady_clock::time_point now_{seconds(10'000)};
  std::atomic<int> asked_ = 0;
  std::mutex mutex_;
  std::string body_;
  std::string status_ = "200 OK";
  ScriptedServer server_;
};

TEST_F(IssuerKeysTest, AreReadOnceAndAgainWhenTheirTimeIsOver) {
  Publish(JwkSet({TestKey::Ec("a").Jwk()}));
  IssuerKeys keys = Keys();
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(asked_, 1);
  now_ += seconds(479);
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(asked_, 1);
  now_ += seconds(1);
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(asked_, 2);
}

TEST_F(IssuerKeysTest, AreReadAheadOnce) {
  Publish(JwkSet({TestKey::Ec("a").Jwk()}));
  IssuerKeys keys = Keys();
  keys.Prepare();
  keys.Prepare();
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(asked_, 1);
}

// One reads, four wait for it, the other three are told to come again: they do so before the issuer
// has answered, and that lets it answer.
TEST_F(IssuerKeysTest, AreReadByOneWhileFewWait) {
  const std::string set = JwkSet({TestKey::Ec("a").Jwk()});
  std::latch sent_away(3);
  std::atomic<int> asked = 0;
  ScriptedServer slow([&](const std::string&) {
    ++asked;
    sent_away.wait();
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(set.size()) + "\r\n\r\n" + set;
  });
  IssuerKeys keys(Config(slow.Url("/")));
  std::atomic<int> found = 0;
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      const std::string outcome = Outcome(keys, "a");
      if (outcome == "a") ++found;
      if (outcome == code::api_issuer_unavailable) sent_away.count_down();
    });
  }
  callers.clear();  // joins
  EXPECT_EQ(found, 5);
  EXPECT_EQ(asked, 1);
}

TEST_F(IssuerKeysTest, AreReadAgainForAnUnknownOneButNotForEach) {
  Publish(JwkSet({TestKey::Ec("a").Jwk()}));
  IssuerKeys keys = Keys();
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(Outcome(keys, "b"), code::api_unauthorized);
  EXPECT_EQ(asked_, 1);  // just read
  Publish(JwkSet({TestKey::Ec("b").Jwk()}));
  now_ += seconds(30);
  EXPECT_EQ(Outcome(keys, "b"), "b");
  EXPECT_EQ(Outcome(keys, "a"), code::api_unauthorized);  // withdrawn
  for (int n = 0; n < 100; ++n) {
    EXPECT_EQ(Outcome(keys, std::to_string(n)), code::api_unauthorized);
  }
  EXPECT_EQ(asked_, 2);
}

TEST_F(IssuerKeysTest, OutliveAnIssuerThatIsAwayButNotTheirTime) {
  Publish(JwkSet({TestKey::Ec("a").Jwk()}));
  IssuerKeys keys = Keys();
  EXPECT_EQ(Outcome(keys, "a"), "a");
  Publish("", "503 Away");
  now_ += seconds(500);
  EXPECT_EQ(Outcome(keys, "a"), "a");
  EXPECT_EQ(asked_, 2);
  EXPECT_EQ(Outcome(keys, "b"), code::api_issuer_unavailable);  // it may be a new one
  EXPECT_EQ(asked_, 2);
  now_ += seconds(100);
  EXPECT_EQ(Outcome(keys, "a"), code::api_issuer_unavailable);
  EXPECT_EQ(asked_, 3);
  EXPECT_EQ(Outcome(keys, "a"), code::api_issuer_unavailable);
  EXPECT_EQ(asked_, 3);  // not at each request
  Publish(JwkSet({TestKey::Ec("a").Jwk()}));
  now_ += seconds(30);
  EXPECT_EQ(Outcome(keys, "a"), "a");
}

TEST_F(IssuerKeysTest, AreNotReadFromWhatIsNoSet) {
  for (const std::string& body : {std::string("<html>"), std::string(2 << 20, ' ')}) {
    Publish(body);
    IssuerKeys keys = Keys();
    EXPECT_EQ(Outcome(keys, "a"), code::api_issuer_unavailable);
  }
  Publish("", "302 Found\r\nLocation: " + server_.Url("/elsewhere"));
  IssuerKeys keys = Keys();
  EXPECT_EQ(Outcome(keys, "a"), code::api_issuer_unavailable);
  EXPECT_EQ(asked_, 3);
}

TEST_F(IssuerKeysTest, AreReadInClearTextFromThisMachineOnly) {
  IssuerKeys keys(Config("http://192.0.2.1/jwks"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(Outcome(keys, "a"), code::api_issuer_unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(2));  // nothing was tried
}

TEST_F(IssuerKeysTest, AreReadFromAFile) {
  const std::string path = testing::TempDir() + "issuer_keys_test.json";
  std::ofstream(path) << JwkSet({TestKey::Ec("a").Jwk()});
  IssuerKeys keys(Config(path));
  EXPECT_EQ(Outcome(keys, "a"), "a");
  std::remove(path.c_str());
  IssuerKeys none(Config(path));
  EXPECT_EQ(Outcome(none, "a"), code::api_issuer_unavailable);
}

}  // namespace
}  // namespace eclusa::jwt
