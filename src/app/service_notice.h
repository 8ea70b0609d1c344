// NotifyServiceManager: tells systemd (Type=notify) that a service is ready, or that it stops.
//
// A datagram to the socket that NOTIFY_SOCKET names, as sd_notify(3) describes; nothing where there
// is none. What cannot be told is logged: the service itself is well.
#pragma once

#include <string>

#include "app/command.h"

namespace eclusa {

// `state`: "READY=1", "STOPPING=1".
void NotifyServiceManager(const CommandContext& context, const std::string& state);

}  // namespace eclusa
