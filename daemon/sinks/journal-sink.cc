// SPDX-License-Identifier: Apache-2.0
#include "sinks/journal-sink.h"

#include "event/names.h"
#include "trace/trace.h"

namespace swoll {
namespace {

constexpr size_t mostQueued = 4096;
constexpr size_t mostQueuedBytes = 16 << 20;

// The fields besides MESSAGE; an empty one is left out.
struct FieldRow {
  const char* name;
  std::string (*get)(const Event&);
};
std::string ofContainer(const Event& event, std::string Container::*member) {
  return event.container ? event.container->*member : std::string();
}
std::string ofKind(const Event& event, EventKind kind, std::string_view text) {
  return event.kind() == kind ? std::string(text) : std::string();
}
const FieldRow fieldRows[] = {
    {"SWOLL_NAMESPACE", [](const Event& e) { return ofContainer(e, &Container::nameSpace); }},
    {"SWOLL_POD", [](const Event& e) { return ofContainer(e, &Container::pod); }},
    {"SWOLL_CONTAINER", [](const Event& e) { return ofContainer(e, &Container::name); }},
    {"SWOLL_UNIT", [](const Event& e) { return std::string(e.unit); }},
    {"SWOLL_SYSCALL", [](const Event& e) { return ofKind(e, EventKind::syscall, e.name); }},
    {"SWOLL_PROCESS", [](const Event& e) { return ofKind(e, EventKind::process, e.name); }},
    {"SWOLL_ERROR",
     [](const Event& e) {
       return ofKind(e, EventKind::syscall, e.error() ? errnoName(e.error()) : "OK");
     }},
    {"SWOLL_PID", [](const Event& e) { return std::to_string(e.pid); }},
    {"SWOLL_COMM", [](const Event& e) { return e.comm; }},
};

std::string entryOf(Delivery& delivery) {
  std::string entry;
  const Event& event = delivery.event();
  appendJournalField(entry, "MESSAGE", delivery.json());
  appendJournalField(entry, "PRIORITY", "6");
  appendJournalField(entry, "SYSLOG_IDENTIFIER", "swolld");
  for (std::string_view name : delivery.traceNames())
    appendJournalField(entry, "SWOLL_TRACE", name);
  for (const FieldRow& row : fieldRows)
    if (std::string value = row.get(event); !value.empty())
      appendJournalField(entry, row.name, value);
  return entry;
}

}  // namespace

void JournalSink::reconfigure(bool enabled, uint32_t eventsPerSecond) {
  settings.enabled = enabled;
  settings.eventsPerSecond = eventsPerSecond;
}

bool JournalSink::follows(const Trace& trace) const {
  return settings.enabled && trace.spec().journal;
}

bool JournalSink::withinRate(uint64_t now) {
  if (!settings.eventsPerSecond) return true;
  if (uint64_t current = now / 1000000000; current > second) {  // they come from several CPUs
    second = current;
    inSecond = 0;
  }
  return inSecond++ < settings.eventsPerSecond;
}

const LossCause* JournalSink::accept(Delivery& delivery) {
  auto refuse = [this] {
    refused++;
    return &skipped;
  };
  if (queue.size() >= mostQueued || queuedBytes >= mostQueuedBytes) return refuse();
  if (!withinRate(delivery.event().finish)) return refuse();
  std::string entry = entryOf(delivery);
  if (queue.empty()) {
    switch (socket.send(entry)) {
      case JournalSocket::Sent::yes:
        written++;
        return nullptr;
      case JournalSocket::Sent::failed:
        return refuse();
      case JournalSocket::Sent::busy:
        break;
    }
  }
  queuedBytes += entry.size();
  queue.push_back(std::move(entry));
  if (queue.size() == 1 && onWaiting) onWaiting();
  return nullptr;
}

bool JournalSink::flush() {
  while (!queue.empty()) {
    if (socket.send(queue.front()) != JournalSocket::Sent::yes) return false;
    written++;
    queuedBytes -= queue.front().size();
    queue.pop_front();
  }
  return true;
}

std::string JournalSink::detail() const {
  if (!settings.enabled) return "off";
  std::string text = socket.problem().empty() ? settings.socket : socket.problem() + "; retrying";
  return text + ", " + std::to_string(written) + " written, " + std::to_string(queue.size()) +
         " waiting, " + std::to_string(refused) + " refused";
}

}  // namespace swoll
