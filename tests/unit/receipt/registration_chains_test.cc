#include "common/receipt/registration_chains.h"

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/registration_leaf.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::LeafBehind;
using testing::SignedLeaf;
using testing::StatusSays;

constexpr auto kLoss = absl::StatusCode::kDataLoss;

RegistrationLeaf Retired(RegistrationLeaf leaf) {
  leaf.state = RegistrationState::kRetired;
  return leaf;
}

RegistrationLeaf OfAnother(RegistrationLeaf leaf) {
  leaf.registration.fill(4);
  return leaf;
}

class RegistrationChainsTest : public ::testing::Test {
 protected:
  const base::Bytes first_ = SignedLeaf(LeafBehind({}, 1));
  const base::Bytes second_ = SignedLeaf(LeafBehind(first_, 2));
  RegistrationChains seen_;
};

TEST_F(RegistrationChainsTest, FollowTheVersionsOfManyToTheirEnd) {
  const base::Bytes other = SignedLeaf(OfAnother(LeafBehind({}, 1)));
  // Under a new key of its publisher.
  const base::Bytes third =
      SignedLeaf(Retired(LeafBehind(second_, 3)), /*key_fill=*/8);
  for (const base::Bytes& entry : {first_, other, second_, third}) {
    EXPECT_THAT(seen_.Take(entry), IsOk());
  }
  EXPECT_THAT(seen_.Take(SignedLeaf(OfAnother(LeafBehind(other, 2)))), IsOk());
}

TEST_F(RegistrationChainsTest, RefuseAForkedVersion) {
  ASSERT_THAT(seen_.Take(first_), IsOk());
  ASSERT_THAT(seen_.Take(second_), IsOk());
  const base::Bytes fork = SignedLeaf(LeafBehind(first_, 2), /*key_fill=*/8);
  EXPECT_THAT(seen_.Take(fork),
              StatusSays(kLoss, "version 2 stands where version 3 belongs"));
  EXPECT_THAT(seen_.Take(second_), StatusSays(kLoss, "version 3 belongs"));
  EXPECT_THAT(seen_.Take(first_), StatusSays(kLoss, "version 3 belongs"));
}

TEST_F(RegistrationChainsTest, RefuseAGapAndAMissingBeginning) {
  EXPECT_THAT(seen_.Take(second_), StatusSays(kLoss, "version 1 belongs"));
  ASSERT_THAT(seen_.Take(first_), IsOk());
  EXPECT_THAT(seen_.Take(SignedLeaf(LeafBehind(first_, 3))),
              StatusSays(kLoss, "version 2 belongs"));
}

TEST_F(RegistrationChainsTest, RefuseAnotherPredecessor) {
  ASSERT_THAT(seen_.Take(first_), IsOk());
  const base::Bytes other = SignedLeaf(LeafBehind({}, 1), /*key_fill=*/8);
  EXPECT_THAT(seen_.Take(SignedLeaf(LeafBehind(other, 2))),
              StatusSays(kLoss, "does not follow"));
}

TEST_F(RegistrationChainsTest, RefuseAVersionAfterRetirement) {
  ASSERT_THAT(seen_.Take(first_), IsOk());
  const base::Bytes last = SignedLeaf(Retired(LeafBehind(first_, 2)));
  ASSERT_THAT(seen_.Take(last), IsOk());
  EXPECT_THAT(seen_.Take(SignedLeaf(LeafBehind(last, 3))),
              StatusSays(kLoss, "retired"));
}

TEST_F(RegistrationChainsTest, RefuseAnotherKind) {
  ASSERT_THAT(seen_.Take(first_), IsOk());
  RegistrationLeaf model = LeafBehind(first_, 2);
  model.kind = RegistrationKind::kModel;
  EXPECT_THAT(seen_.Take(SignedLeaf(model)), StatusSays(kLoss, "another kind"));
}

TEST_F(RegistrationChainsTest, RefuseAWrongSignature) {
  base::Bytes damaged = first_;
  damaged.back() ^= 1U;
  EXPECT_THAT(seen_.Take(damaged), StatusSays(kLoss, "signature"));
  EXPECT_THAT(seen_.Take(first_), IsOk());
}

}  // namespace
}  // namespace limpid::receipt
