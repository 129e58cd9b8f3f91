// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/verb.h"

namespace swoll::ctl {

Action defineVersion(CLI::App&) {
  return [](const Globals& globals) -> int {
    Client client(globals.socket);
    auto answer = client.wait(client.api().statusRequest().send());
    printLine(printable(answer.getStatus().getVersion().cStr()));
    return success;
  };
}

}  // namespace swoll::ctl
