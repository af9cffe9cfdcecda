// The vocabulary of the tests of erasing an account: Ann, who has it done, Bob,
// who stays, and what is left of somebody.

#ifndef LIMPID_TESTS_UNIT_CONSENT_ACCOUNT_ERASURE_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_ACCOUNT_ERASURE_FIXTURE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "common/receipt/account_erasure.h"
#include "consent/consent_state.h"
#include "consent/duty/duty_desk.h"
#include "consent/identity/account_erasure_desk.h"
#include "consent/ledger/account_erasing.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

class AccountErasureWorld : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }
  MemoryPersonKeyStore& keys() {
    return dynamic_cast<MemoryPersonKeyStore&>(stores_.keys());
  }

  receipt::AccountErasureRequest Terms(const Citizen& who,
                                       bool give_up_duties = false) {
    receipt::AccountErasureRequest out;
    out.give_up_duties = give_up_duties;
    out.nonce.fill(7);
    out.operator_name = "limpid.example";
    out.person = who.id.Text();
    out.time = world_.clock().Now();
    return out;
  }
  absl::StatusOr<BegunErasure> Send(
      const Citizen& who, const receipt::AccountErasureRequest& what) {
    return AccountErasureDesk(consent()).Erase(
        who.id, receipt::SignAccountErasure(what, who.key));
  }
  absl::StatusOr<BegunErasure> Erase(const Citizen& who,
                                     bool give_up_duties = false) {
    return Send(who, Terms(who, give_up_duties));
  }
  // Granted, read so often, withdrawn, and what had to be deleted is.
  RecordId Ended(const Citizen& who, int reads = 1) {
    const RecordId record = world_.Granted(who).revision.record;
    for (int i = 0; i < reads; ++i) {
      EXPECT_TRUE(Released(world_.Read(record)));
    }
    EXPECT_THAT(consent().Withdraw(who.id, record), limpid::testing::IsOk());
    Acknowledge();
    return record;
  }
  void Acknowledge() {
    DutyDesk duties(consent());
    const auto page =
        duties.ListServiceDuties(world_.service()->id, false, 0, 1'000);
    ASSERT_THAT(page, limpid::testing::IsOk());
    for (const DutyView& one : page->duties) {
      ASSERT_THAT(duties.AcknowledgeDeletion(world_.service()->id, one.duty.id),
                  limpid::testing::IsOk());
    }
  }

  // Everything under her id, of whatever kind.
  std::vector<PersonalRow> RowsOf(const PersonId& person) {
    const std::uint16_t shard = consent().state().blinder.ShardOf(person);
    std::vector<PersonalRow> out;
    for (unsigned kind = 0; kind < 256; ++kind) {
      const auto rows =
          stores_.ledger().ListKind(shard, person, static_cast<RowKind>(kind));
      EXPECT_THAT(rows, limpid::testing::IsOk());
      out.insert(out.end(), rows->begin(), rows->end());
    }
    return out;
  }
  // Her key opens nothing and nothing is decided about her.
  void ExpectOut(const Citizen& who) {
    const auto not_found =
        limpid::testing::StatusIs(absl::StatusCode::kNotFound);
    EXPECT_THAT(consent().FindKey(KeyIdOf(who.key.PublicKey())), not_found);
    EXPECT_THAT(consent().GetAccount(who.id), not_found);
    EXPECT_THAT(consent().IssueSourceToken(who.id, World::vault()), not_found);
    const auto marked = IsErased(stores_.ledger(), who.id);
    EXPECT_TRUE(marked.ok() && *marked);
  }
  void ExpectGone(const Citizen& who) {
    ExpectOut(who);
    for (const PersonalRow& row : RowsOf(who.id)) {
      EXPECT_TRUE(IsStub(row)) << static_cast<int>(row.key.kind);
      EXPECT_EQ(row.due_ms, 0);
      EXPECT_FALSE(row.lookup);
      // A position and what seals it.
      EXPECT_LT(row.payload.size(), 160U);
    }
    EXPECT_FALSE(stores_.keys().Get(who.id)->has_value());
    EXPECT_FALSE(stores_.keys().GetLogKey(who.id)->has_value());
    EXPECT_THAT(consent().state().person_keys.Get(who.id),
                limpid::testing::StatusIs(absl::StatusCode::kNotFound));
    EXPECT_EQ(Marker(who).stage, ErasingStage::kFinished);
  }
  ErasedAccount Marker(const Citizen& who) {
    const auto row =
        stores_.ledger().GetPublic(PublicKind::kErasedAccount, who.id.bytes());
    if (!row.ok() || !row->has_value()) {
      ADD_FAILURE() << "no marker";
      return {};
    }
    const auto marker = ParseErasedAccount(**row, consent().state().row_key);
    EXPECT_THAT(marker, limpid::testing::IsOk());
    return marker.value_or(ErasedAccount());
  }

  MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
  Citizen bob_ = world_.NewCitizen(12);
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_ACCOUNT_ERASURE_FIXTURE_H_
