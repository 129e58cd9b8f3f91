// SPDX-License-Identifier: Apache-2.0
// Calls as they are told to a time series database: by the names that a container has there, which
// several containers share in turn, and of a bounded number.
//
// What is told never falls while it is told. A container that starts anew under its old name goes
// on where the one before it stopped, also once that one's cells are gone. Of (container, call)
// pairs that are too many, the least recently active are told as one, the folded, and all sums stay
// true: what a pair has counted stays with the folded, and if it is told again, it begins at what
// came since.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "counts/call-stats.h"

namespace swoll {

class CallSeries {
 public:
  struct Names {
    std::string nameSpace, pod, container;
    auto operator<=>(const Names&) const = default;
  };
  CallSeries();

  // A container's pod, and its name, or its id where it has none.
  static Names namesOf(const Container& container);

  // How many time series a pair costs: so many for each of its results, and so many besides.
  struct Cost {
    size_t perResult = 1, perPair = 0;
    size_t most = SIZE_MAX;  // of all pairs together
  };

  struct Pair {
    std::map<int, swoll_cell> results;  // by error, see CallStat
    bool folded = false;                // then it has no results
  };
  // Rows of the table that share a name are told as the first of them.
  using Key = std::pair<Names, CallId>;

  // Takes over what the kernel has counted by now. All rows, each container and call and error
  // once.
  void update(const std::vector<CallStat>& rows, const Cost& cost);

  const std::map<Key, Pair>& pairs() const { return byKey; }
  const swoll_cell& folded() const { return foldedSum; }  // of all pairs that ever were
  size_t foldedPairs() const { return foldedCount; }      // now
  size_t series() const { return told; }                  // of those that are not folded

 private:
  struct State {
    uint64_t lastActive = 0;  // the update in which it last counted
    std::map<int, swoll_cell> fresh;
    bool isPresent = false;
  };
  struct Seen {
    swoll_cell sum;
    uint64_t update = 0;
  };

  void takeIn(const std::vector<CallStat>& rows);
  void forgetAbsent();
  void fold(const Cost& cost);

  std::vector<CallId> byName;  // by call: the first row of its name
  std::map<Key, Pair> byKey;
  std::map<Key, State> states;
  std::unordered_map<uint64_t, Seen> lastSeen;           // by the kernel's key
  std::unordered_map<ContainerHandle, Names> namesSeen;  // those that its counts went to
  swoll_cell foldedSum{};
  size_t foldedCount = 0, told = 0;
  uint64_t updates = 0;
};

}  // namespace swoll
