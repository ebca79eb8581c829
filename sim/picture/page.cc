#include "sim/picture/page.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/base/check.h"
#include "sim/picture/page_template.h"
#include "sim/picture/script_json.h"

namespace damselfly::sim {
namespace {

void WriteHead(const Recording& recording, const RunResult& result, const PictureHead& head,
               ScriptJson* json) {
  json->Key("head").Begin('{');
  json->Key("scenario").String(head.scenario);
  json->Key("mutant").String(head.mutant);
  json->Key("command").String(head.command);
  // As text: not every number of so many bits is one in JavaScript.
  json->Key("seed").String(absl::StrCat(result.seed));
  json->Key("hash").String(absl::StrFormat("%016x", result.hash));
  json->Key("end_ns").Number(result.virtual_ns);
  json->Key("event_count").Number(static_cast<int64_t>(result.event_count));
  json->Key("reply_count").Number(static_cast<int64_t>(result.reply_count));
  json->Key("dropped").Number(static_cast<int64_t>(recording.dropped));
  json->Key("failed").Bool(result.failed);
  json->Key("oracle").String(result.failed ? OracleName(result.first_oracle) : "");
  json->Key("message").String(result.message);
  json->Key("plan").String(result.plan);
  json->End('}');
}

// Rows of values, which run_data.js gives their names.

void WriteHosts(const Recording& recording, ScriptJson* json) {
  json->Key("hosts").Begin('[');
  for (const Recording::Host& host : recording.hosts)
    json->Begin('[').String(host.name).String(host.address).End(']');
  json->End(']');
}

// A read that is the whole of one write, with nothing else: its text stands there already.
bool IsRepetition(const Recording::Event& event, const Recording::Event& write) {
  return event.size_bytes == write.size_bytes && event.bytes == write.bytes &&
         event.text == write.text;
}

void WriteEvents(const Recording& recording, ScriptJson* json) {
  json->Key("kinds").Begin('[');
  for (size_t i = 0; i < kPictureKindCount; ++i)
    json->String(PictureKindName(static_cast<PictureKind>(i)));
  json->End(']');
  json->Key("events").Begin('[');
  size_t link = 0;
  for (size_t i = 0; i < recording.events.size(); ++i) {
    const Recording::Event& event = recording.events[i];
    const uint64_t number = recording.dropped + i;
    const size_t first_link = link;
    while (link < recording.links.size() && recording.links[link].read == number) ++link;
    const bool repeats =
        link == first_link + 1 && recording.links[first_link].write >= recording.dropped &&
        IsRepetition(event,
                     recording.events[recording.links[first_link].write - recording.dropped]);
    json->Begin('[').Number(event.time_ns).Number(event.host);
    json->Number(static_cast<int64_t>(event.kind)).Number(static_cast<int64_t>(event.connection));
    json->Number(static_cast<int64_t>(event.size_bytes));
    json->String(repeats ? "" : event.text).String(repeats ? "" : event.bytes).End(']');
  }
  json->End(']');
  json->Key("links").Begin('[');
  for (const Recording::Link& between : recording.links) {
    if (between.write < recording.dropped) continue;
    json->Begin('[').Number(static_cast<int64_t>(between.write - recording.dropped));
    json->Number(static_cast<int64_t>(between.read - recording.dropped)).End(']');
  }
  json->End(']');
}

void WriteSpans(const Recording& recording, ScriptJson* json) {
  json->Key("faults").Begin('[');
  for (const Recording::FaultSpan& fault : recording.faults) {
    json->Begin('[').String(fault.name).Number(fault.host).Number(fault.other_host);
    json->Number(fault.begin_ns).Number(fault.end_ns).End(']');
  }
  json->End(']');
  json->Key("states").Begin('[');
  for (const Recording::State& state : recording.states)
    json->Begin('[').Number(state.time_ns).Number(state.host).Number(state.text).End(']');
  json->End(']');
  json->Key("state_texts").Begin('[');
  for (const std::string& text : recording.state_texts) json->String(text);
  json->End(']');
}

}  // namespace

std::string PicturePage(const Recording& recording, const RunResult& result,
                        const PictureHead& head) {
  std::string data;
  ScriptJson json(&data);
  json.Begin('{');
  WriteHead(recording, result, head, &json);
  WriteHosts(recording, &json);
  WriteEvents(recording, &json);
  WriteSpans(recording, &json);
  json.End('}');
  const absl::string_view page = PageTemplate();
  const size_t place = page.find(kDataPlace);
  DFLY_CHECK_NE(place, absl::string_view::npos);
  return absl::StrCat(page.substr(0, place), data, page.substr(place + kDataPlace.size()));
}

}  // namespace damselfly::sim
