// SPDX-License-Identifier: Apache-2.0
// The API (schema/swoll.capnp), one object a connection, so that it knows its peer.
#pragma once

#include <vector>

#include "hub/hub.h"
#include "hub/trace-book.h"
#include "rpc/subscription.h"
#include "swoll.capnp.h"

namespace swoll {

// Declared here, implemented by the daemon: what the hub does not know of itself.
class StatusSource {
 public:
  virtual ~StatusSource() = default;
  virtual void fill(schema::Status::Builder status) = 0;
};

// All references outlive it. `peer` is the user id that the kernel reports for the connection.
class Server final : public schema::Swoll::Server {
 public:
  Server(Hub& hub, TraceBook& book, const Clock& clock, StatusSource& statusSource, uint32_t peer)
      : hub(hub), book(book), clock(clock), statusSource(statusSource), peer(peer) {}
  ~Server() noexcept(false);

 protected:
  kj::Promise<void> addTrace(AddTraceContext context) override;
  kj::Promise<void> listTraces(ListTracesContext context) override;
  kj::Promise<void> getTrace(GetTraceContext context) override;
  kj::Promise<void> removeTrace(RemoveTraceContext context) override;
  kj::Promise<void> tail(TailContext context) override;
  kj::Promise<void> attachPath(AttachPathContext context) override;
  kj::Promise<void> containers(ContainersContext context) override;
  kj::Promise<void> status(StatusContext context) override;
  kj::Promise<void> syscalls(SyscallsContext context) override;
  kj::Promise<void> stats(StatsContext context) override;
  kj::Promise<void> applyTraces(ApplyTracesContext context) override;
  kj::Promise<void> addContainer(AddContainerContext context) override;
  kj::Promise<void> removeContainer(RemoveContainerContext context) override;

 private:
  void show(const Trace& trace, schema::Trace::Builder wire) const;
  // What a dry run tells: the spec, and what it would match.
  void wouldMatch(const TraceSpec& spec, schema::Trace::Builder wire) const;
  std::vector<TraceBook::Applied> applied(TraceBook::Request request);
  schema::Subscription::Client subscribe(StreamFilter filter, schema::EventSink::Client sink);

  Hub& hub;
  TraceBook& book;
  const Clock& clock;
  StatusSource& statusSource;
  uint32_t peer;
  std::vector<TraceId> temporary;  // traces that go with this connection
};

}  // namespace swoll
