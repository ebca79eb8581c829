#include "sim/sweep/queue_check.h"

#include <string>
#include <vector>

#include "server/store/database.h"
#include "server/values/list_value.h"
#include "server/values/sorted_set_value.h"
#include "sim/world/world.h"

namespace damselfly::sim {
namespace {

std::vector<std::string> ElementsOf(const Entry& entry) {
  std::vector<std::string> elements;
  if (entry.type() == ValueType::kList) {
    const ListValue& list = entry.as<ListValue>();
    char scratch[kIntegerBytesMax];
    ListIterator at = list.First();
    for (size_t i = 0; i < list.size(); ++i, at.Next())
      elements.emplace_back(at.Get().Text(scratch));
  } else if (entry.type() == ValueType::kSortedSet) {
    entry.as<SortedSetValue>().VisitAll([&elements](absl::string_view member, double) {
      elements.emplace_back(member);
      return true;
    });
  }
  return elements;
}

}  // namespace

void NoteRemaining(SimNode* node, QueueHistory* history) {
  if (!node->running()) return;
  const int incarnation = node->host().incarnation();
  if (history->lives().count(incarnation) == 0) return;
  Store& store = node->node().store();
  for (const std::string& name : QueueHistory::AllKeys()) {
    const Key key = store.MakeKey(name);
    Database database(&store, 0, 0, &store.counters(0));
    store.Lock(key.slot);
    std::vector<std::string> elements;
    if (const Entry* const entry = database.Find(key)) elements = ElementsOf(*entry);
    store.Unlock(key.slot);
    // The mirrored one is kept the other way round.
    if (name.back() == 'b') elements = {elements.rbegin(), elements.rend()};
    history->life(incarnation).OnRemaining(name, std::move(elements));
  }
}

int64_t AnswerNsMax(const FaultBoard& faults) {
  // Some of these outlive the healing on the connections that they have struck.
  const bool slow = faults.drawn(Fault::kSmallBuffer) || faults.drawn(Fault::kSlowLink) ||
                    faults.drawn(Fault::kSlowReader);
  return slow ? 10 * kSecond : kSecond / 2;
}

}  // namespace damselfly::sim
