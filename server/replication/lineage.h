#ifndef DAMSELFLY_SERVER_REPLICATION_LINEAGE_H_
#define DAMSELFLY_SERVER_REPLICATION_LINEAGE_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "server/replication/journal.h"

namespace damselfly {

// One history of changes, by name, and where it comes from. A node begins a lineage of its own when
// it starts, and another one when it is promoted: what its former master may have done meanwhile is
// no part of that one, all that came before the fork is part of both.
struct Lineage {
  static constexpr size_t kIdBytes = 40;

  std::string id;           // forty hexadecimal digits: master_replid
  std::string previous_id;  // empty: it comes from none
  Positions fork;           // how far the previous one went along, a lane each
};

// Whether `text` can be the id of a lineage.
bool IsLineageId(absl::string_view text);

// Whether somebody who has all of lineage `id` up to `positions`, and nothing else, can be given
// the rest from `journal`, which is the journal of `lineage`: it has the same lanes, none of its
// positions lies behind the end (or, of the previous lineage, behind the fork), and all records
// from there on are still kept.
bool CanResume(const Lineage& lineage, absl::string_view id, const Positions& positions,
               const Journal& journal);

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_REPLICATION_LINEAGE_H_
