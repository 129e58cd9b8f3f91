// SPDX-License-Identifier: Apache-2.0
// The configuration file: every key, what is wrong with others, and the file that is shipped. Run
// from the root of the source tree.
#include "service/config.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "service/options.h"
#include "tests/core/keep.h"
#include "tests/core/temporary-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
extern "C" {
#include <cmocka.h>  // last: it makes a macro of fail(), which the standard library has too
}

namespace {

using namespace swoll;

const std::string& folder() {
  static const std::string path = temporaryFolder();
  return path;
}

// "ok" or the error, with the path that was written to as FILE.
std::string read(const std::string& text, Config* into = nullptr) {
  std::string path = folder() + "/x.conf";
  std::ofstream(path) << text;
  auto config = readConfig(path, Config());
  if (config && into) *into = *config;
  if (config) return "ok";
  std::string error = config.error();
  if (error.starts_with(path)) error.replace(0, path.size(), "FILE");
  return error;
}

std::string fallbacks() {
  std::string wrong, whole;
  for (const ConfigKey& key : configKeys()) {
    std::string lines =
        std::string("[") + key.section + "]\n" + key.name + " = " + key.fallback + "\n";
    whole += lines;
    std::string said = read(lines);
    if (said != "ok") wrong += said + "; ";
    Config config;
    if (auto problem = key.set(config, key.fallback); !problem.empty()) wrong += problem + "; ";
    if (!*key.help || strlen(key.help) > 70)
      wrong += std::string(key.name) + " has no short help; ";
  }
  std::string said = read(whole);
  return wrong + (said == "ok" ? "" : said);
}

void takesEveryFallback(void**) { assert_string_equal(keep(fallbacks()), ""); }

void tellsWhatIsWrong(void**) {
  static const struct {
    const char *text, *expected;
  } rows[] = {
      {"", "ok"},
      {"# nothing\n\n; at all\n", "ok"},
      {"[daemon]\nlog-level = debug\n", "ok"},
      {"[daemon]\nlog-levl = debug\n",
       "FILE:2: unknown key '[daemon] log-levl'; did you mean '[daemon] log-level'?"},
      {"# one\n# two\n[prob]\nring-bytes = 8M\n",
       "FILE:4: unknown key '[prob] ring-bytes'; did you mean '[probe] ring-bytes'?"},
      {"log-level = debug\n", "FILE:1: unknown key '[] log-level'"},
      {"[daemon]\nlog-level = loud\n",
       "FILE:2: log-level: 'loud' is no level: error, warning, info or debug"},
      {"[daemon]\nlog-level =\n",
       "FILE:2: log-level: '' is no level: error, warning, info or debug"},
      {"[daemon]\nhttp = :80\n",
       "FILE:2: http: ':80' is none of ADDR:PORT, as 127.0.0.1:9095 or [::1]:9095, unix:/PATH and "
       "off"},
      {"[daemon]\nno sign\n", "FILE:2: neither a [section] nor 'key = value'"},
      {"[daemon\n", "FILE:1: neither a [section] nor 'key = value'"},
      {"[daemon\nhttp = off\n", "FILE:1: neither a [section] nor 'key = value'"},
      {"[daemon]\nhttpp = off\n[daemon\n",
       "FILE:2: unknown key '[daemon] httpp'; did you mean '[daemon] http'?"},
      {"[daemon]\n\thttp = off\n", "ok"},
      {"[observer]\nlabel-selector = app!=nginx\n  zzz!=1\n",
       "FILE:3: unknown key '[observer] zzz!'"},
      {"[observer]\nlabel-selector = app!=nginx\n  and more\n",
       "FILE:3: neither a [section] nor 'key = value'"},
      {"[daemon]\nstate-dir = lib\n", "FILE:2: state-dir: 'lib' does not begin with '/'"},
      {"[observer]\ncri = unix:///run/x.sock\n", "ok"},
      {"[observer]\ncri = off\n", "ok"},
      {"[observer]\ncri = unix:///run/x.sock, unix:///run/y.sock unix:///z\n", "ok"},
      {"[observer]\ncri = unix:///run/x.sock off\n",
       "FILE:2: cri: 'off' is none of auto, off and unix:///PATH"},
      {"[observer]\ncri = ,\n", "FILE:2: cri: ',' is none of auto, off and unix:///PATH"},
      {"[observer]\ncri = /run/x.sock\n",
       "FILE:2: cri: '/run/x.sock' is none of auto, off and unix:///PATH"},
      {"[observer]\nlabel-selector = a in (b,c),!d\n", "ok"},
      {"[observer]\nlabel-selector = a=b,\n",
       "FILE:2: label-selector: bad selector 'a=b,': expected a key at its end"},
      {"[observer]\nfield-selector = status.fase=x\n",
       "FILE:2: field-selector: unknown field 'status.fase'; did you mean 'status.phase'?"},
      {"[probe]\nring-bytes = 4096\n", "ok"},
      {"[probe]\nring-bytes = 64K\n", "ok"},
      {"[probe]\nring-bytes = 1024M\n", "ok"},
      {"[probe]\nring-bytes = 4095\n",
       "FILE:2: ring-bytes: 4095 is out of range: 4096 to 1073741824"},
      {"[probe]\nring-bytes = 1025M\n",
       "FILE:2: ring-bytes: 1025M is out of range: 4096 to 1073741824"},
      {"[probe]\nring-bytes = 17592186044417M\n",  // 1M, if it overflowed
       "FILE:2: ring-bytes: 17592186044417M is out of range: 4096 to 1073741824"},
      {"[probe]\nring-bytes = 8G\n", "FILE:2: ring-bytes: '8G' is not a number"},
      {"[probe]\nring-bytes = -1\n", "FILE:2: ring-bytes: '-1' is not a number"},
      {"[probe]\nring-bytes = 1e6\n", "FILE:2: ring-bytes: '1e6' is not a number"},
      {"[probe]\nmax-string = many\n", "FILE:2: max-string: 'many' is not a number"},
      {"[probe]\nmax-string = 4097\n", "FILE:2: max-string: 4097 is out of range: 16 to 4096"},
      {"[probe]\nmax-args = 0\n", "FILE:2: max-args: 0 is out of range: 1 to 128"},
      {"[journal]\nenabled = no\n", "ok"},
      {"[journal]\nenabled = perhaps\n", "FILE:2: enabled: 'perhaps' is neither yes nor no"},
      {"[journal]\nenabled = perhaps\nenabld = no\n",  // the first one is told
       "FILE:2: enabled: 'perhaps' is neither yes nor no"},
  };
  for (const auto& row : rows) assert_string_equal(keep(read(row.text)), row.expected);
}

// inih cuts longer ones in two.
void takesNoLongLine(void**) {
  std::string most = "node-name = ";
  most.resize(198, 'x');
  std::string file = "[observer]\n# " + std::string(500, '=') + "\n" + most;
  assert_string_equal(keep(read((file + "\n").c_str())), "ok");
  assert_string_equal(keep(read(file.c_str())), "ok");
  assert_string_equal(keep(read((file + "y\n").c_str())),
                      "FILE:3: a line may hold 198 bytes, and this one has 199");
}

std::string values() {
  Config c;
  std::string said = read(
      "[daemon]\nsocket = /tmp/s\nsocket-group=adm\nlog-level = debug\n"
      "[observer]\nnamespace = swoll\nlabel-selector = app=web\nfield-selector =\nalt-root = "
      "/host\n"
      "[probe]\nring-bytes = 64K\nmax-string = 100\nmax-buffer = 7\nmax-args = 3\n"
      "[journal]\nenabled = off\nmax-events-per-second = 10\n",
      &c);
  NodeSelector node = c.nodeSelector();
  Container web;
  web.nameSpace = "swoll", web.labels = {{"app", "web"}};
  bool shows = node.shows(web);
  web.labels = {};
  shows = shows && !node.shows(web) && !node.node.empty();
  return join(
      std::vector<std::string>{said, c.socket, c.socketGroup, std::to_string(int(c.logLevel)),
                               c.altRoot, std::to_string(c.ringBytes), std::to_string(c.maxString),
                               std::to_string(c.maxBuffer), std::to_string(c.maxArgs),
                               c.journal ? "on" : "off", std::to_string(c.journalEventsPerSecond),
                               shows ? "shows" : "hides"},
      " ");
}

void readsValues(void**) {
  assert_string_equal(keep(values()), "ok /tmp/s adm 7 /host 65536 100 7 3 off 10 shows");
}

std::string missing(const char* path) {
  auto config = readConfig(path, Config());
  return config ? "ok" : config.error();
}

void needsTheFile(void**) {
  assert_string_equal(keep(missing("/no/such.conf")), "/no/such.conf: No such file or directory");
}

// The command line: file and flags.
std::string options(std::vector<const char*> words) {
  words.insert(words.begin(), "swolld");
  auto parsed = parseOptions(int(words.size()), const_cast<char**>(words.data()));
  if (auto* status = std::get_if<int>(&parsed)) return "exit " + std::to_string(*status);
  auto config = std::get<Options>(parsed).config();
  return config ? std::to_string(int(config->logLevel)) + " " + config->cri : config.error();
}

void flagsWinOverTheFile(void**) {
  std::string* path = new std::string(folder() + "/flags.conf");  // outlives a failed assertion
  std::ofstream(*path) << "[daemon]\nlog-level = debug\n[observer]\ncri = off\n";
  assert_string_equal(keep(options({"--config", path->c_str()})), "7 off");
  assert_string_equal(keep(options({"--config", path->c_str(), "--log-level", "error"})), "3 off");
  assert_string_equal(keep(options({"--config", path->c_str(), "--cri=x"})), "exit 2");
  assert_string_equal(keep(options({"--config", "/no/such.conf"})),
                      "/no/such.conf: No such file or directory");
  assert_string_equal(keep(options({"--no-such-flag"})), "exit 2");
  delete path;
}

// ---- the shipped file ----

// Each key stands in its section, as a value or as a comment that shows its default.
std::string shipped(const char* path) {
  std::ifstream file(path);
  if (!file) return std::string("no ") + path;
  std::string wrong, section;
  std::vector<std::string> there;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("[")) section = line;
    size_t start = line.find_first_not_of("#; ");
    size_t sign = line.find('=');
    if (start == line.npos || sign == line.npos) continue;
    auto name = split(line.substr(start, sign - start), '\n');
    auto value = split(line.substr(sign + 1), '\n');
    if (!name.empty())
      there.push_back(section + " " + name[0] + "=" + (value.empty() ? "" : value[0]));
  }
  for (const ConfigKey& key : configKeys()) {
    std::string row = std::string("[") + key.section + "] " + key.name + "=" + key.fallback;
    if (std::find(there.begin(), there.end(), row) == there.end())
      wrong += "missing: " + row + "; ";
  }
  auto config = readConfig(path, Config());
  return wrong + (config ? "" : config.error());
}

void shipsEveryKey(void**) { assert_string_equal(keep(shipped("systemd/swolld.conf")), ""); }

int removeFolder(void**) {
  std::filesystem::remove_all(folder());
  return 0;
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      cmocka_unit_test(takesEveryFallback), cmocka_unit_test(tellsWhatIsWrong),
      cmocka_unit_test(takesNoLongLine),    cmocka_unit_test(readsValues),
      cmocka_unit_test(needsTheFile),       cmocka_unit_test(flagsWinOverTheFile),
      cmocka_unit_test(shipsEveryKey),
  };
  return cmocka_run_group_tests_name("config", tests, nullptr, removeFolder);
}
