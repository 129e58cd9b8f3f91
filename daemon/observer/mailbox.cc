// SPDX-License-Identifier: Apache-2.0
#include "observer/mailbox.h"

#include <iterator>
#include <utility>

namespace swoll {
namespace {

constexpr size_t kMostUnanswered = 4096;

// All or nothing.
template <typename T>
void moveTo(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty())
    to.swap(from);
  else
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace

bool Mailbox::Inbox::isEmpty() const {
  return asked.empty() && answers.empty() && !look && !criChanged && !refresh;
}

bool Mailbox::ask(NewCgroup cgroup) {
  {
    const std::lock_guard lock(mutex_);
    if (unanswered_ >= kMostUnanswered) {
      ++refused_;
      return false;
    }
    inbox_.asked.push_back(std::move(cgroup));
    ++unanswered_;
  }
  wake_.notify_one();
  return true;
}

void Mailbox::leave(CriAnswer answer) {
  const std::lock_guard lock(mutex_);
  inbox_.answers.push_back(std::move(answer));
  wake_.notify_one();
}

void Mailbox::leave(std::shared_ptr<const ProcLook> look) {
  const std::lock_guard lock(mutex_);
  inbox_.look.swap(look);
  wake_.notify_one();
}

void Mailbox::criChanged() {
  const std::lock_guard lock(mutex_);
  inbox_.criChanged = true;
  wake_.notify_one();
}

void Mailbox::refresh() {
  const std::lock_guard lock(mutex_);
  inbox_.refresh = true;
  wake_.notify_one();
}

void Mailbox::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_one();
}

Snapshot Mailbox::latest() const {
  std::shared_ptr<const Snapshot> picture;
  {
    const std::lock_guard lock(mutex_);
    picture = picture_;
  }
  return *picture;
}

Snapshot Mailbox::take() {
  std::shared_ptr<const Snapshot> picture;
  std::vector<Resolution> resolved;
  {
    const std::lock_guard lock(mutex_);
    picture = picture_;
    resolved.swap(resolved_);
    unanswered_ -= resolved.size();
  }
  Snapshot taken = *picture;
  taken.resolved = std::move(resolved);
  return taken;
}

uint64_t Mailbox::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool Mailbox::wait(Inbox& todo, std::optional<std::chrono::steady_clock::time_point> until) {
  std::unique_lock lock(mutex_);
  const auto isWanted = [&] { return stop_ || !inbox_.isEmpty(); };
  if (until)
    wake_.wait_until(lock, *until, isWanted);
  else
    wake_.wait(lock, isWanted);
  if (stop_) return false;
  moveTo(todo.asked, inbox_.asked);
  moveTo(todo.answers, inbox_.answers);
  if (inbox_.look) todo.look = std::exchange(inbox_.look, nullptr);
  todo.criChanged |= std::exchange(inbox_.criChanged, false);
  todo.refresh |= std::exchange(inbox_.refresh, false);
  return true;
}

void Mailbox::publish(std::shared_ptr<const Snapshot> picture, std::vector<Resolution>& resolved) {
  // The picture before is freed without the lock.
  const std::lock_guard lock(mutex_);
  moveTo(resolved_, resolved);
  picture_.swap(picture);
}

}  // namespace swoll
