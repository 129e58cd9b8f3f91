// SPDX-License-Identifier: Apache-2.0
// The lines of a stream of events.
#pragma once

#include <string>

#include "ctl/verb.h"
#include "event/render-json.h"
#include "event/render-text.h"
#include "swoll.capnp.h"

namespace swoll::ctl {

// Turns what a stream brings into lines, and counts it. A value; writes nothing itself.
class EventPrinter {
 public:
  struct Options {
    Format format = Format::text;
    TextOptions text;
    bool raw = false;    // arguments as their registers
    uint64_t count = 0;  // events after which it is finished; 0: never
  };

  explicit EventPrinter(Options options) : options_(options) {}

  // The lines of the next items; those after the last wanted event are left out. A malformed
  // message is a kj::Exception.
  std::string print(capnp::List<schema::StreamItem>::Reader items);

  bool finished() const { return options_.count > 0 && events_ >= options_.count; }
  uint64_t events() const { return events_; }

 private:
  void printEvent(schema::Event::Reader event, std::string& lines);
  void printGap(uint64_t missing, std::string& lines);

  Options options_;
  JsonRenderer json_;
  uint64_t events_ = 0;
};

}  // namespace swoll::ctl
