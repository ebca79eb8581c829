#ifndef DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_
#define DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_

#include <cstdint>

#include "server/store/store_counters.h"

namespace damselfly {

// One worker's figures of one command (INFO commandstats). Written by that worker only.
struct CommandStats {
  OwnedCounter calls;
  OwnedCounter nanoseconds;
  OwnedCounter rejected_calls;  // refused before it ran (arity, authentication, …)
  OwnedCounter failed_calls;    // ran, and answered an error

  void Reset() {
    for (OwnedCounter* counter : {&calls, &nanoseconds, &rejected_calls, &failed_calls}) counter->Reset();
  }
};

// One worker's figures of everything else that INFO stats counts.
struct alignas(64) WorkerStats {
  OwnedCounter commands_processed;
  OwnedCounter connections_received;
  OwnedCounter connections_rejected;
  OwnedCounter input_bytes;
  OwnedCounter output_bytes;
  OwnedCounter error_replies;
  OwnedCounter reads_processed;
  OwnedCounter writes_processed;
  OwnedCounter query_buffer_limit_disconnections;
  OwnedCounter output_buffer_limit_disconnections;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_COMMAND_STATS_H_
