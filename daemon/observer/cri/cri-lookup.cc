// SPDX-License-Identifier: Apache-2.0
#include "observer/cri/cri-lookup.h"

#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include "observer/cri/cri-answer.h"
#include "observer/cri/cri-channel.h"

namespace swoll {
namespace {

namespace cri = runtime::v1;

constexpr std::chrono::milliseconds kPatience{1000};
constexpr size_t kMostUnderWay = 64;

}  // namespace

// Two calls, one after the other, with all that they point to.
struct CriLookup::Question {
  explicit Question(const std::string& id) : id(id) {
    const auto deadline = std::chrono::system_clock::now() + kPatience;
    for (auto* context : {&first, &second}) context->set_deadline(deadline);
    ask.set_container_id(id);
    ask.set_verbose(true);
  }

  const std::string id;
  grpc::ClientContext first, second;
  cri::ContainerStatusRequest ask;
  cri::ContainerStatusResponse container;
  cri::PodSandboxStatusRequest askPod;
  cri::PodSandboxStatusResponse pod;
  bool isContainer = false;
};

CriLookup::CriLookup(const std::string& socketPath, std::function<void(CriAnswer)> onAnswer)
    : onAnswer_(std::move(onAnswer)),
      channel_(dial(socketPath)),
      stub_(cri::RuntimeService::NewStub(channel_)) {}

CriLookup::~CriLookup() {
  std::vector<std::shared_ptr<Question>> left;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    left.assign(underWay_.begin(), underWay_.end());
  }
  // Without the lock, which an answer takes that comes of this at once.
  for (const auto& question : left) {
    question->first.TryCancel();
    question->second.TryCancel();
  }
  left.clear();
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [&] { return underWay_.empty(); });
}

bool CriLookup::ask(const std::string& id) {
  auto question = std::make_shared<Question>(id);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || underWay_.size() >= kMostUnderWay) return false;
    underWay_.insert(question);
  }
  try {
    keepForEver(channel_);
    askContainer(question);
  } catch (const std::exception&) {  // of memory
    end(question);
    return false;
  }
  return true;
}

void CriLookup::askContainer(const std::shared_ptr<Question>& question) {
  stub_->async()->ContainerStatus(
      &question->first, &question->ask, &question->container,
      [this, question](const grpc::Status& status) {
        using enum grpc::StatusCode;
        const auto code = status.error_code();
        const bool away = code == DEADLINE_EXCEEDED || code == UNAVAILABLE || code == CANCELLED;
        question->isContainer = status.ok();
        if (away) return finish(question, CriAnswer::Kind::unknown);
        // What is no container may be a pod's own; not every runtime answers NOT_FOUND.
        try {
          askSandbox(question, status.ok() ? infoIn(question->container).sandbox : question->id);
        } catch (const std::exception&) {  // of memory
          finish(question, CriAnswer::Kind::unknown);
        }
      });
}

void CriLookup::askSandbox(const std::shared_ptr<Question>& question, const std::string& sandbox) {
  // A container's own labels name its pod as well, where a kubelet made it.
  if (sandbox.empty()) return finish(question, CriAnswer::Kind::container);
  question->askPod.set_pod_sandbox_id(sandbox);
  stub_->async()->PodSandboxStatus(
      &question->second, &question->askPod, &question->pod,
      [this, question](const grpc::Status& status) {
        using enum CriAnswer::Kind;
        finish(question, question->isContainer ? container : status.ok() ? sandbox : unknown);
      });
}

void CriLookup::finish(const std::shared_ptr<Question>& question, CriAnswer::Kind kind) {
  try {
    answer(*question, kind);
  } catch (const std::exception&) {  // of memory: whoever waits asks again
  }
  end(question);
}

void CriLookup::answer(const Question& question, CriAnswer::Kind kind) {
  CriAnswer answer{question.id, kind, {}};
  if (kind == CriAnswer::Kind::container) {
    const cri::ContainerStatus& is = question.container.status();
    const cri::PodSandboxStatus& pod = question.pod.status();
    answer.container =
        nameFrom(question.id, is.metadata().name(), is.labels(), pod.metadata(), pod.labels());
    answer.container.image = imageFrom({&is.image().image(), &is.image_ref()});
  }
  onAnswer_(std::move(answer));
}

void CriLookup::end(const std::shared_ptr<Question>& question) {
  const std::lock_guard lock(mutex_);  // the destructor goes on once this is released
  underWay_.erase(question);
  ended_.notify_all();
}

}  // namespace swoll
