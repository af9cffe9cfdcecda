// The vocabulary of the tests of releases for training: persons whose data a
// care service reads for a registered system's open snapshot.

#ifndef LIMPID_TESTS_UNIT_CONSENT_TRAINING_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_TRAINING_FIXTURE_H_

#include <cstdint>
#include <vector>

#include "common/base/status_macros.h"
#include "common/receipt/training_commitment.h"
#include "consent/training/training_desk.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/account_erasure_fixture.h"

namespace limpid::consent::testing {

inline const SystemId kTrained = IdOf<SystemId>(8);
inline const SnapshotId kSnapshot = IdOf<SnapshotId>(6);
inline const DatasetId kDataset = IdOf<DatasetId>(9);

class TrainingWorld : public AccountErasureWorld {
 protected:
  TrainingWorld() {
    AgreementContent content = CareContent();
    content.ai_training = true;
    content.systems = {kTrained};
    training_ = world_.Publish(content);
    world_.algorithms().Put(kSnapshot, {kDataset, false});
  }

  MemoryLedgerStore& ledger() {
    return dynamic_cast<MemoryLedgerStore&>(stores_.ledger());
  }
  RecordId Granted(const Citizen& who) {
    return world_.Granted(who, training_).revision.record;
  }
  bool Train(const RecordId& record) {
    AuthoriseRequest request = World::ReadRequestFor(record);
    request.read.training = TrainingUse{kTrained, kSnapshot};
    return Released(world_.Ask(request));
  }
  // Granted, and read so often for the snapshot.
  RecordId Trained(const Citizen& who, int reads = 1) {
    const RecordId record = Granted(who);
    for (int i = 0; i < reads; ++i) EXPECT_TRUE(Train(record));
    return record;
  }
  void Seal() { world_.algorithms().Put(kSnapshot, {kDataset, true}); }
  void RunDue() { TrainingDesk(consent()).RunDue(); }
  void SealAndPublish() {
    Seal();
    RunDue();
  }
  std::vector<TrainingReleaseView> Releases(const Citizen& who) {
    const auto page = TrainingDesk(consent()).List(who.id, 0, 100);
    EXPECT_THAT(page, limpid::testing::IsOk());
    if (!page.ok()) return {};
    EXPECT_EQ(page->unreadable, 0U);
    EXPECT_FALSE(page->more);
    return page->releases;
  }
  // As her device does it, without the log.
  static absl::Status Verify(const TrainingReleaseView& release) {
    if (!release.proof) return absl::NotFoundError("no proof");
    LIMPID_ASSIGN_OR_RETURN(
        const receipt::TrainingCommitment commitment,
        receipt::ParseTrainingCommitment(release.proof->entry));
    const TrainingTarget& use = release.use;
    return receipt::VerifyTrainingRelease(
        commitment,
        {use.snapshot.bytes(), use.system.bytes(), use.pseudonym,
         release.reads},
        release.proof->opening, release.proof->index, release.proof->path);
  }
  void ExpectProved(const Citizen& who, std::size_t reads = 1) {
    const auto releases = Releases(who);
    ASSERT_EQ(releases.size(), 1U);
    EXPECT_THAT(Verify(releases[0]), limpid::testing::IsOk());
    EXPECT_EQ(releases[0].reads.size(), reads);
  }

  AgreementPointer training_;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_TRAINING_FIXTURE_H_
