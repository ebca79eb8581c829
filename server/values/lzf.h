#ifndef DAMSELFLY_SERVER_VALUES_LZF_H_
#define DAMSELFLY_SERVER_VALUES_LZF_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace damselfly {

// LZF, the compression of strings in RDB files. A stream of
//     000LLLLL <L+1 bytes>                     these bytes
//     LLLooooo oooooooo                        L+2 bytes (L in 1..6) that stand o+1 bytes back
//     111ooooo LLLLLLLL oooooooo               L+9 bytes that stand o+1 bytes back
//
// Ours, and not Debian's liblzf, because what that one writes depends on what an uninitialised
// table happens to hold: the same value could leave two nodes, or two runs of a simulation, as
// different bytes. Otherwise both choose alike, and a clean table gives equal output.

// Appends `in`, compressed, to *out; false, and *out unchanged, if that does not save at least
// `min_gain` bytes.
bool LzfCompress(absl::string_view in, size_t min_gain, std::string* out);

// The most bytes that `compressed_size` bytes can decompress to.
constexpr size_t LzfDecompressedBytesMax(size_t compressed_size) {
  return (compressed_size / 3 + 1) * 264;
}

// Appends what `in` decompresses to, which must be `size` bytes; false for anything that is not a
// valid stream of exactly that size, with *out unchanged. Allocates no more than
// LzfDecompressedBytesMax(in.size()).
bool LzfDecompress(absl::string_view in, size_t size, std::string* out);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_LZF_H_
