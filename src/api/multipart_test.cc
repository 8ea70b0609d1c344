#include "api/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/codes.h"

namespace eclusa::api {
namespace {

using testing::ElementsAre;

// Writes down what it gets: "name=text", "name@file=bytes".
class Notes final : public PartReceiver {
 public:
  Status Begin(PartHead head) override {
    std::string name = head.name;
    if (head.file_name) name += "@" + *head.file_name;
    if (!head.content_type.empty()) name += " " + head.content_type;
    parts.push_back(name + "=");
    return Ok();
  }
  Status Take(std::string_view bytes) override {
    parts.back() += bytes;
    longest = std::max(longest, bytes.size());
    return Ok();
  }
  Status End() override {
    ++ended;
    return Ok();
  }

  std::vector<std::string> parts;
  size_t ended = 0;
  size_t longest = 0;
};

std::string Part(const std::string& head, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n";
}

// In pieces of so many bytes; "ok" or the code.
std::string Read(const std::string& body, size_t piece, Notes& notes) {
  Multipart multipart("B", notes);
  for (size_t at = 0; at < body.size(); at += piece) {
    const Status taken = multipart.Write(std::string_view(body).substr(at, piece));
    if (!taken.ok()) return taken.error().code();
  }
  const Status whole = multipart.Finish();
  return whole.ok() ? "ok" : whole.error().code();
}

std::string Read(const std::string& body) {
  Notes notes;
  return Read(body, body.size() + 1, notes);
}

TEST(Multipart, GivesThePartsInWhateverPiecesTheyCome) {
  const std::string body = Part("name=\"mode\"", "upsert") + Part("name=empty", "") +
                           Part("name=\"file\"; filename=\"p.csv\"\r\ncontent-type: text/csv",
                                "a\r\n--C\r\n-\r\n--\r\n\r\n--b\r\r\n") +
                           "--B--\r\n";
  for (size_t piece = 1; piece <= body.size(); ++piece) {
    Notes notes;
    ASSERT_EQ(Read(body, piece, notes), "ok") << piece;
    ASSERT_THAT(notes.parts,
                ElementsAre("mode=upsert",
                            "empty=", "file@p.csv text/csv=a\r\n--C\r\n-\r\n--\r\n\r\n--b\r\r\n"))
        << piece;
    ASSERT_EQ(notes.ended, 3U);
  }
}

TEST(Multipart, KeepsNoMoreThanAPiece) {
  Notes notes;
  Multipart multipart("B", notes);
  ASSERT_TRUE(multipart.Write("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n").ok());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(multipart.Write(std::string(1000, 'x')).ok());
  EXPECT_GE(notes.parts.at(0).size(), 100'000U - 10);
  EXPECT_LE(notes.longest, 1010U);
}

TEST(Multipart, MayHaveNoParts) { EXPECT_EQ(Read("--B--"), "ok"); }

TEST(Multipart, RefusesWhatIsNotWhole) {
  const std::string body = Part("name=a", "text") + "--B--";
  ASSERT_EQ(Read(body), "ok");
  for (size_t length = 0; length < body.size(); ++length) {
    EXPECT_EQ(Read(body.substr(0, length)), code::api_multipart) << length;
  }
}

TEST(Multipart, RefusesWhatIsNotCertain) {
  const std::string end = "--B--";
  for (const std::string& body :
       {"preamble\r\n" + end,
        "\r\n" + end,
        Part("name=a", "x") + end + "\r\nepilogue",
        Part("name=a", "x") + "--B \r\n" + end,
        Part("name=a", "x") + "--B-" + end,
        Part("filename=b", "x") + end,
        Part("name=\"\"", "x") + end,
        Part("name", "x") + end,
        Part("name=\"a", "x") + end,
        Part("name=\"a\"b", "x") + end,
        Part("name=a; name=b", "x") + end,
        Part("name=\"\xff\"", "x") + end,
        Part("name=a; filename=\"\xc3\"", "x") + end,
        Part(std::string("name=\"a\0b\"", 10), "x") + end,
        Part("name=a\r\nContent-Transfer-Encoding: base64", "x") + end,
        Part("name=a\r\nContent-Disposition: form-data; name=b", "x") + end,
        Part("name=a\r\nno colon", "x") + end,
        Part("name=a\r\n: none", "x") + end,
        std::string("--B\r\n\r\nx\r\n--B--"),
        std::string("--B\r\nContent-Type: a/b\r\n\r\nx\r\n--B--"),
        std::string("--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--")}) {
    EXPECT_EQ(Read(body), code::api_multipart) << body;
  }
}

TEST(Multipart, TakesNoHeadOfAMegabyte) {
  Notes notes;
  Multipart multipart("B", notes);
  ASSERT_TRUE(multipart.Write("--B\r\nContent-Disposition: form-data; name=a; x=").ok());
  size_t sent = 0;
  while (multipart.Write(std::string(1000, 'x')).ok()) {
    sent += 1000;
    ASSERT_LT(sent, 10'000U);
  }
  EXPECT_TRUE(notes.parts.empty());
}

TEST(Multipart, EndsWithTheReceiversError) {
  class Refuses final : public PartReceiver {
    Status Begin(PartHead) override { return Error(ErrorKind::kInvalid, code::api_field); }
    Status Take(std::string_view) override { return Ok(); }
    Status End() override { return Ok(); }
  } refuses;
  Multipart multipart("B", refuses);
  EXPECT_EQ(multipart.Write(Part("name=a", "x")).error().code(), code::api_field);
}

TEST(ParsePartHead, TakesNamesAsOldAndNewClientsWriteThem) {
  const auto file = [](const std::string& text) {
    return *ParsePartHead("Content-Disposition: form-data; name=f; filename=" + text)
                .value()
                .file_name;
  };
  EXPECT_EQ(file(R"("a \"b\" \\ c\d;e.csv")"), R"(a "b" \ c\d;e.csv)");
  EXPECT_EQ(file("\"a%22b%0D%0Ac%20.csv\""), "a\"b\r\nc%20.csv");
  EXPECT_EQ(file("\"\xc3\xa7.csv\""), "\xc3\xa7.csv");
  EXPECT_EQ(file("plain.csv; filename*=utf-8''other"), "plain.csv");
  EXPECT_EQ(file("\"\""), "");
}

TEST(BoundaryOf, IsThatOfAForm) {
  EXPECT_EQ(BoundaryOf("multipart/form-data; boundary=abc").value(), "abc");
  EXPECT_EQ(BoundaryOf("Multipart/Form-Data; charset=utf-8; Boundary=\"a b:c\"").value(), "a b:c");
  for (const std::string& type :
       {std::string(), std::string("multipart/form-data"),
        std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"\""), std::string("text/csv; boundary=a"),
        std::string("multipart/mixed; boundary=a"),
        std::string("multipart/form-data; boundary=a@b"),
        std::string("multipart/form-data; boundary=\"a \""),
        std::string("multipart/form-data; boundary=\"a\\\r\n\""),
        "multipart/form-data; boundary=" + std::string(71, 'a')}) {
    EXPECT_FALSE(BoundaryOf(type).ok()) << type;
  }
}

}  // namespace
}  // namespace eclusa::api
