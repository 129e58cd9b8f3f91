// SPDX-License-Identifier: Apache-2.0
#include <capnp/message.h>

#include "ctl/client.h"
#include "ctl/errors.h"
#include "ctl/follow.h"
#include "ctl/ledger.h"
#include "ctl/spec-options.h"
#include "ctl/trace-text.h"
#include "ctl/verb.h"

namespace swoll::ctl {
namespace {

struct RunOptions {
  SpecOptions spec;
  FollowOptions follow;
  bool persist = false;
};

// A trace that goes when its user does. A resource: removes it also when following it failed.
// (Where this process can't, being killed, the daemon does.)
class TemporaryTrace {
 public:
  TemporaryTrace(Client& client, std::string name) : client_(client), name_(std::move(name)) {}
  ~TemporaryTrace() {
    kj::runCatchingExceptions([this] { remove(); });
  }
  KJ_DISALLOW_COPY(TemporaryTrace);

  const std::string& name() const { return name_; }

  // Its last counts; nothing when it was removed already, by whomever.
  using Response = capnp::Response<schema::Swoll::RemoveTraceResults>;
  kj::Maybe<Response> remove() {
    if (removed_) return nullptr;
    removed_ = true;
    auto request = client_.api().removeTraceRequest();
    request.setName(name_.c_str());
    return client_.wait(
        request.send().then([](Response&& answer) -> kj::Maybe<Response> { return kj::mv(answer); },
                            [](kj::Exception&&) -> kj::Maybe<Response> { return nullptr; }));
  }

 private:
  Client& client_;
  std::string name_;
  bool removed_ = false;
};

// What the stream could not show, if anything: nobody else will look at this trace again.
void reportLosses(uint64_t events, schema::Ledger::Reader ledger) {
  if (lostEvents(ledger) == 0) return;
  complain(std::to_string(events) + (events == 1 ? " event" : " events") +
           ", lost: " + lossText(ledger));
}

// The trace itself ends when its time is over; this much later, the end is not waited for.
uint64_t followLimit(uint64_t duration) {
  constexpr uint64_t grace = 3'000'000'000;
  return duration == 0 ? 0 : duration + grace;
}

int run(const RunOptions& options, const Globals& globals) {
  if (options.persist)
    throw UsageError("--persist: what 'trace run' adds goes when it ends; use 'trace add'");
  capnp::MallocMessageBuilder message;
  auto spec = message.initRoot<schema::TraceSpec>();
  options.spec.fill(spec);

  holdSignals();
  Client client(globals.socket);
  auto request = client.api().addTraceRequest();
  request.setSpec(spec.asReader());
  request.setDryRun(options.spec.dryRun());
  request.setTemporary(true);
  auto added = client.wait(request.send());
  if (options.spec.dryRun()) {
    printAdded(added.getTrace(), true, globals.format);
    return success;
  }

  TemporaryTrace trace(client, added.getTrace().getSpec().getName().cStr());
  auto printer = options.follow.printer(globals);
  auto subscribe = [&](schema::EventSink::Client sink) {
    auto tail = client.api().tailRequest();
    tail.initTraces(1).set(0, trace.name().c_str());
    tail.setSink(kj::mv(sink));
    return tail.send().then([](auto answer) { return answer.getSubscription(); });
  };
  follow(client, printer, subscribe, followLimit(options.spec.duration()));
  KJ_IF_MAYBE (last, trace.remove()) {
    reportLosses(printer.events(), last->getTrace().getLedger());
  }
  return success;
}

}  // namespace

Action defineTraceRun(CLI::App& command) {
  auto options = kj::heap<RunOptions>();
  options->spec.define(command);
  options->follow.define(command);
  command.add_flag("--persist", options->persist)->group("");  // to say why not
  return [options = kj::mv(options)](const Globals& globals) { return run(*options, globals); };
}

}  // namespace swoll::ctl
