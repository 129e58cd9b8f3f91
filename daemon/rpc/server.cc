// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include "base/log.h"
#include "base/text.h"
#include "rpc/convert-stats.h"
#include "rpc/convert-trace.h"

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
  SubscriptionHolder(SinkList& sinks, StreamFilter filter, schema::EventSink::Client sink)
      : stream(sinks, std::move(filter), kj::mv(sink)) {}

 private:
  swoll::Subscription stream;
};

}  // namespace

Server::~Server() noexcept(false) {
  for (TraceId id : temporary) {
    auto found = hub.traces().all().find(id);
    if (found == hub.traces().all().end()) continue;
    std::string name = found->second->name();
    if (!book.origin(name).empty()) continue;  // somebody has kept it since
    if (book.remove(name)) log(LogLevel::info, "trace '" + name + "' removed: its client has gone");
  }
}

void Server::show(const Trace& trace, schema::Trace::Builder wire) const {
  toWire(hub, trace, clock.sinceBoot(), book.origin(trace.name()), wire);
}

void Server::wouldMatch(const TraceSpec& spec, schema::Trace::Builder wire) const {
  auto ids = hub.traces().wouldMatch(spec);
  orRefuse(ids);
  toWire(spec, wire.initSpec());
  auto list = wire.initContainers(ids->size());
  for (size_t i = 0; i < ids->size(); i++) list.set(i, (*ids)[i]);
}

std::vector<TraceBook::Applied> Server::applied(TraceBook::Request request) {
  static constexpr const char* words[] = {"added", "changed", "unchanged"};
  request.owner = peer;
  auto result = book.apply(std::move(request));
  orRefuse(result);
  for (const TraceBook::Applied& item : *result)
    if (item.trace && item.change != TraceChange::Kind::unchanged)
      log(LogLevel::info, "trace '" + item.spec.name + "' " + words[size_t(item.change)] +
                              " by uid " + std::to_string(peer) + ": " +
                              shortened(join(item.spec.syscalls, ",")));
  return std::move(*result);
}

kj::Promise<void> Server::addTrace(AddTraceContext context) {
  auto params = context.getParams();
  TraceBook::Request request{.specs = {fromWire(params.getSpec())},
                             .persist = params.getPersist(),
                             .dryRun = params.getDryRun()};
  if (params.getTemporary() && request.persist)
    refuse("a trace that goes with its client can't be kept over restarts");
  auto made = applied(std::move(request));
  if (params.getTemporary() && made[0].trace) temporary.push_back(made[0].trace->id);
  auto wire = context.getResults().initTrace();
  made[0].trace ? show(*made[0].trace, wire) : wouldMatch(made[0].spec, wire);
  return kj::READY_NOW;
}

kj::Promise<void> Server::applyTraces(ApplyTracesContext context) {
  auto params = context.getParams();
  auto specs = params.getSpecs();
  constexpr uint most = 65536;
  if (specs.size() > most) refuse("too many traces at once: " + std::to_string(specs.size()));
  TraceBook::Request request{
      .replace = params.getReplace(), .persist = params.getPersist(), .dryRun = params.getDryRun()};
  for (auto spec : specs) request.specs.push_back(fromWire(spec));
  auto made = applied(std::move(request));
  auto results = context.getResults().initResults(made.size());
  for (size_t i = 0; i < made.size(); i++) {
    results[i].setChange(schema::Applied::Change(made[i].change));
    auto wire = results[i].initTrace();
    made[i].trace ? show(*made[i].trace, wire) : wouldMatch(made[i].spec, wire);
  }
  return kj::READY_NOW;
}

kj::Promise<void> Server::addContainer(AddContainerContext context) {
  auto params = context.getParams();
  auto changed = book.addContainer(params.getTrace().cStr(), params.getContainer().cStr());
  show(*orRefuse(changed), context.getResults().initTrace());
  return kj::READY_NOW;
}

kj::Promise<void> Server::removeContainer(RemoveContainerContext context) {
  auto params = context.getParams();
  auto changed = book.removeContainer(params.getTrace().cStr(), params.getContainer().cStr());
  show(*orRefuse(changed), context.getResults().initTrace());
  return kj::READY_NOW;
}

kj::Promise<void> Server::listTraces(ListTracesContext context) {
  hub.intake().drain();
  auto list = context.getResults().initTraces(hub.traces().all().size());
  uint i = 0;
  for (const auto& [id, trace] : hub.traces().all()) show(*trace, list[i++]);
  return kj::READY_NOW;
}

kj::Promise<void> Server::getTrace(GetTraceContext context) {
  auto found = hub.traces().find(context.getParams().getName().cStr());
  const Trace& trace = *orRefuse(found);
  hub.intake().drain();
  show(trace, context.getResults().initTrace());
  return kj::READY_NOW;
}

kj::Promise<void> Server::removeTrace(RemoveTraceContext context) {
  std::string name = context.getParams().getName().cStr();
  std::string origin = book.origin(name);
  auto removed = book.remove(name);
  const Trace& trace = *orRefuse(removed);
  log(LogLevel::info, "trace '" + trace.name() + "' removed by uid " + std::to_string(peer) +
                          " after " + std::to_string(trace.ledger.delivered) + " events");
  toWire(hub, trace, clock.sinceBoot(), origin, context.getResults().initTrace());
  return kj::READY_NOW;
}

schema::Subscription::Client Server::subscribe(StreamFilter filter,
                                               schema::EventSink::Client sink) {
  // What was captured before is not this stream's.
  hub.intake().drain();
  return kj::heap<SubscriptionHolder>(hub.sinks(), std::move(filter), kj::mv(sink));
}

kj::Promise<void> Server::tail(TailContext context) {
  auto params = context.getParams();
  StreamFilter filter;
  for (capnp::Text::Reader name : params.getTraces()) {
    auto found = hub.traces().find(name.cStr());
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

kj::Promise<void> Server::stats(StatsContext context) {
  if (!hub.rules().isCounting())
    refuse("calls are not counted: the configuration has [metrics] enabled = no");
  auto wants = fromWire(context.getParams().getFilter());
  orRefuse(wants);
  auto stats = context.getResults().initStats();
  stats.setClock(clock.sinceBoot());
  toWire(hub.stats(), *wants, stats);
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
