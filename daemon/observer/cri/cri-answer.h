// SPDX-License-Identifier: Apache-2.0
// What is taken from a runtime's answers, and what is not believed of them. Pure.
#pragma once

#include <google/protobuf/map.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "containers/container.h"
#include "cri.pb.h"

namespace swoll {

using WireLabels = google::protobuf::Map<std::string, std::string>;

bool isPlausibleId(std::string_view id);

// What a verbose ContainerStatus tells in its JSON.
struct StatusInfo {
  uint32_t pid = 0;     // 0: none
  std::string sandbox;  // empty: none
};
StatusInfo infoIn(const runtime::v1::ContainerStatusResponse& answer);

// A container's names, without its place on this host. Labels longer than any runtime needs are
// left out, and bytes that are no UTF-8 are escaped.
Container nameFrom(const std::string& id, const std::string& name, const WireLabels& own,
                   const runtime::v1::PodSandboxMetadata& pod, const WireLabels& podLabels);

// The most readable of what a runtime calls an image: a tag rather than a digest, which is last.
std::string imageFrom(std::initializer_list<const std::string*> names);

// The part of a process's cgroup path that is this container's, if it is in it at all.
std::optional<std::string> cgroupOf(const std::string& id, const std::string& path);

}  // namespace swoll
