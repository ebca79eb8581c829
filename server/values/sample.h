#ifndef DAMSELFLY_SERVER_VALUES_SAMPLE_H_
#define DAMSELFLY_SERVER_VALUES_SAMPLE_H_

#include <cstddef>
#include <vector>

#include "server/runtime/random.h"

namespace damselfly {

// `count` different numbers below `size`, ascending, each choice equally likely: for members of
// collections that are kept in an order. Takes O(size), or O(count log count) where that is less.
// Requires count <= size.
std::vector<size_t> SampleIndexes(size_t size, size_t count, Random& random);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_VALUES_SAMPLE_H_
