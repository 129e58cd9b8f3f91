// SPDX-License-Identifier: Apache-2.0
// All parts of the daemon, in the order in which they are made, and the wires between them.
// A resource that lives on main's stack; one thread, save the observer's and the HTTP worker's.
#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <atomic>
#include <memory>
#include <optional>

#include "app/sinks.h"
#include "base/backoff.h"
#include "counts/call-series.h"
#include "http/server.h"
#include "http/worker.h"
#include "hub/hub.h"
#include "hub/trace-book.h"
#include "metrics/families.h"
#include "observer/observer.h"
#include "observer/proc/living.h"
#include "observer/proc/proc-fs.h"
#include "rpc/listener.h"
#include "rpc/server.h"
#include "service/options.h"
#include "sources/bpf-probe.h"
#include "sources/ring-reader.h"

namespace swoll {

class SystemClock final : public Clock {
 public:
  uint64_t sinceBoot() const override;
  uint64_t monotonic() const override;
  int64_t realTime() const override;
};

// Of the whole daemon: what no trace's ledger has.
struct LossCount {
  const char* name;
  uint64_t value;
  const char* help;
};

class Daemon final : private StatusSource, private Namer, private kj::TaskSet::ErrorHandler {
 public:
  // `fd` is the listening socket; it is taken.
  Daemon(kj::AsyncIoContext& io, const Options& options, const Config& config, int fd);
  ~Daemon() noexcept;

  // Until SIGTERM or SIGINT; then what is under way has been brought to an end.
  kj::Promise<void> run();

 private:
  void fill(schema::Status::Builder status) override;
  void resolve(const NewCgroup& cgroup) override;
  void taskFailed(kj::Exception&& exception) override;

  void loadProbe();
  HttpSite site();
  Result<int> openHttp() const;
  std::string countsDetail();
  std::string newcomersDetail();
  std::string configDetail() const;
  Snapshot::Part hooksPart(const char* name, EventKind kind, const char* what) const;
  std::vector<Snapshot::Part> parts();
  std::vector<LossCount> losses();
  size_t shownContainers();
  HttpReply healthPage();
  kj::Promise<HttpReply> metricsPage();
  MetricFamilies daemonFamilies();
  std::string summary() const;  // for `systemctl status`, one line
  void reload();
  CgroupAt findCgroup(const std::string& path);
  kj::Promise<void> serveReloads();
  kj::Promise<void> followObserver();
  kj::Promise<void> tick();
  kj::Promise<void> flushSinks();
  kj::Promise<void> stop();

  kj::AsyncIoContext& io;
  kj::Timer& timer;
  const Options& options;
  Config config;
  std::string configProblem;  // of the last reload
  SystemClock clock;
  uint64_t started;

  Backoff<kj::Duration> probeRetry;
  BpfProbe probe;
  std::optional<std::string> probeProblem;
  Hub hub;
  ProcFs procFs;
  Living living{procFs};
  TraceBook book;
  CallSeries series;  // the worker's, while there is one
  std::atomic<size_t> foldedPairs = 0;
  kj::Own<kj::PromiseFulfiller<void>> tickSooner;
  Sinks sinks;
  kj::Own<kj::PromiseFulfiller<void>> sinkWaits;
  kj::AutoCloseFd wake;  // eventfd: the observer has something new
  kj::UnixEventPort::FdObserver wakeObserver;
  std::unique_ptr<Observer> observer;
  Listener listener;
  HttpWorker worker;
  HttpServer http;
  kj::Own<RingReader> ring;  // before the probe, whose descriptor it watches, goes
  bool stopping = false;
  kj::Own<kj::PromiseFulfiller<void>> fatal;
  kj::Promise<void> fatalPromise = nullptr;
  kj::Own<kj::TaskSet> tasks;
};

}  // namespace swoll
