#include "consent/ledger/tick_watch.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace limpid::consent {
namespace {

absl::Status Late(absl::Duration taken, absl::Duration allowed,
                  const absl::Status& failed) {
  const std::int64_t seconds = absl::ToInt64Seconds(taken);
  std::string why = "none of it failed: it stands still or is slow";
  if (!failed.ok()) {
    why = absl::StrCat("the last try failed: ", failed.message());
  }
  return absl::InternalError(absl::StrCat(
      "a tick of the access log has taken ", seconds, " s, of the ",
      absl::ToInt64Seconds(allowed), " s that promises allow; ", why,
      ". Accesses promised to be in the log may come too late: look at the "
      "disks of the log and of consent's store"));
}

}  // namespace

void TickWatch::Begin() {
  const base::MutexLock lock(mutex_);
  if (!since_) since_ = clock_.Monotonic();
}

void TickWatch::End(const absl::Status& how) {
  if (!how.ok()) {
    const base::MutexLock lock(mutex_);
    failed_ = how;
  }
  // Also of one that ended well: nobody may have looked meanwhile.
  Look();
  if (!how.ok()) return;
  const base::MutexLock lock(mutex_);
  since_.reset();
  failed_ = absl::OkStatus();
  told_ = false;
}

void TickWatch::Look() {
  const base::MutexLock lock(mutex_);
  if (!since_ || told_) return;
  const absl::Duration taken = clock_.Monotonic() - *since_;
  if (taken <= allowed_) return;
  // Under the lock: whoever finds it told finds that it was said.
  told_ = true;
  if (alarm_) alarm_(Late(taken, allowed_, failed_));
}

}  // namespace limpid::consent
