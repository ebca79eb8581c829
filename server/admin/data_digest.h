#ifndef DAMSELFLY_SERVER_ADMIN_DATA_DIGEST_H_
#define DAMSELFLY_SERVER_ADMIN_DATA_DIGEST_H_

#include <array>
#include <cstdint>
#include <string>

#include "server/store/entry.h"
#include "server/store/store.h"

namespace damselfly {

// What a set of keys with their databases, types, values and deadlines comes to: two nodes with
// equal data have equal digests, and with different data practically never. It depends neither on
// the order in which keys are added nor on how a node keeps them. Keys past their deadline that
// have not been deleted yet count as others do.
class DataDigest {
 public:
  void Add(int database, const Entry& entry);
  // Forty hexadecimal digits; zeros for no keys at all.
  std::string ToString() const;

 private:
  std::array<uint64_t, 3> sums_{};
};

// Of all databases of a node. Requires all locks.
DataDigest DigestOf(Store& store);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_ADMIN_DATA_DIGEST_H_
