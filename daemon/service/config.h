// SPDX-License-Identifier: Apache-2.0
// What the daemon is told: the configuration file, and flags that win over it. A value.
// The keys are one table; the shipped file, --help and the tests are compared with it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/listen-address.h"
#include "base/log.h"
#include "containers/topology.h"

namespace swoll {

struct Config {
  std::string file;  // that it was read from; empty: none was
  std::string socket;
  std::string socketGroup;
  ListenAddress http;
  std::string httpHosts;
  LogLevel logLevel = LogLevel::info;
  std::string stateDir;
  std::string tracesDir;
  uint32_t maxTraces = 0;

  std::string cri;  // "auto", "off", "unix:///PATH"
  std::string altRoot;
  std::string nodeName;  // "": the host's name
  std::string nameSpace;
  std::string labelSelector;
  std::string fieldSelector;

  uint32_t ringBytes = 0;
  uint32_t maxString = 0;
  uint32_t maxBuffer = 0;
  uint32_t maxArgs = 0;
  bool targets = true;

  bool metrics = true;
  bool histogram = true;
  uint32_t maxSeries = 0;
  uint32_t cells = 0;

  bool journal = true;
  uint32_t journalEventsPerSecond = 0;  // 0: no limit

  Config();  // the defaults of the table

  NodeSelector nodeSelector() const;  // its selectors were checked when they were set
};

// One key. `set` answers what is wrong with a value; then nothing has changed.
struct ConfigKey {
  const char* section;
  const char* name;
  const char* fallback;
  const char* help;
  std::function<std::string(Config&, const std::string&)> set;
};
std::span<const ConfigKey> configKeys();

// Reads a file over `base`. The error names file, line and key, and the nearest valid key.
Result<Config> readConfig(const std::string& path, Config base);

}  // namespace swoll
