// SPDX-License-Identifier: Apache-2.0
#include "service/config.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "bpf/abi.h"

namespace swoll {
namespace {

using Text = std::string Config::*;
using Number = uint32_t Config::*;
using Set = std::function<std::string(Config&, const std::string&)>;

Set text(Text member) {
  return [member](Config& config, const std::string& value) -> std::string {
    config.*member = value;
    return {};
  };
}

// Of a daemon that runs in / whoever starts it. Empty: none.
Set path(Text member) {
  return [member](Config& config, const std::string& value) -> std::string {
    if (!value.empty() && value[0] != '/') return "'" + value + "' does not begin with '/'";
    config.*member = value;
    return {};
  };
}

// A whole number, with K or M behind it if wanted.
Set number(Number member, uint32_t least, uint32_t most) {
  return [=](Config& config, const std::string& value) -> std::string {
    uint64_t parsed = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    std::string unit(end, value.data() + value.size());
    parsed = std::min<uint64_t>(parsed, UINT32_MAX);  // so that the unit can't overflow it
    if (unit == "K") parsed <<= 10;
    if (unit == "M") parsed <<= 20;
    if (error != std::errc() || !(unit.empty() || unit == "K" || unit == "M"))
      return "'" + value + "' is not a number";
    if (parsed < least || parsed > most)
      return value + " is out of range: " + std::to_string(least) + " to " + std::to_string(most);
    config.*member = uint32_t(parsed);
    return {};
  };
}

Set yesNo(bool Config::*member) {
  return [member](Config& config, const std::string& value) -> std::string {
    bool yes = value == "yes" || value == "on" || value == "true";
    if (!yes && value != "no" && value != "off" && value != "false")
      return "'" + value + "' is neither yes nor no";
    config.*member = yes;
    return {};
  };
}

// Text that must parse before it is taken.
Set selector(Text member, Result<Selector> (*parse)(const std::string&)) {
  return [=](Config& config, const std::string& value) -> std::string {
    if (auto parsed = parse(value); !parsed) return parsed.error();
    config.*member = value;
    return {};
  };
}

std::string setLogLevelKey(Config& config, const std::string& value) {
  auto level = parseLogLevel(value);
  if (!level) return "'" + value + "' is no level: error, warning, info or debug";
  config.logLevel = *level;
  return {};
}

std::string setCri(Config& config, const std::string& value) {
  std::string list = value;
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ' ' || c == '\t'; }, ',');
  const auto addresses = split(list, ',');
  for (const std::string& address : addresses) {
    if (address.starts_with("unix:///")) continue;
    if (addresses.size() == 1 && (address == "auto" || address == "off")) continue;
    return "'" + address + "' is none of auto, off and unix:///PATH";
  }
  if (addresses.empty()) return "'" + value + "' is none of auto, off and unix:///PATH";
  config.cri = value;
  return {};
}

std::string setHttp(Config& config, const std::string& value) {
  auto address = ListenAddress::parse(value);
  if (!address) return address.error();
  config.http = *address;
  return {};
}

const ConfigKey keys[] = {
    {"daemon", "socket", "/run/swoll/swolld.sock", "the API's Unix socket", path(&Config::socket)},
    {"daemon", "socket-group", "swoll", "the group that may open it, besides root",
     text(&Config::socketGroup)},
    {"daemon", "http", "127.0.0.1:9095", "where metrics are served: ADDR:PORT, unix:/PATH or off",
     setHttp},
    {"daemon", "http-hosts", "", "names besides localhost that a loopback port answers to",
     text(&Config::httpHosts)},
    {"daemon", "log-level", "info", "error, warning, info or debug", setLogLevelKey},
    {"daemon", "state-dir", "/var/lib/swoll", "where traces added with --persist are kept",
     path(&Config::stateDir)},
    {"daemon", "traces-dir", "/etc/swoll/traces.d", "standing traces, loaded at start and reload",
     path(&Config::tracesDir)},
    {"daemon", "max-traces", "1000", "how many traces there may be",
     number(&Config::maxTraces, 1, 100000)},
    {"observer", "cri", "auto",
     "container runtimes: auto, off, or unix:///PATH, or several of these", setCri},
    {"observer", "alt-root", "", "read /proc, cgroups and the CRI sockets below this folder",
     path(&Config::altRoot)},
    {"observer", "node-name", "", "this node's name for hostSelector and spec.nodeName",
     text(&Config::nodeName)},
    {"observer", "namespace", "", "see containers of this Kubernetes namespace alone",
     text(&Config::nameSpace)},
    {"observer", "label-selector", "noSwoll!=true", "see containers with these labels alone",
     selector(&Config::labelSelector, Selector::parseLabels)},
    {"observer", "field-selector", "status.phase=Running", "see containers with these fields alone",
     selector(&Config::fieldSelector, Selector::parseFields)},
    {"probe", "ring-bytes", "8M", "ring between kernel and daemon, rounded up to a power of two",
     number(&Config::ringBytes, 4096, 1u << 30)},
    {"probe", "max-string", "4096", "bytes kept of a path or string, with its terminator",
     number(&Config::maxString, 16, SWOLL_MAX_STRING)},
    {"probe", "max-buffer", "512", "bytes kept of a buffer that is read or written",
     number(&Config::maxBuffer, 1, SWOLL_MAX_BUFFER)},
    {"probe", "max-args", "64", "elements kept of execve's argv",
     number(&Config::maxArgs, 1, SWOLL_MAX_STRINGS)},
    {"probe", "targets", "yes", "tell what descriptors stand for and where relative paths begin",
     yesNo(&Config::targets)},
    {"metrics", "enabled", "yes", "count every call of every container", yesNo(&Config::metrics)},
    {"metrics", "histogram", "yes", "tell how long calls take, in classes of time",
     yesNo(&Config::histogram)},
    {"metrics", "max-series", "100000", "how many time series calls are told in",
     number(&Config::maxSeries, 100, 10'000'000)},
    {"metrics", "cells", "32768", "room for so many (container, call, result)",
     number(&Config::cells, 1024, 1 << 20)},
    {"journal", "enabled", "yes", "log events to the journal", yesNo(&Config::journal)},
    {"journal", "max-events-per-second", "0", "0: no limit; what is left out is counted",
     number(&Config::journalEventsPerSecond, 0, 1000000000)},
};

struct Reading {
  explicit Reading(Config base, FILE* file) : config(std::move(base)), file(file) {}
  ~Reading() {
    free(line);
    fclose(file);
  }
  Reading(const Reading&) = delete;

  // The first one is told.
  void fail(const std::string& what) {
    if (problem.empty()) problem = what, problemLine = number;
  }

  Config config;
  FILE* file;
  char* line = nullptr;
  size_t room = 0;
  int number = 0;  // of that line
  std::string problem;
  int problemLine = 0;
};

// The next line, as fgets(3) would answer it, for inih. What that would quietly take for something
// else is an error, or put right: it cuts a line in two where it is too long for it, and takes one
// that is indented for more of the value above.
char* nextLine(char* out, int most, void* user) {
  auto& reading = *static_cast<Reading*>(user);
  ssize_t length = getline(&reading.line, &reading.room, reading.file);
  if (length < 0) return nullptr;
  reading.number++;
  std::string line(reading.line, size_t(length));
  line.erase(0, line.find_first_not_of(" \t\r\f\v"));
  if (line.starts_with("#") || line.starts_with(";")) line.clear();
  while (line.ends_with("\n") || line.ends_with("\r")) line.pop_back();
  const size_t room = size_t(most) - 2;  // for its end
  if (line.size() > room)
    reading.fail("a line may hold " + std::to_string(room) + " bytes, and this one has " +
                 std::to_string(line.size()));
  if (line.find('\0') != line.npos) reading.fail("not text: it holds a byte 0");
  if (!reading.problem.empty()) line.clear();
  line += '\n';
  memcpy(out, line.c_str(), line.size() + 1);
  return out;
}

int onKey(void* user, const char* section, const char* name, const char* value) {
  auto& reading = *static_cast<Reading*>(user);
  std::vector<std::string> known;
  for (const ConfigKey& key : keys) {
    if (strcmp(key.section, section) == 0 && strcmp(key.name, name) == 0) {
      if (auto wrong = key.set(reading.config, value); !wrong.empty())
        reading.fail(std::string(name) + ": " + wrong);
      return reading.problem.empty();
    }
    known.push_back(std::string("[") + key.section + "] " + key.name);
  }
  std::string written = std::string("[") + section + "] " + name;
  std::vector<std::string_view> views(known.begin(), known.end());
  reading.fail(unknown("key", written, nearest(written, views)).text);
  return 0;
}

}  // namespace

std::span<const ConfigKey> configKeys() { return keys; }

Config::Config() {
  for (const ConfigKey& key : keys) key.set(*this, key.fallback);
}

NodeSelector Config::nodeSelector() const {
  utsname host{};
  uname(&host);
  return {.labels = *Selector::parseLabels(labelSelector),
          .fields = *Selector::parseFields(fieldSelector),
          .nameSpace = nameSpace,
          .node = nodeName.empty() ? host.nodename : nodeName};
}

Result<Config> readConfig(const std::string& path, Config base) {
  FILE* file = fopen(path.c_str(), "re");
  if (!file) return Error{path + ": " + strerror(errno)};
  Reading reading(std::move(base), file);
  int unparsed = ini_parse_stream(nextLine, &reading, onKey, &reading);
  if (unparsed < 0) return Error{path + ": " + strerror(ENOMEM)};
  if (!feof(file)) return Error{path + ": " + strerror(errno)};
  if (unparsed > 0 && (reading.problem.empty() || unparsed < reading.problemLine))
    reading.problem = "neither a [section] nor 'key = value'", reading.problemLine = unparsed;
  if (!reading.problem.empty())
    return Error{path + ":" + std::to_string(reading.problemLine) + ": " + reading.problem};
  return reading.config;
}

}  // namespace swoll
