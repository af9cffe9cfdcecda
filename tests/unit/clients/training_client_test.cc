// What a device makes of its releases for training: what is proved, what is an
// alarm, and that nothing claims more than a release.

#include "clients/cpp/training_client.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/tlog/note.h"
#include "common/tlog/proof.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;

constexpr auto kLoss = absl::StatusCode::kDataLoss;
constexpr const char* kOrigin = "op.example/register";
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

template <std::size_t N>
base::ByteArray<N> Filled(std::uint8_t byte) {
  base::ByteArray<N> out{};
  out.fill(byte);
  return out;
}

// A log of one entry, signed by the key of seed 5.
class OneEntryLog {
 public:
  static tlog::Policy Policy() {
    return tlog::Policy::ForLog(tlog::NoteVerifier::Create(
                                    kOrigin, tlog::NoteAlgorithm::kEd25519,
                                    SeededKey(5).PublicKey())
                                    ->Vkey())
        .value();
  }
  static std::string Prove(const base::Bytes& entry) {
    tlog::Checkpoint checkpoint;
    checkpoint.origin = kOrigin;
    checkpoint.size = 1;
    checkpoint.root = tlog::LeafHash(entry);
    tlog::LogProof proof;
    proof.index = 0;
    proof.checkpoint = tlog::NoteSigner::Create(kOrigin, SeededKey(5))
                           ->Sign(tlog::CheckpointText(checkpoint))
                           .value();
    return tlog::FormatProof(proof);
  }
};

// A release whose leaf is in a tree of 64, committed to by the key of seed 1.
v1::TrainingRelease Proved(std::uint8_t operator_seed = 1) {
  receipt::TrainingRelease said{
      Filled<16>(6), Filled<16>(8), Filled<16>(5), {Filled<32>(0x11)}};
  const base::ByteArray<32> opening = Filled<32>(0x0a);
  std::vector<base::Digest32> nodes = {
      tlog::LeafHash(receipt::TrainingLeaf(opening, said))};
  for (std::uint8_t i = 1; i < 64; ++i) {
    nodes.push_back(tlog::LeafHash(Filled<32>(i)));
  }
  v1::TrainingRelease out;
  while (nodes.size() > 1) {
    out.mutable_proof()->add_path(base::ToText(nodes[1]));
    for (std::size_t i = 0; i < nodes.size() / 2; ++i) {
      nodes[i] = tlog::NodeHash(nodes[2 * i], nodes[2 * i + 1]);
    }
    nodes.resize(nodes.size() / 2);
  }
  receipt::TrainingCommitment commitment;
  commitment.snapshot = said.snapshot;
  commitment.time = kNow;
  commitment.root = nodes[0];
  const base::Bytes entry =
      receipt::SignTrainingCommitment(commitment, SeededKey(operator_seed));
  out.set_snapshot_id(base::FormatIdText("snp", said.snapshot));
  out.set_system_id(base::FormatIdText("sys", said.system));
  out.set_pseudonym(base::ToText(said.pseudonym));
  out.set_organisation("City");
  out.add_reads(base::ToText(said.reads[0]));
  out.set_stage(v1::TRAINING_STAGE_PUBLISHED);
  out.mutable_proof()->set_opening(base::ToText(opening));
  out.mutable_proof()->set_commitment(base::ToText(entry));
  out.mutable_proof()->set_log_proof(OneEntryLog::Prove(entry));
  return out;
}

absl::Status Check(const v1::TrainingRelease& release) {
  return CheckRelease(release, SeededKey(1).PublicKey(), OneEntryLog::Policy())
      .status();
}

TEST(CheckRelease, NeedsEachPartOfTheProof) {
  ASSERT_THAT(Check(Proved()), IsOk());
  v1::TrainingRelease other = Proved();
  other.clear_proof();
  EXPECT_THAT(Check(other), StatusIs(absl::StatusCode::kNotFound));
  const std::vector<void (*)(v1::TrainingRelease&)> faults = {
      [](auto& r) {
        r.set_system_id(base::FormatIdText("sys", Filled<16>(9)));
      },
      [](auto& r) {
        r.set_snapshot_id(base::FormatIdText("snp", Filled<16>(9)));
      },
      [](auto& r) { (*r.mutable_pseudonym())[0] ^= 1; },
      [](auto& r) { r.add_reads(std::string(32, 'x')); },
      [](auto& r) { r.clear_reads(); },
      [](auto& r) { (*r.mutable_reads(0))[0] ^= 1; },
      [](auto& r) { r.mutable_proof()->set_leaf_index(1); },
      [](auto& r) { r.mutable_proof()->mutable_path()->RemoveLast(); },
      [](auto& r) { (*r.mutable_proof()->mutable_path(3))[0] ^= 1; },
      [](auto& r) { (*r.mutable_proof()->mutable_opening())[0] ^= 1; },
      [](auto& r) { r.mutable_proof()->set_opening("short"); },
      [](auto& r) { (*r.mutable_proof()->mutable_commitment())[60] ^= 1; },
      [](auto& r) { r.mutable_proof()->set_log_proof("no proof"); },
      [](auto& r) { r.set_pseudonym("short"); },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    other = Proved();
    faults[i](other);
    EXPECT_THAT(Check(other), StatusIs(kLoss)) << i;
  }
}

TEST(CheckRelease, BelievesTheOwnOperatorAndThePinnedLogOnly) {
  EXPECT_THAT(Check(Proved(/*operator_seed=*/2)), StatusIs(kLoss));
  // Another commitment than the one that the log has.
  v1::TrainingRelease other = Proved();
  const v1::TrainingRelease strange = Proved(2);
  other.mutable_proof()->set_log_proof(strange.proof().log_proof());
  EXPECT_THAT(Check(other), StatusIs(kLoss));
  const auto policy =
      tlog::Policy::ForLog(
          tlog::NoteVerifier::Create(kOrigin, tlog::NoteAlgorithm::kEd25519,
                                     SeededKey(6).PublicKey())
              ->Vkey())
          .value();
  EXPECT_THAT(CheckRelease(Proved(), SeededKey(1).PublicKey(), policy),
              StatusIs(kLoss));
}

class Alarms : public ::testing::Test {
 protected:
  static v1::AccessEntry Read(const v1::TrainingRelease& release,
                              const std::string& commitment) {
    v1::AccessEntry entry;
    entry.set_sequence(7);
    entry.set_kind(v1::ACCESS_KIND_RELEASE_DECIDED);
    entry.add_decisions()->set_allowed(true);
    entry.mutable_training()->set_system_id(release.system_id());
    entry.mutable_training()->set_snapshot_id(release.snapshot_id());
    entry.set_leaf("\x01" + commitment);
    return entry;
  }
  std::vector<std::string> Of(const v1::TrainingRelease& release) {
    return TrainingAlarms({{release, Check(release)}}, entries_, sealed_, kNow);
  }

  std::vector<v1::AccessEntry> entries_ = {Read(Proved(), Proved().reads(0))};
  std::map<std::string, absl::Time> sealed_;
};

TEST_F(Alarms, NoneWhenAllIsProvedOrOpen) {
  EXPECT_TRUE(Of(Proved()).empty());
  sealed_[Proved().snapshot_id()] = kNow - absl::Hours(48);
  EXPECT_TRUE(Of(Proved()).empty());
  sealed_.clear();
  v1::TrainingRelease open = Proved();
  open.clear_proof();
  open.set_stage(v1::TRAINING_STAGE_OPEN);
  EXPECT_TRUE(Of(open).empty());
}

TEST_F(Alarms, AMissingLeafAtOnceWhenThePublishedTreeHasNone) {
  v1::TrainingRelease missing = Proved();
  missing.clear_proof();
  ASSERT_EQ(Of(missing).size(), 1U);
  EXPECT_NE(Of(missing)[0].find("no leaf"), std::string::npos);
}

TEST_F(Alarms, AMissingProofADayAfterTheSealingWhoeverSaysThatItIsSealed) {
  v1::TrainingRelease late = Proved();
  late.clear_proof();
  late.set_stage(v1::TRAINING_STAGE_SEALING);
  late.mutable_seal_time()->set_seconds(
      absl::ToUnixSeconds(kNow - kCommitmentGrace));
  EXPECT_TRUE(Of(late).empty());
  late.mutable_seal_time()->set_seconds(
      absl::ToUnixSeconds(kNow - kCommitmentGrace) - 1);
  // The release, and the read of her log that nothing proves.
  EXPECT_EQ(Of(late).size(), 2U);
  // Consent says it is open; the register's dataset knows better.
  late.clear_seal_time();
  late.set_stage(v1::TRAINING_STAGE_OPEN);
  EXPECT_TRUE(Of(late).empty());
  sealed_[late.snapshot_id()] = kNow - kCommitmentGrace - absl::Seconds(1);
  EXPECT_EQ(Of(late).size(), 2U);
}

TEST_F(Alarms, AProofThatIsWrong) {
  v1::TrainingRelease wrong = Proved();
  wrong.mutable_proof()->set_leaf_index(1);
  EXPECT_EQ(Of(wrong).size(), 1U);
}

TEST_F(Alarms, AReadOfHerLogThatNoReleaseHas) {
  entries_.push_back(Read(Proved(), std::string(32, 'y')));
  ASSERT_EQ(Of(Proved()).size(), 1U);
  EXPECT_NE(Of(Proved())[0].find("entry 7"), std::string::npos);
  EXPECT_EQ(TrainingAlarms({}, entries_, sealed_, kNow).size(), 2U);
  // Refused ones, erased ones and others need none.
  entries_.back().mutable_decisions(0)->set_allowed(false);
  EXPECT_TRUE(Of(Proved()).empty());
  entries_.back().mutable_decisions(0)->set_allowed(true);
  entries_.back().mutable_erasure();
  EXPECT_TRUE(Of(Proved()).empty());
  entries_.back().clear_erasure();
  entries_.back().clear_training();
  EXPECT_TRUE(Of(Proved()).empty());
}

// docs/formats/training-commitment.md: "released for the training of", never
// more than that.
TEST(TrainingWords, ClaimAReleaseAndNothingElse) {
  for (const std::string_view text : {kReleasedClaim, kProofWarning}) {
    for (const std::string_view claim : {"trained", "was used", "were used"}) {
      EXPECT_EQ(text.find(claim), std::string_view::npos) << text;
    }
  }
  EXPECT_EQ(kReleasedClaim.rfind("Released for the training of", 0), 0U);
  EXPECT_NE(kReleasedClaim.find("cannot be seen"), std::string_view::npos);
  EXPECT_NE(kProofWarning.find("show it on"), std::string_view::npos);
}

}  // namespace
}  // namespace limpid::client
