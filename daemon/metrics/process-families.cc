// SPDX-License-Identifier: Apache-2.0
// The daemon's own process, under the names that every exporter has for it.
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "metrics/families.h"

namespace swoll {
namespace {

// Seconds since 1970 when this system started; 0 if it is not told.
double bootTime() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;)
    if (double at; word == "btime" && file >> at) return at;
  return 0;
}

// From the third on, see proc(5); the second may have blanks.
std::vector<double> statFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  size_t name = line.rfind(')');
  if (name == line.npos) return {};
  std::istringstream rest(line.substr(name + 1));
  std::string state;
  rest >> state;
  std::vector<double> out = {0};
  for (double value; rest >> value;) out.push_back(value);
  return out;
}

size_t openFiles() {
  std::error_code error;
  size_t count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error))
    count++;
  return count ? count - 1 : 0;  // without the one that this took
}

}  // namespace

MetricFamilies processFamilies() {
  enum Field { userTime = 14 - 3, systemTime = 15 - 3, startTime = 22 - 3, memory = 23 - 3, pages };
  auto fields = statFields();
  MetricFamilies out;
  if (fields.size() > pages) {
    auto ticks = double(sysconf(_SC_CLK_TCK));
    out.push_back(counterFamily("process_cpu_seconds_total",
                                "Total user and system CPU time spent in seconds.",
                                (fields[userTime] + fields[systemTime]) / ticks));
    out.push_back(gaugeFamily("process_start_time_seconds",
                              "Start time of the process since unix epoch in seconds.",
                              bootTime() + fields[startTime] / ticks));
    out.push_back(gaugeFamily("process_virtual_memory_bytes", "Virtual memory size in bytes.",
                              fields[memory]));
    out.push_back(gaugeFamily("process_resident_memory_bytes", "Resident memory size in bytes.",
                              fields[pages] * double(sysconf(_SC_PAGESIZE))));
  }
  out.push_back(
      gaugeFamily("process_open_fds", "Number of open file descriptors.", double(openFiles())));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    out.push_back(gaugeFamily("process_max_fds", "Maximum number of open file descriptors.",
                              double(limit.rlim_cur)));
  return out;
}

}  // namespace swoll
