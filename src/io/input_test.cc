#include "io/input.h"

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/compression.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/test_folder.h"
#include "model/codes.h"

namespace eclusa {
namespace {

std::string Compress(const std::string& bytes, arrow::Compression::type type) {
  const auto codec = arrow::util::Codec::Create(type).ValueOrDie();
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto size = static_cast<int64_t>(bytes.size());
  std::string out(static_cast<size_t>(codec->MaxCompressedLen(size, data)), '\0');
  const int64_t written = codec
                              ->Compress(size, data, static_cast<int64_t>(out.size()),
                                         reinterpret_cast<uint8_t*>(out.data()))
                              .ValueOrDie();
  out.resize(static_cast<size_t>(written));
  return out;
}
std::string Gzip(const std::string& bytes) { return Compress(bytes, arrow::Compression::GZIP); }
std::string Zstd(const std::string& bytes) { return Compress(bytes, arrow::Compression::ZSTD); }

// All of the input, read in pieces of `step` bytes.
Result<std::string> ReadAll(Input& input, size_t step) {
  std::string all;
  std::string piece(step, '\0');
  while (true) {
    const size_t got = TRY(input.Read(piece));
    all.append(piece, 0, got);
    if (got < step) return all;
  }
}

std::string Long() {
  std::string text;
  for (int i = 0; i < 60000; ++i) text += std::to_string(i * 7919) + ";";
  return text;
}

TEST(Input, GivesAFilesBytesInPiecesOfAnySize) {
  const TestFolder folder;
  for (const size_t size : {0U, 1U, 3U, 4U, 5U, 1000U}) {
    const std::string bytes = Long().substr(0, size);
    const std::string path = folder.Write("f", bytes);
    for (const size_t step : {1U, 3U, 7U, 4096U}) {
      const auto input = OpenInput(path).value();
      EXPECT_EQ(ReadAll(*input, step).value(), bytes);
      EXPECT_EQ(input->compression(), Compression::kNone);
      EXPECT_EQ(input->BytesTotal(), static_cast<int64_t>(size));
      EXPECT_EQ(input->BytesRead(), static_cast<int64_t>(size));
    }
  }
}

TEST(Input, DecompressesByContentNotByName) {
  const TestFolder folder;
  const std::string bytes = Long();
  for (const std::string& packed : {Gzip(bytes), Zstd(bytes)}) {
    const std::string path = folder.Write("f.csv", packed);
    for (const size_t step : {1009U, 1U << 20}) {
      const auto input = OpenInput(path).value();
      EXPECT_EQ(ReadAll(*input, step).value(), bytes);
      EXPECT_EQ(input->BytesTotal(), static_cast<int64_t>(packed.size()));
      EXPECT_EQ(input->BytesRead(), static_cast<int64_t>(packed.size()));
    }
  }
  EXPECT_EQ(OpenMemoryInput(Gzip(""), "f").value()->compression(), Compression::kGzip);
  EXPECT_EQ(OpenMemoryInput(Zstd(""), "f").value()->compression(), Compression::kZstd);
}

TEST(Input, ReadsSeveralMembersAsOneFile) {
  for (const auto& pack : {Gzip, Zstd}) {
    const std::string packed = pack("one,") + pack("") + pack("two") + pack(Long());
    for (const size_t step : {1U, 5U, 1U << 20}) {
      EXPECT_EQ(ReadAll(*OpenMemoryInput(packed, "f").value(), step).value(), "one,two" + Long());
    }
  }
}

TEST(Input, IgnoresPaddingWithZeroBytes) {
  const auto input = OpenMemoryInput(Gzip("text") + std::string(300'000, '\0'), "f").value();
  EXPECT_EQ(ReadAll(*input, 100).value(), "text");
}

TEST(Input, SaysThatACompressedFileEndsInTheMiddle) {
  for (const std::string& packed : {Gzip(Long()), Zstd(Long())}) {
    for (const size_t size : {size_t{4}, size_t{40}, packed.size() / 2, packed.size() - 1}) {
      const auto input = OpenMemoryInput(packed.substr(0, size), "f").value();
      const auto text = ReadAll(*input, 4096);
      ASSERT_FALSE(text.ok()) << size;
      EXPECT_EQ(text.error().code(), code::file_truncated) << size;
    }
  }
}

TEST(Input, SaysThatACompressedFileIsDamaged) {
  for (std::string packed : {Gzip(Long()), Zstd(Long())}) {
    // Near the beginning: zstd without a checksum cannot know that a literal is another one.
    for (size_t i = 12; i < 76; ++i) packed[i] ^= 0x55;
    const auto text = ReadAll(*OpenMemoryInput(packed, "f").value(), 4096);
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code(), code::file_damaged);
  }
  const auto text = ReadAll(*OpenMemoryInput(Gzip("x") + "garbage", "f").value(), 4096);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code(), code::file_damaged);
}

TEST(OpenInput, RefusesWhatIsNoRegularFile) {
  const TestFolder folder;
  const auto code_of = [](const std::string& path) {
    const auto input = OpenInput(path);
    return input.ok() ? "none" : input.error().code();
  };
  EXPECT_EQ(code_of(folder.At("f")), code::file_not_found);
  EXPECT_EQ(code_of(folder.path()), code::file_is_folder);
  ASSERT_EQ(mkfifo(folder.At("pipe").c_str(), 0600), 0);
  EXPECT_EQ(code_of(folder.At("pipe")), code::file_not_regular);
}

TEST(OpenRandomAccess, ReadsAtAnyPlace) {
  const TestFolder folder;
  const auto file = OpenRandomAccess(folder.Write("f", "0123456789")).value();
  EXPECT_EQ(file->ReadAt(4, 3).ValueOrDie()->ToString(), "456");
  EXPECT_EQ(file->GetSize().ValueOrDie(), 10);
  EXPECT_EQ(OpenRandomAccess(folder.At("g")).error().code(), code::file_not_found);
}

}  // namespace
}  // namespace eclusa
