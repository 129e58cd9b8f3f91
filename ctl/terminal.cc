// SPDX-License-Identifier: Apache-2.0
#include "ctl/terminal.h"

#define NCURSES_NOMACROS  // "move", "erase" and "clear" are other things elsewhere
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <unistd.h>
#include <wchar.h>

#include "ctl/errors.h"

#undef columns  // of <term.h>
#undef lines

namespace swoll::ctl {
namespace {

constexpr int held[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

sigset_t heldSet() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : held) sigaddset(&set, signal);
  return set;
}

// curses ends the program where it does not know a terminal, so that is found out before.
void check() {
  const char* advice = "; for one table use --once";
  const char* term = getenv("TERM");
  if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
    throw UsageError(std::string("top needs a terminal") + advice);
  int error = 0;
  bool fits = false;
  if (term != nullptr && strcmp(term, "dumb") && setupterm(term, STDOUT_FILENO, &error) == OK) {
    fits = tigetstr(const_cast<char*>("cup")) != nullptr;
    del_curterm(cur_term);
  }
  if (!fits)
    throw UsageError("top can't be shown on a terminal of TERM='" + std::string(term ? term : "") +
                     '\'' + advice);
}

const struct {
  int code;
  int key;
} keys[] = {{KEY_UP, Terminal::up},
            {KEY_DOWN, Terminal::down},
            {KEY_LEFT, Terminal::left},
            {KEY_RIGHT, Terminal::right},
            {KEY_PPAGE, Terminal::pageUp},
            {KEY_NPAGE, Terminal::pageDown},
            {KEY_HOME, Terminal::home},
            {KEY_END, Terminal::end},
            {KEY_RESIZE, Terminal::resized},
            {KEY_BACKSPACE, 127},
            {KEY_ENTER, '\n'}};

}  // namespace

Terminal::Terminal(bool color) {
  check();
  setlocale(LC_CTYPE, "");
  utf8_ = !strcmp(nl_langinfo(CODESET), "UTF-8");
  sigset_t set = heldSet();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  screen_ = newterm(nullptr, stdout, stdin);
  cbreak();
  noecho();
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  set_escdelay(50);
  curs_set(0);
  color_ = color && has_colors();
  if (color_) {
    start_color();
    use_default_colors();
    init_pair(1, COLOR_RED, -1);
  }
}

Terminal::~Terminal() {
  endwin();
  delscreen(screen_);
  close(signals_);
  sigset_t set = heldSet();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

int Terminal::rows() const { return LINES; }
int Terminal::columns() const { return COLS; }

unsigned Terminal::attribute(Style style) const {
  switch (style) {
    case bold:
      return A_BOLD;
    case dim:
      return A_DIM;
    case reversed:
      return A_REVERSE;
    case red:
      return color_ ? unsigned(COLOR_PAIR(1)) : unsigned(A_BOLD);
    default:
      return A_NORMAL;
  }
}

void Terminal::line(int row, const std::string& words, Style style) { text(row, 0, words, style); }

void Terminal::text(int row, int column, const std::string& words, Style style) {
  if (row < 0 || row >= LINES || column < 0 || column >= COLS) return;
  attrset(attribute(style));
  // The last cell stays free: writing there moves on, and on some terminals the screen with it.
  mvaddstr(row, column, fitted(words, COLS - column - (row + 1 == LINES)).c_str());
  attrset(A_NORMAL);
}

void Terminal::show() { refresh(); }

std::optional<int> Terminal::signalled() {
  signalfd_siginfo info;
  if (read(signals_, &info, sizeof info) != sizeof info) return std::nullopt;
  if (info.ssi_signo != SIGWINCH) return stop;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col)
    resizeterm(size.ws_row, size.ws_col);
  clear();
  return resized;
}

std::optional<int> Terminal::key(int milliseconds) {
  pollfd fds[] = {{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}};
  int code = getch();  // what curses has read already
  if (code == ERR) {
    poll(fds, 2, milliseconds);
    if (fds[1].revents) return signalled();
    code = getch();
  }
  if (code == ERR) {
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) return stop;
    return std::nullopt;
  }
  for (const auto& row : keys)
    if (row.code == code) return row.key;
  return code == '\r' ? '\n' : code < 256 ? std::optional<int>(code) : std::nullopt;
}

std::string fitted(const std::string& text, int columns) {
  std::string out;
  int used = 0;
  mbstate_t state{};
  for (size_t at = 0; at < text.size();) {
    wchar_t wide = 0;
    size_t length = mbrtowc(&wide, text.data() + at, text.size() - at, &state);
    bool known = length != 0 && length <= text.size() - at;
    int width = known ? wcwidth(wide) : -1;
    std::string part = width >= 0 ? text.substr(at, length) : "?";
    if (width < 0) {
      state = {};
      width = 1;
    }
    if (used + width > columns) break;
    out += part;
    used += width;
    at += known ? length : 1;
  }
  return out + std::string(size_t(columns > used ? columns - used : 0), ' ');
}

}  // namespace swoll::ctl
