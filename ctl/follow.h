// SPDX-License-Identifier: Apache-2.0
// Follows a stream of events until something ends it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "ctl/client.h"
#include "ctl/event-printer.h"
#include "ctl/verb.h"

namespace swoll::ctl {

// The options of all verbs that print events. A value that CLI11 parses into.
struct FollowOptions {
  uint64_t count = 0;
  bool types = false;
  bool raw = false;

  void define(CLI::App& command);
  EventPrinter printer(const Globals& globals) const;
};

// Makes Ctrl-C (SIGINT, SIGTERM, SIGHUP) wait for follow(), which returns then. To be called
// before anything that must be undone is done.
void holdSignals();

// Asks the daemon for a stream into the given sink.
using Subscribe =
    kj::Function<kj::Promise<schema::Subscription::Client>(schema::EventSink::Client sink)>;

// Prints what the stream brings until the printer is finished, a held signal comes, the reader of
// stdout goes, `limit` ns are over (0: without limit) or the daemon ends the stream; its reason is
// said on stderr. An answer is only given for what was written, so a slow reader slows the daemon
// and not the tool's memory.
void follow(Client& client, EventPrinter& printer, Subscribe subscribe, uint64_t limit = 0);

}  // namespace swoll::ctl
