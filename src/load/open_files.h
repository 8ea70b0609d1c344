// Opening a load's files: format, checker, identity; and their digests, read beside the load.
#pragma once

#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/result.h"
#include "load/load.h"
#include "load/part_place.h"
#include "load/stager.h"

namespace eclusa {

// Where the request's files are.
const Files& FilesOf(const LoadRequest& request);

// Opens every file and binds its columns. Refuses files whose columns differ from the first one's.
// `stop`: of looking through JSON files for known fields that come late (formats/json_late.h);
// null: no file is looked at beyond its head.
Result<std::vector<LoadFile>> OpenFiles(const LoadRequest& request,
                                        const std::stop_token* stop = nullptr);

// One of them, by its place in the request, or a part of it; not looked through for late fields.
Result<LoadFile> OpenPart(const LoadRequest& request, int32_t ordinal, const PartPlace& place);

// The stage's columns of each table of the load, as DatasetNodes orders them; none for a child that
// no file brings.
std::vector<std::vector<BoundColumn>> ColumnsOf(const std::vector<LoadFile>& files);

// Opens a file again, as it was opened the first time.
Result<std::unique_ptr<Source>> OpenAgain(const LoadFile& file);

// Sessions that send: as asked, else two where the files are large enough to pay for the second.
int ConnectionsFor(const LoadRequest& request, const std::vector<LoadFile>& files);

// What staging alone can tell to be refused: too few rows, a key that replace cannot do without.
Status CheckStaged(const LoadRequest& request, const StagedLoad& staged);

// SHA-256 of the files, in a thread of its own while they are loaded.
class DigestReader {
 public:
  // The request outlives the reader.
  DigestReader(const LoadRequest& request, const std::vector<LoadFile>& files);
  // Waits, and puts the digests into the files' records.
  Status Finish(std::vector<LoadFile>& files);

 private:
  const Files& files_;
  std::vector<std::string> digests_;
  Status status_;
  std::jthread thread_;
};

}  // namespace eclusa
