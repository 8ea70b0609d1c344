#include "store/local_store.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>

#include "core/fault.h"
#include "io/test_folder.h"
#include "model/codes.h"

namespace {

// Bytes that the disk still takes; less than nothing: as many as you like.
std::atomic<int64_t> disk_room = -1;

}  // namespace

// Instead of the C library's: a disk that is full takes what fits and then nothing.
extern "C" ssize_t write(int descriptor, const void* bytes, size_t size) {
  using Write = ssize_t (*)(int, const void*, size_t);
  static const auto real = reinterpret_cast<Write>(dlsym(RTLD_NEXT, "write"));
  const int64_t room = disk_room.load();
  if (room < 0) return real(descriptor, bytes, size);
  if (room == 0) {
    errno = ENOSPC;
    return -1;
  }
  const ssize_t written = real(descriptor, bytes, std::min(size, static_cast<size_t>(room)));
  if (written > 0) disk_room.fetch_sub(written);
  return written;
}

namespace eclusa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::sys_seconds kLater{std::chrono::seconds(4'000'000'000)};

class LocalStores : public testing::Test {
 protected:
  LocalStores() { store_ = Open({{"k1", "0123456789abcdef0123456789abcdef"}}); }

  std::unique_ptr<LocalStore> Open(std::vector<UploadKey> keys) const {
    return LocalStore::Open({folder_.At("s"), "http://h/u/", std::move(keys), {}}).value();
  }
  static UploadGrant Grant(int64_t size) {
    UploadGrant grant;
    grant.object = "a/b";
    grant.size = size;
    return grant;
  }
  // Files under a folder of the store, wherever they are.
  std::vector<std::string> Files(const std::string& below) const {
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.At("s/" + below))) {
      if (entry.is_regular_file()) files.push_back(entry.path().filename());
    }
    return files;
  }
  void Upload(const std::string& bytes) {
    UploadSink sink = store_->Receive(Grant(static_cast<int64_t>(bytes.size()))).value();
    ASSERT_TRUE(sink.Write(bytes).ok());
    ASSERT_TRUE(std::move(sink).Finish().ok());
  }

  const TestFolder folder_;
  std::unique_ptr<LocalStore> store_;
};

TEST_F(LocalStores, ShowsNothingOfAnUploadBeforeItIsWhole) {
  {
    UploadSink sink = store_->Receive(Grant(6)).value();
    ASSERT_TRUE(sink.Write("abc").ok());
    EXPECT_EQ(store_->Stat("a/b").error().code(), code::store_not_found);
    EXPECT_THAT(Files("partial"), SizeIs(1));
  }
  EXPECT_THAT(Files("partial"), IsEmpty());
  EXPECT_THAT(Files("objects"), IsEmpty());
}

TEST_F(LocalStores, RefusesTheFirstByteTooMuch) {
  UploadSink sink = store_->Receive(Grant(6)).value();
  ASSERT_TRUE(sink.Write("abcdef").ok());
  const Status refused = sink.Write("g");
  EXPECT_EQ(refused.error().code(), code::store_too_large);
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalid);
  // With it the whole upload.
  EXPECT_EQ(sink.Write("").error().code(), code::store_too_large);
  EXPECT_EQ(std::move(sink).Finish().error().code(), code::store_too_large);
  EXPECT_THAT(Files("objects"), IsEmpty());
}

TEST_F(LocalStores, RefusesAnotherLengthAndAnotherDigest) {
  UploadSink shorter = store_->Receive(Grant(6)).value();
  ASSERT_TRUE(shorter.Write("abc").ok());
  EXPECT_EQ(std::move(shorter).Finish().error().code(), code::store_upload_length);
  UploadGrant grant = Grant(3);
  grant.sha256 = std::string(64, 'a');
  UploadSink altered = store_->Receive(grant).value();
  ASSERT_TRUE(altered.Write("abc").ok());
  EXPECT_EQ(std::move(altered).Finish().error().code(), code::store_digest);
  EXPECT_THAT(Files("objects"), IsEmpty());
}

TEST_F(LocalStores, KeepsTheOlderObjectWhenAnUploadFails) {
  Upload("abc");
  const ObjectStat before = store_->Stat("a/b").value();
  {
    UploadSink sink = store_->Receive(Grant(6)).value();
    ASSERT_TRUE(sink.Write("abc").ok());
    ASSERT_FALSE(std::move(sink).Finish().ok());
  }
  EXPECT_EQ(store_->Stat("a/b").value().version, before.version);
  EXPECT_EQ(before.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(LocalStores, SaysThatItIsGoneAsAWhole) {
  Upload("abc");
  const PinnedObject pinned{"a/b", store_->Stat("a/b").value().version};
  UploadClaims claims;
  claims.object = "a/b";
  claims.max_size = 10;
  const std::string moved = folder_.At("moved");
  std::filesystem::rename(folder_.At("s"), moved);
  for (const Error& error : {store_->Stat("a/b").error(), store_->OpenInput(pinned, {}).error(),
                             store_->CompleteUpload(claims, "", {}).error(),
                             store_->UploadedParts("a/b", std::string(32, 'a')).error()}) {
    EXPECT_EQ(error.code(), code::store_unavailable);
    EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
  }
  std::filesystem::rename(moved, folder_.At("s"));
  EXPECT_EQ(store_->Stat("a/b").value().version, pinned.version);
  EXPECT_EQ(store_->Stat("a/c").error().code(), code::store_not_found);
}

TEST_F(LocalStores, SaysThatTheDiskIsFullAndLeavesNothing) {
  UploadSink sink = store_->Receive(Grant(1000)).value();
  disk_room = 100;
  const Status full = sink.Write(std::string(1000, 'x'));
  disk_room = -1;
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), code::file_disk_full);
  EXPECT_EQ(full.error().kind(), ErrorKind::kUnavailable);
  // The object is named, not where it lies.
  EXPECT_EQ(full.error().arguments().at(0).second, "a/b");
  { const UploadSink gone = std::move(sink); }
  EXPECT_THAT(Files("partial"), IsEmpty());
  // Once there is room the same upload is taken.
  Upload(std::string(1000, 'x'));
}

TEST_F(LocalStores, KeepsThePartsWhenTheDiskIsFullWhileTheyAreJoined) {
  UploadClaims claims;
  claims.object = "a/b";
  claims.size = 2000;
  claims.parts = 2;
  claims.expires = kLater;
  const SignedUpload upload = store_->SignUpload(claims).value();
  for (int part = 1; part <= 2; ++part) {
    UploadGrant grant = Grant(1000);
    grant.upload_id = upload.upload_id;
    grant.part = part;
    UploadSink sink = store_->Receive(grant).value();
    ASSERT_TRUE(sink.Write(std::string(1000, 'x')).ok());
    ASSERT_TRUE(std::move(sink).Finish().ok());
  }
  disk_room = 1500;
  const auto full = store_->CompleteUpload(claims, upload.upload_id, {});
  disk_room = -1;
  EXPECT_EQ(full.error().code(), code::file_disk_full);
  EXPECT_THAT(Files("partial"), IsEmpty());
  EXPECT_EQ(store_->CompleteUpload(claims, upload.upload_id, {}).value().size, 2000);
  EXPECT_THAT(Files("uploads"), IsEmpty());
}

TEST_F(LocalStores, ChecksTheDigestOfJoinedParts) {
  UploadClaims claims;
  claims.object = "a/b";
  claims.size = 2;
  claims.parts = 2;
  claims.sha256 = std::string(64, 'a');
  claims.expires = kLater;
  const SignedUpload upload = store_->SignUpload(claims).value();
  for (int part = 1; part <= 2; ++part) {
    UploadGrant grant = Grant(1);
    grant.upload_id = upload.upload_id;
    grant.part = part;
    UploadSink sink = store_->Receive(grant).value();
    ASSERT_TRUE(sink.Write("x").ok());
    ASSERT_TRUE(std::move(sink).Finish().ok());
  }
  EXPECT_EQ(store_->CompleteUpload(claims, upload.upload_id, {}).error().code(),
            code::store_digest);
  EXPECT_THAT(Files("uploads"), IsEmpty());
  EXPECT_THAT(Files("objects"), IsEmpty());
}

TEST_F(LocalStores, TakesUrlsOfKeysThatAreBeingRetired) {
  UploadClaims claims;
  claims.object = "a/b";
  claims.size = 2;
  claims.expires = kLater;
  const std::string url = store_->SignUpload(claims).value().urls.at(0);
  const UploadAttempt attempt = {"PUT", "a/b", url.substr(url.find('?') + 1), 2, ""};
  const UploadKey fresh = {"k2", "ffffffffffffffffffffffffffffffff"};
  EXPECT_TRUE(
      Open({fresh, {"k1", "0123456789abcdef0123456789abcdef"}})->VerifyUpload(attempt).ok());
  EXPECT_EQ(Open({fresh})->VerifyUpload(attempt).error().code(), code::store_upload_signature);
}

TEST_F(LocalStores, TakesNoPartOfAnotherUpload) {
  UploadGrant grant = Grant(1);
  grant.part = 1;
  for (const char* id : {"00000000000000000000000000000000", "..", "../objects", "a/b", "0f"}) {
    grant.upload_id = id;
    EXPECT_EQ(store_->Receive(grant).error().code(), code::store_upload_unknown) << id;
  }
}

TEST_F(LocalStores, IsWholeAfterADeathInTheMiddleOfAnUpload) {
  Upload("before");
  const std::string version = store_->Stat("a/b").value().version;
  const auto upload_killed_at = [&](const char* point) {
    ASSERT_TRUE(ArmFault(point, "kill"));
    Upload("after!");
  };
  EXPECT_EXIT(upload_killed_at("store.written"), testing::KilledBySignal(SIGKILL), "");
  EXPECT_EQ(store_->Stat("a/b").value().version, version);
  EXPECT_THAT(Files("partial"), SizeIs(1));
  EXPECT_EXIT(upload_killed_at("store.published"), testing::KilledBySignal(SIGKILL), "");
  // The new object is there, the older one was not removed yet.
  EXPECT_EQ(store_->Stat("a/b").value().size, 6);
  EXPECT_NE(store_->Stat("a/b").value().version, version);
  EXPECT_THAT(Files("objects"), SizeIs(2));
  std::vector<std::string> listed;
  ASSERT_TRUE(store_
                  ->List({"", kLater},
                         [&](const ListedObject& object) -> Status {
                           listed.push_back(object.object);
                           return Ok();
                         })
                  .ok());
  EXPECT_THAT(listed, ElementsAre("a/b"));
  ASSERT_TRUE(store_->RemovePartial(std::chrono::sys_seconds{}).ok());
  EXPECT_THAT(Files("partial"), SizeIs(1));
  ASSERT_TRUE(store_->RemovePartial(kLater).ok());
  EXPECT_THAT(Files("partial"), IsEmpty());
  Upload("again");
  EXPECT_THAT(Files("objects"), SizeIs(1));
  ASSERT_TRUE(store_->Remove("a/b").ok());
  EXPECT_THAT(Files("objects"), IsEmpty());
}

TEST_F(LocalStores, NeedsTheFolderAboveItsOwn) {
  const auto store =
      LocalStore::Open({folder_.At("no/s"), "http://h/", {{"k", std::string(32, 'k')}}, {}});
  EXPECT_EQ(store.error().code(), code::file_no_folder);
}

}  // namespace
}  // namespace eclusa
