// SPDX-License-Identifier: Apache-2.0
#include "app/sinks.h"

#include "sinks/journal-sink.h"

namespace swoll {
namespace {

struct SinkRow {
  std::unique_ptr<Sink> (*make)(const Config& config);
  void (*reload)(Sink& sink, const Config& config);  // null: it is as it was made
};

std::unique_ptr<Sink> makeJournal(const Config& config) {
  return std::make_unique<JournalSink>(
      JournalSettings{.enabled = config.journal, .eventsPerSecond = config.journalEventsPerSecond});
}

void reloadJournal(Sink& sink, const Config& config) {
  static_cast<JournalSink&>(sink).reconfigure(config.journal, config.journalEventsPerSecond);
}

const SinkRow rows[] = {
    {makeJournal, reloadJournal},
};

}  // namespace

Sinks makeSinks(const Config& config) {
  Sinks out;
  for (const SinkRow& row : rows) out.push_back(row.make(config));
  return out;
}

void reloadSinks(const Sinks& sinks, const Config& config) {
  for (size_t i = 0; i < sinks.size(); i++)
    if (rows[i].reload) rows[i].reload(*sinks[i], config);
}

}  // namespace swoll
