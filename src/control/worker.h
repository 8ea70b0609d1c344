// The name of this process in the control tables: "host:pid".
#pragma once

#include <string>

namespace eclusa {

std::string WorkerName();

}  // namespace eclusa
