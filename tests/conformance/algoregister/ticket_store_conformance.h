// What TicketStore promises, one test per promise. A store knows nothing of who
// may do what, so the acts are any.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_TICKET_STORE_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_TICKET_STORE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/feedback/ticket_store.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/store_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class TicketStoreConformance : public ::testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  TicketStore& store() {
    harness_->Step();
    return harness_->tickets();
  }
  static RegistrationId IdOf(RegistrationKind kind, std::uint8_t fill) {
    RegistrationId out{.kind = kind};
    out.bytes.fill(fill);
    return out;
  }
  static absl::Time At(std::int64_t millis) {
    return absl::FromUnixMillis(1'700'000'000'000 + millis);
  }
  static Ticket Make(std::uint8_t fill, std::int64_t opened) {
    Ticket out;
    base::ByteArray<base::kIdBytes> id{};
    id.fill(fill);
    out.id = TicketId(id);
    out.registration = IdOf(RegistrationKind::kSystem, 1);
    out.version = 7;
    out.field = "/fields/title";
    out.kind = TicketKind::kObjection;
    out.opened = At(opened);
    out.organisation = IdOf(RegistrationKind::kOrganisation, 2);
    out.secret_hash.fill(fill);
    out.acts = {
        {.number = 1, .time = At(opened), .text = "d\u00E9j\u00E0 <b>"}};
    out.standing = StandingOf(out.kind, out.acts);
    return out;
  }
  static TicketAct Act(std::uint32_t number, TicketActKind kind) {
    return {.number = number,
            .kind = kind,
            .author = TicketAuthor::kPublisher,
            .time = At(900'000 + number),
            .text = "because"};
  }
  absl::Status Append(const Ticket& ticket, const TicketAct& act,
                      const std::optional<TextChange>& change = std::nullopt) {
    TicketStanding standing = ticket.standing;
    standing.act_count = act.number;
    return store().Append(ticket.id, act, standing, change);
  }
  std::vector<TicketId> Listed(
      const TicketFilter& filter,
      const std::optional<TicketCursor>& after = std::nullopt,
      std::size_t limit = 100) {
    std::vector<TicketId> out;
    const auto listed = store().List(filter, after, limit);
    EXPECT_THAT(listed, testing::IsOk());
    if (!listed.ok()) return out;
    for (const Ticket& one : *listed) out.push_back(one.id);
    return out;
  }

  std::unique_ptr<StoreHarness> harness_;
};

TEST_P(TicketStoreConformance, GivesBackWhatWasAdded) {
  const Ticket ticket = Make(1, 5);
  ASSERT_THAT(store().Add(ticket), testing::IsOk());
  EXPECT_EQ(store().Get(ticket.id).value(), ticket);
  EXPECT_THAT(store().Add(ticket),
              testing::StatusIs(absl::StatusCode::kAlreadyExists));
  Ticket bare = Make(2, 6);
  bare.organisation.reset();
  bare.field.clear();
  bare.acts[0].text = std::string(4'000, 'x');
  ASSERT_THAT(store().Add(bare), testing::IsOk());
  EXPECT_EQ(store().Get(bare.id).value(), bare);
  EXPECT_THAT(store().Get(Make(3, 0).id).status(),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(TicketStoreConformance, ActsAreAddedInTheirOrder) {
  Ticket ticket = Make(1, 5);
  ASSERT_THAT(store().Add(ticket), testing::IsOk());
  const auto aborted = testing::StatusIs(absl::StatusCode::kAborted);
  EXPECT_THAT(Append(ticket, Act(1, TicketActKind::kAnswer)), aborted);
  EXPECT_THAT(Append(ticket, Act(3, TicketActKind::kAnswer)), aborted);
  const TicketAct answer = Act(2, TicketActKind::kAnswer);
  ticket.acts.push_back(answer);
  ticket.standing = StandingOf(ticket.kind, ticket.acts);
  ASSERT_THAT(store().Append(ticket.id, answer, ticket.standing, std::nullopt),
              testing::IsOk());
  EXPECT_EQ(store().Get(ticket.id).value(), ticket);
  EXPECT_THAT(Append(ticket, Act(2, TicketActKind::kAnswer)), aborted);
  EXPECT_THAT(Append(Make(9, 5), Act(2, TicketActKind::kAnswer)),
              testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(TicketStoreConformance, TextsAreHiddenShownAndDestroyed) {
  const Ticket ticket = Make(1, 5);
  ASSERT_THAT(store().Add(ticket), testing::IsOk());
  const auto first = [&] { return store().Get(ticket.id)->acts.at(0); };
  ASSERT_THAT(Append(ticket, Act(2, TicketActKind::kModeration),
                     TextChange{1, TextState::kHidden}),
              testing::IsOk());
  EXPECT_EQ(first().text_state, TextState::kHidden);
  EXPECT_EQ(first().text, ticket.acts[0].text);
  ASSERT_THAT(Append(ticket, Act(3, TicketActKind::kRelease),
                     TextChange{1, TextState::kShown}),
              testing::IsOk());
  EXPECT_EQ(first(), ticket.acts[0]);
  ASSERT_THAT(Append(ticket, Act(4, TicketActKind::kModeration),
                     TextChange{1, TextState::kDestroyed}),
              testing::IsOk());
  EXPECT_EQ(first().text_state, TextState::kDestroyed);
  EXPECT_EQ(first().text, "");
  // All of it or nothing.
  EXPECT_THAT(Append(ticket, Act(5, TicketActKind::kModeration),
                     TextChange{9, TextState::kHidden}),
              testing::StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(store().Get(ticket.id)->acts.size(), 4U);
  EXPECT_EQ(store().Get(ticket.id)->standing.act_count, 4U);
}

TEST_P(TicketStoreConformance, ListsTheNewestFirstInPages) {
  for (std::uint8_t i = 1; i <= 6; ++i) {
    // Two at each time.
    ASSERT_THAT(store().Add(Make(i, i / 2)), testing::IsOk());
  }
  const std::vector<TicketId> all = Listed({});
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all.front(), Make(6, 0).id);
  EXPECT_EQ(all[1], Make(5, 0).id);
  EXPECT_EQ(all.back(), Make(1, 0).id);
  std::vector<TicketId> paged;
  std::optional<TicketCursor> after;
  while (true) {
    const auto page = store().List({}, after, 2).value();
    if (page.empty()) break;
    for (const Ticket& one : page) paged.push_back(one.id);
    after = TicketCursor{page.back().opened, page.back().id};
  }
  EXPECT_EQ(paged, all);
}

TEST_P(TicketStoreConformance, AListHasTheFirstActAlone) {
  const Ticket ticket = Make(1, 5);
  ASSERT_THAT(store().Add(ticket), testing::IsOk());
  ASSERT_THAT(Append(ticket, Act(2, TicketActKind::kAnswer)), testing::IsOk());
  const auto listed = store().List({}, std::nullopt, 10).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].acts, ticket.acts);
  EXPECT_EQ(listed[0].standing.act_count, 2U);
}

TEST_P(TicketStoreConformance, FiltersByWhatItIsAboutAndWhereItStands) {
  const Ticket one = Make(1, 1);
  Ticket other_kind = Make(2, 2);
  other_kind.registration.kind = RegistrationKind::kModel;
  Ticket elsewhere = Make(3, 3);
  elsewhere.organisation = IdOf(RegistrationKind::kOrganisation, 9);
  Ticket answered = Make(4, 4);
  answered.standing.state = TicketState::kAnswered;
  for (const Ticket& ticket : {one, other_kind, elsewhere, answered}) {
    ASSERT_THAT(store().Add(ticket), testing::IsOk());
  }
  using Ids = std::vector<TicketId>;
  EXPECT_EQ(Listed({.registration = one.registration}),
            (Ids{answered.id, elsewhere.id, one.id}));
  EXPECT_EQ(Listed({.organisation = elsewhere.organisation}),
            Ids{elsewhere.id});
  EXPECT_EQ(Listed({.state = TicketState::kAnswered}), Ids{answered.id});
  EXPECT_EQ(
      Listed({.organisation = one.organisation, .state = TicketState::kOpen}),
      (Ids{other_kind.id, one.id}));
  // Due before is not due at.
  EXPECT_EQ(Listed({.due_before = other_kind.standing.due}), Ids{one.id});
}

TEST_P(TicketStoreConformance, CountsFromATimeOn) {
  Ticket other = Make(3, 30);
  other.registration = IdOf(RegistrationKind::kModel, 1);
  for (const Ticket& ticket : {Make(1, 10), Make(2, 20), other}) {
    ASSERT_THAT(store().Add(ticket), testing::IsOk());
  }
  EXPECT_EQ(*store().CountSince(std::nullopt, At(10)), 3U);
  EXPECT_EQ(*store().CountSince(std::nullopt, At(11)), 2U);
  EXPECT_EQ(*store().CountSince(Make(1, 0).registration, At(10)), 2U);
  EXPECT_EQ(*store().CountSince(other.registration, At(31)), 0U);
}

TEST_P(TicketStoreConformance, GivesTimesOfTheNewest) {
  Ticket old = Make(1, 10);
  Ticket fresh = Make(2, 20);
  fresh.standing.state = TicketState::kAnswered;
  fresh.standing.first_answer = At(25);
  Ticket elsewhere = Make(3, 30);
  elsewhere.organisation.reset();
  for (const Ticket& ticket : {old, fresh, elsewhere}) {
    ASSERT_THAT(store().Add(ticket), testing::IsOk());
  }
  EXPECT_EQ(store().Times(*old.organisation, 10)->size(), 2U);
  const std::vector<TicketTimes> expected = {{.state = TicketState::kAnswered,
                                              .opened = fresh.opened,
                                              .due = fresh.standing.due,
                                              .first_answer = At(25),
                                              .kind = fresh.kind}};
  EXPECT_EQ(store().Times(*old.organisation, 1).value(), expected);
}

TEST_P(TicketStoreConformance, OfTwoWritersOneAddsTheNextAct) {
  const Ticket ticket = Make(1, 5);
  ASSERT_THAT(store().Add(ticket), testing::IsOk());
  TicketStore& shared = store();
  absl::Status left;
  std::thread thread([&] {
    left = shared.Append(ticket.id, Act(2, TicketActKind::kAnswer),
                         ticket.standing, std::nullopt);
  });
  const absl::Status right = shared.Append(
      ticket.id, Act(2, TicketActKind::kRemark), ticket.standing, std::nullopt);
  thread.join();
  EXPECT_NE(left.ok(), right.ok());
  EXPECT_EQ(shared.Get(ticket.id)->acts.size(), 2U);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_TICKET_STORE_CONFORMANCE_H_
