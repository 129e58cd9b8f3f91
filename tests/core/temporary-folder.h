// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace swoll {

// A new one for this run, which the caller removes.
inline std::string temporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "swoll-test.XXXXXX").string();
  return mkdtemp(pattern.data());
}

}  // namespace swoll
