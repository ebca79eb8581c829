// Publish/subscribe, played to our server and to a real redis-server.

#include "gtest/gtest.h"
#include "testing/compat/dialogs.h"

namespace damselfly {
namespace {

const Dialog kDialogs[] = {
    {"leaving what one is not subscribed to",
     {"a> UNSUBSCRIBE", "a> PUNSUBSCRIBE", "a> UNSUBSCRIBE x y", "a> PUNSUBSCRIBE x*", "a> GET k",
      "a> SUBSCRIBE c", "a> UNSUBSCRIBE x", "a> PUNSUBSCRIBE"}},
    {"counts of channels and patterns together",
     {"a> SUBSCRIBE c1 c2 c1", "a> PSUBSCRIBE c* c*", "a> UNSUBSCRIBE c1", "a> PUNSUBSCRIBE",
      "a> UNSUBSCRIBE", "a> GET k"}},
    {"leaving several at once",
     {"a> SUBSCRIBE c1 c2 c3", "a> PSUBSCRIBE p1* p2*", "b> PUBSUB NUMPAT", "b~ PUBSUB CHANNELS",
      "b> PUBSUB NUMSUB c1 c2 p1", "a> UNSUBSCRIBE c1 c2 c3", "b> PUBSUB CHANNELS",
      "a> PUNSUBSCRIBE p1* p2*", "b> PUBSUB NUMPAT"}},
    {"a message to channels and patterns of several clients",
     {"a> SUBSCRIBE news", "b> PSUBSCRIBE n*s", "c> SUBSCRIBE news other", "c> PSUBSCRIBE ne*",
      "d> PUBLISH news hello", "d> PUBLISH other hello", "d> PUBLISH nobody hello",
      "c> UNSUBSCRIBE news", "d> PUBLISH news again", "a> RESET", "d> PUBLISH news once-more"}},
    {"patterns",
     {"a> PSUBSCRIBE h?llo", "b> PSUBSCRIBE h[ae]llo", "c> PSUBSCRIBE h\\?llo *",
      "d> PUBLISH hello 1", "d> PUBLISH hallo 2", "d> PUBLISH hxllo 3", "d> PUBSUB NUMPAT",
      "c> PUNSUBSCRIBE *", "d> PUBLISH h?llo 4"}},
    {"what a subscriber may do",
     {"a> SUBSCRIBE c", "a> PING",     "a> PING x",        "a> PING x y",    "a> GET k",
      "a> GET",         "a> NOSUCH",   "a> CLIENT",        "a> CLIENT FOO",  "a> CLIENT GETNAME",
      "a> MULTI",       "a> EXEC",     "a> DISCARD",       "a> PUBLISH c m", "a> PUBSUB NUMPAT",
      "a> ECHO x",      "a> SELECT 1", "a> UNSUBSCRIBE c", "a> GET k",       "a> PING"}},
    {"to oneself",
     {"a> SUBSCRIBE c", "a> PUBLISH c m", "a> PSUBSCRIBE c", "a> PUBLISH c m", "a> PUBLISH d m"}},
    {"in a transaction",
     {"a> MULTI", "a> SUBSCRIBE c", "a> PUBLISH c m1", "a> PING", "a> GET k", "a> UNSUBSCRIBE",
      "a> PSUBSCRIBE d*", "a> PUBLISH d1 m2", "a> EXEC", "a> GET k", "b> PUBLISH d2 m3",
      "a> PUNSUBSCRIBE", "a> GET k"}},
    {"a transaction that publishes",
     {"a> SUBSCRIBE c", "b> MULTI", "b> PUBLISH c 1", "b> SET k v", "b> PUBLISH c 2", "b> GET k",
      "b> EXEC", "b> DEL k"}},
    {"a transaction before and after subscribing",
     {"a> MULTI", "a> SUBSCRIBE", "a> EXEC", "a> MULTI", "a> SUBSCRIBE c", "a> EXEC", "a> EXEC",
      "a> RESET", "a> EXEC"}},
    {"reset", {"a> SUBSCRIBE c", "a> PSUBSCRIBE c*", "a> RESET", "b> PUBLISH c m", "a> GET k"}},
    {"quit", {"a> PING", "b> SUBSCRIBE c", "b> QUIT", "a> PUBLISH c m"}},
    {"arguments",
     {"a> SUBSCRIBE", "a> PSUBSCRIBE", "a> PUBLISH", "a> PUBLISH c", "a> PUBLISH c m x",
      "a> SSUBSCRIBE", "a> SPUBLISH c", "a> PUBSUB", "a> PUBSUB NOSUCH", "a> PUBSUB NUMPAT x",
      "a> PUBSUB CHANNELS a b", "a> PUBSUB NUMSUB", "a> PUBSUB CHANNELS"}},
    {"what COMMAND says",
     {"a> COMMAND INFO subscribe unsubscribe psubscribe punsubscribe publish",
      "a> COMMAND INFO ssubscribe sunsubscribe spublish", "a> COMMAND INFO pubsub|channels",
      "a> COMMAND INFO pubsub|numsub", "a> COMMAND INFO pubsub|numpat",
      "a> COMMAND INFO pubsub|help", "a> COMMAND INFO pubsub|shardchannels",
      "a> COMMAND INFO pubsub|shardnumsub", "a> COMMAND GETKEYS spublish c m",
      "a> COMMAND GETKEYS publish c m"}},
};

// For one slot: a cluster refuses to look at several at once.
const Dialog kShardDialogs[] = {
    {"shard channels have a count of their own",
     {"a> SUNSUBSCRIBE", "a> SUNSUBSCRIBE {s}x", "a> SSUBSCRIBE {s}1 {s}2 {s}1", "a> SUBSCRIBE c",
      "a> PSUBSCRIBE {s}*", "a> GET k", "a> PING", "a> SUNSUBSCRIBE {s}1", "a> UNSUBSCRIBE",
      "a> PUNSUBSCRIBE", "a> GET k", "a> SUNSUBSCRIBE", "a> GET k"}},
    {"messages of shard channels",
     {"a> SSUBSCRIBE {s}1", "b> SUBSCRIBE {s}1", "b> PSUBSCRIBE *", "c> SPUBLISH {s}1 m",
      "c> PUBLISH {s}1 m", "c> SPUBLISH {s}2 m", "c> PUBSUB SHARDCHANNELS",
      "c> PUBSUB SHARDNUMSUB {s}1 {s}2", "c> PUBSUB SHARDCHANNELS x*", "c> PUBSUB SHARDNUMSUB",
      "c> PUBSUB CHANNELS", "c> PUBSUB SHARDCHANNELS a b", "a> RESET", "c> SPUBLISH {s}1 m",
      "c> PUBSUB SHARDCHANNELS"}},
    {"shard channels to oneself and in a transaction",
     {"a> SSUBSCRIBE {s}", "a> SPUBLISH {s} m", "b> MULTI", "b> SPUBLISH {s} 1",
      "b> SSUBSCRIBE {s}", "b> SUNSUBSCRIBE", "b> SPUBLISH {s} 2", "b> EXEC", "b> GET {s}"}},
};

TEST(PubSubDialogs, RunAsWithRedis) { PlayDialogs(kDialogs, {}); }

// A redis-server outside a cluster knows shard channels too, and answers as one in a cluster does.
TEST(PubSubDialogs, OfShardChannelsRunAsWithRedis) {
  PlayDialogs(kShardDialogs, {"--cluster_mode=emulated"});
}

}  // namespace
}  // namespace damselfly
