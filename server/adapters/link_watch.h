// When it is worth a line that a link to another process is gone, and that it
// is back: once each, and not for a moment's interruption, however often that
// comes.

#ifndef LIMPID_SERVER_ADAPTERS_LINK_WATCH_H_
#define LIMPID_SERVER_ADAPTERS_LINK_WATCH_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace limpid::server {

enum class LinkNews { kLost, kBack };
// `away`: for how long it has been, or was, of no use.
using LinkTeller = std::function<void(LinkNews news, absl::Duration away)>;

// For one thread.
class LinkWatch {
 public:
  // Away for so long is worth a line; a restart of the other side is not.
  static constexpr absl::Duration kLostAfter = absl::Seconds(5);
  // There for so long it is back: one that ends at once was never there.
  static constexpr absl::Duration kBackAfter = absl::Seconds(3);

  // `clock` must outlive it. Counts as away from now on. `tell` may be empty.
  LinkWatch(const base::Clock& clock, LinkTeller tell)
      : clock_(clock), tell_(std::move(tell)), away_since_(clock.Monotonic()) {}

  // Whether the link is there; to be called every second or so.
  void See(bool there);

 private:
  const base::Clock& clock_;
  const LinkTeller tell_;
  // On the monotonic clock. None while it is there for good.
  std::optional<absl::Duration> away_since_;
  // None while it is not there.
  std::optional<absl::Duration> there_since_;
  bool told_ = false;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ADAPTERS_LINK_WATCH_H_
