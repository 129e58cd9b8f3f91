// SPDX-License-Identifier: Apache-2.0
// swolld: options, configuration, the socket, then the daemon until it is told to stop.
#include <signal.h>

#include <iostream>

#include "app/daemon.h"

using namespace swoll;

namespace {

// One line that says why the daemon can't start.
int cannotStart(const std::string& why) {
  std::cerr << "swolld: " << why << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  auto parsed = parseOptions(argc, argv);
  if (auto* status = std::get_if<int>(&parsed)) return *status;
  const Options& options = std::get<Options>(parsed);

  auto config = options.config();
  if (!config) return cannotStart(config.error());
  if (options.checkOnly) return 0;
  setLogLevel(config->logLevel);

  int fd = inheritedSocket();
  bool inherited = fd >= 0;
  if (!inherited) {
    auto made = listenAt(config->socket, config->socketGroup);
    if (!made) return cannotStart(made.error());
    fd = *made;
  }
  // Before there is a second thread, so that only the loop gets them.
  for (int number : {SIGTERM, SIGINT, SIGHUP}) kj::UnixEventPort::captureSignal(number);
  int status = 0;
  try {
    auto io = kj::setupAsyncIo();
    Daemon daemon(io, options, *config, fd);
    daemon.run().wait(io.waitScope);
  } catch (const kj::Exception& exception) {
    status = cannotStart(exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    status = cannotStart(exception.what());
  }
  if (!inherited) removeSocket(config->socket);
  return status;
}
