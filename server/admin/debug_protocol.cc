// DEBUG PROTOCOL.

#include "absl/strings/match.h"
#include "server/admin/debug_handlers.h"

namespace damselfly {
namespace {

void WriteMap(ReplyWriter& reply) {
  reply.Map(3);
  for (int i = 0; i < 3; ++i) {
    reply.Integer(i);
    reply.Bool(i == 1);
  }
}

void WriteNumbers(ReplyWriter& reply) {
  for (int i = 0; i < 3; ++i) reply.Integer(i);
}

void WriteArray(ReplyWriter& reply) {
  reply.Array(3);
  WriteNumbers(reply);
}

void WriteSet(ReplyWriter& reply) {
  reply.Set(3);
  WriteNumbers(reply);
}

void WriteAttribute(ReplyWriter& reply) {
  if (reply.protocol() >= 3) {
    reply.Attribute(1);
    reply.Bulk("key-popularity");
    reply.Array(2);
    reply.Bulk("key:123");
    reply.Integer(90);
  }
  reply.Bulk("Some real reply following the attribute");
}

void WritePush(ReplyWriter& reply) {
  if (reply.protocol() < 3) return reply.Error("ERR RESP2 is not supported by this command");
  reply.Push(2);
  reply.Bulk("server-cpu-usage");
  reply.Integer(42);
  reply.Bulk("Some real reply following the push reply");
}

struct TypeExample {
  absl::string_view name;
  void (*write)(ReplyWriter& reply);
};

// The values that Redis answers with: tests of client libraries compare them.
constexpr TypeExample kExamples[] = {
    {"string", [](ReplyWriter& reply) { reply.Bulk("Hello World"); }},
    {"integer", [](ReplyWriter& reply) { reply.Integer(12345); }},
    {"double", [](ReplyWriter& reply) { reply.Double(3.141); }},
    {"null", [](ReplyWriter& reply) { reply.Null(); }},
    {"array", WriteArray},
    {"set", WriteSet},
    {"map", WriteMap},
    {"attrib", WriteAttribute},
    {"push", WritePush},
    {"verbatim", [](ReplyWriter& reply) { reply.Verbatim("txt", "This is a verbatim\nstring"); }},
    {"true", [](ReplyWriter& reply) { reply.Bool(true); }},
    {"false", [](ReplyWriter& reply) { reply.Bool(false); }},
    {"bignum",
     [](ReplyWriter& reply) { reply.BigNumber("1234567999999999999999999999999999999"); }},
};

}  // namespace

void HandleDebugProtocol(CommandContext& ctx) {
  for (const TypeExample& example : kExamples) {
    if (absl::EqualsIgnoreCase(ctx.args[2], example.name)) return example.write(ctx.reply);
  }
  ctx.reply.Error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

}  // namespace damselfly
