// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-client.h"

#include <string_view>
#include <utility>

#include "observer/cgroup/cgroup-name.h"
#include "observer/cri/cri-answer.h"

namespace swoll {
namespace {

namespace cri = runtime::v1;
using namespace std::chrono_literals;

constexpr auto kLearnTime = 300ms;  // for new containers, in one listing
constexpr auto kAskAgain = 5s;      // after a container that isn't credible
constexpr auto kEventsAgain = 10s;  // after an event stream that broke

}  // namespace

CriClient::CriClient(std::string socketPath, const ProcFs& proc, CallGate& gate,
                     std::function<void()> onEvent)
    : socketPath_(std::move(socketPath)),
      proc_(proc),
      gate_(gate),
      onEvent_(std::move(onEvent)),
      channel_(dial(socketPath_)),
      stub_(cri::RuntimeService::NewStub(channel_)) {}

CriClient::~CriClient() = default;

grpc::Status CriClient::call(const std::function<grpc::Status(grpc::ClientContext*)>& make) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCriCallTime);
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
  const bool isDue =
      isNew || (!known->second.problem.empty() && Clock::now() >= known->second.retryAt);
  if (isDue && Clock::now() > learnUntil_) {
    listing.isComplete = false;
    if (isNew) return;
  } else if (isDue) {
    known = known_.insert_or_assign(listed.id(), learn(listed, *pod)).first;
  }
  const Known& is = known->second;
  if (is.problem.empty())
    listing.containers.push_back(is.container);
  else if (listing.skipped++ == 0)
    listing.skipReason = is.container.id + ": " + is.problem;
}

CriClient::Known CriClient::learn(const cri::Container& listed, const cri::PodSandbox& pod) {
  Known known;
  known.retryAt = Clock::now() + kAskAgain;
  Container& container = known.container;
  container = nameFrom(listed.id(), listed.metadata().name(), listed.labels(), pod.metadata(),
                       pod.labels());
  cri::ContainerStatusRequest request;
  request.set_container_id(listed.id());
  request.set_verbose(true);
  cri::ContainerStatusResponse answer;
  const auto status = call([&](grpc::ClientContext* context) {
    return stub_->ContainerStatus(context, request, &answer);
  });
  // Gone meanwhile: without a place it shows nowhere, and the next listing forgets it.
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return known;
  container.image = imageFrom({&answer.status().image().image(), &answer.status().image_ref(),
                               &listed.image().image(), &listed.image_ref()});
  container.pid = infoIn(answer).pid;
  if (!status.ok())
    known.problem = describe(status);
  else if (container.pid != 0)
    known.problem = locate(container);
  return known;
}

// Finds the container's process, its cgroup and its namespaces; returns what is wrong with them.
std::string CriClient::locate(Container& container) const {
  const std::string process = "its pid " + std::to_string(container.pid);
  const auto stat = proc_.stat(container.pid);
  const auto space = proc_.pidNamespace(container.pid);
  if (!stat || !space) return process + " does not exist";

  const CgroupPlace place = placeIn(proc_.cgroupText(container.pid).value_or(""));
  const bool isByV1 = place.byV1 && place.name->id == container.id;
  const auto own = cgroupOf(container.id, place.path);
  // Without a name that tells, only a pid namespace of its own shows that this is a container.
  if (!own && !isByV1 && (space == proc_.hostPidNamespace() || place.name))
    return process + " is not in this container";
  if (!isByV1 && (own || place.path.size() > 1)) container.cgroupPath = own.value_or(place.path);
  if (!container.cgroupPath.empty())
    container.cgroupId = proc_.cgroupId(container.cgroupPath).value_or(0);
  if (container.cgroupId == 0 && space == proc_.hostPidNamespace()) return "it has no cgroup";
  container.pidNamespace = *space;
  container.mountNamespace = proc_.mountNamespace(container.pid).value_or(0);
  container.startTime = stat->startTime;
  return "";
}

bool CriClient::hasEvents() const { return events_ && events_->state() == CriEvents::State::open; }

void CriClient::keepEvents() {
  const bool broken = events_ && events_->state() == CriEvents::State::broken;
  if (events_ && !broken) return;
  if (Clock::now() < eventsRetryAt_) return;
  eventsRetryAt_ = Clock::now() + kEventsAgain;
  events_.reset();
  keepForEver(channel_);
  events_ = std::make_unique<CriEvents>(*stub_, onEvent_);
}

}  // namespace swoll
