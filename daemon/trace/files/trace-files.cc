// SPDX-License-Identifier: Apache-2.0
#include "trace/files/trace-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "trace/files/yaml-node.h"

namespace swoll {
namespace {

constexpr size_t mostFiles = 10'000;

std::string failed(const std::string& path) { return path + ": " + strerror(errno); }

// A descriptor that closes itself.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd > STDERR_FILENO) close(fd);
  }
};

// The rename is on the disk once its folder is.
void syncFolder(const std::string& path) {
  std::string folder = path.substr(0, path.rfind('/') + 1);
  Descriptor file{open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (file.fd >= 0) fsync(file.fd);
}

std::string aside(const std::string& path) { return path + ".tmp"; }

std::string syncAside(const std::string& path) {
  Descriptor file{open(aside(path).c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
  return file.fd >= 0 && fsync(file.fd) == 0 ? "" : failed(aside(path));
}

}  // namespace

Result<std::vector<TraceDocument>> readTraces(const std::string& path) {
  bool standard = path == "-";
  std::string name = standard ? "standard input" : path;
  // A pipe that nobody writes to must not hold up the daemon.
  Descriptor file{standard ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.fd < 0) return Error{failed(name)};
  struct stat status {};
  if (!standard && fstat(file.fd, &status) == 0 && !S_ISREG(status.st_mode) &&
      !S_ISFIFO(status.st_mode))
    return Error{name + ": not a file"};
  if (!standard) fcntl(file.fd, F_SETFL, 0);
  std::string text;
  char part[65536];
  for (;;) {
    ssize_t got = read(file.fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{failed(name)};
    if (got == 0) break;
    text.append(part, size_t(got));
    if (text.size() > mostYaml) break;  // parsing says so
  }
  return parseTraces(name, text);
}

Result<std::vector<std::string>> traceFiles(const std::string& folder) {
  std::vector<std::string> out;
  std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(folder.c_str()), closedir);
  if (!open && errno == ENOENT) return out;
  if (!open) return Error{failed(folder)};
  while (const dirent* entry = readdir(open.get())) {
    std::string name = entry->d_name;
    if (name.starts_with(".") || !(name.ends_with(".yaml") || name.ends_with(".yml"))) continue;
    if (out.size() == mostFiles) return Error{folder + ": holds more than 10000 files"};
    out.push_back(folder + "/" + name);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string writeAside(const std::string& path, const std::string& text) {
  std::string folder = path.substr(0, path.rfind('/'));
  mkdir(folder.c_str(), 0700);  // whether it is there, the next line tells
  Descriptor file{
      open(aside(path).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file.fd < 0) return failed(aside(path));
  for (size_t done = 0; done < text.size();) {
    ssize_t wrote = write(file.fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return failed(aside(path));
    done += size_t(wrote);
  }
  return {};
}

std::string putInPlace(const std::vector<std::string>& paths) {
  std::string problem;
  for (const std::string& path : paths)
    if (problem.empty()) problem = syncAside(path);
  for (const std::string& path : paths) {
    if (problem.empty() && rename(aside(path).c_str(), path.c_str()) != 0) problem = failed(path);
    if (!problem.empty()) dropAside({path});
  }
  if (!paths.empty()) syncFolder(paths.front());
  return problem;
}

void dropAside(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) unlink(aside(path).c_str());
}

std::string removeFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return failed(path);
  syncFolder(path);
  return {};
}

}  // namespace swoll
