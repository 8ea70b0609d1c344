#include "dispatch/reconnect.h"

#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa {
namespace {

const Error kGone(ErrorKind::kUnavailable, code::broker_away, {{"host", "h"}, {"detail", "d"}});
const Error kRefused(ErrorKind::kInvalid, code::broker_refused, {{"host", "h"}});

class ReconnectTest : public testing::Test {
 protected:
  // What the log says meanwhile.
  template <class Act>
  std::string LogOf(Act act) {
    testing::internal::CaptureStderr();
    act();
    return testing::internal::GetCapturedStderr();
  }
  Reconnect reconnect_{"test"};
};

TEST_F(ReconnectTest, WaitsLongerEachTimeButNotForEver) {
  std::chrono::milliseconds last{0};
  LogOf([&] {
    for (int i = 0; i < 20; ++i) last = reconnect_.Away(kGone);
  });
  EXPECT_GE(last, Reconnect::kMost * 3 / 4);
  EXPECT_LE(last, Reconnect::kMost * 5 / 4);
  EXPECT_TRUE(reconnect_.Live());
  EXPECT_FALSE(reconnect_.Live());
  LogOf([&] { EXPECT_LE(reconnect_.Away(kGone), Reconnect::kFirst * 5 / 4); });
}

TEST_F(ReconnectTest, TellsAFaultOnce) {
  const std::string log = LogOf([&] {
    for (int i = 0; i < 1000; ++i) reconnect_.Away(kGone);
  });
  EXPECT_NE(log.find("broker_away"), std::string::npos);
  EXPECT_EQ(log.find("broker_away"), log.rfind("broker_away"));
  EXPECT_NE(LogOf([&] { reconnect_.Away(kRefused); }).find("broker.refused"), std::string::npos);
  EXPECT_EQ(LogOf([&] { reconnect_.Away(kRefused); }), "");
  reconnect_.Live();
  EXPECT_NE(LogOf([&] { reconnect_.Away(kGone); }), "");
}

}  // namespace
}  // namespace eclusa
