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

// As much of the input as it gives; what ended it.
struct ReadToTheEnd {
  int64_t bytes = 0;
  std::string code;
};
ReadToTheEnd Drain(Input& input) {
  ReadToTheEnd read;
  std::string piece(1 << 20, '\0');
  while (true) {
    const auto got = input.Read(piece);
    if (!got.ok()) read.code = got.error().code();
    if (!got.ok() || *got == 0) return read;
    read.bytes += static_cast<int64_t>(*got);
  }
}

TEST(Input, RefusesABombBeforeItHasGrown) {
  // 10 MB that are 10 GB, in as many members as it takes.
  const std::string zeros(10 << 20, '0');
  for (const auto& pack : {Gzip, Zstd}) {
    const std::string member = pack(zeros);
    std::string bomb;
    for (int i = 0; i < 1000; ++i) bomb += member;
    EXPECT_LT(bomb.size(), 11U << 20);
    const auto input = OpenMemoryInput(bomb, "f").value();
    const ReadToTheEnd read = Drain(*input);
    EXPECT_EQ(read.code, code::file_expands);
    EXPECT_LT(read.bytes, 80 << 20);
    // Content before it does not hide it.
    const std::string hidden = pack(Long()) + bomb;
    EXPECT_EQ(Drain(*OpenMemoryInput(hidden, "f").value()).code, code::file_expands);
  }
}

TEST(Input, ReadsWhatRepeatsItselfAsRowsDo) {
  std::string rows;
  for (int i = 0; rows.size() < 70U << 20; ++i) {
    rows += std::to_string(i) + ";2026-01-01;0,00;0,00;;;;N;N;ATIVO;;;;;;;;;;;;;;;;;;;;;;;;;;\n";
  }
  for (const auto& pack : {Gzip, Zstd}) {
    const ReadToTheEnd read = Drain(*OpenMemoryInput(pack(rows), "f").value());
    EXPECT_EQ(read.code, "");
    EXPECT_EQ(read.bytes, static_cast<int64_t>(rows.size()));
  }
  // Short of a stretch, anything goes.
  const std::string zeros(60 << 20, '0');
  EXPECT_EQ(Drain(*OpenMemoryInput(Gzip(zeros), "f").value()).code, "");
}

TEST(Input, RefusesAWindowThatTakesTooMuchMemory) {
  // A frame's head that asks for a window of 2 GiB (window log 31), and nothing in it.
  const std::string frame("\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00", 9);
  EXPECT_EQ(Drain(*OpenMemoryInput(frame, "f").value()).code, code::file_window);
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
