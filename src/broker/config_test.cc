#include "broker/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace eclusa {
namespace {

std::string Words(const std::string& url) {
  const auto parsed = ParseBrokerUrl(url);
  if (!parsed.ok()) return parsed.error().code();
  return (parsed->tls ? "tls " : "") + parsed->Place() + " " + parsed->user + " " +
         parsed->password + " " + parsed->vhost;
}

TEST(BrokerUrl, NamesPlaceUserAndVirtualHost) {
  EXPECT_EQ(Words("amqp://host"), "host:5672 guest guest /");
  EXPECT_EQ(Words("amqps://host"), "tls host:5671 guest guest /");
  EXPECT_EQ(Words("amqp://ana:s3cret@host:1234/erp"), "host:1234 ana s3cret erp");
  EXPECT_EQ(Words("amqp://ana@host/"), "host:5672 ana guest /");
  EXPECT_EQ(Words("amqp://a%40b:p%2Fq%3A@[::1]:7/%2fv"), "[::1]:7 a@b p/q: /v");
  EXPECT_EQ(Words("amqp://a:p@ss@host"), "host:5672 a p@ss /");
}

TEST(BrokerUrl, RefusesWhatIsNone) {
  for (const char* url :
       {"", "host:5672", "http://host", "amqp://", "amqp://host:", "amqp://host:x", "amqp://host:0",
        "amqp://host:70000", "amqp://:p@host", "amqp://host/a/b", "amqp://ho%st/%zz", "amqp://[::1",
        "amqp://[::1]x", "amqp://host?heartbeat=1", "amqp://a:%0@host"}) {
    EXPECT_EQ(Words(url), "config.bad_value") << url;
  }
}

TEST(BrokerUrl, IsShownWithoutItsPassword) {
  EXPECT_EQ(WithoutPassword("amqp://ana:secret@host:1/v"), "amqp://ana:***@host:1/v");
  EXPECT_EQ(WithoutPassword("amqp://ana:se@cret@host"), "amqp://ana:***@host");
  EXPECT_EQ(WithoutPassword("amqp://ana@host:5672"), "amqp://ana@host:5672");
  EXPECT_EQ(WithoutPassword("amqp://host:5672/v"), "amqp://host:5672/v");
  EXPECT_EQ(WithoutPassword("ana:secret@host"), "***");
  const auto refused = ParseBrokerUrl("amqp://ana:secret@host:x");
  for (const auto& [name, value] : refused.error().arguments()) {
    EXPECT_EQ(value.find("secret"), std::string::npos) << name;
  }
}

TEST(BrokerConfig, RefusesWhatCannotWork) {
  const auto fault = [](auto change) {
    BrokerConfig config;
    config.tls = true;
    change(config);
    const Status valid = config.Validate();
    return valid.ok() ? "well" : valid.error().arguments().front().second;
  };
  const std::string file = std::filesystem::temp_directory_path() / "eclusa_broker_config_test.pem";
  std::ofstream(file) << "x";
  EXPECT_EQ(fault([](auto&) {}), "well");
  EXPECT_EQ(fault([](auto& config) { config.queue = ""; }), "broker.queue");
  EXPECT_EQ(fault([](auto& config) { config.queue = "amq.x"; }), "broker.queue");
  EXPECT_EQ(fault([](auto& config) { config.ca = "/no/such/file"; }), "broker.ca");
  EXPECT_EQ(fault([&](auto& config) { config.ca = file; }), "well");
  EXPECT_EQ(fault([&](auto& config) { config.key = file; }), "broker.certificate");
  EXPECT_EQ(fault([&](auto& config) { config.certificate = file; }), "broker.key");
  EXPECT_EQ(fault([&](auto& config) {
              config.tls = false;
              config.ca = file;
            }),
            "broker.url");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace eclusa
