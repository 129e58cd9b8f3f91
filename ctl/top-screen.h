// SPDX-License-Identifier: Apache-2.0
// How `swollctl top` looks: rows and their columns, what is said around them, a trace below.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "ctl/terminal.h"
#include "ctl/top-view.h"

namespace swoll::ctl {

// All that is on the screen. A value, made anew for each time that it is drawn.
struct TopPicture {
  const TopView& view;
  const Rates& rates;  // those that are shown
  const std::vector<CallRow>& rows;
  size_t selected = 0;
  std::string interval;  // "1s"
  std::string trouble;   // what is wrong; empty: nothing
  bool typing = false;   // a filter is being typed
  bool help = false;
  bool tracing = false;
  std::string trace;                    // the name and what it traces
  const std::deque<std::string>& tail;  // its lines
};
void draw(Terminal& terminal, const TopPicture& picture);

// How many rows fit.
size_t rowsThatFit(const Terminal& terminal, bool tracing);

}  // namespace swoll::ctl
