// The reason of a row that the server itself refused, from the server's words.
#pragma once

#include "model/reason.h"
#include "pg/connection.h"

namespace eclusa {

Reason ReasonOfServer(const ServerError& error);

}  // namespace eclusa
