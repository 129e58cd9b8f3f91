// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "service/notify.h"

namespace swoll {
namespace {

constexpr uint64_t tickAfter = 1'000'000;  // ns behind what is due: its clock is not the timer's
constexpr auto sinkRetry = 10 * kj::MILLISECONDS;
// Twice as long after each failure: the kernel's verifier takes seconds, in which nothing is
// served.
constexpr auto probeRetryFirst = 10 * kj::SECONDS, probeRetryMost = 320 * kj::SECONDS;
constexpr auto stopPatience = 1 * kj::SECONDS;
// For the last batches on their way to clients.
constexpr auto streamPatience = 50 * kj::MILLISECONDS;

int64_t now(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return int64_t(at.tv_sec) * 1000000000 + at.tv_nsec;
}

TraceBookConfig bookConfig(const Config& config) {
  return {.stateFolder = config.stateDir,
          .tracesFolder = config.tracesDir,
          .mostTraces = config.maxTraces};
}

}  // namespace

uint64_t SystemClock::sinceBoot() const { return uint64_t(now(CLOCK_BOOTTIME)); }
uint64_t SystemClock::monotonic() const { return uint64_t(now(CLOCK_MONOTONIC)); }
int64_t SystemClock::realTime() const { return now(CLOCK_REALTIME); }

Daemon::Daemon(kj::AsyncIoContext& io, const Options& options, const Config& config, int fd)
    : io(io),
      timer(io.provider->getTimer()),
      options(options),
      config(config),
      started(clock.sinceBoot()),
      probeRetry(probeRetryFirst, probeRetryMost),
      probe({.ringBytes = config.ringBytes,
             .maxString = config.maxString,
             .maxBuffer = config.maxBuffer,
             .maxArgs = config.maxArgs,
             .targets = config.targets,
             .cells = config.cells}),
      hub(probe.kernel(), clock),
      procFs(config.altRoot),
      book(hub.traces(), clock, bookConfig(config)),
      sinks(makeSinks(config)),
      wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      wakeObserver(io.unixEventPort, wake, kj::UnixEventPort::FdObserver::OBSERVE_READ),
      observer(
          std::make_unique<Observer>(ObserverConfig{.cri = config.cri, .altRoot = config.altRoot},
                                     [fd = wake.get()] { eventfd_write(fd, 1); })),
      listener(*io.lowLevelProvider, timer, fd,
               [this](uint32_t peer) -> schema::Swoll::Client {
                 return kj::heap<Server>(hub, book, clock, static_cast<StatusSource&>(*this), peer);
               }),
      http(
          *io.lowLevelProvider, timer, config.http.text(), [this] { return openHttp(); }, site()),
      tasks(kj::heap<kj::TaskSet>(static_cast<kj::TaskSet::ErrorHandler&>(*this))) {
  auto paf = kj::newPromiseAndFulfiller<void>();
  fatal = kj::mv(paf.fulfiller);
  fatalPromise = kj::mv(paf.promise);
  hub.topology().setHostNamespaces(procFs.hostPidNamespace().value_or(0),
                                   procFs.hostMountNamespace().value_or(0));
  hub.topology().setLiving(
      [this](const KnownContainer& known, NamespaceKind kind) { return living(known, kind); });
  hub.setNodeSelector(config.nodeSelector());
  hub.sinks().declare(Subscription::causes);
  for (const auto& sink : sinks) {
    hub.sinks().attach(*sink);
    sink->setOnWaiting([this] {
      if (sinkWaits.get()) sinkWaits->fulfill();
    });
  }
  hub.newcomers().setNamer(this);
  hub.rules().setOnSooner([this] {
    if (tickSooner.get()) tickSooner->fulfill();
  });
  hub.setCounting(config.metrics);
  probe.ring().setHandler(&hub.intake());
  loadProbe();
  hub.traces().setFindCgroup([this](const std::string& path) { return findCgroup(path); });
  book.load();
}

Daemon::~Daemon() noexcept {
  for (const auto& sink : sinks) hub.sinks().detach(*sink);
  if (config.http.kind == ListenAddress::Kind::path && http.ok()) removeSocket(config.http.path);
}

kj::Promise<void> Daemon::run() {
  auto& port = io.unixEventPort;
  auto stopping = port.onSignal(SIGTERM).exclusiveJoin(port.onSignal(SIGINT)).ignoreResult();
  tasks->add(listener.run());
  if (config.http.kind != ListenAddress::Kind::off) tasks->add(http.run());
  tasks->add(followObserver());
  tasks->add(serveReloads());
  tasks->add(tick());
  tasks->add(flushSinks());
  tasks->add(petWatchdog(timer));
  notifyReady(summary());
  return stopping.exclusiveJoin(kj::mv(fatalPromise)).then([this] { return stop(); });
}

kj::Promise<void> Daemon::stop() {
  notifyStopping();
  log(LogLevel::info, "stopping");
  tasks = nullptr;
  stopping = true;
  ring = nullptr;
  hub.end("swolld is stopping");
  // What a sink has not passed on yet gets a moment; what is left is said.
  auto flushed = flushSinks().exclusiveJoin(timer.afterDelay(stopPatience));
  return flushed.then([this] { return timer.afterDelay(streamPatience); }).then([this] {
    for (const auto& sink : sinks)
      if (size_t left = sink->waiting())
        log(LogLevel::warning,
            std::to_string(left) + " events were not taken by the " + std::string(sink->name()));
  });
}

// One that it has no room for is given up in time, by the hub.
void Daemon::resolve(const NewCgroup& cgroup) { observer->resolve(cgroup); }

void Daemon::loadProbe() {
  auto problem = probe.load();
  if (problem != probeProblem && problem) log(LogLevel::error, *problem + "; retrying");
  probeProblem = problem;
  if (problem) {
    tasks->add(timer.afterDelay(probeRetry.next()).then([this] { loadProbe(); }));
    return;
  }
  notifyStatus(summary());
  hub.reinstall();
  ring = kj::heap<RingReader>(probe.ring(), io.unixEventPort, timer);
  tasks->add(ring->run());
}

std::string Daemon::summary() const {
  return probeProblem ? "not tracing: " + *probeProblem : "tracing";
}

kj::Promise<void> Daemon::followObserver() {
  return wakeObserver.whenBecomesReadable().then([this] {
    eventfd_t count;
    eventfd_read(wake, &count);
    Snapshot now = observer->take();
    auto all = std::move(now.containers);
    all.insert(all.end(), std::make_move_iterator(now.units.begin()),
               std::make_move_iterator(now.units.end()));
    hub.setContainers(all, now.resolved);
    living.keep(hub.topology().containers());
    return followObserver();
  });
}

kj::Promise<void> Daemon::tick() {
  auto sooner = kj::newPromiseAndFulfiller<void>();
  tickSooner = kj::mv(sooner.fulfiller);
  uint64_t now = clock.sinceBoot(), due = std::max(hub.due() + tickAfter, now);
  return timer.afterDelay((due - now) * kj::NANOSECONDS)
      .then([this] { hub.tick(); })
      .exclusiveJoin(kj::mv(sooner.promise))
      .then([this] { return tick(); });
}

// While events wait.
kj::Promise<void> Daemon::flushSinks() {
  auto waits = kj::newPromiseAndFulfiller<void>();
  sinkWaits = kj::mv(waits.fulfiller);
  kj::Promise<void> wait = kj::mv(waits.promise);
  bool isDone = true;
  for (const auto& sink : sinks) isDone &= sink->flush();
  if (!isDone)
    wait = kj::READY_NOW;
  else if (stopping)
    return kj::READY_NOW;
  return wait.then([this] { return timer.afterDelay(sinkRetry); }).then([this] {
    return flushSinks();
  });
}

kj::Promise<void> Daemon::serveReloads() {
  return io.unixEventPort.onSignal(SIGHUP).then([this](siginfo_t) {
    reload();
    return serveReloads();
  });
}

// A path below the mount, or one that has the mount in front.
CgroupAt Daemon::findCgroup(const std::string& path) {
  auto mount = procFs.cgroupMount();
  if (!mount || ("/" + path + "/").find("/../") != std::string::npos) return {path, 0};
  std::string below =
      path == *mount || path.starts_with(*mount + "/") ? path.substr(mount->size()) : path;
  while (below.ends_with("/")) below.pop_back();
  if (!below.starts_with("/")) below = "/" + below;
  auto id = procFs.cgroupId(below);
  return {below, id.value_or(0)};
}

void Daemon::reload() {
  notifyReloading();
  auto fresh = options.config();
  configProblem = fresh ? "" : "not reloaded: " + fresh.error();
  if (!fresh) {
    log(LogLevel::error, "configuration " + configProblem);
  } else {
    fresh->http = config.http;  // of the port that is open
    config = *fresh;
    setLogLevel(config.logLevel);
    reloadSinks(sinks, config);
    hub.setNodeSelector(config.nodeSelector());
    hub.setCounting(config.metrics);
    book.reload(bookConfig(config));
    log(LogLevel::info,
        "configuration reloaded; socket, http, cri, alt-root, state-dir, cells and [probe] change "
        "at the "
        "next start");
  }
  notifyReady(summary());
}

void Daemon::taskFailed(kj::Exception&& exception) {
  // Not one of these ends while the daemon is well: systemd starts it anew.
  log(LogLevel::error, std::string("internal error: ") + exception.getDescription().cStr());
  fatal->reject(kj::mv(exception));
}

}  // namespace swoll
