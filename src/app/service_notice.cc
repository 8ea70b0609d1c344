#include "app/service_notice.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "core/log.h"

namespace eclusa {
namespace {

bool Send(const std::string& path, const std::string& state) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path.front() == '@') address.sun_path[0] = '\0';  // of the abstract namespace
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  const int channel = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (channel < 0) return false;
  const bool sent = sendto(channel, state.data(), state.size(), MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), size) >= 0;
  const int error = errno;
  close(channel);
  errno = error;
  return sent;
}

}  // namespace

void NotifyServiceManager(const CommandContext& context, const std::string& state) {
  const std::string path = context.Variable("NOTIFY_SOCKET");
  if (path.empty() || Send(path, state)) return;
  LogWarning("service_manager_not_told", {{"state", state}, {"detail", std::strerror(errno)}});
}

}  // namespace eclusa
