// How many delegations there may be, and how they are listed.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/delegation.h"
#include "consent/delegation/delegation_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/delegation_fixture.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::DelegationKind;

TEST_F(ConsentDelegation, OnePersonDoesNotFillAnothersList) {
  const auto power = [this] {
    return Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  };
  const auto one_more = [&] {
    return desk().MakeDelegation(anna_.id,
                                 receipt::SignDelegation(power(), anna_.key));
  };
  std::vector<DelegationId> made;
  for (int i = 0; i < 16; ++i) made.push_back(Sign(power()).id);
  EXPECT_THAT(one_more(), StatusSays(absl::StatusCode::kResourceExhausted,
                                     "end one first"));
  EXPECT_EQ(desk().ListMandates(mother_.id, 0, 50)->mandates.size(), 16U);
  Record(Terms(DelegationKind::kParent, {&mother_}));
  // One that is over makes room, ended or expired, also after a restart.
  ASSERT_THAT(desk().EndDelegation(anna_.id, made[0]), IsOk());
  EXPECT_THAT(one_more(), IsOk());
  EXPECT_THAT(one_more(), StatusIs(absl::StatusCode::kResourceExhausted));
  world_.clock().Advance(absl::Hours(24 * 400));
  world_.Restart();
  EXPECT_THAT(one_more(), IsOk());
  // All are still there to read, and need not be read.
  EXPECT_EQ(desk().ListMandates(mother_.id, 0, 50)->mandates.size(), 19U);
  EXPECT_EQ(desk().ListMandates(mother_.id, 0, 50, true)->mandates.size(), 1U);
}

TEST_F(ConsentDelegation, ThoseThatAreOverAreBoundedToo) {
  const auto power = [this] {
    // Nonces of the fixture come again.
    world_.clock().Advance(absl::Milliseconds(1));
    return Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  };
  for (int i = 0; i < 256; ++i) {
    ASSERT_THAT(desk().EndDelegation(anna_.id, Sign(power()).id), IsOk());
  }
  EXPECT_THAT(desk().MakeDelegation(
                  anna_.id, receipt::SignDelegation(power(), anna_.key)),
              StatusSays(absl::StatusCode::kResourceExhausted, "no more"));
  // Another representative, and what staff record, are not held up by it.
  Sign(Terms(DelegationKind::kPowerOfAttorney, {&father_}));
  Record(Terms(DelegationKind::kParent, {&mother_}));
  const auto current = desk().ListMandates(mother_.id, 0, 1, true);
  ASSERT_THAT(current, IsOk());
  ASSERT_EQ(current->mandates.size(), 1U);
  EXPECT_EQ(current->mandates[0].ended, absl::UnixEpoch());
  EXPECT_EQ(current->next_after, 0U);
}

TEST_F(ConsentDelegation, TheirTextsAreBoundedToo) {
  receipt::Delegation longest =
      Terms(DelegationKind::kPowerOfAttorney, {&mother_});
  for (char i = 0; i < 64; ++i) {
    longest.attributes.push_back(std::string(60, 'a') +
                                 static_cast<char>('a' + i / 8) +
                                 static_cast<char>('a' + i % 8));
  }
  const auto one_more = [&] {
    world_.clock().Advance(absl::Milliseconds(1));
    longest.time = world_.clock().Now();
    return desk().MakeDelegation(anna_.id,
                                 receipt::SignDelegation(longest, anna_.key));
  };
  const std::size_t room = (std::size_t{1} << 20U) / longest.Canonical().size();
  ASSERT_LT(room, 256U);
  for (std::size_t i = 0; i < room; ++i) {
    const auto made = one_more();
    ASSERT_THAT(made, IsOk()) << i;
    ASSERT_THAT(desk().EndDelegation(anna_.id, made->id), IsOk());
  }
  EXPECT_THAT(one_more(),
              StatusSays(absl::StatusCode::kResourceExhausted, "1 MiB"));
  // Read anew they count as before.
  world_.Restart();
  EXPECT_THAT(one_more(), StatusIs(absl::StatusCode::kResourceExhausted));
  Record(Terms(DelegationKind::kParent, {&mother_}));
}

TEST_F(ConsentDelegation, EndingAllLeavesOutWhatIsOverAlready) {
  const auto first = Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  ASSERT_THAT(desk().EndDelegation(anna_.id, first.id), IsOk());
  const auto second = Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  const auto ended = desk().EndAllDelegations(anna_.id);
  ASSERT_THAT(ended, IsOk());
  ASSERT_EQ(ended->size(), 1U);
  EXPECT_EQ(ended->front().id, second.id);
  EXPECT_TRUE(desk().EndAllDelegations(anna_.id)->empty());
  EXPECT_EQ(desk().ListDelegations(anna_.id)->size(), 2U);
}

TEST_F(ConsentDelegation, ARepresentativeFindsThoseThatNameHer) {
  const auto first = Sign(Terms(DelegationKind::kPowerOfAttorney, {&mother_}));
  Record(Terms(DelegationKind::kParent, {&mother_, &father_}));
  ASSERT_THAT(desk().EndDelegation(anna_.id, first.id), IsOk());
  world_.Restart();
  const auto page = desk().ListMandates(mother_.id, 0, 1);
  ASSERT_EQ(page->mandates.size(), 1U);
  EXPECT_EQ(page->mandates[0].id, first.id);
  EXPECT_NE(page->mandates[0].ended, absl::UnixEpoch());
  const auto rest = desk().ListMandates(mother_.id, page->next_after, 50);
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->mandates.size(), 1U);
  EXPECT_EQ(rest->next_after, 0U);
  EXPECT_EQ(desk().ListMandates(father_.id, 0, 50)->mandates.size(), 1U);
  EXPECT_TRUE(desk().ListMandates(anna_.id, 0, 50)->mandates.empty());
}

}  // namespace
}  // namespace limpid::consent
