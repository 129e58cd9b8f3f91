// SPDX-License-Identifier: Apache-2.0
// The kernel programs as libbpf has them: how they are loaded, why that failed, what they cost. The
// libbpf log is the process's, and so is what is kept of it; one thread, save where libbpf logs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct probe;

namespace swoll {

struct ObjectDeleter {
  void operator()(probe* object) const;
};
using ProbeObject = std::unique_ptr<probe, ObjectDeleter>;

// What a program has cost since it was loaded, while the kernel measured that.
struct ProgramCost {
  std::string name;
  uint64_t ns = 0, runs = 0;
};

// From now on libbpf's log is ours.
void listenToLibbpf();
// Why something failed, in words to act on; of a load, with the last that the verifier said.
std::string explain(const std::string& what, int error);
// Logs what it cost. Answers why it could not, beginning with `what`.
std::optional<std::string> loadObject(probe& opened, const std::string& what);
void addCosts(const probe& loaded, std::vector<ProgramCost>& to);

}  // namespace swoll
