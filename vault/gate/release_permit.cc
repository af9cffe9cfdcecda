#include "vault/gate/release_permit.h"

#include <utility>

#include "common/base/check.h"

namespace limpid::vault {

ReleasePermit::ReleasePermit(Passkey /*passkey*/, SignedPermit permit,
                             std::unique_ptr<PermitHold> hold)
    : permit_(std::move(permit)), hold_(std::move(hold)) {
  LIMPID_CHECK(hold_ != nullptr);
}

ReleasePermit& ReleasePermit::operator=(ReleasePermit&& other) noexcept {
  if (this != &other) {
    Close(Closing::kDropped);
    permit_ = std::move(other.permit_);
    hold_ = std::move(other.hold_);
  }
  return *this;
}

ReleasePermit::~ReleasePermit() { Close(Closing::kDropped); }

bool ReleasePermit::HandOverIfLive(absl::FunctionRef<void()> hand_over) {
  return hold_ != nullptr && hold_->HandOverIfLive(hand_over);
}

void ReleasePermit::Close(Closing closing) {
  if (hold_ == nullptr) return;
  // Moved out first: whatever Close does, it is called once.
  const std::unique_ptr<PermitHold> hold = std::move(hold_);
  hold->Close(closing);
}

}  // namespace limpid::vault
