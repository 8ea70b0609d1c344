#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/exchange.h"
#include "http/request_head.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/server_config.h"

namespace eclusa::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

// What becomes of `bytes` when they come in pieces of `step`: "ok BODY|REST", "more", or a status
// and a code.
std::string Read(std::string_view bytes, size_t step) {
  RequestParser parser(2048, 256);
  const auto told = [](const Refusal& refusal) {
    return std::to_string(refusal.status) + " " + std::string(refusal.code);
  };
  size_t consumed = 0;
  size_t seen = 0;
  ParseState state = ParseState::kMore;
  while (state == ParseState::kMore && seen < bytes.size()) {
    seen = std::min(seen + step, bytes.size());
    state = parser.ReadHead(bytes.substr(0, seen), consumed);
  }
  if (state == ParseState::kMore) return "more";
  if (state == ParseState::kRefused) return told(parser.refusal());
  auto facts = ReadHeadFacts(parser.head());
  if (auto* const refusal = std::get_if<Refusal>(&facts)) return told(*refusal);
  std::string body;
  size_t begin = consumed;
  if (std::get<HeadFacts>(facts).chunked) {
    while (true) {
      const ParseState got = parser.ReadChunks(bytes.substr(begin, seen - begin), consumed, body);
      begin += consumed;
      if (got == ParseState::kRefused) return told(parser.refusal());
      if (got == ParseState::kDone) break;
      if (seen == bytes.size()) return "more";
      seen = std::min(seen + step, bytes.size());
    }
  }
  return "ok " + body + "|" + std::string(bytes.substr(begin));
}

// However the bytes are cut, the same comes out.
std::string ReadAnyhow(std::string_view bytes) {
  const std::string whole = Read(bytes, bytes.size());
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}}) {
    EXPECT_EQ(Read(bytes, step), whole) << bytes << " in steps of " << step;
  }
  return whole;
}

TEST(RequestParser, ReadsAHeadAndLeavesTheRest) {
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET"), "ok |GET");
  EXPECT_EQ(ReadAnyhow("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), "ok |");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.0\r\n\r\n"), "ok |");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: h\r\nX:\r\nY: \xc3\xa7\t z \r\n\r\n"), "ok |");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: h\r\n"), "more");
}

TEST(RequestParser, RefusesWhatIsNoHead) {
  for (const std::string_view bytes :
       std::initializer_list<std::string_view>{"GET / HTTP/1.1\nHost: h\n\n",
                                               "GET / HTTP/1.1\r\nHost: h\n\r\n",
                                               "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
                                               "GET / HTTP/1.1\r\nHost : h\r\n\r\n",
                                               "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n",
                                               "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
                                               "GET / HTTP/1.1\r\nHost: h\r\nNo colon\r\n\r\n",
                                               "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n",
                                               "GET / HTTP/1.1\r\nHost: h\r\nX: \x01\r\n\r\n",
                                               "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
                                               "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
                                               "GET / http/1.1\r\nHost: h\r\n\r\n",
                                               "GET /\r\nHost: h\r\n\r\n",
                                               " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                                               "\x16\x03\x01 hello",
                                               "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                                               std::string_view("G\0T / HTTP/1.1\r\n\r\n", 17),
                                               "GET / HTTP/1.1\r\nHost: h\r\nX@: y\r\n\r\n",
                                               "GET / HTTP/11\r\nHost: h\r\n\r\n",
                                               "(GET) / HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    EXPECT_EQ(ReadAnyhow(bytes), "400 http.malformed") << bytes;
  }
}

TEST(RequestParser, RefusesOtherVersions) {
  for (const std::string_view version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.1"}) {
    EXPECT_EQ(ReadAnyhow("GET / " + std::string(version) + "\r\nHost: h\r\n\r\n"),
              "505 http.version");
  }
}

TEST(RequestParser, HoldsLimitsBeforeTheEnd) {
  const std::string get = "GET /" + std::string(300, 'a');
  EXPECT_EQ(ReadAnyhow(get), "414 http.uri_too_long");
  EXPECT_EQ(ReadAnyhow("GET /" + std::string(255, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"), "ok |");
  EXPECT_EQ(ReadAnyhow("GET /" + std::string(256, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
            "414 http.uri_too_long");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nX: " + std::string(3000, 'a')),
            "431 http.header_too_large");
  EXPECT_EQ(ReadAnyhow(std::string(3000, 'A')), "431 http.header_too_large");
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "x:\r\n";
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.0\r\n" + fields + "\r\n"), "ok |");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.0\r\nx:\r\n" + fields + "\r\n"), "431 http.header_fields");
}

std::string Chunked(std::string_view body) {
  return ReadAnyhow("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" +
                    std::string(body));
}

TEST(RequestParser, ReadsChunks) {
  EXPECT_EQ(Chunked("3\r\nabc\r\n0\r\n\r\nGET"), "ok abc|GET");
  EXPECT_EQ(Chunked("3;x=y;z=\"q\"\r\nabc\r\n00A\r\n0123456789\r\n000\r\n\r\n"),
            "ok abc0123456789|");
  EXPECT_EQ(Chunked("1\r\na\r\n0\r\nTrailer: x\r\nY: z\r\n\r\nrest"), "ok a|rest");
  EXPECT_EQ(Chunked("3\r\nab"), "more");
}

TEST(RequestParser, RefusesBadChunks) {
  for (const std::string_view body :
       {"x\r\nabc\r\n0\r\n\r\n", "-1\r\na\r\n", "+1\r\na\r\n", "0x1\r\na\r\n0\r\n\r\n",
        "1\na\n0\n\n", "1\r\nabc\r\n0\r\n\r\n", "1\r\na0\r\n\r\n", "ffffffffffffffffff\r\na",
        " 1\r\na\r\n", "1\r\na\n\r\n", "\r\n\r\n\r\n", "1;\x01\r\na\r\n",
        "1\r\na\r\n0\r\nbad trailer\r\n\r\n", "1\r\na\r\n0\r\nContent-Length: 3\r\n\r\n"}) {
    EXPECT_EQ(Chunked(body), "400 http.chunk_malformed") << body;
  }
  EXPECT_EQ(Chunked("1;x=" + std::string(300, 'y') + "\r\na\r\n"), "400 http.chunk_malformed");
  EXPECT_EQ(Chunked("1;x=" + std::string(5000, 'y')), "400 http.chunk_malformed");
  EXPECT_EQ(Chunked("0\r\nX: " + std::string(5000, 'y')), "400 http.chunk_malformed");
}

TEST(ReadHeadFacts, LeavesNoDoubtAboutTheBody) {
  const auto post = [](std::string_view fields) {
    return ReadAnyhow("POST / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n\r\n");
  };
  for (const std::string_view fields :
       {"Content-Length: 3\r\nContent-Length: 4", "Content-Length: 3\r\nContent-Length: 3",
        "Content-Length: 3, 3", "Content-Length: +3", "Content-Length: -3", "Content-Length: 0x3",
        "Content-Length: 3 3", "Content-Length:", "Content-Length: 99999999999999999999",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 3",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: gzip\r\ncontent-length: 3"}) {
    EXPECT_EQ(post(fields), "400 http.body_length") << fields;
  }
  for (const std::string_view coding :
       {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "xchunked",
        "chunked;q=1", "\"chunked\""}) {
    EXPECT_EQ(post("Transfer-Encoding: " + std::string(coding)), "501 http.transfer_coding")
        << coding;
  }
  EXPECT_EQ(ReadAnyhow("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "400 http.body_length");
}

TEST(ReadHeadFacts, HoldsHostMethodAndExpectation) {
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\n\r\n"), "400 http.host");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), "400 http.host");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), "400 http.host");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), "400 http.host");
  EXPECT_EQ(ReadAnyhow("FETCH / HTTP/1.1\r\nHost: h\r\n\r\n"), "501 http.method_unknown");
  EXPECT_EQ(ReadAnyhow("get / HTTP/1.1\r\nHost: h\r\n\r\n"), "501 http.method_unknown");
  EXPECT_EQ(ReadAnyhow("CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n"), "501 http.method_unknown");
  EXPECT_EQ(ReadAnyhow("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), "400 http.target_malformed");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n"), "417 http.expectation");
  EXPECT_EQ(ReadAnyhow("GET / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n"), "ok |");
}

TEST(ReadHeadFacts, KnowsWhetherTheConnectionStays) {
  const auto keeps = [](int version, std::string_view connection) {
    RawHead head{.method = "GET", .target = "/", .version = version, .headers = {{"Host", "h"}}};
    if (!connection.empty()) head.headers.Add("connection", connection);
    return std::get<HeadFacts>(ReadHeadFacts(head)).keep_alive;
  };
  EXPECT_TRUE(keeps(11, ""));
  EXPECT_FALSE(keeps(11, "x, Close"));
  EXPECT_FALSE(keeps(10, ""));
  EXPECT_TRUE(keeps(10, "Keep-Alive"));
}

TEST(TraceId, ComesFromTheClientOrIsNew) {
  const std::string id = "0af7651916cd43dd8448eb211c80319c";
  const auto of = [](const std::string& text) {
    return std::string(TraceIdOf(Headers{{"Traceparent", text}}));
  };
  EXPECT_EQ(of("00-" + id + "-b7ad6b7169203331-01"), id);
  EXPECT_EQ(of("cc-" + id + "-b7ad6b7169203331-01-more"), id);
  EXPECT_EQ(of("ff-" + id + "-b7ad6b7169203331-01"), "");
  EXPECT_EQ(of("00-" + id + "-b7ad6b7169203331-01-more"), "");
  EXPECT_EQ(of("00-" + std::string(32, '0') + "-b7ad6b7169203331-01"), "");
  EXPECT_EQ(of("00-" + id + "-" + std::string(16, '0') + "-01"), "");
  EXPECT_EQ(of("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"), "");
  EXPECT_EQ(of("00"), "");
  EXPECT_EQ(NewTraceId().size(), 32U);
  EXPECT_NE(NewTraceId(), NewTraceId());
}

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers{{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(*headers.Find("B"), "2");
  EXPECT_EQ(headers.Count("a"), 2U);
  EXPECT_EQ(headers.Find("c"), nullptr);
  headers.Set("A", "4");
  EXPECT_THAT(std::vector(headers.begin(), headers.end()),
              ElementsAre(Pair("b", "2"), Pair("A", "4")));
}

TEST(ResponseHead, IsFramedAsTheBodyNeeds) {
  const auto head_of = [](const Response& response, bool http11, bool keep_alive) {
    ResponseFrame frame = FrameOf(response, http11);
    frame.keep_alive = keep_alive;
    std::string head;
    AppendResponseHead(response, frame, head);
    return head;
  };
  Response text{.status = 404, .headers = {{"X", "y"}, {"content-length", "99"}}, .body = "abc"};
  const std::string plain = head_of(text, true, true);
  EXPECT_THAT(plain, HasSubstr("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(plain, HasSubstr("X: y\r\nContent-Length: 3\r\n\r\n"));
  EXPECT_THAT(plain, Not(HasSubstr("99")));
  EXPECT_THAT(plain, testing::ContainsRegex("Date: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] "
                                            "[0-9]{4} [0-9:]{8} GMT\r\n"));
  EXPECT_THAT(head_of(text, true, false), HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(head_of(text, false, true), HasSubstr("Connection: keep-alive\r\n"));
  EXPECT_THAT(head_of({.status = 204}, true, true), Not(HasSubstr("Content-Length")));
  Response pulled{.pull = [](std::string&) -> Result<bool> { return false; }};
  EXPECT_THAT(head_of(pulled, true, true), HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(head_of(pulled, false, false), Not(HasSubstr("Transfer-Encoding")));
}

TEST(ResponseHead, CannotBeSplit) {
  EXPECT_TRUE(IsWritable({.headers = {{"Location", "/a b"}}}));
  EXPECT_FALSE(IsWritable({.headers = {{"Location", "/a\r\nX: y"}}}));
  EXPECT_FALSE(IsWritable({.headers = {{"Lo cation", "/"}}}));
  EXPECT_FALSE(IsWritable({.headers = {{"", "/"}}}));
  EXPECT_FALSE(IsWritable({.status = 99}));
}

TEST(ServerConfig, SaysWhichValueIsOutOfRange) {
  EXPECT_TRUE(ServerConfig{}.Validate().ok());
  ServerConfig config;
  config.pool_threads = 0;
  const Status status = config.Validate();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "http.config_range");
  EXPECT_EQ(status.error().arguments()[0].second, "pool_threads");
  EXPECT_EQ(ServerConfig{.listen = {}}.Validate().error().code(), "http.listen_nothing");
  EXPECT_EQ(ServerConfig{.tls_key = "k"}.Validate().error().code(), "http.tls_pair");
}

}  // namespace
}  // namespace eclusa::http
