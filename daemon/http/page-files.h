// SPDX-License-Identifier: Apache-2.0
// The files of the page, as gzip made them at build time, in the binary. page/embed writes the
// table. ECharts is among them where it was fetched before the build.
#pragma once

namespace swoll {

struct PageFile {
  const char* name;  // "main.js"
  const char *begin, *end;
};

extern "C" const PageFile swollPageFiles[], swollPageFilesEnd[];

}  // namespace swoll
