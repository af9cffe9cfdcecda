// Who can make a permit, and that it closes exactly once.

#include <memory>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"
#include "vault/gate/consent_gate.h"
#include "vault/gate/release_permit.h"

namespace limpid::vault {
namespace {

// Nobody but a ConsentGate can construct a ReleasePermit: there is no other
// constructor, and nobody else can make the passkey, not even from {}.
struct Empty {};
static_assert(!std::is_default_constructible_v<ReleasePermit>);
static_assert(!std::is_copy_constructible_v<ReleasePermit>);
static_assert(!std::is_copy_assignable_v<ReleasePermit>);
static_assert(!std::is_constructible_v<ReleasePermit, SignedPermit,
                                       std::unique_ptr<PermitHold>>);
static_assert(!std::is_default_constructible_v<ReleasePermit::Passkey>);
static_assert(!std::is_aggregate_v<ReleasePermit::Passkey>);
static_assert(!std::is_constructible_v<ReleasePermit::Passkey, Empty>);
template <typename T>
concept BraceConstructible = requires(SignedPermit permit,
                                      std::unique_ptr<PermitHold> hold) {
  T({}, std::move(permit), std::move(hold));
};
static_assert(!BraceConstructible<ReleasePermit>);

struct Counts {
  int sent = 0;
  int dropped = 0;
};

class CountingHold final : public PermitHold {
 public:
  explicit CountingHold(Counts& counts) : counts_(counts) {}
  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    hand_over();
    return true;
  }
  void Close(Closing closing) override {
    ++(closing == Closing::kSent ? counts_.sent : counts_.dropped);
  }

 private:
  Counts& counts_;
};

// Deriving from the port is what gives the right.
class Gate final : public ConsentGate {
 public:
  void Authorize(ReleaseRequest /*request*/,
                 DecisionCallback /*callback*/) override {}
  static ReleasePermit Make(Counts& counts) {
    return MakePermit(SignedPermit(), std::make_unique<CountingHold>(counts));
  }
};

TEST(ReleasePermit, ClosesOnceHoweverOftenItIsToldTo) {
  Counts counts;
  {
    ReleasePermit permit = Gate::Make(counts);
    EXPECT_TRUE(permit.open());
    permit.Close(Closing::kSent);
    EXPECT_FALSE(permit.open());
    permit.Close(Closing::kDropped);
    EXPECT_FALSE(permit.HandOverIfLive([] {}));
  }
  EXPECT_EQ(counts.sent, 1);
  EXPECT_EQ(counts.dropped, 0);
}

TEST(ReleasePermit, DestroyedUnspentItIsDroppedOnce) {
  Counts counts;
  {
    ReleasePermit permit = Gate::Make(counts);
    ReleasePermit moved = std::move(permit);
    EXPECT_TRUE(moved.open());
  }
  EXPECT_EQ(counts.dropped, 1);
}

TEST(ReleasePermit, OverwrittenItIsDropped) {
  Counts first;
  Counts second;
  ReleasePermit permit = Gate::Make(first);
  permit = Gate::Make(second);
  EXPECT_EQ(first.dropped, 1);
  EXPECT_EQ(second.dropped, 0);
}

}  // namespace
}  // namespace limpid::vault
