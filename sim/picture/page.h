#ifndef DAMSELFLY_SIM_PICTURE_PAGE_H_
#define DAMSELFLY_SIM_PICTURE_PAGE_H_

#include <string>

#include "sim/picture/recording.h"
#include "sim/sweep/run_result.h"

namespace damselfly::sim {

// What stands above a picture, beside what the result tells.
struct PictureHead {
  std::string scenario;  // its file's name, or the kind of run
  std::string mutant;    // empty: none
  std::string command;   // how to make this picture again
};

// One HTML page that shows the run, and needs nothing else: no file beside it, no network. What
// comes from the run is data in it and never markup, whatever its bytes are.
std::string PicturePage(const Recording& recording, const RunResult& result,
                        const PictureHead& head);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_PAGE_H_
