#include "consent/ledger/tailed_store.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "consent/ledger/memory_store.h"
#include "consent/ledger/redo_tail.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;

// Commits that go past the tail, into tables that can fail.
class PastTheTail : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    auto store =
        OpenTailedStore(tables_, directory_.path(), base::SecretBytes(32));
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    head_ = store_->TakeEpoch().value();
  }
  absl::Status Commit(std::uint8_t id, std::size_t size) {
    PersonalRow row;
    row.key = {7, IdOf<PersonId>(id), RowKind::kAccount, {}, 0};
    row.payload = base::Bytes(size, id);
    LedgerCommit commit;
    commit.head = head_;
    commit.inserts.push_back(std::move(row));
    return store_->Commit(commit);
  }
  absl::Status CommitLarge(std::uint8_t id) {
    return Commit(id, RedoTail::kMaxPlaintextBytes + 1);
  }
  bool Has(std::uint8_t id) {
    return store_->Get({7, IdOf<PersonId>(id), RowKind::kAccount, {}, 0})
        .value()
        .has_value();
  }

  limpid::testing::TempDir directory_;
  MemoryLedgerStore tables_;
  std::unique_ptr<TailedStore> store_;
  LedgerHead head_;
};

// Its number would be given to a second commit, which a start then ignores.
TEST_F(PastTheTail, ALostAnswerStopsEverythingUntilAStart) {
  tables_.LoseAnswers(absl::UnavailableError("lost"));
  EXPECT_THAT(CommitLarge(1), StatusIs(absl::StatusCode::kUnavailable));
  tables_.LoseAnswers(absl::OkStatus());
  EXPECT_THAT(Commit(2, 10), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(CommitLarge(2), StatusIs(absl::StatusCode::kUnavailable));
  Open();
  EXPECT_TRUE(Has(1));
  ASSERT_THAT(Commit(3, 10), IsOk());
  Open();
  EXPECT_TRUE(Has(3));
}

TEST_F(PastTheTail, ARefusalStopsNothing) {
  tables_.FailCommits(absl::ResourceExhaustedError("no space"));
  EXPECT_THAT(CommitLarge(1), StatusIs(absl::StatusCode::kResourceExhausted));
  tables_.FailCommits(absl::OkStatus());
  ASSERT_THAT(Commit(2, 10), IsOk());
  Open();
  EXPECT_FALSE(Has(1));
  EXPECT_TRUE(Has(2));
}

}  // namespace
}  // namespace limpid::consent
