// SPDX-License-Identifier: Apache-2.0
#include "rpc/subscription.h"

#include "base/log.h"
#include "base/text.h"
#include "event/show.h"
#include "process/process-table.h"
#include "rpc/convert-event.h"
#include "syscall/syscall-table.h"

namespace swoll {
namespace {

constexpr size_t mostQueued = 65536;             // events
constexpr size_t mostWords = 4 << 20;            // 32 MiB, of what waits and what is unanswered
constexpr size_t mostUnanswered = 4;             // batches
constexpr size_t mostUnansweredWords = 1 << 20;  // 8 MiB
constexpr size_t batchItems = 512;
constexpr uint eventWords = 160;  // of a usual event, so that it takes one allocation

// What a message takes of memory.
size_t wordsOf(capnp::MessageBuilder& message) {
  return std::max<size_t>(message.sizeInWords(), eventWords);
}

// Names of one kind of event, in a path.
struct PathNames {
  EventKind kind;
  const char* what;
  bool (*isKnown)(const std::string&);
  std::string (*nearest)(std::string_view);
};
const PathNames pathNames[] = {
    {EventKind::process, "event of processes",
     [](const std::string& name) { return processType(name) != nullptr; }, nearestProcessType},
    {EventKind::syscall, "system call",
     [](const std::string& name) { return !callsByName(name).empty(); }, nearestCallName},
};

// What is no glob and names nothing.
std::optional<Error> wrongType(const std::string& type) {
  if (type.empty() || type.find_first_of("*?[") != type.npos) return {};
  for (const PathNames& row : pathNames) {
    std::string prefix = kindInfo(row.kind).prefix;
    if (!type.starts_with(prefix)) continue;
    std::string name = type.substr(prefix.size()), near = row.nearest(name);
    if (row.isKnown(name)) return {};
    return unknown(row.what, type, near.empty() ? near : prefix + near);
  }
  return {};
}

}  // namespace

Result<StreamFilter> StreamFilter::parsePath(const std::string& text) {
  StreamFilter filter;
  filter.everyTrace = true;
  size_t start = 0;
  for (;;) {
    size_t end = text.find('/', start);
    filter.path.push_back(text.substr(start, end == text.npos ? end : end - start));
    if (end == text.npos) break;
    start = end + 1;
  }
  if (text.empty() || filter.path.size() > 4)
    return Error{"bad path '" + text + "': expected namespace/pod/container/call"};
  if (filter.path.size() == 4) {
    std::string& type = filter.path[3];
    if (type.starts_with("sys_")) type = type.substr(4);
    if (auto wrong = wrongType(type)) return *wrong;
  }
  return filter;
}

bool StreamFilter::matches(const Event& event) const {
  static const Container nobody;
  const Container& c = event.container ? *event.container : nobody;
  std::string type = typeName(event);
  const std::string* parts[] = {&c.nameSpace, &c.pod, &c.name, &type};
  for (size_t i = 0; i < path.size(); i++)
    if (!path[i].empty() && !globMatch(path[i], *parts[i])) return false;
  return true;
}

Subscription::Subscription(SinkList& sinks, StreamFilter filter, schema::EventSink::Client client)
    : sinks(sinks), filter(std::move(filter)), client(kj::mv(client)), tasks(*this) {
  sinks.attach(*this);
}

Subscription::~Subscription() noexcept { sinks.detach(*this); }

bool Subscription::follows(const Trace& trace) const {
  return !ending && !closed && (filter.everyTrace || filter.traces.contains(trace.id));
}

const LossCause* Subscription::accept(Delivery& delivery) {
  const Event& event = delivery.event();
  if (!filter.matches(event)) return nullptr;
  auto refuse = [this] {
    missed++;
    return &behind;
  };
  size_t held = queuedWords + unansweredWords;
  if (queue.size() >= mostQueued || held + eventWords > mostWords) return refuse();
  Item item{kj::heap<capnp::MallocMessageBuilder>(eventWords), 0};
  toWire(event, delivery.traceNames(), item.event->initRoot<schema::Event>());
  size_t words = wordsOf(*item.event);
  if (held > 0 && held + words > mostWords) return refuse();
  noteGap();
  queuedWords += words;
  queue.push_back(kj::mv(item));
  pump();
  return nullptr;
}

void Subscription::noteGap() {
  if (missed) queue.push_back(Item{{}, missed});
  missed = 0;
}

void Subscription::traceEnded(const Trace& trace) {
  if (filter.everyTrace || !filter.traces.erase(trace.id) || !filter.traces.empty()) return;
  end("trace '" + trace.name() + "' has ended");
}

void Subscription::traceReplaced(const Trace& old, const Trace& fresh) {
  if (filter.traces.erase(old.id)) filter.traces.insert(fresh.id);
}

void Subscription::end(const std::string& reason) {
  if (!ending) ending = reason;
  pump();
}

// Sends what it may, once the events of this turn of the loop are all here.
void Subscription::pump() {
  if (pumping || closed) return;
  pumping = true;
  tasks.add(kj::evalLast([this] {
    pumping = false;
    while (!closed && unanswered < mostUnanswered) {
      size_t count = nextBatch();
      if (count == 0) break;
      sendBatch(count);
    }
    if (!ending || closed || !queue.empty() || unanswered) return;
    closed = true;
    auto request = client.endRequest();
    request.setReason(*ending);
    tasks.add(request.send().ignoreResult());
  }));
}

// One that is larger than all that may be unanswered goes when nothing else is.
size_t Subscription::nextBatch() {
  size_t words = unansweredWords, count = 0;
  for (; count < batchItems; count++) {
    // The client has caught up: it learns of what it missed even if nothing follows.
    if (count == queue.size()) noteGap();
    if (count == queue.size()) break;
    Item& item = queue[count];
    size_t more = item.event.get() ? wordsOf(*item.event) : 0;
    if (words > 0 && words + more > mostUnansweredWords) break;
    words += more;
  }
  return count;
}

void Subscription::sendBatch(size_t count) {
  auto request = client.eventsRequest();
  auto items = request.initItems(uint(count));
  size_t words = 0;
  for (uint i = 0; i < count; i++) {
    Item& item = queue.front();
    if (item.event.get()) {
      words += wordsOf(*item.event);
      items[i].setEvent(item.event->getRoot<schema::Event>().asReader());
    } else {
      items[i].setGap(item.gap);
    }
    queue.pop_front();
  }
  queuedWords -= words;
  unansweredWords += words;
  unanswered++;
  tasks.add(request.send().then([this, words](auto&&) {
    unansweredWords -= words;
    unanswered--;
    pump();
  }));
}

void Subscription::taskFailed(kj::Exception&& exception) {
  // The client is gone or refuses; its capability will be dropped, and this with it.
  log(LogLevel::debug, std::string("a stream ended: ") + exception.getDescription().cStr());
  closed = true;
  queue.clear();
}

}  // namespace swoll
