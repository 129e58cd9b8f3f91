// SPDX-License-Identifier: Apache-2.0
#include "process/decode-process.h"

#include <algorithm>

#include "event/show.h"
#include "event/strace-value.h"
#include "process/process-table.h"

namespace swoll {
namespace {

const Argument* factOf(const Event& event, std::string_view name) {
  auto found = std::find_if(event.args.begin(), event.args.end(),
                            [&](const Argument& fact) { return fact.name == name; });
  return found == event.args.end() ? nullptr : &*found;
}

// As strace shows what it could not read: not at all.
std::string textOf(const Event& event, std::string_view name) {
  const Argument* fact = factOf(event, name);
  if (!fact || isUnread(*fact) || isNone(fact->value)) return "?";
  return straceText(fact->value, fact->truncated);
}

std::string forked(const Event& event) {
  return "+++ forked by " + textOf(event, "parent") + " +++";
}

std::string execed(const Event& event) {
  return "execve(" + textOf(event, "filename") + ", " + textOf(event, "argv") + ") = 0";
}

std::string exited(const Event& event) {
  if (!factOf(event, "signal")) return "+++ exited with " + textOf(event, "status") + " +++";
  return "+++ killed by " + textOf(event, "signal") +
         (textOf(event, "core_dumped") == "1" ? " (core dumped) +++" : " +++");
}

std::string killed(const Event& event) {
  std::string signal = textOf(event, "signal"), text = "{si_signo=" + signal;
  if (factOf(event, "code")) text += ", si_code=" + textOf(event, "code");
  const Argument* sender = factOf(event, "sender");
  if (const auto* fields = sender ? std::get_if<Fields>(&sender->value) : nullptr)
    for (const Field& field : fields->fields)
      if (field.name == "pid" || field.name == "uid")
        text += ", si_" + field.name + "=" + straceText(field.value);
  return "--- " + signal + " " + text + "} ---";
}

struct StraceRow {
  EventType type;
  std::string (*line)(const Event&);
};
constexpr StraceRow straceRows[] = {
    {SWOLL_PROCESS_fork, forked},
    {SWOLL_PROCESS_exec, execed},
    {SWOLL_PROCESS_exit, exited},
    {SWOLL_PROCESS_kill, killed},
};

}  // namespace

Event decodeProcess(const Record& record, ClockBase base) {
  Event event = decodeHead(*record.head, base);
  const ProcessType* type = processType(event.type);
  event.name = type ? type->name : "unknown";
  for (const ProcessFact& row : processFacts()) {
    Argument fact;
    if (!row.isOf(event.type) || !row.read(record, fact)) continue;
    fact.name = row.name;
    fact.type = row.ctype;
    event.args.push_back(std::move(fact));
  }
  return event;
}

void addProcessFactNames(std::set<std::string_view>& names, const TypeSet& types) {
  for (const ProcessFact& row : processFacts())
    for (const ProcessType& type : processTypes())
      if (types.test(type.type) && row.isOf(type.type)) names.insert(row.name);
}

std::string renderProcessStrace(const Event& event) {
  for (const StraceRow& row : straceRows)
    if (row.type == event.type) return straceLine(event, row.line(event));
  return straceLine(event, "+++ unknown +++");
}

}  // namespace swoll
