// Every reader against files that were cut, spliced and flipped: 10,000 mutations each.
//
// Whatever the bytes, reading ends: with rows, with rows that say why they could not be read, or
// with an error. It does not crash, does not hang, stays within its memory, and numbers its rows 1,
// 2, 3
// ..., each once. ECLUSA_MUTATION_SEED repeats a run; the seed is printed. A reader is one entry of
// Readers().
#include <arrow/api.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>

#include "formats/avro_test_files.h"
#include "formats/sink.h"
#include "formats/source.h"
#include "formats/test_tables.h"
#include "io/test_folder.h"

namespace eclusa {
namespace {

constexpr int kMutations = 10'000;
constexpr auto kSecondsMax = std::chrono::seconds(20);
// Of the process; a reader may take a block of Avro (256 MiB, twice) or a page of Parquet (1 GiB).
constexpr int64_t kMemoryMax = int64_t{2} << 30;

std::shared_ptr<arrow::RecordBatch> Rows() {
  std::vector<std::optional<std::string>> texts;
  std::vector<std::optional<int64_t>> numbers;
  std::vector<std::optional<double>> doubles;
  std::vector<std::optional<bool>> flags;
  for (int i = 0; i < 60; ++i) {
    texts.emplace_back(i % 7 == 0 ? std::nullopt : std::optional("São " + std::to_string(i * i)));
    numbers.emplace_back(i * 1'000'003);
    doubles.emplace_back(i / 8.0);
    flags.emplace_back(i % 3 == 0);
  }
  return MakeBatch({{"text", Texts(texts)},
                    {"number", Numbers<arrow::Int64Builder, int64_t>(numbers)},
                    {"double", Numbers<arrow::DoubleBuilder, double>(doubles)},
                    {"flag", Numbers<arrow::BooleanBuilder, bool>(flags)}});
}

// The rows, and beside them lists of records and an array of numbers.
std::shared_ptr<arrow::RecordBatch> NestedRows() {
  const auto flat = Rows();
  const auto record = arrow::StructArray::Make({flat->column(0), flat->column(1)},
                                               std::vector<std::string>{"a", "b"})
                          .ValueOrDie();
  arrow::Int32Builder ends;
  for (int i = 0; i <= 30; ++i) CHECK(ends.Append(2 * i).ok());
  const auto lists =
      arrow::ListArray::FromArrays(*ends.Finish().ValueOrDie(), *record).ValueOrDie();
  return MakeBatch({{"text", flat->column(0)->Slice(0, 30)},
                    {"list", lists},
                    {"record", record->Slice(30, 30)}});
}

std::string Written(const std::string& format,
                    const std::shared_ptr<arrow::RecordBatch>& batch = Rows()) {
  const TestFolder folder;
  SinkOptions options{.path = folder.At("f"), .format = format, .schema = batch->schema()};
  auto sink = CreateSink(options).value();
  CHECK(sink->Append(*batch).ok());
  CHECK(std::move(*sink).Finish().ok());
  return folder.Read("f");
}

std::string FixedLines() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    std::string line = std::to_string(i * 1'000'003);
    line.resize(12, ' ');
    text += line + (i % 2 == 0 ? "São Paulo  " : "Recife     ") + std::to_string(i) + "\r\n";
  }
  return text;
}

SourceOptions FixedOptions() {
  SourceOptions options;
  options.fixed = {{"number", 0, 12}, {"city", 12, 11}, {"rest", 23, std::nullopt}};
  return options;
}

std::string Packed(const std::string& bytes, arrow::Compression::type type) {
  return Compressed(bytes, type);
}

struct Reader {
  std::string name;
  std::vector<std::string> files;  // sound ones, of each spelling
  SourceOptions options;
};

std::vector<Reader> Readers() {
  const std::string csv = Written("csv");
  const std::string fixed = FixedLines();
  std::vector<std::string> avro = {Written("avro")};
  for (const std::string codec : {"null", "deflate", "snappy", "zstandard"}) {
    avro.push_back(AvroBytes(NestedRows(), codec, 7));
  }
  const auto zstd =
      parquet::WriterProperties::Builder().compression(arrow::Compression::ZSTD)->build();
  return {
      {"Csv",
       {csv, Packed(csv, arrow::Compression::GZIP), Packed(csv, arrow::Compression::ZSTD)},
       {}},
      {"Fixed",
       {fixed, Packed(fixed, arrow::Compression::GZIP), Packed(fixed, arrow::Compression::ZSTD)},
       FixedOptions()},
      {"Avro", avro, {}},
      {"Json",
       {Written("jsonl"), Written("json"), Written("jsonl", NestedRows()),
        Packed(Written("json", NestedRows()), arrow::Compression::ZSTD)},
       {}},
      {"Parquet", {ParquetBytes(Rows(), 20), ParquetBytes(Rows(), 1000, zstd)}, {}}};
}

class Mutator {
 public:
  explicit Mutator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t most) { return most == 0 ? 0 : random_() % most; }

  void Mutate(std::string& bytes) {
    for (size_t count = 1 + Below(3); count > 0; --count) MutateOnce(bytes);
  }

 private:
  void MutateOnce(std::string& bytes) {
    const size_t at = Below(bytes.size());
    const size_t length = 1 + Below(std::min<size_t>(bytes.size() - at, 64));
    const std::string piece = bytes.substr(Below(bytes.size()), length);
    switch (random_() % 7) {
      case 0:
        bytes.resize(at);
        return;
      case 1:
        bytes.insert(at, piece);
        return;
      case 2:
        bytes.erase(at, length);
        return;
      case 3:
        bytes.replace(at, piece.size(), piece);
        return;
      case 4:
        std::fill_n(bytes.begin() + static_cast<ptrdiff_t>(at), std::min(length, bytes.size() - at),
                    random_() % 2 == 0 ? '\xFF' : '\0');
        return;
      default:
        for (size_t flips = 1 + Below(8); flips > 0 && !bytes.empty(); --flips) {
          bytes[Below(bytes.size())] ^= static_cast<char>(1 << (random_() % 8));
        }
    }
  }

  std::mt19937 random_;
};

// Reads all of the file. Says what promise was broken; empty: none.
std::string BrokenPromise(const SourceOptions& options) {
  auto opened = OpenSource(options);
  if (!opened.ok()) return opened.error().code().empty() ? "an error without a code" : "";
  int64_t rows = 0;
  std::vector<bool> seen;
  bool sound = true;
  const auto see = [&](int64_t row) {
    if (row < 1) {
      sound = false;
      return;
    }
    const auto at = static_cast<size_t>(row);
    if (seen.size() <= at) seen.resize(at + 1);
    sound = sound && !seen[at];
    seen[at] = true;
    ++rows;
  };
  while (true) {
    auto next = (*opened)->Next();
    if (!next.ok()) break;
    if (!next->has_value()) break;
    const Batch& batch = **next;
    if (const auto valid = batch.rows->ValidateFull(); !valid.ok()) return valid.ToString();
    for (int64_t i = 0; i < batch.row_count(); ++i) see(batch.PlaceOf(i).row);
    for (const UnreadableRow& row : batch.unreadable) {
      if (row.reasons.empty()) return "an unreadable row without a reason";
      see(row.place.row);
    }
  }
  if (!sound) return "a row number that is none, or stands twice";
  if (rows + 1 != static_cast<int64_t>(std::max<size_t>(seen.size(), 1))) return "a row is missing";
  return "";
}

class Mutations : public testing::TestWithParam<size_t> {};

TEST_P(Mutations, EndWithRowsOrReasonsOrAnError) {
  const char* given = std::getenv("ECLUSA_MUTATION_SEED");
  const uint32_t seed = given == nullptr ? 20'261 : static_cast<uint32_t>(std::stoul(given));
  std::cout << "seed " << seed << "\n";
  const Reader reader = Readers()[GetParam()];
  const TestFolder folder;
  Mutator mutator(seed);
  for (int i = 0; i < kMutations; ++i) {
    std::string bytes = reader.files[static_cast<size_t>(i) % reader.files.size()];
    mutator.Mutate(bytes);
    SourceOptions options = reader.options;
    options.path = folder.Write("f", bytes);
    options.batch_rows = 1 + static_cast<int32_t>(mutator.Below(100));
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_EQ(BrokenPromise(options), "") << reader.name << " mutation " << i;
    ASSERT_LT(std::chrono::steady_clock::now() - begin, kSecondsMax) << "mutation " << i;
  }
  struct rusage usage = {};
  ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  EXPECT_LT(int64_t{usage.ru_maxrss} << 10, kMemoryMax);
}

INSTANTIATE_TEST_SUITE_P(Readers, Mutations, testing::Range<size_t>(0, Readers().size()),
                         [](const auto& index) { return Readers()[index.param].name; });

}  // namespace
}  // namespace eclusa
