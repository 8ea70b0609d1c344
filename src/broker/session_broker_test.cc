// Needs RabbitMQ: tools/with_rabbitmq.sh starts one.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "broker/broker_fixture.h"
#include "broker/session.h"

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::milliseconds kLong{10'000};
constexpr int kPrefetch = 8;

class BrokerTest : public testing::Test {
 protected:
  const BrokerConfig& config() const { return broker_.config(); }
  BrokerSender OpenSender() const {
    auto sender = BrokerSender::Open(config());
    CHECK(sender.ok());
    return *std::move(sender);
  }
  BrokerReceiver OpenReceiver() const {
    auto receiver = BrokerReceiver::Open(config(), kPrefetch);
    CHECK(receiver.ok());
    return *std::move(receiver);
  }
  static Error FaultOf(const BrokerConfig& config) {
    auto opened = BrokerSession::Open(config);
    return opened.ok() ? Error(ErrorKind::kInternal, "none") : opened.error();
  }

  BrokerFixture broker_;
};

TEST_F(BrokerTest, CarriesMessages) {
  BrokerSender sender = OpenSender();
  ASSERT_TRUE(sender.Send(std::vector<std::string>{"1", "2/3"}).ok());
  ASSERT_TRUE(sender.Send(std::vector<std::string>{""}).ok());
  BrokerReceiver receiver = OpenReceiver();
  std::vector<std::string> all;
  while (all.size() < 3) {
    const auto some = receiver.Receive(kLong);
    ASSERT_TRUE(some.ok() && !some->empty());
    all.insert(all.end(), some->begin(), some->end());
    ASSERT_TRUE(receiver.Accept().ok());
  }
  EXPECT_THAT(all, ElementsAre("1", "2/3", ""));
  EXPECT_THAT(receiver.Receive({}).value(), IsEmpty());
  EXPECT_TRUE(sender.Tend().ok());
}

TEST_F(BrokerTest, GivesMessagesToOthersWhereOneHasNoTime) {
  BrokerReceiver busy = OpenReceiver();
  broker_.Send("7");
  ASSERT_THAT(busy.Receive(kLong).value(), ElementsAre("7"));
  ASSERT_TRUE(busy.GiveBack().ok());
  EXPECT_TRUE(busy.paused());
  BrokerReceiver other = OpenReceiver();
  EXPECT_THAT(other.Receive(kLong).value(), ElementsAre("7"));
  ASSERT_TRUE(other.Accept().ok());
  broker_.Send("8");
  EXPECT_THAT(other.Receive(kLong).value(), ElementsAre("8"));
  ASSERT_TRUE(other.GiveBack().ok());
  EXPECT_THAT(busy.Receive({}).value(), IsEmpty());
  ASSERT_TRUE(busy.Resume().ok());
  EXPECT_THAT(busy.Receive(kLong).value(), ElementsAre("8"));
  ASSERT_TRUE(busy.Accept().ok());
}

TEST_F(BrokerTest, KeepsWhatWasNotAccepted) {
  broker_.Send("7");
  {
    BrokerReceiver lost = OpenReceiver();
    ASSERT_THAT(lost.Receive(kLong).value(), ElementsAre("7"));
  }
  EXPECT_THAT(OpenReceiver().Receive(kLong).value(), ElementsAre("7"));
}

TEST_F(BrokerTest, SaysThatTheQueueWasDeleted) {
  BrokerSender sender = OpenSender();
  BrokerReceiver receiver = OpenReceiver();
  broker_.DeleteQueue();
  const auto received = receiver.Receive(kLong);
  ASSERT_FALSE(received.ok());
  EXPECT_EQ(received.error().code(), "broker.queue_gone");
  const Status sent = sender.Send(std::vector<std::string>{"1"});
  ASSERT_FALSE(sent.ok());
  EXPECT_EQ(sent.error().code(), "broker.queue_gone");
  broker_.Send("2");  // opens, and so declares, anew
  EXPECT_THAT(OpenReceiver().Receive(kLong).value(), ElementsAre("2"));
}

TEST_F(BrokerTest, SaysWhoIsRefused) {
  BrokerConfig wrong = config();
  wrong.password = "not the password";
  const Error refused = FaultOf(wrong);
  EXPECT_EQ(refused.code(), "broker.refused");
  for (const auto& [name, value] : refused.arguments()) {
    EXPECT_EQ(value.find(wrong.password), std::string::npos) << name;
  }
  BrokerConfig elsewhere = config();
  elsewhere.vhost = "nowhere";
  EXPECT_EQ(FaultOf(elsewhere).code(), "broker.refused");
}

TEST_F(BrokerTest, SaysThatTheQueueIsOfAnotherKind) {
  auto session = BrokerSession::Open(config());
  ASSERT_TRUE(session.ok());
  BrokerConfig other = config();
  other.queue += "_classic";
  amqp_queue_declare(session->state(), BrokerSession::kChannel,
                     amqp_cstring_bytes(other.queue.c_str()), 0, 0, 0, 1, amqp_empty_table);
  EXPECT_EQ(FaultOf(other).code(), "broker.queue_differs");
}

// A socket that takes connections and says nothing.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    CHECK(listen(socket_, 1) == 0);
    CHECK(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { Close(); }
  void Close() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST_F(BrokerTest, WaitsForNoBrokerForEver) {
  SilentServer server;
  BrokerConfig config = broker_.config();
  config.port = server.port();
  config.patience = std::chrono::milliseconds(200);
  EXPECT_EQ(FaultOf(config).kind(), ErrorKind::kUnavailable);
  server.Close();
  EXPECT_EQ(FaultOf(config).code(), "broker.away");
  config.host = "no-such-host.invalid";
  EXPECT_EQ(FaultOf(config).code(), "broker.away");
}

TEST_F(BrokerTest, SpeaksTlsToWhomItTrusts) {
  const BrokerConfig tls = broker_.TlsConfig();
  auto sender = BrokerSender::Open(tls);
  ASSERT_TRUE(sender.ok()) << sender.error().arguments().back().second;
  ASSERT_TRUE(sender->Send(std::vector<std::string>{"1"}).ok());
  auto receiver = BrokerReceiver::Open(tls, kPrefetch);
  ASSERT_TRUE(receiver.ok());
  EXPECT_THAT(receiver->Receive(kLong).value(), ElementsAre("1"));
}

TEST_F(BrokerTest, SpeaksToNobodyElse) {
  BrokerConfig unknown_authority = broker_.TlsConfig();
  unknown_authority.ca = "";
  EXPECT_EQ(FaultOf(unknown_authority).code(), "broker.away");
  BrokerConfig other_name = broker_.TlsConfig();
  other_name.host = "127.0.0.1";
  EXPECT_EQ(FaultOf(other_name).code(), "broker.away");
  BrokerConfig no_tls_there = broker_.TlsConfig();
  no_tls_there.port = config().port;
  EXPECT_EQ(FaultOf(no_tls_there).kind(), ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace eclusa
