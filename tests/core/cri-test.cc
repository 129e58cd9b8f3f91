// SPDX-License-Identifier: Apache-2.0
// The observer with made-up runtimes: one that answers by gRPC, honestly or not, and ones that are
// absent, mute or garble. Needs no root and no container.
#include "observer/cri-client.h"

#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cri.grpc.pb.h"
#include "fake-host.h"
#include "observer/observer.h"
#include "observer/proc-fs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;
using namespace std::chrono_literals;
namespace cri = runtime::v1;

constexpr const char* kCri = "unix:///cri.sock";  // below the host's root

// Answers what it is told to. Any method that it lacks is UNIMPLEMENTED.
class FakeCri : public cri::RuntimeService::Service {
 public:
  explicit FakeCri(const Host& host, const char* name = "cri.sock")
      : socket_(host.root() + "/" + name) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix://" + socket_, grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeCri() override {
    stopping_ = true;
    server_->Shutdown(std::chrono::system_clock::now());
  }

  // `info` is what ContainerStatus says of it.
  void run(const std::string& id, const std::string& info) {
    const std::lock_guard lock(mutex_);
    auto& container = *running_.add_containers();
    container.set_id(id);
    container.set_pod_sandbox_id("pod-sandbox");
    container.mutable_metadata()->set_name("name-" + id.substr(0, 4));
    container.set_state(cri::CONTAINER_RUNNING);
    (*container.mutable_labels())["both"] = "container";
    info_[id] = info;
  }
  // Known to ContainerStatus alone: not running yet, or no more.
  void know(const std::string& id) {
    const std::lock_guard lock(mutex_);
    info_[id] = R"({"pid": 0, "sandboxID": "pod-sandbox"})";
  }
  void knowSandbox(const std::string& id) {
    const std::lock_guard lock(mutex_);
    sandboxes_.insert(id);
  }
  void event() { ++events_; }

  const std::string& socket() const { return socket_; }
  std::atomic<int> listings{0}, statuses{0};
  bool hasEvents = false;

 private:
  using Context = grpc::ServerContext;
  grpc::Status Version(Context*, const cri::VersionRequest*, cri::VersionResponse* r) override {
    r->set_runtime_name("fake");
    r->set_runtime_version("1\n2");
    return grpc::Status::OK;
  }
  grpc::Status ListContainers(Context*, const cri::ListContainersRequest*,
                              cri::ListContainersResponse* r) override {
    const std::lock_guard lock(mutex_);
    ++listings;
    *r = running_;
    return grpc::Status::OK;
  }
  grpc::Status ListPodSandbox(Context*, const cri::ListPodSandboxRequest*,
                              cri::ListPodSandboxResponse* r) override {
    describePod(*r->add_items());
    return grpc::Status::OK;
  }
  grpc::Status ContainerStatus(Context*, const cri::ContainerStatusRequest* q,
                               cri::ContainerStatusResponse* r) override {
    const std::lock_guard lock(mutex_);
    ++statuses;
    const auto info = info_.find(q->container_id());
    if (info == info_.end()) return {grpc::StatusCode::NOT_FOUND, "no such container"};
    r->mutable_status()->mutable_image()->set_image("busybox:1");
    r->mutable_status()->mutable_metadata()->set_name("name-" + q->container_id().substr(0, 4));
    (*r->mutable_status()->mutable_labels())["both"] = "container";
    (*r->mutable_info())["info"] = info->second;
    return grpc::Status::OK;
  }
  grpc::Status PodSandboxStatus(Context*, const cri::PodSandboxStatusRequest* q,
                                cri::PodSandboxStatusResponse* r) override {
    const std::lock_guard lock(mutex_);
    if (!sandboxes_.contains(q->pod_sandbox_id())) return {grpc::StatusCode::NOT_FOUND, "no pod"};
    describePod(*r->mutable_status());
    return grpc::Status::OK;
  }
  template <typename Pod>
  static void describePod(Pod& pod) {
    pod.set_id("pod-sandbox");
    pod.mutable_metadata()->set_name("web");
    pod.mutable_metadata()->set_namespace_("shop");
    (*pod.mutable_labels())["both"] = "pod";
    (*pod.mutable_labels())["app"] = "nginx";
  }
  grpc::Status GetContainerEvents(
      Context* context, const cri::GetEventsRequest*,
      grpc::ServerWriter<cri::ContainerEventResponse>* writer) override {
    if (!hasEvents) return {grpc::StatusCode::UNIMPLEMENTED, "no events"};
    for (int sent = 0; !stopping_ && !context->IsCancelled(); std::this_thread::sleep_for(1ms))
      for (; sent < events_; ++sent) writer->Write({});
    return grpc::Status::OK;
  }

  const std::string socket_;
  std::mutex mutex_;
  cri::ListContainersResponse running_;
  std::map<std::string, std::string> info_;  // what ContainerStatus knows of
  std::set<std::string> sandboxes_{"pod-sandbox"};
  std::atomic<int> events_{0};
  std::atomic<bool> stopping_{false};
  std::unique_ptr<grpc::Server> server_;
};

// An Observer with a way to wait for what it says.
class Watch {
 public:
  Watch(const Host& host, const std::string& cri, std::chrono::milliseconds interval = 30ms)
      : observer_(std::make_unique<Observer>(ObserverConfig{cri, host.root(), interval}, [this] {
          const std::lock_guard lock(mutex_);
          ++notified_;
          changed_.notify_all();
        })) {}

  // The first snapshot that fits, or after 10 s the last one.
  Snapshot until(const std::function<bool(const Snapshot&)>& fits) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, end, [&] { return notified_ > 0 && fits(observer_->latest()); });
    return observer_->latest();
  }
  Observer& operator*() { return *observer_; }
  // How long stopping takes.
  std::chrono::milliseconds stop() {
    const auto begin = std::chrono::steady_clock::now();
    observer_.reset();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int notified_ = 0;
  std::unique_ptr<Observer> observer_;  // its thread uses the above
};

void takesNamesFromTheCri(void**) {
  static std::string text;
  static int statuses = 0;
  [] {
    const Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {41, 2001, "/k8s.io/pod-sandbox", 5}});
    FakeCri fake(host);
    fake.run(HEX64, R"({"pid": 40, "sandboxID": "x"})");
    Watch watch(host, kCri);
    watch.until([](const Snapshot& s) { return s.part("cri").ok && s.containers.size() == 1; });
    while (fake.listings < 4) std::this_thread::sleep_for(1ms);
    const Snapshot s = (*watch).latest();
    text = inWords(host, s.containers) + s.part("cri").detail.substr(0, 8) + "; ";
    for (const Container& c : s.containers)
      text += c.nameSpace + "/" + c.pod + "/" + c.name + " " + c.image + " " + c.labels.at("app") +
              " " + c.labels.at("both");
    statuses = fake.statuses;
  }();
  assert_string_equal(text.c_str(), "cri " HEX64 "@/k8s.io/" HEX64
                                    " 40; fake 1?2; shop/web/name-0123 busybox:1 nginx container");
  assert_int_equal(statuses, 1);  // asked once, however often it is listed
}

void believesNoLiar(void**) {
  static std::string text;
  [] {
    const Host host({{40, 2000, "/k8s.io/" HEX64, 5}, {50, kHost, "/system.slice/a.service"}});
    FakeCri fake(host);
    fake.run(HEX64, R"({"pid": 40})");
    fake.run(HEX64, R"({"pid": 40})");
    for (const char* id : {"", "two words"}) fake.run(id, R"({"pid": 40})");
    fake.run("zero", R"({"pid": 0})");
    fake.run("minus", R"({"pid": -1})");
    fake.run("absent", R"({"pid": 77})");
    fake.run("host", R"({"pid": 1})");
    fake.run("service", R"({"pid": 50})");
    fake.run("another", R"({"pid": 40})");
    fake.run("huge", R"({"pid": 4294967295})");
    fake.run("float", R"({"pid": 40.0, "sandboxID": 7})");
    fake.run("garbage", "{\"pid\": 4");
    fake.run("empty", "");
    fake.run("deep", std::string(1 << 20, '['));
    ProcFs proc(host.root());
    proc.cgroupMount();
    CallGate gate;
    CriClient client(fake.socket(), proc, gate, [] {});
    const CriListing listing = client.list();
    // Without a credible pid a container has a name at most, and shows where /proc finds it.
    std::string placed, nameless;
    for (const Container& c : listing.containers) (c.pid ? placed : nameless) += c.id + " ";
    text = listing.error + placed + "| " + nameless + "| " + std::to_string(listing.skipped) +
           " left out, the first: " + listing.skipReason;
  }();
  assert_string_equal(
      text.c_str(), HEX64
      " | zero minus float garbage empty deep | 8 left out, the first: an id that is "
      "empty, odd or given twice");
}

void hearsOfEvents(void**) {
  static size_t found = 0;
  [] {
    Host host({});
    FakeCri fake(host);
    fake.hasEvents = true;
    fake.event();  // tells at once that there is a stream
    Watch watch(host, kCri, 1h);
    watch.until([](const Snapshot& s) { return s.part("cri").detail.ends_with("with events"); });
    host.add({40, 2000, "/k8s.io/" HEX64, 5});
    fake.run(HEX64, R"({"pid": 40})");
    fake.event();
    found = watch.until([](const Snapshot& s) { return !s.containers.empty(); }).containers.size();
  }();
  assert_int_equal(found, 1);
}

void keepsNamesWhileTheCriIsAway(void**) {
  static std::string text;
  [] {
    Host host({{40, 2000, "/k8s.io/" HEX64, 5}});
    auto fake = std::make_unique<FakeCri>(host);
    fake->run(HEX64, R"({"pid": 40})");
    Watch watch(host, kCri);
    watch.until([](const Snapshot& s) { return s.part("cri").ok && !s.containers.empty(); });
    fake.reset();
    text =
        inWords(host, watch.until([](const Snapshot& s) { return !s.part("cri").ok; }).containers);
    host.remove(40);
    text += "then " +
            inWords(host,
                    watch.until([](const Snapshot& s) { return s.containers.empty(); }).containers);
  }();
  assert_string_equal(text.c_str(), "cri " HEX64 "@/k8s.io/" HEX64 " 40; then ");
}

// Listens, and to whoever connects says `greeting` and no more.
class DeafSocket {
 public:
  DeafSocket(const std::string& path, std::string greeting) : path_(path) {
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) abort();
    listen(fd_, 16);
    thread_ = std::thread([this, greeting = std::move(greeting)] {
      for (int peer; (peer = accept(fd_, nullptr, nullptr)) >= 0; peers_.push_back(peer))
        if (!greeting.empty()) send(peer, greeting.data(), greeting.size(), MSG_NOSIGNAL);
    });
  }
  ~DeafSocket() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    for (const int peer : peers_) close(peer);
    close(fd_);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  int fd_ = -1;
  std::vector<int> peers_;
  std::thread thread_;
};

// What it says of a runtime that does not work, and that containers are found all the same.
std::string without(const std::string& greeting, bool isThere) {
  const Host host({{40, 2000, "/web", 5, "app", "40\t1"}});
  std::optional<DeafSocket> deaf;
  if (isThere) deaf.emplace(host.root() + "/cri.sock", greeting);
  Watch watch(host, kCri);
  const Snapshot s = watch.until([](const Snapshot& s) {
    return !s.containers.empty() && s.part("cri").detail.ends_with("; retrying");
  });
  const Snapshot::Part part = s.part("cri");
  return inWords(host, s.containers) + part.name + (part.ok ? " ok: " : " bad: ") + part.detail;
}

void livesWithoutTheCri(void**) {
  assert_string_equal(keep(without("", false)),
                      "cgroup web@/web 40; cri unix:///cri.sock bad: no such file; retrying");
  assert_string_equal(
      keep(without("", true)),
      "cgroup web@/web 40; cri unix:///cri.sock bad: did not answer within 2s; retrying");
  assert_string_equal(
      keep(without("HTTP/1.1 400 Bad Request\r\n\r\nwhat?", true)),
      "cgroup web@/web 40; cri unix:///cri.sock bad: broke off, or speaks no gRPC; retrying");
}

void stopsWhileACallHangs(void**) {
  static int64_t took = 0;
  [] {
    const Host host({});
    const DeafSocket deaf(host.root() + "/cri.sock", "");
    Watch watch(host, kCri);
    std::this_thread::sleep_for(300ms);  // well into the call's 2 s
    took = watch.stop().count();
  }();
  assert_in_range(took, 0, 300);  // ms; on an idle machine below 10
}

void looksWhenAsked(void**) {
  static size_t found = 0;
  static uint64_t quiet = 0;
  [] {
    Host host({});
    Watch watch(host, "auto", 1h);
    const uint64_t first = watch.until([](const Snapshot& s) { return s.serial > 0; }).serial;
    for (int i = 0; i < 5; ++i) {
      (*watch).refresh();
      std::this_thread::sleep_for(30ms);
    }
    quiet = (*watch).latest().serial - first;
    host.add({40, 2000, "/web", 5, "app", "40\t1"});
    (*watch).refresh();
    found = watch.until([](const Snapshot& s) { return !s.containers.empty(); }).containers.size();
  }();
  assert_int_equal(quiet, 0);  // nothing changed, nobody is told
  assert_int_equal(found, 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(takesNamesFromTheCri),
      cmocka_unit_test(believesNoLiar),
      cmocka_unit_test(hearsOfEvents),
      cmocka_unit_test(livesWithoutTheCri),
      cmocka_unit_test(keepsNamesWhileTheCriIsAway),
      cmocka_unit_test(stopsWhileACallHangs),
      cmocka_unit_test(looksWhenAsked),
  };
  return cmocka_run_group_tests_name("cri", tests, nullptr, nullptr);
}
