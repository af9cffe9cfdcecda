#include "server/adapters/link_watch.h"

namespace limpid::server {

void LinkWatch::See(bool there) {
  const absl::Duration now = clock_.Monotonic();
  if (!there) {
    there_since_.reset();
    if (!away_since_) away_since_ = now;
    if (told_ || now - *away_since_ < kLostAfter) return;
    told_ = true;
    if (tell_) tell_(LinkNews::kLost, now - *away_since_);
    return;
  }
  if (!there_since_) there_since_ = now;
  if (!away_since_ || now - *there_since_ < kBackAfter) return;
  const absl::Duration away = *there_since_ - *away_since_;
  away_since_.reset();
  if (!told_) return;
  told_ = false;
  if (tell_) tell_(LinkNews::kBack, away);
}

}  // namespace limpid::server
