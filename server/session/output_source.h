#ifndef DAMSELFLY_SERVER_SESSION_OUTPUT_SOURCE_H_
#define DAMSELFLY_SERVER_SESSION_OUTPUT_SOURCE_H_

#include <cstddef>

#include "server/resp/output_buffer.h"

namespace damselfly {

// What a connection sends that has become a link to a replica (Session::StreamFrom): no replies
// any more, but what this source gives, as fast as the peer takes it. Everything on the session's
// worker.
class OutputSource {
 public:
  virtual ~OutputSource() = default;

  // Appends what there is to send now, up to about `bytes_max` (> 0); nothing if there is nothing.
  // Called when little waits to be sent: after StreamFrom, after Session::Produce, and when the
  // peer has taken what was there. Returns false to have the connection closed.
  virtual bool Produce(OutputBuffer* output, size_t bytes_max) = 0;

  // The connection has gone, for whatever reason. The last call.
  virtual void OnSessionClosed() = 0;
};

}  // namespace damselfly

#endif  // DAMSELFLY_SERVER_SESSION_OUTPUT_SOURCE_H_
