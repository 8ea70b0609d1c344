// The broker that the settings name. Pure function, but for the files that it looks at.
#pragma once

#include <optional>
#include <string>

#include "core/result.h"
#include "dispatch/broker_dispatcher.h"
#include "settings/settings.h"

namespace eclusa {

// Nothing where broker.url is empty; kInvalid (config.bad_value) for what cannot work.
Result<std::optional<BrokerDispatcherConfig>> BrokerOf(const Settings& settings,
                                                       const std::string& conninfo);

}  // namespace eclusa
