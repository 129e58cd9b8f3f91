// SPDX-License-Identifier: Apache-2.0
// How a trace is shown by the verbs that answer with one.
#pragma once

#include <string>

#include "ctl/verb.h"
#include "swoll.capnp.h"

namespace swoll::ctl {

// "a, b,c" of a list of texts.
std::string joined(capnp::List<capnp::Text>::Reader texts, const char* separator = ",");

// What a trace wants, in one word: "openat,@Network,processes=exec,exit".
std::string wantedText(schema::TraceSpec::Reader spec);

std::string stateName(schema::Trace::State state);

// What `trace apply` takes.
std::string toYaml(schema::Trace::Reader trace);

// The answer to adding a trace: its name, or what it would match.
void printAdded(schema::Trace::Reader trace, bool dryRun, Format format);

}  // namespace swoll::ctl
