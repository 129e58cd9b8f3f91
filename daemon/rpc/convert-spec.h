// SPDX-License-Identifier: Apache-2.0
// Trace specs to and from the wire. Used by both ends of the socket.
#pragma once

#include "swoll.capnp.h"
#include "trace/trace-spec.h"

namespace swoll {

// Whatever the message holds; compile() says whether it makes sense.
TraceSpec fromWire(schema::TraceSpec::Reader wire);
void toWire(const TraceSpec& spec, schema::TraceSpec::Builder wire);

}  // namespace swoll
