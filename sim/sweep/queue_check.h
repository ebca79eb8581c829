#ifndef DAMSELFLY_SIM_SWEEP_QUEUE_CHECK_H_
#define DAMSELFLY_SIM_SWEEP_QUEUE_CHECK_H_

#include <cstdint>

#include "sim/clients/queue_history.h"
#include "sim/node/sim_node.h"
#include "sim/world/fault_board.h"

namespace damselfly::sim {

// Tells the history what the node, which nobody uses any more, holds of its queues; nothing, if it
// does not run. To be called between call-backs.
void NoteRemaining(SimNode* node, QueueHistory* history);

// So long after it is due the answer to a wait has been written, when all is healed.
int64_t AnswerNsMax(const FaultBoard& faults);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SWEEP_QUEUE_CHECK_H_
