// What the checker accepts against what PostgreSQL's own text input makes of the same text.
//
// The cases stand in *.txt beside this file, their form in README.md. Each block of a type is run
// as listed, and then as thousands of small changes to its texts: whatever the checker accepts, the
// server must accept too and hold as the very same value.
#include <arrow/api.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "check/checker.h"
#include "pg/catalog.h"
#include "pg/connection.h"
#include "pg/copy_encoder.h"

namespace eclusa {
namespace {

constexpr int kMutantsPerType = 4000;
constexpr size_t kMutantBytesMax = 200;

enum class Expected : uint8_t { kSame, kRefused, kStricter };

struct Case {
  Expected expected;
  std::string text;
};

struct Block {
  friend void PrintTo(const Block& block, std::ostream* out) { *out << block.type; }

  std::string file;
  std::vector<std::string> setup;
  std::string type;
  std::vector<Case> cases;
};

// \s space, \n, \t, \\, and @(c*N) for a character so many times.
std::string Unescape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[++i];
      out += c == 's' ? ' ' : c == 'n' ? '\n' : c == 't' ? '\t' : c;
    } else if (text.compare(i, 2, "@(") == 0 && text.compare(i + 3, 1, "*") == 0) {
      const size_t end = text.find(')', i);
      out.append(std::stoul(text.substr(i + 4, end - i - 4)), text[i + 2]);
      i = end;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<Block> ReadBlocks() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder =
      std::filesystem::path(std::getenv("ECLUSA_SOURCE")) / "tests/types";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Block> blocks;
  for (const auto& path : paths) {
    std::ifstream file(path);
    std::vector<std::string> setup;
    for (std::string line; std::getline(file, line);) {
      const size_t space = line.find(' ');
      const std::string word = line.substr(0, space);
      const std::string rest = space == line.npos ? "" : line.substr(space + 1);
      if (line.empty() || line[0] == '#') continue;
      if (word == "setup") {
        setup.push_back(rest);
      } else if (word == "type") {
        blocks.push_back({path.filename(), setup, rest, {}});
      } else {
        const Expected expected = word == "same"      ? Expected::kSame
                                  : word == "refused" ? Expected::kRefused
                                                      : Expected::kStricter;
        EXPECT_TRUE(word == "same" || word == "refused" || word == "stricter")
            << path << ": " << line;
        blocks.back().cases.push_back({expected, Unescape(rest)});
      }
    }
  }
  return blocks;
}

class TypesOnServer : public testing::TestWithParam<Block> {
 protected:
  TypesOnServer() : connection_(Open()) {}

  static Connection Open() {
    auto connection = Connection::Open(std::getenv("ECLUSA_TEST_DB"), {});
    EXPECT_TRUE(connection.ok());
    return std::move(*connection);
  }

  QueryResult Run(const std::string& sql) {
    auto result = connection_.Execute(sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << connection_.last_error().message;
    return std::move(*result);
  }

  // A table of the type, a function that reads a text as an assignment does (null: refused), and
  // the checker for both columns of a file that has one.
  void SetUp() override {
    const Block& block = GetParam();
    Run("DROP SCHEMA IF EXISTS types_test CASCADE; CREATE SCHEMA types_test; SET search_path = "
        "types_test, public; "
        "SET timezone = 'UTC'");
    for (const std::string& statement : block.setup) Run(statement);
    Run("CREATE TABLE target (v " + block.type + ", txt text)");
    Run("CREATE FUNCTION read(t text) RETURNS " + block.type + " LANGUAGE plpgsql AS 'DECLARE r " +
        block.type + "; BEGIN r := t; RETURN r; EXCEPTION WHEN OTHERS THEN RETURN NULL; END'");
    auto table = DescribeTable(connection_, {"types_test", "target"});
    ASSERT_TRUE(table.ok());
    table_ = *table;
    for (const std::string column : {"v", "txt"}) {
      Property property;
      property.name = "v";
      property.column = column;
      contract_.properties.push_back(property);
    }
    Run("CREATE UNLOGGED TABLE stage (n bigint, v " + table_.columns[0].type.stage_name +
        ", txt text)");
  }

  CheckedBatch Check(const std::vector<std::string>& texts) {
    arrow::StringBuilder builder;
    EXPECT_TRUE(builder.AppendValues(texts).ok());
    const auto schema = arrow::schema({arrow::field("v", arrow::utf8())});
    CheckerOptions options;
    options.text_format = true;
    auto checker = Checker::Create(contract_, table_, *schema, options);
    EXPECT_TRUE(checker.ok());
    Batch batch;
    batch.rows =
        arrow::RecordBatch::Make(schema, static_cast<int64_t>(texts.size()), {*builder.Finish()});
    return (*checker)->Check(std::move(batch));
  }

  // Copies what was accepted; returns what the server holds otherwise than from its own text input.
  std::vector<std::string> Differences(const CheckedBatch& checked) {
    std::vector<int64_t> ids;
    std::vector<int32_t> order;
    for (size_t row = 0; row < checked.accepted.size(); ++row) {
      ids.push_back(static_cast<int64_t>(row));
      if (checked.accepted[row] != 0) order.push_back(static_cast<int32_t>(row));
    }
    CopyEncoder encoder;
    encoder.AppendHeader();
    encoder.AppendRows(
        {.columns = checked.columns, .row_ids = ids, .operations = {}, .order = order});
    encoder.AppendTrailer();
    Run("TRUNCATE stage");
    auto copy = CopyIn::Begin(connection_, "COPY stage FROM STDIN (FORMAT binary)");
    EXPECT_TRUE(copy.ok() && copy->Write(encoder.bytes()).ok());
    const auto copied = std::move(*copy).Finish();
    if (!copied.ok())
      return {"COPY failed: " + connection_.last_error().message + " " +
              connection_.last_error().context};
    std::vector<std::string> differences;
    const QueryResult rows =
        Run("SELECT txt, v::text, read(txt)::text FROM stage WHERE (ROW(v::" + GetParam().type +
            ")::record *= ROW(read(txt))::record) IS NOT TRUE ORDER BY n");
    for (int row = 0; row < rows.rows(); ++row) {
      differences.push_back(
          "'" + std::string(rows.Text(row, 0).substr(0, 80)) + "' came as '" +
          std::string(rows.Text(row, 1).substr(0, 80)) + "', the server reads '" +
          (rows.IsNull(row, 2) ? "an error" : std::string(rows.Text(row, 2).substr(0, 80))) + "'");
    }
    return differences;
  }

  bool ServerReads(const std::string& text) {
    auto result = connection_.Query("SELECT read($1) IS NOT NULL", {text});
    EXPECT_TRUE(result.ok());
    return result->Bool(0, 0);
  }

  Connection connection_;
  TableDescription table_;
  Contract contract_;
};

TEST_P(TypesOnServer, AcceptsTheListedTextsAsTheServerDoes) {
  std::vector<std::string> texts;
  for (const Case& listed : GetParam().cases) texts.push_back(listed.text);
  const CheckedBatch checked = Check(texts);
  for (size_t i = 0; i < texts.size(); ++i) {
    const Expected expected = GetParam().cases[i].expected;
    const std::string shown = texts[i].substr(0, 80);
    EXPECT_EQ(checked.accepted[i] != 0, expected == Expected::kSame)
        << "'" << shown << "' in the checker";
    EXPECT_EQ(ServerReads(texts[i]), expected != Expected::kRefused)
        << "'" << shown << "' in the server";
  }
  for (const std::string& difference : Differences(checked)) ADD_FAILURE() << difference;
}

TEST_P(TypesOnServer, NeverAcceptsWhatTheServerReadsOtherwise) {
  std::mt19937 random(2024);
  std::vector<std::string> seeds;
  std::string alphabet = "0123456789+-:.,eE TZ{}\"\\/_'xPYMDHSan";
  for (const Case& listed : GetParam().cases) {
    if (listed.text.size() <= kMutantBytesMax && !listed.text.empty()) seeds.push_back(listed.text);
  }
  std::set<std::string> mutants;
  while (mutants.size() < kMutantsPerType) {
    std::string text = seeds[random() % seeds.size()];
    for (size_t change = 0; change <= random() % 3; ++change) {
      const size_t at = random() % (text.size() + 1);
      const std::string& other = seeds[random() % seeds.size()];
      switch (random() % 5) {
        case 0:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
          break;
        case 1:
          if (at < text.size()) text.erase(at, 1 + random() % 2);
          break;
        case 2:
          if (at < text.size()) text[at] = alphabet[random() % alphabet.size()];
          break;
        case 3:
          if (at < text.size()) text[at] = other[random() % other.size()];
          break;
        default:
          text = text.substr(0, at) + other.substr(std::min(at, other.size()));
          break;
      }
    }
    if (text.size() <= kMutantBytesMax) mutants.insert(text);
  }
  const CheckedBatch checked = Check({mutants.begin(), mutants.end()});
  const int64_t accepted = checked.accepted_count();
  RecordProperty("accepted", static_cast<int>(accepted));
  EXPECT_GT(accepted, 0);
  for (const std::string& difference : Differences(checked)) ADD_FAILURE() << difference;
}

INSTANTIATE_TEST_SUITE_P(Types, TypesOnServer, testing::ValuesIn(ReadBlocks()),
                         [](const auto& instance) {
                           std::string name = instance.param.type;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name + "_" + std::to_string(instance.index);
                         });

}  // namespace
}  // namespace eclusa
