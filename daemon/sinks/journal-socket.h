// SPDX-License-Identifier: Apache-2.0
// journald's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry.
// libsystemd's own call may block while journald is stopped; this one never does. A resource.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace swoll {

// Adds a field in the form that holds any bytes.
void appendJournalField(std::string& entry, std::string_view name, std::string_view value);

class JournalSocket {
 public:
  enum class Sent { yes, busy, failed };

  explicit JournalSocket(std::string path) : path(std::move(path)) {}
  ~JournalSocket();
  JournalSocket(const JournalSocket&) = delete;

  // busy: journald does not keep up now. failed: it is not there; problem() says why.
  Sent send(const std::string& entry);
  const std::string& problem() const { return lastProblem; }

 private:
  bool connect();
  Sent sendLarge(const std::string& entry);
  Sent fail(const char* what, int error);

  std::string path;
  std::string lastProblem;
  int fd = -1;
};

}  // namespace swoll
