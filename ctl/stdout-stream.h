// SPDX-License-Identifier: Apache-2.0
// Stdout for a stream that may be read slowly, or not at all.
#pragma once

#include <kj/async-unix.h>

#include <string>

namespace swoll::ctl {

// Writes without ever blocking the event loop, so that Ctrl-C works while a pager has the output
// stopped, and without O_NONBLOCK, which would change the terminal for the shell as well. A
// resource; one at a time.
class StdoutStream {
 public:
  explicit StdoutStream(kj::UnixEventPort& port);

  // Resolves when all of the text was written; texts are written one after the other. Fails as
  // DISCONNECTED when the reader has gone. The stream must outlive the promise.
  kj::Promise<void> write(std::string text);

  // Resolves when the reader has gone, though nothing may be there to write. Never for a file.
  kj::Promise<void> onReaderGone();

 private:
  kj::Promise<void> pump(std::string text, size_t done);

  kj::Maybe<kj::Own<kj::UnixEventPort::FdObserver>> observer_;  // null: a file, always writable
  kj::ForkedPromise<void> last_;  // the end of what was asked to be written so far
};

}  // namespace swoll::ctl
