// SPDX-License-Identifier: Apache-2.0
// A terminal for a program that fills all of it. The one place that knows curses.
#pragma once

#include <optional>
#include <string>

struct screen;  // curses' own

namespace swoll::ctl {

// A resource: the terminal is as before when it goes. One at a time. Ctrl-C, SIGTERM and SIGHUP are
// keys while it is there.
class Terminal {
 public:
  enum Key { up = 256, down, left, right, pageUp, pageDown, home, end, resized, stop };
  enum Style { plain, bold, dim, reversed, red };

  // Throws UsageError where the whole terminal can't be used.
  explicit Terminal(bool color);
  ~Terminal();
  Terminal(const Terminal&) = delete;

  int rows() const;
  int columns() const;
  bool isUtf8() const { return utf8_; }

  // A whole line: cut or filled up to the width. Lines that are not there are left out.
  void line(int row, const std::string& text, Style style = plain);
  // Part of one.
  void text(int row, int column, const std::string& text, Style style);
  void show();

  // Waits at most so long for a key: a character, or one of Key. nullopt: none came.
  std::optional<int> key(int milliseconds);

 private:
  std::optional<int> signalled();
  unsigned attribute(Style style) const;

  screen* screen_;
  int signals_;
  bool utf8_, color_;
};

// Cut to that many columns, as wide as the terminal shows its characters, and filled up to them.
std::string fitted(const std::string& text, int columns);

}  // namespace swoll::ctl
