#include <arrow/status.h>
#include <arrow/util/io_util.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "io/arrow_error.h"
#include "io/errno_error.h"
#include "model/codes.h"

namespace eclusa {
namespace {

TEST(ErrnoError, SaysWhatTheCallerCanDo) {
  const auto kind = [](int number) { return ErrnoError(number, FileAction::kWrite, "f").kind(); };
  EXPECT_EQ(kind(ENOENT), ErrorKind::kNotFound);
  EXPECT_EQ(kind(EACCES), ErrorKind::kInvalid);
  EXPECT_EQ(kind(EISDIR), ErrorKind::kInvalid);
  EXPECT_EQ(kind(ENOSPC), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(EIO), ErrorKind::kUnavailable);
  EXPECT_EQ(kind(ECANCELED), ErrorKind::kCancelled);
}

TEST(ErrnoError, NamesTheFileAndTheSystemsReason) {
  const Error error = ErrnoError(EIO, FileAction::kRead, "/data/f.csv");
  EXPECT_EQ(error.code(), code::file_read_failed);
  EXPECT_EQ(Text(error, Language::kEnglish), "/data/f.csv cannot be read: Input/output error");
}

TEST(ErrnoError, TellsAMissingFileFromAMissingFolder) {
  EXPECT_EQ(ErrnoError(ENOENT, FileAction::kRead, "f").code(), code::file_not_found);
  EXPECT_EQ(ErrnoError(ENOENT, FileAction::kWrite, "f").code(), code::file_no_folder);
}

TEST(ArrowError, LooksThroughToTheErrno) {
  const arrow::Status status = arrow::internal::IOErrorFromErrno(ENOSPC, "writing");
  const Error error = ArrowError(status, "f", {FileAction::kWrite, code::parquet_damaged});
  EXPECT_EQ(error.code(), code::file_disk_full);
  EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
}

TEST(ArrowError, KeepsCancelledAndOutOfMemoryApartFromDamage) {
  const ArrowOperation reading = {FileAction::kRead, code::parquet_damaged};
  EXPECT_EQ(ArrowError(arrow::Status::Cancelled("x"), "f", reading).kind(), ErrorKind::kCancelled);
  EXPECT_EQ(ArrowError(arrow::Status::OutOfMemory("x"), "f", reading).kind(),
            ErrorKind::kUnavailable);
}

TEST(ArrowError, GivesTheCallersCodeAndOneLineOfDetail) {
  const Error error = ArrowError(arrow::Status::Invalid("bad page\nat reader.cc:10"), "f.parquet",
                                 {FileAction::kRead, code::parquet_damaged});
  EXPECT_EQ(error.code(), code::parquet_damaged);
  EXPECT_EQ(error.kind(), ErrorKind::kInvalid);
  EXPECT_EQ(Text(error, Language::kEnglish), "f.parquet cannot be read as Parquet: bad page");
}

TEST(ArrowError, GivesOurOwnErrorAsItWasCarried) {
  const arrow::Status status =
      ArrowStatus(Error(ErrorKind::kConflict, code::failures_file_changed, {{"path", "there"}})
                      .With("reading"));
  EXPECT_FALSE(status.ok());
  const Error error = ArrowError(status, "f", {FileAction::kRead, code::parquet_damaged});
  EXPECT_EQ(error.kind(), ErrorKind::kConflict);
  EXPECT_EQ(error.code(), code::failures_file_changed);
  EXPECT_EQ(error.context().size(), 1U);
}

}  // namespace
}  // namespace eclusa
