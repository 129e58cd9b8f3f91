// SPDX-License-Identifier: Apache-2.0
#include "observer/cri-client.h"

#include <rapidjson/document.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "observer/cgroup-name.h"

namespace swoll {
namespace {

namespace cri = runtime::v1;
using std::chrono::seconds;

constexpr seconds kCallTime{2};
constexpr seconds kLearnTime{2};       // for new containers, in one listing
constexpr seconds kAskAgain{5};        // after a container that isn't credible
constexpr seconds kEventsAgain{10};    // after an event stream that broke
constexpr seconds kEventsSettle{2};    // a runtime without events says so sooner than this
constexpr int kMaxMessage = 16 << 20;  // what a kubelet allows

std::shared_ptr<grpc::Channel> dial(const std::string& socketPath) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  // A new client starts afresh, not within an old one's back-off.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  return grpc::CreateCustomChannel("unix://" + socketPath, grpc::InsecureChannelCredentials(),
                                   arguments);
}

// Why nobody can answer there, in plainer words than gRPC has; empty when somebody listens.
std::string knock(const std::string& socketPath) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socketPath.size() >= sizeof(address.sun_path)) return "path too long";
  socketPath.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return std::strerror(errno);
  const int failed =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0 : errno;
  close(fd);
  switch (failed) {
    case 0:
      return "";
    case ENOENT:
      return "no such file";
    case ECONNREFUSED:
      return "nobody listens";
    case EACCES:
      return "permission denied";
    default:
      return std::strerror(failed);
  }
}

// A runtime's word, made fit for one line of a status.
std::string tidy(std::string_view text) {
  std::string line(text.substr(0, 100));
  for (char& c : line)
    if (c < ' ' || c > '~') c = '?';
  return line;
}

std::string describe(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return "";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "did not answer within " + std::to_string(kCallTime.count()) + "s";
    case grpc::StatusCode::UNAVAILABLE:
      return "broke off, or speaks no gRPC";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "speaks no CRI v1";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "answers with too much";
    default:
      return "answers with an error: " + tidy(status.error_message());
  }
}

bool isPlausibleId(std::string_view id) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !id.empty() && id.size() <= 128 && id.find_first_not_of(kLetters) == id.npos;
}

// The part of a process's cgroup path that is this container's, if it is in it at all. A long id
// may stand anywhere, as when the whole node is a container; a short one could be any word.
std::optional<std::string> cgroupOf(const std::string& id, const std::string& path) {
  const auto name = nameOfCgroup(path);
  if (name && name->id == id) return name->path;
  const bool isLong = id.size() >= 32 && id.find_first_not_of("0123456789abcdef") == id.npos;
  const size_t at = isLong ? path.find(id) : path.npos;
  if (at == path.npos) return std::nullopt;
  return path.substr(0, path.find('/', at));
}

std::optional<uint32_t> pidIn(const cri::ContainerStatusResponse& answer) {
  const auto info = answer.info().find("info");
  if (info == answer.info().end()) return std::nullopt;
  // Iterative, since a recursive parser's stack would be the runtime's to use up.
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(info->second.data(), info->second.size());
  if (json.HasParseError() || !json.IsObject()) return std::nullopt;
  if (!json.HasMember("pid") || !json["pid"].IsUint() || json["pid"].GetUint() == 0)
    return std::nullopt;
  return json["pid"].GetUint();
}

std::string labelOr(const Labels& labels, const char* key, const std::string& fallback) {
  const auto label = labels.find(key);
  return label == labels.end() ? fallback : label->second;
}

// What the listing alone tells.
Container nameFrom(const cri::Container& listed, const cri::PodSandbox& pod) {
  Container container;
  container.id = listed.id();
  container.name = listed.metadata().name();
  container.labels.insert(listed.labels().begin(), listed.labels().end());
  container.labels.insert(pod.labels().begin(), pod.labels().end());
  const Labels& labels = container.labels;
  container.pod = labelOr(labels, "io.kubernetes.pod.name", pod.metadata().name());
  container.nameSpace = labelOr(labels, "io.kubernetes.pod.namespace", pod.metadata().namespace_());
  container.phase = "Running";
  container.source = "cri";
  return container;
}

// The most readable of what a runtime calls it: a tag rather than a digest.
std::string imageFrom(const cri::Container& listed, const cri::ContainerStatus& status) {
  for (const std::string* name :
       {&status.image().image(), &status.image_ref(), &listed.image().image(), &listed.image_ref()})
    if (!name->empty() && !name->starts_with("sha256:")) return *name;
  return listed.image_ref();
}

}  // namespace

void CallGate::shut() {
  const std::lock_guard lock(mutex_);
  shut_ = true;
  if (underWay_) underWay_->TryCancel();
}

CallGate::Pass::Pass(CallGate& gate, grpc::ClientContext& context) : gate_(gate) {
  const std::lock_guard lock(gate_.mutex_);
  gate_.underWay_ = &context;
  if (gate_.shut_) context.TryCancel();
}

CallGate::Pass::~Pass() {
  const std::lock_guard lock(gate_.mutex_);
  gate_.underWay_ = nullptr;
}

// The stream of events. Only that something happened counts: what it was, the next listing tells.
class CriClient::Events : grpc::ClientReadReactor<cri::ContainerEventResponse> {
 public:
  Events(cri::RuntimeService::Stub& stub, const std::function<void()>& onEvent)
      : onEvent_(onEvent) {
    stub.async()->GetContainerEvents(&context_, &request_, this);
    StartRead(&event_);
    StartCall();
  }

  ~Events() override {
    context_.TryCancel();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return end_.has_value(); });
  }

  enum class State { starting, open, broken, notOffered };
  State state() const {
    const std::lock_guard lock(mutex_);
    if (end_) return *end_ == grpc::StatusCode::UNIMPLEMENTED ? State::notOffered : State::broken;
    return seenEvent_ || Clock::now() > opened_ + kEventsSettle ? State::open : State::starting;
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return;
    seenEvent_ = true;
    onEvent_();
    StartRead(&event_);
  }

  void OnDone(const grpc::Status& status) override {
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) onEvent_();
    const std::lock_guard lock(mutex_);  // the destructor goes on once this is released
    end_ = status.error_code();
    ended_.notify_all();
  }

  const std::function<void()>& onEvent_;
  const Clock::time_point opened_ = Clock::now();
  grpc::ClientContext context_;
  const cri::GetEventsRequest request_;
  cri::ContainerEventResponse event_;
  std::atomic<bool> seenEvent_ = false;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<grpc::StatusCode> end_;
};

CriClient::CriClient(std::string socketPath, const ProcFs& proc, CallGate& gate,
                     std::function<void()> onEvent)
    : socketPath_(std::move(socketPath)),
      proc_(proc),
      gate_(gate),
      onEvent_(std::move(onEvent)),
      stub_(cri::RuntimeService::NewStub(dial(socketPath_))) {}

CriClient::~CriClient() = default;

grpc::Status CriClient::call(const std::function<grpc::Status(grpc::ClientContext*)>& make) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallTime);
  const CallGate::Pass pass(gate_, context);
  return make(&context);
}

CriVersion CriClient::version() {
  if (auto error = knock(socketPath_); !error.empty()) return {std::move(error), ""};
  cri::VersionResponse answer;
  const auto status =
      call([&](grpc::ClientContext* context) { return stub_->Version(context, {}, &answer); });
  return {describe(status), tidy(answer.runtime_name() + " " + answer.runtime_version())};
}

CriListing CriClient::list() {
  CriListing listing;
  learnUntil_ = Clock::now() + kLearnTime;
  // Containers before pods: so the pod of each listed container is there to be listed.
  cri::ListContainersRequest running;
  running.mutable_filter()->mutable_state()->set_state(cri::CONTAINER_RUNNING);
  cri::ListContainersResponse containers;
  cri::ListPodSandboxResponse pods;
  auto status = call([&](grpc::ClientContext* context) {
    return stub_->ListContainers(context, running, &containers);
  });
  if (status.ok())
    status = call(
        [&](grpc::ClientContext* context) { return stub_->ListPodSandbox(context, {}, &pods); });
  listing.error = describe(status);
  if (!status.ok()) return listing;

  std::map<std::string_view, const cri::PodSandbox*> podById;
  for (const cri::PodSandbox& pod : pods.items()) {
    podById[pod.id()] = &pod;
    listing.sandboxes.insert(pod.id());
  }
  std::set<std::string_view> ids;
  for (const cri::Container& listed : containers.containers()) {
    if (listed.state() != cri::CONTAINER_RUNNING) continue;
    if (!isPlausibleId(listed.id()) || !ids.insert(listed.id()).second) {
      if (listing.skipped++ == 0) listing.skipReason = "an id that is empty, odd or given twice";
      continue;
    }
    const auto pod = podById.find(listed.pod_sandbox_id());
    add(listed, pod == podById.end() ? nullptr : pod->second, listing);
  }
  std::erase_if(known_, [&](const auto& entry) { return !ids.contains(entry.first); });
  keepEvents();
  return listing;
}

void CriClient::add(const cri::Container& listed, const cri::PodSandbox* pod, CriListing& listing) {
  if (!pod) return;  // on its way out: the pod went between the two calls
  auto known = known_.find(listed.id());
  const bool isNew = known == known_.end();
  if (isNew && Clock::now() > learnUntil_) return;  // the next listing goes on from here
  if (isNew || (!known->second.problem.empty() && Clock::now() >= known->second.retryAt))
    known = known_.insert_or_assign(listed.id(), learn(listed, *pod)).first;

  const Known& is = known->second;
  if (!is.problem.empty()) {
    if (listing.skipped++ == 0) listing.skipReason = is.container.id + ": " + is.problem;
    return;
  }
  // Ended, and the runtime has yet to notice: no container of ours any more.
  const auto process = proc_.stat(is.container.pid);
  if (process && process->alive && process->startTime == is.startTime)
    listing.containers.push_back(is.container);
}

CriClient::Known CriClient::learn(const cri::Container& listed, const cri::PodSandbox& pod) {
  Known known;
  known.container = nameFrom(listed, pod);
  known.retryAt = Clock::now() + kAskAgain;
  cri::ContainerStatusRequest request;
  request.set_container_id(listed.id());
  request.set_verbose(true);
  cri::ContainerStatusResponse answer;
  const auto status = call([&](grpc::ClientContext* context) {
    return stub_->ContainerStatus(context, request, &answer);
  });
  // Gone meanwhile: without a pid it is left out, and the next listing forgets it.
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return known;
  known.container.image = imageFrom(listed, answer.status());
  known.container.pid = pidIn(answer).value_or(0);
  if (!status.ok())
    known.problem = describe(status);
  else if (known.container.pid == 0)
    known.problem = "its status names no pid";
  else
    known.problem = locate(known);
  return known;
}

// Finds the container's process, its cgroup and its namespace; returns what is wrong with them.
std::string CriClient::locate(Known& known) const {
  Container& container = known.container;
  const std::string process = "its pid " + std::to_string(container.pid);
  const auto stat = proc_.stat(container.pid);
  const auto space = proc_.pidNamespace(container.pid);
  if (!stat || !space) return process + " does not exist";
  known.startTime = stat->startTime;
  container.pidNamespace = *space;
  container.mountNamespace = proc_.mountNamespace(container.pid).value_or(0);

  const std::string path = proc_.cgroupPath(container.pid).value_or("/");
  const auto own = cgroupOf(container.id, path);
  // Without a name that tells, only a pid namespace of its own shows that this is a container.
  if (!own && (space == proc_.hostPidNamespace() || nameOfCgroup(path)))
    return process + " is not in this container";
  if (own || path.size() > 1) container.cgroupPath = own.value_or(path);
  if (!container.cgroupPath.empty())
    container.cgroupId = proc_.cgroupId(container.cgroupPath).value_or(0);
  if (container.cgroupId == 0 && space == proc_.hostPidNamespace()) return "it has no cgroup";
  return "";
}

bool CriClient::hasEvents() const { return events_ && events_->state() == Events::State::open; }

void CriClient::keepEvents() {
  const bool broken = events_ && events_->state() == Events::State::broken;
  if (events_ && !broken) return;
  if (Clock::now() < eventsRetryAt_) return;
  eventsRetryAt_ = Clock::now() + kEventsAgain;
  events_.reset();
  events_ = std::make_unique<Events>(*stub_, onEvent_);
}

}  // namespace swoll
