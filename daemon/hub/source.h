// SPDX-License-Identifier: Apache-2.0
// Where records come from, as the hub sees it: whoever reads the kernel's ring, or a file.
#pragma once

#include <cstddef>

namespace swoll {

class RecordHandler {
 public:
  virtual ~RecordHandler() = default;
  // One record. Never throws on its content.
  virtual void accept(const void* data, size_t size) = 0;
};

}  // namespace swoll
