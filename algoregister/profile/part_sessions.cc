#include "algoregister/profile/part_sessions.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "algoregister/profile/presence.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {
namespace {

void Merge(Presence from, Presence& into) {
  into.known.merge(from.known);
  into.drafted.merge(from.drafted);
  if (into.unreadable_line == 0) into.unreadable_line = from.unreadable_line;
}

}  // namespace

bool PartSessions::MakePlace() {
  if (sessions_.size() < kMaxPartSessions) return true;
  const auto over =
      std::find_if(sessions_.begin(), sessions_.end(),
                   [](const auto& entry) { return entry.second.is_over; });
  if (over == sessions_.end()) return false;
  sessions_.erase(over);
  return true;
}

absl::StatusOr<Presence> PartSessions::Take(const PublisherId& publisher,
                                            std::string_view name,
                                            std::size_t index) {
  const base::MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  std::erase_if(sessions_,
                [now](const auto& entry) { return entry.second.until <= now; });
  auto found = sessions_.find(publisher);
  if (index == 0) {
    if (found == sessions_.end() && !MakePlace()) {
      return absl::ResourceExhaustedError(
          "too many large imports are under way; try again later");
    }
    found = sessions_.insert_or_assign(publisher, Session()).first;
    found->second.name = std::string(name);
    found->second.presence = Presence();
  }
  if (found == sessions_.end() || found->second.name != name) {
    return absl::NotFoundError(
        "the earlier parts of this import are not known any more; begin again "
        "with the first part");
  }
  Session& session = found->second;
  if (!session.presence) {
    return absl::AbortedError("another part of this import is being planned");
  }
  if (index != session.next && index + 1 != session.next) {
    return absl::InvalidArgumentError(
        absl::StrCat("part_index: must be ", session.next));
  }
  if (session.presence->known.size() + session.presence->drafted.size() >
      kMaxPartRegistrations) {
    // No part of it could come any more.
    sessions_.erase(found);
    return absl::ResourceExhaustedError(absl::StrCat(
        "a complete file may have at most ", kMaxPartRegistrations, " rows"));
  }
  session.index = index;
  session.is_over = false;
  session.until = now + kPartSessionLife;
  Presence out = *std::move(session.presence);
  session.presence.reset();
  return out;
}

void PartSessions::Return(const PublisherId& publisher, std::string_view name,
                          Presence presence, bool planned) {
  const base::MutexLock lock(mutex_);
  const auto found = sessions_.find(publisher);
  // Over, or begun anew under another name.
  if (found == sessions_.end() || found->second.name != name) return;
  Session& session = found->second;
  // A first part that was sent again while it was out comes back twice, and the
  // client signs one of the two plans.
  if (session.presence) Merge(*std::move(session.presence), presence);
  session.presence = std::move(presence);
  session.until = clock_.Monotonic() + kPartSessionLife;
  if (planned) session.next = session.index + 1;
}

void PartSessions::ExpectNoMore(const PublisherId& publisher,
                                std::string_view name) {
  const base::MutexLock lock(mutex_);
  const auto found = sessions_.find(publisher);
  if (found == sessions_.end() || found->second.name != name) return;
  if (found->second.presence) found->second.is_over = true;
}

void PartSessions::Drop(const PublisherId& publisher, std::string_view name) {
  const base::MutexLock lock(mutex_);
  const auto found = sessions_.find(publisher);
  // Another one may have begun meanwhile.
  if (found == sessions_.end() || found->second.name != name) return;
  if (found->second.is_over) sessions_.erase(found);
}

}  // namespace limpid::algoregister
