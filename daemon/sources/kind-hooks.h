// SPDX-License-Identifier: Apache-2.0
// The programs of one kind of event, which the probe puts on and takes off. Each source implements
// it in a folder of its own; the probe has them in a list.
#pragma once

#include <string>
#include <vector>

#include "event/kind.h"

struct probe;
struct bpf_program;

namespace swoll {

class KindHooks {
 public:
  virtual ~KindHooks() = default;

  // All that is special to it in an object that was opened and is to be loaded.
  virtual void prepare(probe& opened) = 0;
  // It was loaded; what was noted before is void. Borrowed.
  virtual void take(probe& loaded) = 0;

  // A type of the kind is wanted from now on, or no more.
  virtual void want(EventType type, bool wanted) = 0;
  virtual bool isWanted() const = 0;

  // In the order in which they are put on: what ends something before what begins it.
  virtual std::vector<bpf_program*> programs(probe& object) const = 0;
  // Those and what is loaded with them and put on nothing.
  virtual std::vector<bpf_program*> all(probe& object) const { return programs(object); }
  // Whether they are loaded when somebody wants them, and not at once.
  virtual bool isLate() const { return false; }
  virtual void beforeOn() = 0;
  // Of `object` the programs are on. Answers what could not be done all the same; "" otherwise.
  virtual std::string afterOn(probe& object) = 0;
  virtual void beforeOff() = 0;
};

}  // namespace swoll
