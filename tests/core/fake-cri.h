// SPDX-License-Identifier: Apache-2.0
// Made-up container runtimes below a made-up host's root, and a way to wait for what an observer
// makes of them.
#pragma once

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
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cri.grpc.pb.h"
#include "fake-host.h"
#include "observer/observer.h"

namespace swoll {

using namespace std::chrono_literals;
namespace cri = runtime::v1;

inline constexpr const char* kCri = "unix:///cri.sock";  // below the host's root

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
  void run(const std::string& id, const std::string& info, const Labels& labels = {}) {
    const std::lock_guard lock(mutex_);
    auto& container = *running_.add_containers();
    container.set_id(id);
    container.set_pod_sandbox_id("pod-sandbox");
    container.mutable_metadata()->set_name("name-" + id.substr(0, 4));
    container.set_state(cri::CONTAINER_RUNNING);
    (*container.mutable_labels())["both"] = "container";
    for (const auto& [key, value] : labels) (*container.mutable_labels())[key] = value;
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
  // Answers nothing more, until it does again or ends.
  void hang(bool on) { hanging_ = on; }
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
  void wait() const {
    while (hanging_ && !stopping_) std::this_thread::sleep_for(1ms);
  }
  grpc::Status ListContainers(Context*, const cri::ListContainersRequest*,
                              cri::ListContainersResponse* r) override {
    wait();
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
    wait();
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
  std::atomic<bool> stopping_{false}, hanging_{false};
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

}  // namespace swoll
