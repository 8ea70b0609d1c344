// eclusa db start | stop | status | url | psql | grant: the private PostgreSQL, and who may load.
//
// start, stop, status and url work on the private server alone, whatever --db and ECLUSA_DB say.
// psql becomes psql: the server is held until that ends.
#pragma once

#include "app/command.h"

namespace eclusa {

void AddDbCommand(CLI::App& app, CommandContext& context);

}  // namespace eclusa
