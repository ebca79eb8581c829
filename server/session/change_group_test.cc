// What whoever hears of all changes is told to belong together.

#include "server/session/change_group.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/session/session_harness.h"

namespace damselfly {
namespace {

using Client = SessionHarness::Client;

// Writes down groups as "(" and ")", with how many keys there are more behind than before, and a
// change outside of any group as ".".
class GroupRecorder final : public ChangeSink {
 public:
  explicit GroupRecorder(Store* store) : store_(*store) {}

  void OnChange(int worker, const Change&) override {
    if (open_) return;
    worker_ = worker;
    absl::StrAppend(&text_, ".");
  }
  void BeginGroup(int worker) override {
    EXPECT_FALSE(open_) << "groups nest";
    open_ = true;
    worker_ = worker;
    keys_before_ = store_.KeyCount(0);
    absl::StrAppend(&text_, "(");
  }
  void EndGroup(int worker) override {
    EXPECT_TRUE(open_);
    EXPECT_EQ(worker, worker_);
    open_ = false;
    absl::StrAppend(&text_, static_cast<int>(store_.KeyCount(0) - keys_before_), ")");
  }

  std::string Take() {
    EXPECT_FALSE(open_);
    return std::exchange(text_, {});
  }
  int worker() const { return worker_; }

 private:
  Store& store_;
  std::string text_;
  bool open_ = false;
  int worker_ = -1;
  uint64_t keys_before_ = 0;
};

class ChangeGroupTest : public testing::Test {
 protected:
  ChangeGroupTest() { Attach(&recorder_); }
  ~ChangeGroupTest() override { Attach(nullptr); }
  void Attach(ChangeSink* sink) {
    node_.store().LockAll();
    node_.store().set_change_sink(sink);
    node_.store().UnlockAll();
  }
  std::string GroupsOf(absl::string_view lines) {
    client_->Call(lines);
    return recorder_.Take();
  }

  SessionHarness node_{2};
  GroupRecorder recorder_{&node_.store()};
  Client* client_ = node_.Connect(1);
};

TEST_F(ChangeGroupTest, ACommandIsAGroup) {
  EXPECT_EQ(GroupsOf("MSET a 1 b 2 c 3"), "(3)");
  EXPECT_EQ(recorder_.worker(), 1);
  EXPECT_EQ(GroupsOf("RENAME a d|DEL b"), "(0)(-1)");
  EXPECT_EQ(GroupsOf("FLUSHALL"), "(-2)");
}

TEST_F(ChangeGroupTest, ACommandThatChangesOnceNeedsNone) {
  EXPECT_EQ(GroupsOf("SET a 1"), ".");
  EXPECT_EQ(recorder_.worker(), 1);
  EXPECT_EQ(GroupsOf("INCR a|APPEND a x|SET a 1 EX 9|SET a 1 NX|GETSET a 2"), "....");
}

TEST_F(ChangeGroupTest, WhatChangesNothingIsNone) {
  EXPECT_EQ(GroupsOf("GET a|MGET a b|EXISTS a|PING|DBSIZE|WATCH a|MULTI|DISCARD"), "");
}

TEST_F(ChangeGroupTest, ATransactionIsOneGroup) {
  EXPECT_EQ(GroupsOf("MULTI|SET a 1|GET a|MSET b 1 c 1|EXEC"), "(3)");
  EXPECT_EQ(GroupsOf("MULTI|SET e 1|FLUSHALL|SET f 1|EXEC"), "(-2)");
  EXPECT_EQ(GroupsOf("MULTI|PING|EXEC"), "");
}

TEST_F(ChangeGroupTest, ATransactionThatDoesNotRunIsNone) {
  client_->Call("WATCH a|MULTI|SET a 1");
  node_.Connect(0)->Call("SET a 2");
  EXPECT_EQ(recorder_.Take(), ".");
  EXPECT_EQ(GroupsOf("EXEC"), "");
}

TEST_F(ChangeGroupTest, ARefusedCommandIsNone) {
  node_.store().LockAll();
  node_.store().set_access(Store::Access::kReadOnly);
  node_.store().UnlockAll();
  EXPECT_EQ(GroupsOf("SET a 1|MSET a 1 b 1|FLUSHALL"), "");
}

}  // namespace
}  // namespace damselfly
