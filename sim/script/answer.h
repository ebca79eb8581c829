#ifndef DAMSELFLY_SIM_SCRIPT_ANSWER_H_
#define DAMSELFLY_SIM_SCRIPT_ANSWER_H_

#include <string>

#include "server/resp/reply_reader.h"
#include "sim/cluster/push_ledger.h"
#include "sim/script/script.pb.h"

namespace damselfly::sim {

// What came of a question: a reply, the end of the connection, or nothing within the time that
// there was.
struct Answer {
  enum class Kind { kReply, kClosed, kNothing };

  Kind kind = Kind::kNothing;
  Reply reply;
  // When the node did it. Means something only of replies, in the order of their requests.
  Occasion occasion;
};

// As scripts write it: text as it is, numbers, (nil), [a, b], {k: v}; an error is "(error) " and
// its text; (closed), (nothing).
std::string AnswerText(const Answer& answer);

// Whether an answer is what a step expects; if not, what is wrong with it. `expected` has its
// placeholders filled in.
std::string WhatIsWrong(const scenario::Step& expected, const Answer& answer);

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_SCRIPT_ANSWER_H_
