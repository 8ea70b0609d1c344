// What CopyEncoder writes against what PostgreSQL makes of the same value's text.

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "pg/copy_encoder.h"
#include "pg/identifier.h"
#include "pg/test_database.h"

namespace eclusa {
namespace {

// A type, values as the column holds them, and the text that means the same to the server.
class CopyEncoderOnServer : public testing::Test {
 protected:
  // Copies the column (one null row added at its end) and compares with the texts, value by value,
  // image by image.
  void ExpectSame(const std::string& type, TypedColumn column,
                  const std::vector<std::string>& texts) {
    const auto rows = static_cast<int64_t>(texts.size()) + 1;
    ASSERT_EQ(column.rows(), rows) << type;
    column.SetNull(rows - 1);
    std::vector<int64_t> ids;
    std::vector<int32_t> order;
    for (int32_t i = 0; i < rows; ++i) {
      ids.push_back(i);
      order.push_back(i);
    }
    CopyEncoder encoder;
    encoder.AppendHeader();
    encoder.AppendRows({.columns = {&column, 1}, .row_ids = ids, .operations = {}, .order = order});
    encoder.AppendTrailer();
    database_.Run("DROP TABLE IF EXISTS t; CREATE TABLE t (n bigint, v " + type + ")");
    auto copy = CopyIn::Begin(database_.connection(), "COPY t FROM STDIN (FORMAT binary)");
    ASSERT_TRUE(copy.ok());
    ASSERT_TRUE(copy->Write(encoder.bytes()).ok());
    auto copied = std::move(*copy).Finish();
    ASSERT_TRUE(copied.ok()) << type << ": " << database_.connection().last_error().message;
    EXPECT_EQ(*copied, rows);
    for (size_t i = 0; i < texts.size(); ++i) {
      const QueryResult row =
          database_.Run("SELECT ROW(v)::record *= ROW(" + QuoteLiteral(texts[i]) + "::" + type +
                        "), v::text FROM t WHERE n = " + std::to_string(i));
      EXPECT_TRUE(row.Bool(0, 0)) << type << " '" << texts[i].substr(0, 60) << "' came as '"
                                  << row.Text(0, 1).substr(0, 60) << "'";
    }
    EXPECT_EQ(database_.Text("SELECT count(*) FROM t WHERE v IS NULL"), "1");
  }

  template <class T>
  static TypedColumn Fixed(TypeKind kind, const std::vector<std::type_identity_t<T>>& values) {
    TypedColumn column(kind, static_cast<int64_t>(values.size()) + 1);
    column.AllocateFixed();
    std::memcpy(column.MutableFixed<T>(), values.data(), values.size() * sizeof(T));
    return column;
  }

  static TypedColumn Varying(TypeKind kind, const std::vector<std::string>& values) {
    TypedColumn column(kind, static_cast<int64_t>(values.size()) + 1);
    std::vector<int32_t> offsets = {0};
    std::vector<char> data;
    for (const std::string& value : values) {
      data.insert(data.end(), value.begin(), value.end());
      offsets.push_back(static_cast<int32_t>(data.size()));
    }
    offsets.push_back(offsets.back());
    column.SetOwned(std::move(offsets), std::move(data));
    return column;
  }

  // For kinds whose values a column holds in the send format: the server's own bytes.
  void ExpectSent(const std::string& type, const std::string& send, TypeKind kind,
                  const std::vector<std::string>& texts) {
    std::vector<std::string> values;
    for (const std::string& text : texts) {
      const std::string hex = database_.Text("SELECT encode(" + send + "(" + QuoteLiteral(text) +
                                             "::" + type + "), 'hex')");
      std::string bytes;
      for (size_t i = 0; i < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
      }
      values.push_back(std::move(bytes));
    }
    ExpectSame(type, Varying(kind, values), texts);
  }

  TestDatabase database_{"copy encoder"};
};

TEST_F(CopyEncoderOnServer, NumbersAndBooleans) {
  ExpectSame("boolean", Fixed<uint8_t>(TypeKind::kBoolean, {0, 1}), {"f", "t"});
  ExpectSame("smallint", Fixed<int16_t>(TypeKind::kInt2, {-32768, -1, 0, 32767}),
             {"-32768", "-1", "0", "32767"});
  ExpectSame(
      "integer",
      Fixed<int32_t>(TypeKind::kInt4, {std::numeric_limits<int32_t>::min(), 258, 2147483647}),
      {"-2147483648", "258", "2147483647"});
  ExpectSame("bigint",
             Fixed<int64_t>(TypeKind::kInt8, {std::numeric_limits<int64_t>::min(), -2,
                                              std::numeric_limits<int64_t>::max()}),
             {"-9223372036854775808", "-2", "9223372036854775807"});
  const float inf4 = std::numeric_limits<float>::infinity();
  ExpectSame("real",
             Fixed<float>(TypeKind::kFloat4, {-0.0F, 1.5F, 3.4028235e38F, 1e-45F, inf4, -inf4,
                                              std::numeric_limits<float>::quiet_NaN()}),
             {"-0", "1.5", "3.4028235e38", "1e-45", "Infinity", "-Infinity", "NaN"});
  const double inf8 = std::numeric_limits<double>::infinity();
  ExpectSame("double precision",
             Fixed<double>(TypeKind::kFloat8, {-0.0, 0.1, 1.7976931348623157e308, 5e-324, inf8,
                                               -inf8, std::numeric_limits<double>::quiet_NaN()}),
             {"-0", "0.1", "1.7976931348623157e308", "5e-324", "Infinity", "-Infinity", "NaN"});
}

TEST_F(CopyEncoderOnServer, DatesAndTimes) {
  constexpr int32_t kMin4 = std::numeric_limits<int32_t>::min();
  constexpr int32_t kMax4 = std::numeric_limits<int32_t>::max();
  constexpr int64_t kMin8 = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax8 = std::numeric_limits<int64_t>::max();
  ExpectSame("date",
             Fixed<int32_t>(TypeKind::kDate, {0, -1, 366, -2451545, 2145031948, kMin4, kMax4}),
             {"2000-01-01", "1999-12-31", "2001-01-01", "4714-11-24 BC", "5874897-12-31",
              "-infinity", "infinity"});
  ExpectSame("time", Fixed<int64_t>(TypeKind::kTime, {0, 1, 86399999999, 86400000000}),
             {"00:00", "00:00:00.000001", "23:59:59.999999", "24:00:00"});
  const std::vector<int64_t> stamps = {0,     -1,   9223371331199999999, -211813488000000000,
                                       kMin8, kMax8};
  const std::vector<std::string> texts = {"2000-01-01 00:00:00",
                                          "1999-12-31 23:59:59.999999",
                                          "294276-12-31 23:59:59.999999",
                                          "4714-11-24 00:00:00 BC",
                                          "-infinity",
                                          "infinity"};
  ExpectSame("timestamp", Fixed<int64_t>(TypeKind::kTimestamp, stamps), texts);
  ExpectSame("timestamptz", Fixed<int64_t>(TypeKind::kTimestamptz, stamps), texts);
}

TEST_F(CopyEncoderOnServer, Intervals) {
  struct Interval {
    int64_t microseconds;
    int32_t days;
    int32_t months;
  };
  static_assert(sizeof(Interval) == 16);
  ExpectSame("interval",
             Fixed<Interval>(TypeKind::kInterval,
                             {{0, 0, 0}, {3723000001, -4, 14}, {-1, 2147483647, -2147483647 - 1}}),
             {"0", "1 year 2 mons -4 days 01:02:03.000001",
              "-178956970 years -8 mons +2147483647 days -00:00:00.000001"});
}

TEST_F(CopyEncoderOnServer, Texts) {
  const std::vector<std::string> texts = {"", "a", "coração 🐘", "it's \\ \"x\"\n\t",
                                          std::string(100000, 'x')};
  ExpectSame("text", Varying(TypeKind::kText, texts), texts);
  ExpectSame("varchar", Varying(TypeKind::kVarchar, texts), texts);
  ExpectSame("bpchar", Varying(TypeKind::kBpchar, texts), texts);
  const std::vector<std::string> documents = {"{}", R"({"b": 1, "a": [1.0, null, "ç"]})", "1.50",
                                              R"("\u00e7")"};
  ExpectSame("json", Varying(TypeKind::kJson, documents), documents);
  ExpectSame("jsonb", Varying(TypeKind::kJsonb, documents), documents);
  database_.Run("CREATE TYPE \"mood x\" AS ENUM ('sad', 'não sei', '')");
  ExpectSame("\"mood x\"", Varying(TypeKind::kEnum, {"não sei", "", "sad"}),
             {"não sei", "", "sad"});
  database_.Run("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public");
  ExpectSame("citext", Varying(TypeKind::kCitext, texts), texts);
}

TEST_F(CopyEncoderOnServer, BytesAndIdentifiers) {
  ExpectSame("bytea", Varying(TypeKind::kBytea, {"", std::string("\0\377\\x", 4)}),
             {"", "\\x00ff5c78"});
  struct Uuid {
    char bytes[16];
  };
  Uuid uuid;
  for (int i = 0; i < 16; ++i) uuid.bytes[i] = static_cast<char>(0xf0 + i);
  ExpectSame("uuid", Fixed<Uuid>(TypeKind::kUuid, {uuid}),
             {"f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff"});
}

TEST_F(CopyEncoderOnServer, KindsInTheSendFormat) {
  ExpectSent("numeric", "numeric_send", TypeKind::kNumeric,
             {"0", "-1.50", "NaN", "Infinity", "-Infinity", "1e131071", "0.00000001",
              "123456789012345678901234567890.123456789"});
  ExpectSent("integer[]", "array_send", TypeKind::kArray, {"{}", "{1,NULL,3}", "{{1,2},{3,4}}"});
  ExpectSent("text[]", "array_send", TypeKind::kArray, {R"({"a b",NULL,""})"});
  ExpectSent("inet", "inet_send", TypeKind::kInet, {"10.0.0.1/8", "::1", "192.168.0.1"});
  ExpectSent("cidr", "cidr_send", TypeKind::kCidr, {"10.0.0.0/8", "2001:db8::/32"});
}

}  // namespace
}  // namespace eclusa
