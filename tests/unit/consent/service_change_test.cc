// Changes of services: two administrators and a day to widen, one and no time
// to narrow; persons are told, keys that were taken open nothing.

#include "consent/agreement/service_change.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::AccessKind;
using receipt::Reason;
using testing::CareService;
using testing::Citizen;
using testing::Released;
using testing::ThreePurposes;
using testing::World;

const AdministratorKey kFirst{1, 1};
const AdministratorKey kSecond{2, 2};
using State = ServiceChangeState;
using Edit = std::function<void(ServiceLimits&)>;

TEST(ServiceLimits, OnlyRemovingIsNarrowing) {
  const ServiceLimits before = LimitsOf(CareService());
  const std::vector<std::pair<bool, Edit>> cases = {
      {true, [](ServiceLimits&) {}},
      {true, [](ServiceLimits& l) { l.attributes.erase("person.email"); }},
      {false, [](ServiceLimits& l) { l.attributes.insert("health.allergy"); }},
      {true,
       [](ServiceLimits& l) {
         l.purposes = {std::string(testing::kHomeCare)};
       }},
      {false,
       [](ServiceLimits& l) { l.purposes.emplace_back(testing::kMarketing); }},
      {false,
       [](ServiceLimits& l) {
         l.purposes = {std::string(testing::kMarketing)};
       }},
      {false, [](ServiceLimits& l) { l.keys.push_back({9}); }},
      {false, [](ServiceLimits& l) { l.keys = {base::Digest32{9}}; }},
      {true, [](ServiceLimits& l) { l.keys.clear(); }},
      {false,
       [](ServiceLimits& l) {
         l.bases.push_back(receipt::LegalBasis::kContract);
       }},
      {true, [](ServiceLimits& l) { l.bases.clear(); }},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ServiceLimits after = before;
    cases[i].second(after);
    EXPECT_EQ(OnlyNarrows(before, after, ThreePurposes()), cases[i].first) << i;
  }
}

TEST(ServiceChange, ReadsBackWhatItStoredAndNothingElse) {
  ServiceChange change;
  change.id = testing::IdOf<ServiceChangeId>(1);
  change.service = testing::IdOf<ServiceId>(3);
  change.state = State::kApproved;
  change.before = LimitsOf(CareService());
  change.after = change.before;
  change.after.attributes.insert("health.allergy");
  change.reason = "A new law";
  change.proposed_by = kFirst;
  change.approved_by = kSecond;
  change.proposed = testing::kStart;
  change.approved = testing::kStart + absl::Seconds(1);
  change.effective = change.approved + kServiceChangeDelay;
  change.telling.phase = 1;
  const base::Bytes bytes = change.Encode();
  const auto back = ServiceChange::Decode(bytes);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, change);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ServiceChange::Decode(base::ByteView(bytes).first(size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

class ServiceChangeWalk : public ::testing::Test {
 protected:
  absl::StatusOr<ServiceChange> Propose(const Edit& edit,
                                        AdministratorKey by = kFirst) {
    ProposedChange wanted;
    wanted.administrator = by;
    wanted.service = world_.service()->id;
    wanted.after = LimitsOf(Now());
    edit(wanted.after);
    wanted.reason = "A new law";
    return world_.consent().ProposeServiceChange({next_request_++}, wanted);
  }
  static void AddAllergy(ServiceLimits& limits) {
    limits.attributes.insert("health.allergy");
  }
  Service Now() {
    for (const ServicePointer& service : world_.consent().ListServices()) {
      if (service->id == world_.service()->id) return *service;
    }
    return {};
  }
  State StateOf(const ServiceChangeId& id) {
    for (const auto& change : world_.consent().ListServiceChanges()) {
      if (change.id == id) return change.state;
    }
    return State::kCancelled;
  }
  void Run() { ASSERT_THAT(world_.consent().RunServiceChanges(), IsOk()); }
  std::size_t Told(const Citizen& citizen) {
    const auto page = world_.consent().ListAccesses(citizen.id, {}, 0, 100);
    std::size_t out = 0;
    for (const AccessView& view : page->entries) {
      if (view.entry.kind == AccessKind::kServiceChanged) ++out;
    }
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  Citizen bob_ = world_.NewCitizen(2);
  std::uint8_t next_request_ = 1;
};

TEST_F(ServiceChangeWalk, WideningNeedsASecondAdministratorAndADay) {
  const auto proposed = Propose(AddAllergy);
  ASSERT_THAT(proposed, IsOk());
  EXPECT_EQ(proposed->state, State::kProposed);
  world_.clock().Advance(absl::Hours(48));
  Run();
  EXPECT_FALSE(Now().MayAskFor("health.allergy"));
  const auto approved =
      world_.consent().ApproveServiceChange(kSecond, proposed->id);
  ASSERT_THAT(approved, IsOk());
  EXPECT_EQ(approved->state, State::kApproved);
  world_.clock().Advance(kServiceChangeDelay - absl::Milliseconds(1));
  Run();
  EXPECT_FALSE(Now().MayAskFor("health.allergy"));
  world_.clock().Advance(absl::Milliseconds(1));
  Run();
  EXPECT_TRUE(Now().MayAskFor("health.allergy"));
  EXPECT_EQ(StateOf(proposed->id), State::kInEffect);
  world_.Restart();
  EXPECT_TRUE(Now().MayAskFor("health.allergy"));
}

TEST_F(ServiceChangeWalk, TheProposerCannotApprove) {
  const auto proposed = Propose(AddAllergy);
  EXPECT_THAT(world_.consent().ApproveServiceChange(kFirst, proposed->id),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(world_.consent().ApproveServiceChange({}, proposed->id),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const auto nameless = Propose(AddAllergy, {});
  EXPECT_THAT(world_.consent().ApproveServiceChange(kFirst, nameless->id),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(world_.consent().ApproveServiceChange(
                  kSecond, testing::IdOf<ServiceChangeId>(9)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ServiceChangeWalk, NarrowingTakesEffectAtOnce) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto change = Propose(
      [](ServiceLimits& limits) { limits.attributes = {"person.birth_date"}; });
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->state, State::kInEffect);
  EXPECT_EQ(world_.Read(record)->outcomes[0].reason, Reason::kPolicy);
  EXPECT_EQ(world_.Read(record)->outcomes[1].reason, Reason::kReleased);
}

TEST_F(ServiceChangeWalk, AKeyThatWasTakenOpensNothing) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const auto added =
      Propose([](ServiceLimits& limits) { limits.keys.push_back({9}); });
  ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, added->id),
              IsOk());
  world_.clock().Advance(kServiceChangeDelay);
  Run();
  AuthoriseRequest with_new = World::ReadRequestFor(record);
  with_new.caller_key = base::Digest32{9};
  ASSERT_TRUE(Released(world_.Ask(with_new)));
  ASSERT_THAT(
      Propose([](ServiceLimits& limits) { limits.keys = {base::Digest32{9}}; }),
      IsOk());
  EXPECT_THAT(world_.Read(record),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(world_.consent().ServiceOf(base::Digest32{1}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(Released(world_.Ask(with_new)));
  world_.Restart();
  EXPECT_THAT(world_.Read(record),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ServiceChangeWalk, PersonsConcernedAreToldOnceAtTheApproval) {
  world_.Granted(ann_);
  const auto change = Propose(AddAllergy);
  Run();
  EXPECT_EQ(Told(ann_), 0U);
  ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              IsOk());
  Run();
  EXPECT_EQ(Told(ann_), 1U);
  EXPECT_EQ(Told(bob_), 0U);
  world_.clock().Advance(kServiceChangeDelay);
  Run();
  world_.Restart();
  Run();
  EXPECT_EQ(Told(ann_), 1U);
}

TEST_F(ServiceChangeWalk, ACancelledChangeNeverTakesEffect) {
  const auto change = Propose(AddAllergy);
  ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              IsOk());
  ASSERT_THAT(world_.consent().CancelServiceChange(kFirst, change->id), IsOk());
  world_.clock().Advance(kServiceChangeDelay);
  Run();
  EXPECT_FALSE(Now().MayAskFor("health.allergy"));
  EXPECT_EQ(StateOf(change->id), State::kCancelled);
  EXPECT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ServiceChangeWalk, ANarrowingOvertakesWhatWaited) {
  const auto change = Propose(AddAllergy);
  ASSERT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              IsOk());
  ASSERT_THAT(Propose([](ServiceLimits& limits) {
                limits.attributes.erase("person.email");
              }),
              IsOk());
  world_.clock().Advance(kServiceChangeDelay);
  Run();
  EXPECT_EQ(StateOf(change->id), State::kOvertaken);
  EXPECT_FALSE(Now().MayAskFor("health.allergy"));
  EXPECT_FALSE(Now().MayAskFor("person.email"));
}

TEST_F(ServiceChangeWalk, AnOldProposalCannotBeApproved) {
  const auto change = Propose(AddAllergy);
  world_.clock().Advance(kProposalLife + absl::Milliseconds(1));
  EXPECT_THAT(world_.consent().ApproveServiceChange(kSecond, change->id),
              StatusSays(absl::StatusCode::kFailedPrecondition, "too old"));
}

TEST_F(ServiceChangeWalk, WrongProposalsAreRefused) {
  EXPECT_THAT(Propose([](ServiceLimits&) {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Propose([](ServiceLimits& limits) { limits.keys.clear(); }),
              StatusSays(absl::StatusCode::kInvalidArgument, "spki"));
  Service other = CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{9}};
  ASSERT_THAT(world_.consent().CreateService({9}, other), IsOk());
  EXPECT_THAT(Propose([](ServiceLimits& limits) { limits.keys.push_back({9}); })
                  .status()
                  .code(),
              absl::StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace limpid::consent
