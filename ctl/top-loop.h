// SPDX-License-Identifier: Apache-2.0
// `swollctl top` as it runs: what keys do, when counts are asked for.
#pragma once

#include <string>

#include "ctl/stats-request.h"
#include "ctl/terminal.h"
#include "ctl/top-client.h"
#include "ctl/top-view.h"

namespace swoll::ctl {

// A resource, of a terminal and a connection that outlive it.
class TopLoop {
 public:
  TopLoop(Terminal& terminal, TopClient& client, TopView view, StatsFilter filter, Counts first,
          uint64_t interval);
  // Until the user has enough of it.
  void run();

 private:
  void settle();  // the rows anew, with the same one chosen
  void redraw();
  bool pressed(int key);  // false: the end
  void typed(int key);
  void choose(long step);
  void trace();

  Terminal& terminal_;
  TopClient& client_;
  TopView view_;
  StatsFilter filter_;
  Rates rates_;
  Counts counts_;
  uint64_t interval_;  // ns
  std::vector<CallRow> rows_;
  size_t selected_ = 0;
  bool moved_ = false;  // a row was chosen, and is to stay so
  bool typing_ = false, help_ = false;
  std::string traced_;  // what the trace is of, in words
  std::string notice_;  // what a key could not do, until the next one
};

}  // namespace swoll::ctl
