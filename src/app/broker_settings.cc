#include "app/broker_settings.h"

namespace eclusa {

Result<std::optional<BrokerDispatcherConfig>> BrokerOf(const Settings& settings,
                                                       const std::string& conninfo) {
  if (settings.Text("broker.url").empty()) return std::optional<BrokerDispatcherConfig>();
  BrokerDispatcherConfig config{
      .conninfo = conninfo,
      .broker = TRY(ParseBrokerUrl(settings.Text("broker.url"))),
      .poll_live = std::chrono::seconds(settings.Number("broker.poll_seconds")),
      .poll_away = std::chrono::seconds(settings.Number("poll_seconds"))};
  if (const std::string& password = settings.Text("broker.password"); !password.empty()) {
    config.broker.password = password;
  }
  config.broker.queue = settings.Text("broker.queue");
  config.broker.ca = settings.Text("broker.ca");
  config.broker.certificate = settings.Text("broker.certificate");
  config.broker.key = settings.Text("broker.key");
  TRY(config.Validate());
  return std::optional(std::move(config));
}

}  // namespace eclusa
