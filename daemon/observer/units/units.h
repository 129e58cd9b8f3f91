// SPDX-License-Identifier: Apache-2.0
// Finds the units of systemd, so that a node without containers is no blank. A unit's processes are
// those of the cgroup that systemd has named after it; the names of directories are all that is
// read, and only those of slices and of users' managers, which is where systemd makes units.
#pragma once

#include <optional>
#include <vector>

#include "containers/container.h"
#include "observer/proc/proc-fs.h"

namespace swoll {

// Services and scopes, each as a Container of source "systemd": its name as systemd shows it,
// escapes included, its id with the slices above it. Containers' cgroups are left out, and all that
// is below them, as far as their names tell. Sorted by id.
std::vector<Container> findUnits(ProcFs& proc);

// The unit that has a cgroup of its own; nothing: it is no unit's.
std::optional<Container> unitAt(const NewCgroup& cgroup);

// Those that are neither one of the containers nor within one.
std::vector<Container> outside(const std::vector<Container>& containers,
                               std::vector<Container> units);

}  // namespace swoll
