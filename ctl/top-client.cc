// SPDX-License-Identifier: Apache-2.0
#include "ctl/top-client.h"

#include <time.h>

#include "base/text.h"
#include "ctl/event-printer.h"

namespace swoll::ctl {
namespace {

constexpr int64_t patience = 5'000'000'000;  // ns that an answer may take

int64_t now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

// What the daemon calls. It may be called once more after its owner has gone.
class TopClient::Tail final : public schema::EventSink::Server {
 public:
  explicit Tail(TopClient& owner) : owner_(&owner) {}
  ~Tail() {
    if (owner_ != nullptr) owner_->tail_ = nullptr;
  }
  void close() { owner_ = nullptr; }

 protected:
  kj::Promise<void> events(EventsContext context) override {
    if (owner_ == nullptr) return kj::READY_NOW;
    for (const auto& line : split(printer_.print(context.getParams().getItems()), '\n'))
      owner_->note(line);
    return kj::READY_NOW;
  }
  kj::Promise<void> end(EndContext context) override {
    if (owner_ != nullptr)
      owner_->note("-- the stream has ended: " +
                   std::string(context.getParams().getReason().cStr()) + " --");
    return kj::READY_NOW;
  }

 private:
  TopClient* owner_;
  EventPrinter printer_{EventPrinter::Options{}};
};

TopClient::TopClient(std::string socket, StatsFilter filter)
    : socket_(std::move(socket)),
      filter_(std::move(filter)),
      client_(std::make_unique<Client>(socket_)) {}

TopClient::~TopClient() {
  stopTrace();
  lose("");
}

Counts TopClient::first() {
  auto request = client_->api().statsRequest();
  filter_.fill(request.initFilter());
  auto answer = client_->wait(request.send());
  return fromWire(answer.getStats());
}

void TopClient::note(const std::string& text) {
  lines_.push_back(text);
  if (lines_.size() > keptLines) lines_.pop_front();
}

void TopClient::lose(const std::string& why) {
  trouble_ = why;
  askedAt_ = 0;
  lost_ = false;
  if (tail_ != nullptr) tail_->close();
  tail_ = nullptr;
  asking_ = nullptr;
  trying_ = nullptr;
  subscription_ = nullptr;
  client_ = nullptr;
}

void TopClient::failed(const kj::Exception& error) {
  trouble_ = reason(error);
  askedAt_ = 0;
  // Not here: this runs within what would be destroyed.
  if (error.getType() == kj::Exception::Type::DISCONNECTED) {
    trouble_ = "trying again: lost swolld: " + trouble_;
    lost_ = true;
  }
}

void TopClient::pump() {
  if (client_ == nullptr) return;
  client_->waitScope().poll();
  if (askedAt_ != 0 && now() - askedAt_ > patience) {
    lose("trying again: swolld does not answer");
  } else if (lost_) {
    lose(trouble_);
  }
}

void TopClient::ask() {
  if (askedAt_ != 0) return;
  if (client_ == nullptr) {
    try {
      client_ = std::make_unique<Client>(socket_);
    } catch (const std::exception& error) {
      trouble_ = "trying again: " + std::string(error.what());
      return;
    }
    if (tracing_) follow();  // if the daemon is the same, the trace is still there
  }
  auto request = client_->api().statsRequest();
  filter_.fill(request.initFilter());
  askedAt_ = now();
  asking_ = request.send()
                .then(
                    [this](auto answer) {
                      counts_ = fromWire(answer.getStats());
                      askedAt_ = 0;
                      trouble_.clear();
                    },
                    [this](kj::Exception&& error) { failed(error); })
                .eagerlyEvaluate([this](kj::Exception&& error) { failed(error); });
}

void TopClient::startTrace(schema::TraceSpec::Reader spec) {
  stopTrace();
  lines_.clear();
  if (client_ == nullptr) throw UsageError("swolld is not there");
  auto request = client_->api().addTraceRequest();
  request.setSpec(spec);
  auto added = client_->wait(request.send());
  traceName_ = added.getTrace().getSpec().getName().cStr();
  tracing_ = true;
  follow();
}

void TopClient::follow() {
  auto tail = kj::heap<Tail>(*this);
  tail_ = tail.get();
  auto request = client_->api().tailRequest();
  request.initTraces(1).set(0, traceName_.c_str());
  request.setSink(kj::mv(tail));
  trying_ = request.send()
                .then([this](auto answer) { subscription_ = answer.getSubscription(); })
                .eagerlyEvaluate([this](kj::Exception&& error) {
                  note("-- the trace is gone: " + reason(error) + " --");
                });
}

void TopClient::stopTrace() {
  if (!tracing_) return;
  tracing_ = false;
  if (tail_ != nullptr) tail_->close();
  tail_ = nullptr;
  trying_ = nullptr;
  subscription_ = nullptr;
  // One that nobody follows must not stay, so a lost connection is tried once more.
  try {
    if (client_ == nullptr) client_ = std::make_unique<Client>(socket_);
    auto request = client_->api().removeTraceRequest();
    request.setName(traceName_.c_str());
    client_->wait(request.send().ignoreResult());
  } catch (const kj::Exception&) {
    // It is gone already, or ends with its duration.
  } catch (const std::exception&) {}
}

}  // namespace swoll::ctl
