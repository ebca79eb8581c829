#ifndef DAMSELFLY_TESTING_REPLICATION_FALSE_MASTER_H_
#define DAMSELFLY_TESTING_REPLICATION_FALSE_MASTER_H_

#include <poll.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"

namespace damselfly {

// What a false master says: at each step of a link either what a real one would say, or what is set
// here.
struct FalseScript {
  enum class Ending {
    kClose,  // closes all connections after the last byte
    kReset,  // ... so that the peer gets an error
    kWait,   // leaves it to the peer, for a while
  };
  // Replies by the first words of the request: "PING", "REPLCONF", "DFLY SYNC", "DFLY FLOW",
  // "DFLY START".
  std::map<std::string, std::string> replies;
  int lane_count = 3;
  std::string lineage_id = std::string(40, 'f');
  // What each flow carries, once all are attached and DFLY START has come; for all lanes without
  // one: nothing.
  std::vector<std::string> flows;
  Ending ending = Ending::kClose;
};

// A socket server on a free loopback port that speaks a master's side of the dialogue as a script
// tells it. One thread of its own. A link ends when something false has been said, or the flows'
// bytes are out, and its connections are closed.
class FalseMaster {
 public:
  FalseMaster();
  ~FalseMaster();
  FalseMaster(const FalseMaster&) = delete;
  FalseMaster& operator=(const FalseMaster&) = delete;

  int port() const { return port_; }
  // What is said from now on; open connections are closed.
  void Play(FalseScript script);
  // Waits until all has been said to one peer since Play, and its connections are closed; or for so
  // long.
  void WaitUntilPlayed(int timeout_ms);
  // Of all scripts so far: how often a peer has come as far as this request.
  int Count(absl::string_view request);

 private:
  struct Peer {
    int descriptor = -1;
    std::string received;
    int lane = -1;
    int64_t close_at_ms = -1;  // all has been said
  };

  void Run();
  void AcceptOne();
  // Returns false when the connection is over.
  bool ServeOne(Peer* peer);
  void Answer(Peer* peer, absl::string_view request);
  void SayFlows();
  void SayAndEnd(Peer* peer, absl::string_view bytes);
  void CloseAll();
  std::string RightAnswer(absl::string_view kind) const;

  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;  // guards all below
  FalseScript script_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::map<std::string, int> counts_;
  bool replay_ = false;  // connections are of an earlier script
  bool said_ = false;
  bool played_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace damselfly

#endif  // DAMSELFLY_TESTING_REPLICATION_FALSE_MASTER_H_
