// SPDX-License-Identifier: Apache-2.0
// Traces, containers and calls to the wire.
#pragma once

#include "hub/hub.h"
#include "rpc/convert-spec.h"
#include "swoll.capnp.h"

namespace swoll {

void toWire(const ContainerName& container, schema::ContainerName::Builder wire);
void toWire(const Ledger& ledger, schema::Ledger::Builder wire);
// A trace of the hub, with what it matches now; `origin` as TraceBook tells it.
void toWire(Hub& hub, const Trace& trace, uint64_t now, const std::string& origin,
            schema::Trace::Builder wire);
void toWire(Hub& hub, const KnownContainer& container, schema::Container::Builder wire);
void toWire(const Syscall& call, schema::Syscall::Builder wire);

}  // namespace swoll
