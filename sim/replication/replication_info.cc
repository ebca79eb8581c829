#include "sim/replication/replication_info.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sim/cluster/admin_link.h"

namespace damselfly::sim {
namespace {

std::string ValueOf(const ReplicationInfo& info, absl::string_view name) {
  const auto found = info.find(name);
  return found == info.end() ? "(missing)" : found->second;
}

// "" if the value is one of the wanted ones.
std::string WhatIsWrong(const ReplicationInfo& info, absl::string_view name,
                        const std::vector<std::string>& wanted) {
  const std::string value = ValueOf(info, name);
  if (std::count(wanted.begin(), wanted.end(), value) > 0) return "";
  return absl::StrCat(name, " is ", value, " and not ", absl::StrJoin(wanted, " or "));
}

// "ip=1.2.3.4,port=6379,state=online".
std::string PartOf(absl::string_view line, absl::string_view name) {
  for (absl::string_view part : absl::StrSplit(line, ',')) {
    if (absl::ConsumePrefix(&part, name) && absl::ConsumePrefix(&part, "="))
      return std::string(part);
  }
  return "";
}

}  // namespace

ReplicationInfo ParseReplicationInfo(absl::string_view text) {
  ReplicationInfo info;
  for (absl::string_view line : absl::StrSplit(text, absl::ByAnyChar("\r\n"), absl::SkipEmpty())) {
    const size_t colon = line.find(':');
    if (colon != absl::string_view::npos)
      info[std::string(line.substr(0, colon))] = std::string(line.substr(colon + 1));
  }
  return info;
}

Task<absl::StatusOr<ReplicationInfo>> AskReplicationInfo(Host* host, Endpoint server, int node,
                                                         int64_t timeout_ns) {
  const absl::StatusOr<std::unique_ptr<AdminLink>> link =
      co_await AdminLink::Open(host, server, node);
  if (!link.ok()) co_return link.status();
  Args args = {"INFO", "REPLICATION"};
  const absl::StatusOr<AdminLink::Answer> answer =
      co_await (*link)->Ask(std::move(args), timeout_ns);
  if (!answer.ok()) co_return answer.status();
  co_return ParseReplicationInfo(answer->reply.text);
}

std::string WhatMasterGetsWrong(const ReplicationInfo& info, std::vector<std::string> hosts) {
  std::string fault = WhatIsWrong(info, "role", {"master"});
  if (!fault.empty()) return fault;
  fault = WhatIsWrong(info, "connected_slaves", {absl::StrCat(hosts.size())});
  if (!fault.empty()) return fault;
  std::vector<std::string> shown;
  for (size_t i = 0; i < hosts.size(); ++i) {
    const std::string line = ValueOf(info, absl::StrCat("slave", i));
    const std::string state = PartOf(line, "state");
    if (state != "online" && state != "stable_sync")
      return absl::StrCat("slave", i, " is not online: ", line);
    shown.push_back(PartOf(line, "ip"));
  }
  std::sort(shown.begin(), shown.end());
  std::sort(hosts.begin(), hosts.end());
  if (shown == hosts) return "";
  return absl::StrCat("its replicas are said to be ", absl::StrJoin(shown, " "), " and are ",
                      absl::StrJoin(hosts, " "));
}

std::string WhatReplicaGetsWrong(const ReplicationInfo& info, const Endpoint& master,
                                 bool link_up) {
  for (const std::string& fault :
       {WhatIsWrong(info, "role", {"slave", "replica"}),
        WhatIsWrong(info, "master_host", {master.host}),
        WhatIsWrong(info, "master_port", {absl::StrCat(master.port)}),
        WhatIsWrong(info, "master_link_status", {link_up ? "up" : "down"}),
        WhatIsWrong(info, "master_sync_in_progress", {"0"}),
        WhatIsWrong(info, "connected_slaves", {"0"})}) {
    if (!fault.empty()) return fault;
  }
  return info.count("slave_repl_offset") > 0 ? "" : "there is no slave_repl_offset";
}

}  // namespace damselfly::sim
