// SPDX-License-Identifier: Apache-2.0
#include "ctl/event-printer.h"

#include "rpc/convert-event.h"

namespace swoll::ctl {

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
  Container container;
  Event event = fromWire(wire, container);
  if (options_.format == Format::json) {
    lines += json_.render(tracesOf(wire), event);
  } else {
    lines += renderText(event, options_.text);
  }
  lines += '\n';
  ++events_;
}

void EventPrinter::printGap(uint64_t missing, std::string& lines) {
  auto count = std::to_string(missing);
  if (options_.format == Format::json) {
    lines += "{\"gap\":" + count + "}\n";
  } else {
    lines += "-- " + count + (missing == 1 ? " event" : " events") +
             " missing here: this client was behind --\n";
  }
}

}  // namespace swoll::ctl
