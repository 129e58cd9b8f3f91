// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include "core/text.h"
#include "rpc/convert-trace.h"
#include "service/log.h"

namespace swoll {
namespace {

// Bad input is the client's to handle: the exception's text is the whole message.
[[noreturn]] void refuse(const std::string& text) {
  kj::throwFatalException(kj::Exception(kj::Exception::Type::FAILED, "", 0, kj::str(text.c_str())));
}

template <typename T>
T& orRefuse(Result<T>& result) {
  if (!result) refuse(result.error());
  return *result;
}

// What the client holds of its stream.
class SubscriptionHolder final : public schema::Subscription::Server {
 public:
  SubscriptionHolder(Hub& hub, StreamFilter filter, schema::EventSink::Client sink)
      : stream(hub, std::move(filter), kj::mv(sink)) {}

 private:
  swoll::Subscription stream;
};

}  // namespace

kj::Promise<void> Server::addTrace(AddTraceContext context) {
  auto params = context.getParams();
  TraceSpec spec = fromWire(params.getSpec());
  if (params.getDryRun()) {
    auto ids = hub.tryOut(spec);
    orRefuse(ids);
    auto wire = context.getResults().initTrace();
    toWire(spec, wire.initSpec());
    auto list = wire.initContainers(ids->size());
    for (size_t i = 0; i < ids->size(); i++) list.set(i, (*ids)[i]);
    return kj::READY_NOW;
  }
  auto added = hub.add(std::move(spec), peer);
  const Trace& trace = *orRefuse(added);
  log(LogLevel::info, "trace '" + trace.name() + "' added by uid " + std::to_string(peer) + ": " +
                          join(trace.spec().calls, ","));
  toWire(hub, trace, clock.sinceBoot(), context.getResults().initTrace());
  return kj::READY_NOW;
}

kj::Promise<void> Server::listTraces(ListTracesContext context) {
  hub.drain();
  auto list = context.getResults().initTraces(hub.traces().size());
  uint i = 0;
  for (const auto& [id, trace] : hub.traces()) toWire(hub, *trace, clock.sinceBoot(), list[i++]);
  return kj::READY_NOW;
}

kj::Promise<void> Server::getTrace(GetTraceContext context) {
  auto found = hub.find(context.getParams().getName().cStr());
  const Trace& trace = *orRefuse(found);
  hub.drain();
  toWire(hub, trace, clock.sinceBoot(), context.getResults().initTrace());
  return kj::READY_NOW;
}

kj::Promise<void> Server::removeTrace(RemoveTraceContext context) {
  auto removed = hub.remove(context.getParams().getName().cStr());
  const Trace& trace = *orRefuse(removed);
  log(LogLevel::info, "trace '" + trace.name() + "' removed by uid " + std::to_string(peer) +
                          " after " + std::to_string(trace.ledger.delivered) + " events");
  toWire(hub, trace, clock.sinceBoot(), context.getResults().initTrace());
  return kj::READY_NOW;
}

schema::Subscription::Client Server::subscribe(StreamFilter filter,
                                               schema::EventSink::Client sink) {
  // What was captured before is not this stream's.
  hub.drain();
  return kj::heap<SubscriptionHolder>(hub, std::move(filter), kj::mv(sink));
}

kj::Promise<void> Server::tail(TailContext context) {
  auto params = context.getParams();
  StreamFilter filter;
  for (capnp::Text::Reader name : params.getTraces()) {
    auto found = hub.find(name.cStr());
    const Trace& trace = *orRefuse(found);
    if (trace.state == TraceState::expired) refuse("trace '" + trace.name() + "' has ended");
    filter.traces.insert(trace.id);
  }
  filter.everyTrace = filter.traces.empty();
  context.getResults().setSubscription(subscribe(std::move(filter), params.getSink()));
  return kj::READY_NOW;
}

kj::Promise<void> Server::attachPath(AttachPathContext context) {
  auto params = context.getParams();
  auto filter = StreamFilter::parsePath(params.getPath().cStr());
  context.getResults().setSubscription(subscribe(orRefuse(filter), params.getSink()));
  return kj::READY_NOW;
}

kj::Promise<void> Server::containers(ContainersContext context) {
  bool units = context.getParams().getUnits();
  std::vector<const KnownContainer*> shown;
  for (const auto& [handle, known] : hub.topology().containers())
    if (!known.hidden && (units || !known.info.isUnit())) shown.push_back(&known);
  auto list = context.getResults().initContainers(shown.size());
  for (size_t i = 0; i < shown.size(); i++) toWire(hub, *shown[i], list[i]);
  return kj::READY_NOW;
}

kj::Promise<void> Server::status(StatusContext context) {
  statusSource.fill(context.getResults().initStatus());
  return kj::READY_NOW;
}

kj::Promise<void> Server::syscalls(SyscallsContext context) {
  std::string pattern = context.getParams().getPattern().cStr();
  if (pattern.starts_with("sys_")) pattern = pattern.substr(4);
  if (pattern.starts_with('@')) pattern = pattern.substr(1);
  std::vector<const Syscall*> found;
  for (const Syscall& call : syscallTable().subspan(1))
    if (pattern.empty() || globMatch(pattern, call.name) || globMatch(pattern, call.klass) ||
        globMatch(pattern, call.group))
      found.push_back(&call);
  if (found.empty()) refuse(unknown("system call", pattern, nearestCallName(pattern)).text);
  auto list = context.getResults().initSyscalls(found.size());
  for (size_t i = 0; i < found.size(); i++) toWire(*found[i], list[i]);
  return kj::READY_NOW;
}

}  // namespace swoll
