// SPDX-License-Identifier: Apache-2.0
// Files that hold traces: reading them within bounds, and writing them so that there is always
// either the old one or the new one, whole.
#pragma once

#include <string>
#include <vector>

#include "trace/files/trace-yaml.h"

namespace swoll {

// The traces of a file; "-" is standard input.
Result<std::vector<TraceDocument>> readTraces(const std::string& path);

// The *.yaml and *.yml of a folder, sorted; none when there is no such folder.
Result<std::vector<std::string>> traceFiles(const std::string& folder);

// Writes PATH.tmp. Answers what went wrong, if anything.
std::string writeAside(const std::string& path, const std::string& text);
// Of files of one folder: gets each PATH.tmp to the disk, and puts them in their places then. All
// have been written by that time, so most of the work of many is done by the first fsync(2).
std::string putInPlace(const std::vector<std::string>& paths);
void dropAside(const std::vector<std::string>& paths);
// Removes a file, which need not be there.
std::string removeFile(const std::string& path);

}  // namespace swoll
