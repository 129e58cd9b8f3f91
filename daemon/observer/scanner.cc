// SPDX-License-Identifier: Apache-2.0
#include "observer/scanner.h"

#include <exception>

#include "observer/cri/cri-set.h"
#include "observer/units/units.h"

namespace swoll {

std::shared_ptr<const ProcLook> Scanner::look() {
  auto look = std::make_shared<ProcLook>();
  try {
    look->scan = containers_.scan();
    look->units = findUnits(proc_);
    look->runtimes = CriSet::usualSockets(proc_.root());
  } catch (const std::exception& error) {  // of memory, of descriptors: tried again
    *look = *last_;
    look->scan.problem = error.what();
  }
  look->part = {"proc", look->scan.problem.empty(), detail(look->scan)};
  return last_ = std::move(look);
}

std::string Scanner::detail(const ProcScan& scan) {
  if (!scan.problem.empty()) return scan.problem;
  return proc_.root() + "/proc" +
         (scan.note.empty() ? ", cgroup v2 on " + proc_.cgroupMount().value_or("")
                            : "; " + scan.note);
}

}  // namespace swoll
