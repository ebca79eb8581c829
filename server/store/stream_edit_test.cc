#include "server/store/stream_edit.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "server/runtime/random.h"
#include "server/store/following_store.h"
#include "server/store/recording_sink.h"
#include "server/store/store.h"
#include "server/values/stream_range.h"

namespace damselfly {
namespace {

using Texts = std::vector<absl::string_view>;

class StreamEditTest : public testing::Test {
 protected:
  StreamEditTest() { store_.value_context().stream_node_max_entries = 5; }

  Key KeyOf(absl::string_view name) { return store_.MakeKey(name); }
  int64_t used_bytes() { return store_.TotalCounters().used_bytes; }

  Store store_{Store::Options{}};
  Database db_{&store_, 0, 1000, &store_.counters(0)};
};

TEST_F(StreamEditTest, MakesAKeyOnlyWhenSomethingIsDone) {
  {
    StreamEdit edit(&db_, KeyOf("s"));
    EXPECT_FALSE(edit.existed());
    EXPECT_EQ(edit.Trim(StreamTrim()), 0u);
    EXPECT_EQ(edit.Delete({{1, 0}}), 0u);
  }
  EXPECT_EQ(db_.Find(KeyOf("s")), nullptr);
  { StreamEdit(&db_, KeyOf("s")).Create(); }
  ASSERT_NE(db_.Find(KeyOf("s")), nullptr);
  EXPECT_EQ(db_.Find(KeyOf("s"))->as<StreamValue>().size(), 0u);
}

TEST_F(StreamEditTest, KeepsAStreamThatHasBeenEmptied) {
  { StreamEdit(&db_, KeyOf("s")).Append({1, 0}, Texts{"a", "b"}); }
  { EXPECT_EQ(StreamEdit(&db_, KeyOf("s")).Delete({{1, 0}}), 1u); }
  ASSERT_NE(db_.Find(KeyOf("s")), nullptr);
  EXPECT_EQ(db_.Find(KeyOf("s"))->as<StreamValue>().last_id(), (StreamId{1, 0}));
}

TEST_F(StreamEditTest, KnowsOtherTypes) {
  db_.SetString(KeyOf("text"), "text", Database::Expiry::None());
  EXPECT_TRUE(StreamEdit(&db_, KeyOf("text")).wrong_type());
}

TEST_F(StreamEditTest, AccountsForWhatItAdds) {
  { StreamEdit(&db_, KeyOf("s")).Create(); }
  const int64_t others = used_bytes() - static_cast<int64_t>(db_.Find(KeyOf("s"))->memory_bytes());
  for (uint64_t i = 1; i < 300; ++i) {
    { StreamEdit(&db_, KeyOf("s")).Append({i, 0}, Texts{"field", "value"}); }
    ASSERT_EQ(used_bytes(), others + static_cast<int64_t>(db_.Find(KeyOf("s"))->memory_bytes()));
  }
}

TEST_F(StreamEditTest, WatchersNoticeEntriesAlone) {
  {
    StreamEdit edit(&db_, KeyOf("s"));
    edit.Append({1, 0}, Texts{"a", "b"});
    edit.CreateGroup("g", {0, 0}, 0);
  }
  const Key key = KeyOf("s");
  WatchMark mark;
  KeyWait wait;
  store_.Watch(0, key, &mark);
  store_.Await(0, key, &wait);
  const auto woken = [&] { return !std::exchange(store_.ready_keys(0), {}).empty(); };
  {
    StreamEdit edit(&db_, key);
    const StreamGroup* const group = edit->FindGroup("g");
    const StreamConsumer* const consumer = edit.CreateConsumer(*group, "c", 1000);
    edit.SetPending(*group, {1, 0}, *consumer, 1000, 1);
    edit.SetPosition(*group, {1, 0}, 1);
    edit.SetIds({2, 0}, 2, {0, 0});
  }
  EXPECT_FALSE(mark.dirty);
  EXPECT_FALSE(woken());
  // Clients that wait for entries of the group are told that it has gone.
  {
    StreamEdit edit(&db_, key);
    edit.DestroyGroup(*edit->FindGroup("g"));
  }
  EXPECT_FALSE(mark.dirty);
  EXPECT_TRUE(woken());
  store_.FindAwaited({0, key.slot, "s"})->noted_by = AwaitedKey::kNobody;
  { StreamEdit(&db_, key).Append({3, 0}, Texts{"a", "b"}); }
  EXPECT_TRUE(mark.dirty);
  EXPECT_TRUE(woken());
  store_.Unwatch(0, key, &mark);
  store_.StopAwaiting(key.slot, &wait);
}

TEST_F(StreamEditTest, RecordsManyDeliveriesAsOneStep) {
  RecordingSink sink;
  {
    StreamEdit edit(&db_, KeyOf("s"));
    const StreamGroup* group = edit.CreateGroup("g", {0, 0}, 0);
    edit.CreateConsumer(*group, "c", 1000);
  }
  store_.set_change_sink(&sink);
  {
    StreamEdit edit(&db_, KeyOf("s"));
    const StreamGroup& group = *edit->FindGroup("g");
    for (uint64_t i = 1; i <= 100; ++i) {
      edit.SetPending(group, {i, 0}, *group.FindConsumer("c"), 1000, 1);
    }
  }
  // Code, group, consumer, time, number, and three bytes an entry.
  EXPECT_EQ(sink.Take(), std::vector<std::string>{absl::StrCat(
                             "update 0 s of type ", static_cast<int>(ValueType::kStream), " by ",
                             1 + 2 + 2 + 2 + 1 + 3 * 100, " bytes")});
  store_.set_change_sink(nullptr);
}

// Random steps on one of three streams, told to another store.
class StreamSteps {
 public:
  StreamSteps(Store* store, Random* random) : store_(*store), random_(*random) {}

  void Take() {
    Database db(&store_, 0, now_ms_ += 10, &store_.counters(0));
    const std::string name = absl::StrCat("s", random_.Below(3));
    StreamEdit edit(&db, store_.MakeKey(name));
    for (uint64_t n = 1 + random_.Below(3); n > 0; --n) TakeOne(&edit);
  }

 private:
  StreamId AnyId() { return {random_.Below(ms_ + 2), random_.Below(3)}; }
  std::string AnyName() { return absl::StrCat("n", random_.Below(3)); }

  void TakeOne(StreamEdit* edit) {
    switch (random_.Below(12)) {
      case 0: {
        StreamTrim trim;
        trim.by = random_.Below(2) == 0 ? StreamTrim::By::kLength : StreamTrim::By::kId;
        trim.length_max = random_.Below(30);
        trim.id_min = {ms_ < 20 ? 0 : ms_ - random_.Below(20), 0};
        trim.whole_blocks = random_.Below(2) == 0;
        trim.limit = random_.Below(10);
        edit->Trim(trim);
        break;
      }
      case 1:
        edit->Delete({AnyId(), AnyId(), edit->stream().first_id()});
        break;
      case 2:
        if (edit->stream().LastEntryId() <= StreamId{ms_, 9}) {
          edit->SetIds({ms_, 9}, edit->stream().entries_added() + 1, AnyId());
        }
        break;
      case 3:
        edit->CreateGroup(AnyName(), AnyId(), -1);
        break;
      case 4:
      case 5:
      case 6:
        TakeOneOfGroup(edit, edit->stream().FindGroup(AnyName()));
        break;
      default:
        ms_ += 1 + random_.Below(2);
        if (edit->stream().last_id() < StreamId{ms_, 0}) {
          edit->Append({ms_, 0},
                       random_.Below(3) == 0 ? Texts{"f", "1"} : Texts{"g", "v", "h", ""});
        }
    }
  }

  void TakeOneOfGroup(StreamEdit* edit, const StreamGroup* group) {
    if (group == nullptr) return;
    const std::string name = AnyName();
    const StreamConsumer* const consumer = group->FindConsumer(name);
    if (consumer == nullptr) {
      edit->CreateConsumer(*group, name, now_ms_);
      return;
    }
    switch (random_.Below(12)) {
      case 0:
        edit->DestroyGroup(*group);
        break;
      case 1:
        edit->DeleteConsumer(*group, *consumer);
        break;
      case 2:
        edit->SetPosition(*group, AnyId(), static_cast<int64_t>(random_.Below(9)) - 1);
        break;
      case 3:
        edit->See(*group, *consumer, now_ms_);
        break;
      case 4:
      case 5:
      case 6:
        for (int i = 0; i < 5; ++i) edit->DropPending(*group, AnyId());
        break;
      default:
        for (int i = 0; i < 5; ++i) {
          edit->SetPending(*group, AnyId(), *consumer, now_ms_ - static_cast<int>(random_.Below(2)),
                           random_.Below(3));
        }
    }
  }

  Store& store_;
  Random& random_;
  int64_t now_ms_ = 1000;
  uint64_t ms_ = 0;
};

TEST_F(StreamEditTest, AFollowerThatIsToldOfAllStepsHasTheSame) {
  FollowingStore follower;
  follower.store().value_context().stream_node_max_entries = 5;
  store_.set_change_sink(&follower);
  Random random(3);
  StreamSteps steps(&store_, &random);
  for (int i = 0; i < 20'000; ++i) {
    steps.Take();
    if (i % 1000 == 0) {
      ASSERT_EQ(ContentsOf(follower.store()), ContentsOf(store_)) << i;
    }
  }
  EXPECT_EQ(ContentsOf(follower.store()), ContentsOf(store_));
  EXPECT_EQ(follower.store().TotalCounters().used_bytes, used_bytes());
  store_.set_change_sink(nullptr);
}

TEST_F(StreamEditTest, StepsThatCannotHaveBeenTakenAreRefused) {
  { StreamEdit(&db_, KeyOf("s")).Append({5, 0}, Texts{"a", "b"}); }
  const auto applies = [&](const OperationWriter& steps) {
    AppliedEdit edit(&db_, KeyOf("s"), ValueType::kStream);
    return edit.Apply(steps.bytes());
  };
  const auto step = [](uint8_t code) {
    OperationWriter writer;
    writer.Code(code);
    return writer;
  };
  EXPECT_FALSE(applies(step(0)));
  EXPECT_FALSE(applies(step(99).Bytes("g")));
  EXPECT_FALSE(
      applies(step(StreamValue::kAppend).Number(5).Number(0).Number(2).Bytes("a").Bytes("")));
  EXPECT_FALSE(applies(step(StreamValue::kAppend).Number(6).Number(0).Number(0)));
  EXPECT_FALSE(applies(step(StreamValue::kAppend).Number(6).Number(0).Number(3).Bytes("a")));
  EXPECT_FALSE(applies(step(StreamValue::kTrim).Number(2).Number(9).Number(0)));
  EXPECT_FALSE(applies(step(StreamValue::kDelete).Number(1).Number(4).Number(0)));
  EXPECT_FALSE(
      applies(step(StreamValue::kSetIds).Number(4).Number(0).Number(1).Number(0).Number(0)));
  EXPECT_FALSE(applies(step(StreamValue::kDestroyGroup).Bytes("g")));
  EXPECT_FALSE(applies(step(StreamValue::kSee).Bytes("g").Bytes("c").Signed(1)));
  EXPECT_TRUE(
      applies(step(StreamValue::kAppend).Number(6).Number(0).Number(2).Bytes("a").Bytes("")));
}

}  // namespace
}  // namespace damselfly
