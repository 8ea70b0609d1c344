// Sending a file to where a server wants it: in parts where it is large, going on where it was.
//
// Parts that are there are not sent again, after a broken connection as in a new process; a file
// that has changed since is sent anew. Memory: a block of the file. The file must not change while
// it is sent: the server checks its digest.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "client/api_session.h"
#include "client/upload_state.h"
#include "core/result.h"

namespace eclusa::client {

struct FileToSend {
  std::string path;
  std::string dataset_path;      // "/erp3/2531/people"
  boost::json::object tenant;    // columns and values, as the API wants them; empty: by the token
  int64_t part_size = 64 << 20;  // larger files go in parts of this size
  std::string state_folder;      // of UploadState
};

// `sent` of `total` bytes are there; first those of before.
using SendProgress = std::function<void(int64_t sent, int64_t total)>;

struct SentFile {
  std::string upload_id;
  UploadState state;  // to be forgotten once the load that is made of it has ended
};

Result<SentFile> SendFile(ApiSession& session, const FileToSend& file, const SendProgress& progress,
                          const std::stop_token& stop);

}  // namespace eclusa::client
