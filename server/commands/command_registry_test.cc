#include "server/commands/command_registry.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "gtest/gtest.h"

namespace damselfly {
namespace {

void Handle(CommandContext&) {}

constexpr KeySpec kOneReadKey[] = {OneKey(kKeyReadOnly)};
constexpr KeySpec kTwoKeys[] = {OneKey(kKeyReadOnly), OneKey(kKeyOverwrite, 2)};
constexpr KeySpec kPairs[] = {KeyRange(kKeyOverwrite, 1, -1, 2)};
constexpr KeySpec kCounted[] = {
    {.flags = kKeyReadOnly, .index = 2, .find = KeySpec::Find::kKeyCount, .first_key = 1}};

constexpr CommandSpec kSubcommands[] = {
    {.name = "get", .arity = -3, .flags = kAdmin, .handler = Handle},
    {.name = "a-subcommand-with-a-long-name", .arity = 2, .handler = Handle},
    {.name = "a-subcommand-with-b-long-name", .arity = 2, .handler = Handle},
};
constexpr CommandSpec kFirstFamily[] = {
    {.name = "get",
     .arity = 2,
     .flags = kReadOnly | kFast,
     .keys = kOneReadKey,
     .complexity = "O(1)",
     .handler = Handle},
    {.name = "copy", .arity = -3, .flags = kWrite, .keys = kTwoKeys, .handler = Handle},
    {.name = "mset",
     .arity = -3,
     .flags = kWrite | kBriefSteps,
     .keys = kPairs,
     .complexity = "O(N)",
     .handler = Handle},
    {.name = "config", .arity = -2, .subcommands = kSubcommands},
    {.name = "order",
     .arity = -2,
     .keys = kOneReadKey,
     .handler = Handle,
     .reads_any_key = [](absl::Span<const absl::string_view>) { return false; }},
    {.name = "echo", .arity = 2, .complexity = "O(1)", .handler = Handle, .only_replies = true},
};
constexpr CommandSpec kSecondFamily[] = {
    {.name = "eval_ro",
     .arity = -3,
     .flags = kReadOnly,
     .acl_categories = kAclScripting,
     .keys = kCounted,
     .handler = Handle},
    {.name = "georadiusbymember_ro", .arity = -5, .handler = Handle},
    {.name = "georadiusbymember-ro", .arity = -5, .handler = Handle},
    {.name = "t", .arity = 1, .handler = Handle},
    {.name = "blpop", .arity = -3, .flags = kWrite | kBlocking, .handler = Handle},
    {.name = "publish", .arity = 3, .flags = kPubSub | kFast, .handler = Handle},
    {.name = "incrby12", .arity = 3, .complexity = "O(1). The rest is", .handler = Handle},
    {.name = "randomkey",
     .arity = 1,
     .flags = kWalksSlots,
     .complexity = "O(1)",
     .handler = Handle},
};
constexpr absl::Span<const CommandSpec> kFamilies[] = {kFirstFamily, kSecondFamily};

class CommandRegistryTest : public testing::Test {
 protected:
  const Command& Named(absl::string_view name) {
    const Command* command = registry_.FindByFullName(name);
    EXPECT_NE(command, nullptr) << name;
    return *command;
  }
  CommandRegistry registry_{kFamilies};
};

TEST_F(CommandRegistryTest, FindsEveryCommandInAnyCase) {
  for (const Command& command : registry_.commands()) {
    EXPECT_EQ(registry_.Find(command.full_name), &command);
    EXPECT_EQ(registry_.Find(absl::AsciiStrToUpper(command.full_name)), &command);
  }
  EXPECT_EQ(registry_.Find("gEt"), registry_.Find("get"));
}

TEST_F(CommandRegistryTest, FindsNothingForOtherNames) {
  for (absl::string_view name : {"", "g", "ge", "gett", "ge\0", "mse", "mset ", "incrby1",
                                 "incrby123", "randomkex", "georadiusbyXember_ro", "config|get"}) {
    EXPECT_EQ(registry_.Find(name), nullptr) << name;
  }
  EXPECT_EQ(registry_.Find(absl::string_view("get\0", 4)), nullptr);
  EXPECT_EQ(registry_.Find(std::string(1 << 20, 'g')), nullptr);
}

TEST_F(CommandRegistryTest, NamesThatDifferInTheMiddleAreTwoCommands) {
  ASSERT_NE(registry_.Find("GEORADIUSBYMEMBER_RO"), nullptr);
  EXPECT_NE(registry_.Find("georadiusbymember_ro"), registry_.Find("georadiusbymember-ro"));
}

TEST_F(CommandRegistryTest, BytesNextToLettersInAsciiAreNotFolded) {
  // '@' + 0x20 is '`', '[' + 0x20 is '{': neither pair is one letter in two cases.
  EXPECT_EQ(registry_.Find("\xc7"
                           "et"),
            nullptr);
  EXPECT_EQ(registry_.Find("eval\x7fro"), nullptr);
}

TEST_F(CommandRegistryTest, FindsSubcommandsInAnyCase) {
  const Command& config = Named("config");
  EXPECT_EQ(CommandRegistry::FindSubcommand(config, "GET"), &Named("config|get"));
  EXPECT_EQ(CommandRegistry::FindSubcommand(config, "set"), nullptr);
  EXPECT_EQ(CommandRegistry::FindSubcommand(config, ""), nullptr);
  EXPECT_NE(CommandRegistry::FindSubcommand(config, "a-subcommand-with-A-long-name"),
            CommandRegistry::FindSubcommand(config, "a-subcommand-with-b-long-name"));
  EXPECT_EQ(Named("config|get").parent, &config);
  EXPECT_EQ(Named("CONFIG|Get").full_name, "config|get");
  EXPECT_EQ(registry_.FindByFullName("get|x"), nullptr);
  EXPECT_EQ(registry_.FindByFullName("config|get|x"), nullptr);
  EXPECT_EQ(registry_.FindByFullName("|get"), nullptr);
}

TEST_F(CommandRegistryTest, IdsAreDenseAndCommandsSorted) {
  ASSERT_EQ(registry_.size(), 17);
  for (int id = 0; id < registry_.size(); ++id) EXPECT_EQ(registry_.by_id(id).id, id);
  for (size_t i = 1; i < registry_.commands().size(); ++i) {
    EXPECT_LT(registry_.commands()[i - 1].full_name, registry_.commands()[i].full_name);
  }
}

TEST_F(CommandRegistryTest, ArityCountsTheNameAndMayBeALowerBound) {
  EXPECT_TRUE(Named("get").ArityFits(2));
  EXPECT_FALSE(Named("get").ArityFits(3));
  EXPECT_TRUE(Named("copy").ArityFits(3));
  EXPECT_TRUE(Named("copy").ArityFits(300));
  EXPECT_FALSE(Named("copy").ArityFits(2));
}

TEST_F(CommandRegistryTest, KeyRangesAreDerivedFromKeySpecs) {
  EXPECT_EQ(Named("get").first_key, 1);
  EXPECT_EQ(Named("get").last_key, 1);
  EXPECT_EQ(Named("get").key_step, 1);
  EXPECT_EQ(Named("copy").last_key, 2);
  EXPECT_TRUE(Named("copy").simple_keys);
  EXPECT_EQ(Named("mset").last_key, -1);
  EXPECT_EQ(Named("mset").key_step, 2);
  EXPECT_EQ(Named("eval_ro").first_key, 0);
  EXPECT_TRUE(Named("eval_ro").Has(kMovableKeys));
  EXPECT_FALSE(Named("eval_ro").simple_keys);
  EXPECT_EQ(Named("t").first_key, 0);
  EXPECT_TRUE(Named("t").simple_keys);
}

TEST_F(CommandRegistryTest, AclCategoriesFollowFromFlags) {
  EXPECT_EQ(Named("get").acl_categories, kAclRead | kAclFast);
  EXPECT_EQ(Named("copy").acl_categories, kAclWrite | kAclSlow);
  EXPECT_EQ(Named("config|get").acl_categories, kAclAdmin | kAclDangerous | kAclSlow);
  EXPECT_EQ(Named("blpop").acl_categories, kAclWrite | kAclBlocking | kAclSlow);
  EXPECT_EQ(Named("publish").acl_categories, kAclPubSub | kAclFast);
  EXPECT_EQ(Named("eval_ro").acl_categories, kAclScripting | kAclSlow);
}

TEST_F(CommandRegistryTest, BriefIsAPlainConstantThatWalksNothing) {
  EXPECT_TRUE(Named("get").IsBrief(2));
  EXPECT_TRUE(Named("incrby12").IsBrief(3));
  EXPECT_FALSE(Named("randomkey").IsBrief(1));
}

TEST_F(CommandRegistryTest, BriefIsAFewArgumentsOfBriefSteps) {
  EXPECT_TRUE(Named("mset").IsBrief(3));
  EXPECT_TRUE(Named("mset").IsBrief(16));
  EXPECT_FALSE(Named("mset").IsBrief(17));
}

TEST_F(CommandRegistryTest, PlainIsOneKeyUntilItIsRestricted) {
  EXPECT_TRUE(Named("get").IsPlain(2));
  EXPECT_FALSE(Named("get").IsPlain(1));
  EXPECT_FALSE(Named("get").IsPlain(3));
  for (const absl::string_view name :
       {"randomkey", "blpop", "publish", "eval_ro", "copy", "order"}) {
    for (size_t count = 0; count < 6; ++count) EXPECT_FALSE(Named(name).IsPlain(count)) << name;
  }
  ASSERT_TRUE(registry_.Restrict("get").ok());
  EXPECT_FALSE(Named("get").IsPlain(2));
}

TEST_F(CommandRegistryTest, PlainIsTheFirstOfSeveralKeysThatThereMayBe) {
  EXPECT_FALSE(Named("mset").IsPlain(1));
  EXPECT_FALSE(Named("mset").IsPlain(2));
  EXPECT_TRUE(Named("mset").IsPlain(3));
  EXPECT_FALSE(Named("mset").IsPlain(4));
  EXPECT_FALSE(Named("mset").IsPlain(5));
}

TEST_F(CommandRegistryTest, PlainIsAlsoWhatOnlyReplies) {
  EXPECT_TRUE(Named("echo").IsPlain(2));
  EXPECT_FALSE(Named("echo").IsPlain(1));
  EXPECT_FALSE(Named("echo").IsPlain(3));
}

TEST_F(CommandRegistryTest, ArgumentsWithoutATellableKeyGiveNone) {
  KeyPositions keys;
  const std::vector<absl::string_view> good = {"eval_ro", "", "1", "k", "x"};
  EXPECT_TRUE(CommandRegistry::FindKeys(Named("eval_ro"), good, &keys));
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].index, 3);
  const std::vector<absl::string_view> bad = {"eval_ro", "", "3", "k", "x"};
  EXPECT_FALSE(CommandRegistry::FindKeys(Named("eval_ro"), bad, &keys));
  EXPECT_TRUE(keys.empty());
}

TEST(CommandRegistryDeathTest, TwoCommandsOfOneNameAreRefused) {
  const absl::Span<const CommandSpec> families[] = {kFirstFamily, kFirstFamily};
  EXPECT_DEATH(CommandRegistry{families}, "command_registry.cc");
}

}  // namespace
}  // namespace damselfly
