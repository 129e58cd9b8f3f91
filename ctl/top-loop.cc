// SPDX-License-Identifier: Apache-2.0
#include "ctl/top-loop.h"

#include <capnp/message.h>

#include <algorithm>
#include <chrono>

#include "base/time-text.h"
#include "ctl/top-screen.h"
#include "ctl/top-trace.h"

namespace swoll::ctl {

using SteadyClock = std::chrono::steady_clock;

TopLoop::TopLoop(Terminal& terminal, TopClient& client, TopView view, StatsFilter filter,
                 Counts first, uint64_t interval)
    : terminal_(terminal),
      client_(client),
      view_(std::move(view)),
      filter_(std::move(filter)),
      counts_(std::move(first)),
      interval_(interval) {
  rates_.take(counts_.clock, counts_.rows);
}

void TopLoop::settle() {
  Labels chosen;
  bool keep = moved_ && selected_ < rows_.size();
  if (keep) chosen = rows_[selected_].labels;
  rows_ = view_.rows(rates_);
  if (keep)
    for (size_t i = 0; i < rows_.size(); i++)
      if (rows_[i].labels == chosen) selected_ = i;
  selected_ = rows_.empty() ? 0 : std::min(selected_, rows_.size() - 1);
}

void TopLoop::redraw() {
  std::string trouble = client_.trouble();
  if (trouble.empty()) trouble = notice_.empty() ? missingText(counts_) : notice_;
  draw(terminal_, {.view = view_,
                   .rates = view_.shown(rates_),
                   .rows = rows_,
                   .selected = selected_,
                   .interval = formatDuration(interval_),
                   .trouble = trouble,
                   .typing = typing_,
                   .help = help_,
                   .tracing = client_.isTracing(),
                   .trace = client_.traceName() + ": " + traced_,
                   .tail = client_.lines()});
}

void TopLoop::run() {
  // The first interval is short, so that there is soon something to see.
  constexpr uint64_t soon = 300'000'000;
  auto due = SteadyClock::now() + std::chrono::nanoseconds(std::min(interval_, soon));
  settle();
  redraw();
  for (;;) {
    constexpr int turn = 50;  // ms, that answers and events may lie before they are shown
    bool changed = false;
    if (auto key = terminal_.key(turn)) {
      if (!pressed(*key)) return;
      settle();
      changed = true;
    }
    std::string trouble = client_.trouble();
    if (SteadyClock::now() >= due) {
      client_.ask();
      due = SteadyClock::now() + std::chrono::nanoseconds(interval_);
    }
    client_.pump();
    if (!client_.trouble().empty()) rates_.restart();
    if (auto counts = client_.take()) {
      counts_ = std::move(*counts);
      rates_.take(counts_.clock, counts_.rows);
      settle();
      changed = true;
    }
    if (changed || client_.isTracing() || trouble != client_.trouble()) redraw();
  }
}

void TopLoop::choose(long step) {
  long last = rows_.empty() ? 0 : long(rows_.size()) - 1;
  selected_ = size_t(std::clamp(long(selected_) + step, 0l, last));
  moved_ = true;
}

// In the filter's line. A filter is bytes, but taken back by characters.
void TopLoop::typed(int key) {
  constexpr int escape = 27, backspace = 127, erase = 8;
  std::string text = view_.filter();
  if (key == '\n') {
    typing_ = false;
  } else if (key == escape) {
    typing_ = false;
    text.clear();
  } else if (key == backspace || key == erase) {
    while (!text.empty() && (text.back() & 0xc0) == 0x80) text.pop_back();
    if (!text.empty()) text.pop_back();
  } else if (key >= ' ' && key < 256) {
    constexpr size_t most = 128;
    if (text.size() < most) text += char(key);
  }
  view_.setFilter(text);
}

void TopLoop::trace() {
  if (client_.isTracing()) {
    client_.stopTrace();
  } else if (selected_ < rows_.size()) {
    capnp::MallocMessageBuilder message;
    auto spec = message.initRoot<schema::TraceSpec>();
    try {
      traced_ = fillTrace(spec, filter_, view_.labelsOf(rows_[selected_]), view_.known());
      client_.startTrace(spec.asReader());
    } catch (const kj::Exception& error) {
      notice_ = "no trace: " + reason(error);
    } catch (const UsageError& error) {
      notice_ = std::string("no trace: ") + error.what();
    }
  }
}

bool TopLoop::pressed(int key) {
  if (key == Terminal::stop) return false;
  if (key != Terminal::resized) notice_.clear();
  if (typing_ && key < 256) {
    typed(key);
    return true;
  }
  auto page = long(rowsThatFit(terminal_, client_.isTracing()));
  help_ = (key == '?' || key == 'h') && !help_;
  if (auto all = dimensions(); key >= '1' && key < '1' + int(all.size()))
    view_.groupBy(all[size_t(key - '1')]);
  switch (key) {
    case 'q':
      return false;
    case Terminal::up:
    case 'k':
      choose(-1);
      break;
    case Terminal::down:
    case 'j':
      choose(1);
      break;
    case Terminal::pageUp:
      choose(-page);
      break;
    case Terminal::pageDown:
      choose(page);
      break;
    case Terminal::home:
      choose(-long(rows_.size()));
      break;
    case Terminal::end:
      choose(long(rows_.size()));
      break;
    case '\t':
      view_.groupByNext();
      break;
    case '<':
      view_.sortBy(-1);
      break;
    case '>':
      view_.sortBy(1);
      break;
    case 'r':
      view_.reverse();
      break;
    case '/':
      typing_ = true;
      break;
    case ' ':
    case 'p':
      view_.toggleFrozen(rates_);
      break;
    case 't':
      trace();
      break;
    case '\n':
    case Terminal::right:
      if (selected_ < rows_.size() && view_.enter(rows_[selected_])) {
        view_.setFilter("");
        selected_ = 0;
        moved_ = false;
      }
      break;
    case 27:
    case 127:
    case Terminal::left:
      if (client_.isTracing()) {
        client_.stopTrace();
      } else if (!view_.filter().empty()) {
        view_.setFilter("");
      } else if (view_.leave()) {
        selected_ = 0;
        moved_ = false;
      }
      break;
    default:
      break;
  }
  return true;
}

}  // namespace swoll::ctl
