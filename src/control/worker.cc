#include "control/worker.h"

#include <unistd.h>

#include "control/error_json.h"

namespace eclusa {

std::string WorkerName() {
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return FitText(host) + ":" + std::to_string(getpid());
}

}  // namespace eclusa
