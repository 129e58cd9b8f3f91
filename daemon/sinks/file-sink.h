// SPDX-License-Identifier: Apache-2.0
// Events as JSON lines to a file. A sample of how little a sink needs.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "hub/sink.h"

namespace swoll {

class FileSink final : public Sink {
 public:
  static constexpr LossCause refused{"file", "refused", "the file could not be written to"};

  explicit FileSink(const char* path)
      : path(path), fd(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {}
  ~FileSink() override { close(fd); }

  const char* name() const override { return refused.sink; }
  std::span<const LossCause> losses() const override { return {&refused, 1}; }
  bool follows(const Trace&) const override { return true; }
  bool isStream() const override { return false; }
  const LossCause* accept(Delivery& delivery) override {
    std::string line = delivery.json() + "\n";
    return write(fd, line.data(), line.size()) == ssize_t(line.size()) ? nullptr : &refused;
  }
  bool ok() const override { return fd >= 0; }
  std::string detail() const override { return path; }

 private:
  std::string path;
  int fd;
};

}  // namespace swoll
