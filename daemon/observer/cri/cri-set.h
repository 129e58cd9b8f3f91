// SPDX-License-Identifier: Apache-2.0
// The container runtimes of this host together. The observer's thread only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "observer/cri/cri-endpoint.h"
#include "observer/proc/proc-fs.h"
#include "observer/snapshot.h"

namespace swoll {

class CriSet {
 public:
  // `cri` is "off", "auto" (every usual socket that is there, also later), or addresses with blanks
  // or commas between them. Sockets lie below the root of `proc`.
  CriSet(const std::string& cri, const ProcFs& proc, std::chrono::milliseconds interval,
         CriHooks hooks);

  // Of the usual sockets, those that are there.
  static std::vector<std::string> usualSockets(const std::string& root);
  void look();                      // for sockets that came or went
  void ask();                       // all of them: something may have changed
  void ask(const std::string& id);  // each that is not away, about a container
  bool isAnyThere() const;          // one that is not away

  CriView view() const;  // of all together
  std::vector<Snapshot::Part> parts() const;

 private:
  void open(const std::string& path);

  const bool isAuto_;
  const ProcFs proc_;
  const std::chrono::milliseconds interval_;
  const CriHooks hooks_;
  std::vector<Snapshot::Part> problems_;  // of what can't be an endpoint
  std::vector<std::unique_ptr<CriEndpoint>> endpoints_;
};

}  // namespace swoll
