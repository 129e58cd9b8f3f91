// SPDX-License-Identifier: Apache-2.0
// The programs of one kind of event: loaded with all others or when somebody first wants them, put
// on and taken off. A resource of the probe's; it owns the links, and the object if that came late.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "sources/kind-hooks.h"
#include "sources/object.h"

struct bpf_link;

namespace swoll {

class KindPrograms {
 public:
  // `what`: they are attached to.
  KindPrograms(KindHooks& hooks, const char* what) : hooks(hooks), what(what) {}
  ~KindPrograms() noexcept;
  KindPrograms(const KindPrograms&) = delete;
  KindPrograms& operator=(const KindPrograms&) = delete;

  void prepare(probe& opened);
  // What was wanted before is void. Borrowed.
  void take(probe& loaded);
  // Puts them on if they are wanted, or completes what was missing; takes them off otherwise.
  void attach(bool on);
  // Changes what is wanted of them, and takes them off if that is nothing any more.
  void change(const std::function<void(KindHooks&)>& note);

  bool isOn() const { return allOn; }
  // Why they are not on, though they should be; "" otherwise.
  std::string problem() const { return hooks.isWanted() ? refused : ""; }
  // What they can't tell though they are on; "": nothing.
  const std::string& missing() const { return lacking; }
  void addCosts(std::vector<ProgramCost>& to) const;

 private:
  std::optional<std::string> loadLate();
  void putOn();
  void complete();
  void takeOff();
  void fail(const std::string& problem);

  KindHooks& hooks;
  const char* what;
  probe* first = nullptr;        // that holds the maps of all
  probe* object = nullptr;       // in which these are loaded
  ProbeObject late;              // that one, if it is their own
  std::vector<bpf_link*> links;  // in the order in which they were put on
  bool allOn = false;
  std::string refused;  // why they could not be loaded or put on
  std::string told;     // of those, the last that was logged
  std::string lacking;
  std::chrono::steady_clock::time_point nextLoad{};  // of those that were refused
  Backoff<std::chrono::seconds> loadPause{std::chrono::seconds(10), std::chrono::seconds(320)};
};

}  // namespace swoll
