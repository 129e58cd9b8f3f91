// SPDX-License-Identifier: Apache-2.0
#include "ctl/follow.h"

#include <signal.h>

#include "ctl/errors.h"
#include "ctl/number-check.h"
#include "ctl/stdout-stream.h"

namespace swoll::ctl {
namespace {

constexpr int stopSignals[] = {SIGINT, SIGTERM, SIGHUP};

// What the daemon calls. It can live longer than follow(), as calls may be on their way when that
// returns; closed by then, it takes no notice of them.
class Sink final : public schema::EventSink::Server {
 public:
  Sink(kj::UnixEventPort& port, EventPrinter& printer, kj::Own<kj::PromiseFulfiller<void>> ended)
      : out_(port), printer_(&printer), ended_(kj::mv(ended)) {}

  void close() { printer_ = nullptr; }
  kj::Promise<void> onReaderGone() { return out_.onReaderGone(); }

 protected:
  kj::Promise<void> events(EventsContext context) override {
    if (printer_ == nullptr || printer_->finished()) return kj::READY_NOW;
    return kj::evalNow([&] { return out_.write(printer_->print(context.getParams().getItems())); })
        .then([this] { written(); }, [this](kj::Exception&& error) { broken(kj::mv(error)); });
  }

  kj::Promise<void> end(EndContext context) override {
    auto reason = context.getParams().getReason();
    // What came before may still be on its way to a slow reader.
    return out_.write({}).then(
        [this, reason = std::string(reason.cStr())] {
          if (printer_ == nullptr || printer_->finished()) return;
          complain("the stream has ended" + (reason.empty() ? "" : ": " + reason));
          ended_->fulfill();
        },
        [this](kj::Exception&& error) { broken(kj::mv(error)); });
  }

 private:
  void written() {
    if (printer_ != nullptr && printer_->finished()) ended_->fulfill();
  }
  void broken(kj::Exception&& error) {
    bool readerGone = error.getType() == kj::Exception::Type::DISCONNECTED;
    if (readerGone) {
      ended_->fulfill();
    } else {
      ended_->reject(kj::mv(error));
    }
  }

  StdoutStream out_;
  EventPrinter* printer_;  // null when closed
  kj::Own<kj::PromiseFulfiller<void>> ended_;
};

kj::Promise<void> onStopSignal(kj::UnixEventPort& port) {
  kj::Promise<void> any = kj::NEVER_DONE;
  for (int signal : stopSignals) any = any.exclusiveJoin(port.onSignal(signal).ignoreResult());
  return any;
}

}  // namespace

void FollowOptions::define(CLI::App& command) {
  command.add_option("--count", count, "End after N events")
      ->type_name("N")
      ->check(wholeNumber(1, UINT64_MAX));
  command.add_flag("--types", types, "Show the C types of arguments");
  command.add_flag("--raw", raw, "Show arguments as the registers that they came in");
}

EventPrinter FollowOptions::printer(const Globals& globals) const {
  return EventPrinter({globals.format, {.types = types, .color = globals.color}, raw, count});
}

void holdSignals() {
  for (int signal : stopSignals) kj::UnixEventPort::captureSignal(signal);
}

void follow(Client& client, EventPrinter& printer, Subscribe subscribe, uint64_t limit) {
  auto ended = kj::newPromiseAndFulfiller<void>();
  auto ownSink = kj::heap<Sink>(client.eventPort(), printer, kj::mv(ended.fulfiller));
  Sink& sink = *ownSink;
  schema::EventSink::Client sinkClient = kj::mv(ownSink);
  KJ_DEFER(sink.close());

  auto stop = ended.promise.exclusiveJoin(onStopSignal(client.eventPort()))
                  .exclusiveJoin(sink.onReaderGone())
                  .exclusiveJoin(client.onDisconnect().then([]() -> kj::Promise<void> {
                    return KJ_EXCEPTION(DISCONNECTED, "it closed the connection");
                  }));
  if (limit > 0) {
    stop = stop.exclusiveJoin(client.timer().afterDelay(int64_t(limit) * kj::NANOSECONDS));
  }
  // The subscription is held until then; that the stream was refused ends it too.
  auto streaming = subscribe(sinkClient).then([](auto subscription) -> kj::Promise<void> {
    return kj::Promise<void>(kj::NEVER_DONE).attach(kj::mv(subscription));
  });
  stop.exclusiveJoin(kj::mv(streaming)).wait(client.waitScope());
}

}  // namespace swoll::ctl
