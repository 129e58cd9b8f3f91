// SPDX-License-Identifier: Apache-2.0
// Events between the core's shape and the wire's. Used by both ends of the socket.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "swoll.capnp.h"

namespace swoll {

void toWire(const Event& event, std::span<const std::string_view> traces,
            schema::Event::Builder wire);
void toWire(const Value& value, schema::Value::Builder wire);
void toWire(const Container& container, schema::ContainerRef::Builder wire);

// What an event that was read points to.
struct EventContainers {
  Container charged, acting;
};

// The event's views point into the message, and its containers into `storage`: it lives as long
// as the shorter-lived of both. A message that is malformed or larger than any event can be is a
// kj::Exception; no bytes do worse.
Event fromWire(schema::Event::Reader wire, EventContainers& storage);
Value fromWire(schema::Value::Reader wire);

// The traces that want the event; views into the message.
std::vector<std::string_view> tracesOf(schema::Event::Reader wire);

}  // namespace swoll
