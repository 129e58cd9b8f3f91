// SPDX-License-Identifier: Apache-2.0
#include "ctl/event-printer.h"

#include "rpc/convert-event.h"
#include "trace/kind-table.h"

namespace swoll::ctl {
namespace {

// The registers as the kernel gets them, and nothing of what they mean.
void leaveRaw(Event& event) {
  if (event.kind() != EventKind::syscall) return;
  static constexpr const char* names[] = {"arg0", "arg1", "arg2", "arg3", "arg4", "arg5"};
  event.args.clear();
  for (uint64_t value : event.registers) {
    if (event.args.size() == std::size(names)) break;
    Argument bare;
    bare.name = names[event.args.size()];
    bare.raw = value;
    bare.value = Hex{value};
    event.args.push_back(std::move(bare));
  }
  event.resultValue = {};
  event.resultTarget = {};
}

}  // namespace

std::string EventPrinter::print(capnp::List<schema::StreamItem>::Reader items) {
  std::string lines;
  for (auto item : items) {
    if (finished()) break;
    switch (item.which()) {
      case schema::StreamItem::EVENT:
        printEvent(item.getEvent(), lines);
        break;
      case schema::StreamItem::GAP:
        printGap(item.getGap(), lines);
        break;
    }
  }
  return lines;
}

void EventPrinter::printEvent(schema::Event::Reader wire, std::string& lines) {
  EventContainers containers;
  Event event = fromWire(wire, containers);
  if (options_.raw) leaveRaw(event);
  switch (options_.format) {
    case Format::yaml:  // not for events
    case Format::text:
      lines += renderText(event, options_.text);
      break;
    case Format::json:
      lines += json_.render(tracesOf(wire), event);
      break;
    case Format::strace:
      lines += renderStraceLine(event);
      break;
  }
  lines += '\n';
  ++events_;
}

void EventPrinter::printGap(uint64_t missing, std::string& lines) {
  auto count = std::to_string(missing);
  if (options_.format == Format::json) {
    lines += "{\"gap\":" + count + "}\n";
    return;
  }
  // What parsers of strace's lines know to be no call.
  std::string mark = options_.format == Format::strace ? "+++" : "--";
  lines += mark + ' ' + count + (missing == 1 ? " event" : " events") +
           " missing here: this client was behind " + mark + '\n';
}

}  // namespace swoll::ctl
