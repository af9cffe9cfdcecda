// What the parts of large files stand for, from one part to the next, so that
// the last one of a complete file can say what the file lacks. In memory: a
// start forgets it, and then nothing is marked as vanished. A place is held
// while more parts are to come: a client that dies between two holds it for
// kPartSessionLife.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PART_SESSIONS_H_
#define LIMPID_ALGOREGISTER_PROFILE_PART_SESSIONS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/profile/presence.h"
#include "algoregister/registration/ids.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Imports in parts at once; a publisher has one.
inline constexpr std::size_t kMaxPartSessions = 4;
// Since its last part.
inline constexpr absl::Duration kPartSessionLife = absl::Minutes(30);
// Some 70 bytes each.
inline constexpr std::size_t kMaxPartRegistrations = 500'000;

// Thread-safe.
class PartSessions {
 public:
  // `clock` must outlive it.
  explicit PartSessions(const base::Clock& clock) : clock_(clock) {}

  // What the parts before `index` stand for; the caller gives it back. Index 0
  // begins an import called `name` in place of the publisher's earlier one, or
  // in the place of one that expects no more. The part before may come again.
  //
  // Errors:
  //   kNotFound           no such import, or it is over.
  //   kInvalidArgument    a part is left out.
  //   kAborted            another part of it is being planned.
  //   kResourceExhausted  kMaxPartSessions are under way, or the file has more
  //                       than kMaxPartRegistrations, and then it is over.
  absl::StatusOr<Presence> Take(const PublisherId& publisher,
                                std::string_view name, std::size_t index);
  // `planned`: the part need not come again.
  void Return(const PublisherId& publisher, std::string_view name,
              Presence presence, bool planned);
  // The publisher's import of this name has had its last part, or failed: its
  // place is another's for the asking. Nothing while a part of it is out; one
  // that comes all the same takes the place back, if it is still there.
  void ExpectNoMore(const PublisherId& publisher, std::string_view name);
  // Forgets the publisher's import of this name, if no more is expected of it.
  void Drop(const PublisherId& publisher, std::string_view name);

 private:
  struct Session {
    std::string name;
    // Of the part that is out or was last.
    std::size_t index = 0;
    std::size_t next = 0;
    // No more is expected: its place is another's for the asking.
    bool is_over = false;
    // Nothing while it is out.
    std::optional<Presence> presence;
    absl::Duration until;
  };

  // Whether a publisher without one may begin an import; that takes the place
  // of one that is over, if there is no other.
  bool MakePlace() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const base::Clock& clock_;
  base::Mutex mutex_;
  std::map<PublisherId, Session> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_PART_SESSIONS_H_
