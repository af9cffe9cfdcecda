// Commitments to the releases of a snapshot in the register: one of each
// operator, of sealed snapshots, and nothing lost or twice when the process
// dies between store, log and mark.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "common/receipt/training_commitment.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;

class Commitments : public ::testing::Test {
 protected:
  void SetUp() override {
    json::Value content = NewContent(RegistrationKind::kDataset);
    SetField(content, "title", GivenText("en", "Households"));
    content.Remove("kind");
    dataset_ = PublishDraft(
        house_.target.PrepareNew(author_, RegistrationKind::kDataset, content));
    PublishDraft(
        house_.target.PrepareSnapshot(author_, dataset_, snapshot_, "2026-11"));
  }
  RegistrationId PublishDraft(const absl::StatusOr<Draft>& draft) {
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return version->registration;
  }
  void Seal() {
    PublishDraft(house_.target.PrepareSeal(author_, dataset_, snapshot_));
  }
  base::Bytes Entry(std::uint8_t signer, std::uint8_t root = 1) {
    receipt::TrainingCommitment out;
    out.snapshot = snapshot_.bytes();
    out.time = absl::FromUnixSeconds(1'767'225'600);
    out.root.fill(root);
    return receipt::SignTrainingCommitment(out, SeededKey(signer));
  }
  absl::StatusOr<std::uint64_t> Publish(const base::Bytes& entry) {
    const std::vector<crypto::Ed25519PublicKey> operators = {
        SeededKey(1).PublicKey(), SeededKey(2).PublicKey()};
    return house_.target.PublishTrainingCommitment(operators, entry);
  }

  RegisterHouse house_;
  const SnapshotId snapshot_ = SnapshotId::Random();
  const Author author_ = house_.By(house_.publisher);
  RegistrationId dataset_;
};

TEST_F(Commitments, EachOperatorCommitsOnceToASealedSnapshot) {
  EXPECT_THAT(Publish(Entry(1)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Seal();
  const std::uint64_t before = house_.log.entries.size();
  EXPECT_EQ(Publish(Entry(1)).value(), before);
  EXPECT_EQ(Publish(Entry(1)).value(), before);
  EXPECT_THAT(Publish(Entry(1, 9)), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Publish(Entry(2, 9)).value(), before + 1);
  EXPECT_EQ(house_.log.entries.size(), before + 2);
  EXPECT_EQ(house_.log.entries[before], Entry(1));
}

TEST_F(Commitments, OfAStrangerOrAnUnknownSnapshotAreRefused) {
  Seal();
  EXPECT_THAT(Publish(Entry(3)), StatusIs(absl::StatusCode::kInvalidArgument));
  receipt::TrainingCommitment other;
  other.snapshot = SnapshotId::Random().bytes();
  other.time = absl::FromUnixSeconds(1);
  EXPECT_THAT(Publish(receipt::SignTrainingCommitment(other, SeededKey(1))),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Commitments, NobodyPublishesAKeyUnderASnapshotsId) {
  testing::ServiceKeyChainOf squat(snapshot_.bytes(), SeededKey(2));
  const std::vector<crypto::Ed25519PublicKey> squatter = {
      SeededKey(2).PublicKey()};
  EXPECT_THAT(
      house_.target.PublishServiceKey(squatter, squat.Sign(SeededKey(7))),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  Seal();
  EXPECT_THAT(Publish(Entry(1)), IsOk());
}

class CommitmentDeaths : public Commitments,
                         public ::testing::WithParamInterface<ListLog::Death> {
};

TEST_P(CommitmentDeaths, BetweenStoreLogAndMarkLoseAndDoubleNone) {
  Seal();
  const std::uint64_t before = house_.log.entries.size();
  house_.log.death = GetParam();
  EXPECT_FALSE(Publish(Entry(1)).ok());
  house_.log.death = ListLog::Death::kNone;
  EXPECT_THAT(Register(house_.parts).Recover(), IsOk());
  EXPECT_EQ(Publish(Entry(1)).value(), before);
  EXPECT_EQ(house_.log.entries.size(), before + 1);
}

INSTANTIATE_TEST_SUITE_P(All, CommitmentDeaths,
                         ::testing::Values(ListLog::Death::kBefore,
                                           ListLog::Death::kAfter));

TEST_F(Commitments, TheRegisterKnowsDatasetsAndVersions) {
  EXPECT_EQ(house_.target.DatasetOfSnapshot(snapshot_).value(), dataset_);
  EXPECT_THAT(house_.target.DatasetOfSnapshot(SnapshotId::Random()),
              StatusIs(absl::StatusCode::kNotFound));
  const auto keeper = house_.target.KeeperOf(dataset_, 2);
  ASSERT_THAT(keeper, IsOk());
  ASSERT_TRUE(keeper->has_value());
  EXPECT_EQ((*keeper)->publisher, house_.publisher.id);
  EXPECT_TRUE((*keeper)->in_its_own_name);
  EXPECT_FALSE(house_.target.KeeperOf(dataset_, 3).value());
  EXPECT_FALSE(house_.target.KeeperOf(dataset_, 0).value());
}

}  // namespace
}  // namespace limpid::algoregister
