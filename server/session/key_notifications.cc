#include "server/session/key_notifications.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/session/key_event_flags.h"
#include "server/session/server_state.h"
#include "server/session/worker.h"

namespace damselfly {
namespace {

void PublishTo(WorkerSubscriptions& subscriptions, const std::string& channel,
               absl::string_view payload) {
  Publication publication;
  publication.channel = channel;
  publication.payload = payload;
  subscriptions.Publish(publication);
}

}  // namespace

void KeyNotifications::Choose(uint32_t flags) {
  flags_.store(flags, std::memory_order_relaxed);
  const bool publishes = (flags & (kKeyspaceChannels | kKeyeventChannels)) != 0;
  server_.store().set_key_event_sink(publishes ? this : nullptr);
}

void KeyNotifications::OnKeyEvent(int worker, int database, KeyEventClass event_class,
                                  absl::string_view event, absl::string_view key) {
  const uint32_t flags = flags_.load(std::memory_order_relaxed);
  if ((flags & static_cast<uint32_t>(event_class)) == 0) return;
  WorkerSubscriptions& subscriptions = server_.worker(worker).subscriptions();
  if (flags & kKeyspaceChannels)
    PublishTo(subscriptions, absl::StrCat("__keyspace@", database, "__:", key), event);
  if (flags & kKeyeventChannels)
    PublishTo(subscriptions, absl::StrCat("__keyevent@", database, "__:", event), key);
}

}  // namespace damselfly
