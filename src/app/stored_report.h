// StoredReport: the report of a job that has ended, made again from what was recorded of it.
#pragma once

#include <string_view>

#include "control/read_jobs.h"
#include "model/report.h"

namespace eclusa {

// Everything but the causes, which are the failures' own business (failures/causes.h). What the
// recorded report lacks stays empty.
LoadReport StoredReport(const JobRecord& job);

}  // namespace eclusa
