// SPDX-License-Identifier: Apache-2.0
#include "ctl/top-screen.h"

#include <algorithm>
#include <cstring>

#include "base/escape.h"
#include "base/time-text.h"
#include "ctl/stats-text.h"

namespace swoll::ctl {
namespace {

constexpr int headLines = 3, footLines = 1;

struct Column {
  const char* heading;
  const char* order;  // its rateName in the orders; null: not sorted by
  int width;
  std::string (*text)(const CallRow& row, uint64_t elapsed);
};

std::string rate(uint64_t count, uint64_t elapsed) {
  return elapsed ? briefNumber(perSecond(count, elapsed)) : "-";
}
std::string dash(std::string text) { return text.empty() ? "-" : text; }

const Column columns[] = {
    {"RATE/S", "rate", 7, [](const CallRow& r, uint64_t ns) { return rate(r.recent.calls, ns); }},
    {"ERR/S", "errors", 7, [](const CallRow& r, uint64_t ns) { return rate(r.recent.errors, ns); }},
    {"P50", "p50", 7,
     [](const CallRow& r, uint64_t) { return dash(boundText(percentile(r.recent, 50))); }},
    {"P99", "p99", 7,
     [](const CallRow& r, uint64_t) { return dash(boundText(percentile(r.recent, 99))); }},
    {"MEAN", "mean", 9,
     [](const CallRow& r, uint64_t) {
       return r.recent.calls ? formatDuration(r.recent.mean()) : std::string("-");
     }},
    {"TIME/S", "time", 9,
     [](const CallRow& r, uint64_t ns) {
       return r.recent.time ? formatDuration(uint64_t(perSecond(r.recent.time, ns)))
                            : std::string("-");
     }},
    {"TOTAL", nullptr, 12,
     [](const CallRow& r, uint64_t) { return std::to_string(r.total.calls); }},
};

// What fits beside the name, from the left; the rest of the line is the history's.
struct Layout {
  int name, history;
  size_t columns = 0;

  Layout(int width, const std::vector<CallRow>& rows) {
    constexpr int leastHistory = 8;
    size_t longest = 12;
    for (const CallRow& row : rows) longest = std::max(longest, labelText(row.labels).size());
    name = std::min(int(longest), std::max(12, width * 2 / 5));
    int left = width - name;
    while (columns < std::size(ctl::columns) && left >= ctl::columns[columns].width + 1)
      left -= ctl::columns[columns++].width + 1;
    // The last columns say less than a history does.
    while (columns > 4 && left < leastHistory + 2) left += ctl::columns[--columns].width + 1;
    history = left >= leastHistory + 2 ? left - 2 : 0;
  }
};

std::string padded(const std::string& text, int width) {
  int blanks = width - int(text.size());
  return std::string(size_t(std::max(blanks, 0)), ' ') + text;
}

std::string heading(const TopPicture& picture, const Layout& layout) {
  std::string by = picture.view.by().name;
  for (char& c : by) c = char(c & ~0x20);
  if (!strcmp(picture.view.order().rateName, "name")) by += picture.view.isReversed() ? '^' : '*';
  std::string text = fitted(by, layout.name);
  for (size_t i = 0; i < layout.columns; i++) {
    bool sorted = columns[i].order && !strcmp(columns[i].order, picture.view.order().rateName);
    text += ' ' + padded(std::string(columns[i].heading) +
                             (sorted ? (picture.view.isReversed() ? "^" : "*") : ""),
                         columns[i].width);
  }
  return layout.history ? text + "  HISTORY" : text;
}

std::string rowLine(const TopPicture& picture, const CallRow& row, const Layout& layout,
                    bool utf8) {
  // A name that is cut is cut in front: pods' and containers' names differ at their ends.
  std::string name = dash(printable(labelText(row.labels)));
  if (int(name.size()) > layout.name && name.size() > 1)
    name = '~' + name.substr(name.size() - size_t(layout.name) + 1);
  std::string text = fitted(name, layout.name);
  for (size_t i = 0; i < layout.columns; i++)
    text += ' ' + padded(columns[i].text(row, picture.rates.elapsed()), columns[i].width);
  if (layout.history) text += "  " + sparkLine(row.history, size_t(layout.history), utf8);
  return text;
}

std::string title(const TopPicture& picture) {
  Tally all;
  for (const CallRow& row : picture.rows) all += row.recent;
  uint64_t elapsed = picture.rates.elapsed();
  std::string text = picture.view.isFrozen() ? "[FROZEN] " : "";
  text += "swoll top by " + std::string(picture.view.by().name);
  if (elapsed)
    text += ": " + briefNumber(perSecond(all.calls, elapsed)) + " calls/s, " +
            briefNumber(perSecond(all.errors, elapsed)) + " errors/s";
  else if (picture.trouble.empty())
    text += ": sampling";
  return text + ", " + std::to_string(picture.rows.size()) + " rows, every " + picture.interval +
         ", by " + picture.view.order().rateName;
}

std::string place(const TopPicture& picture) {
  if (!picture.trouble.empty()) return printable(picture.trouble);
  std::string text;
  if (auto path = picture.view.path(); !path.empty()) text = "in " + printable(path) + "  ";
  if (!picture.view.filter().empty() || picture.typing)
    text += "filter: " + printable(picture.view.filter()) + (picture.typing ? "_" : "");
  return text;
}

const char* const helpLines[] = {
    "up, down, j, k   choose a row            enter, right   look within it: calls, errors, ...",
    "tab, 1 to 7      group by another        esc, left      back out; ends a trace",
    "<, >             sort by another column  r              the other way round",
    "/                filter as you type      space, p       freeze and go on",
    "t                trace the row's calls, t again ends that",
    "q                quit",
    "RATE/S, ERR/S, P50, P99 and MEAN are of the last interval, TOTAL is all that was counted.",
    "P50 and P99 are bounds: '<4.1us' is at least half of that, but for the least.",
};

void drawTail(Terminal& terminal, const TopPicture& picture, int from) {
  terminal.line(from, "trace " + printable(picture.trace), Terminal::reversed);
  int room = terminal.rows() - footLines - from - 1;
  size_t count = picture.tail.size(), shown = std::min(count, size_t(std::max(room, 0)));
  for (int i = 0; i < room; i++)
    terminal.line(from + 1 + i,
                  size_t(i) < shown ? picture.tail[count - shown + size_t(i)] : std::string());
}

}  // namespace

size_t rowsThatFit(const Terminal& terminal, bool tracing) {
  int rest = terminal.rows() - headLines - footLines;
  return size_t(std::max(tracing ? rest / 2 : rest, 1));
}

void draw(Terminal& terminal, const TopPicture& picture) {
  Layout layout(terminal.columns(), picture.rows);
  terminal.line(0, title(picture), Terminal::bold);
  terminal.line(1, place(picture), picture.trouble.empty() ? Terminal::plain : Terminal::red);
  terminal.line(2, heading(picture, layout), Terminal::reversed);
  size_t room = rowsThatFit(terminal, picture.tracing);
  size_t first = picture.selected >= room ? picture.selected - room + 1 : 0;
  for (size_t i = 0; i < room; i++) {
    size_t at = first + i;
    int line = headLines + int(i);
    if (picture.help) {
      terminal.line(line, i < std::size(helpLines) ? helpLines[i] : "");
    } else if (at < picture.rows.size()) {
      const CallRow& row = picture.rows[at];
      Terminal::Style style = at == picture.selected ? Terminal::reversed
                              : row.recent.errors    ? Terminal::red
                              : row.recent.calls     ? Terminal::plain
                                                     : Terminal::dim;
      terminal.line(line, rowLine(picture, row, layout, terminal.isUtf8()), style);
    } else {
      terminal.line(line, i == 0 ? "no calls" : "");
    }
  }
  if (picture.tracing) drawTail(terminal, picture, headLines + int(room));
  terminal.line(
      terminal.rows() - 1,
      picture.typing
          ? "type a part of a name, enter keeps the filter, esc drops it"
          : "q quit  enter in  esc out  tab group  <> sort  / filter  p freeze  t trace  ? help",
      Terminal::dim);
  terminal.show();
}

}  // namespace swoll::ctl
