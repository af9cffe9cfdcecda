// What RegistrationStore promises of marks that bring the content along: the
// same as of those that do not.

#ifndef LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_MARK_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_MARK_CONFORMANCE_H_

#include <vector>

#include "algoregister/links/link.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/version/sealed_draft.h"
#include "algoregister/version/version.h"
#include "gtest/gtest.h"
#include "tests/conformance/algoregister/registration_history_conformance.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {

class RegistrationMarkConformance : public RegistrationHistoryConformance {
 protected:
  // As the register does with what it has just added.
  void PublishWithContent(const Version& version) {
    const NewVersion added(version);
    ASSERT_THAT(store().Add({{added}}), testing::IsOk());
    const std::vector<LogPlace> places = {{.registration = version.registration,
                                           .number = version.number,
                                           .leaf_index = next_place_++,
                                           .logged_time = AtMillis(2'000),
                                           .content = &added.content()}};
    ASSERT_THAT(store().MarkLogged(places), testing::IsOk());
  }
};

TEST_P(RegistrationMarkConformance, ReferrersFollowTheNewestVersion) {
  const Version left = MakeSystem("Left");
  const Version right = MakeSystem("Right");
  PublishWithContent(left);
  PublishWithContent(right);
  const Version user = Deployment("User", left.registration, "Water Act");
  PublishWithContent(user);
  EXPECT_EQ(Users(OfSystem(left.registration)).size(), 1U);
  Version next = Deployment("User", right.registration, "Fire Act");
  next.registration = user.registration;
  next.number = 2;
  PublishWithContent(next);
  EXPECT_TRUE(Users(OfSystem(left.registration)).empty());
  EXPECT_EQ(Users(OfSystem(right.registration)).size(), 1U);
  EXPECT_TRUE(
      Users({.kind = LinkKind::kLaw, .keys = {LinkKey("Water Act")}}).empty());
  EXPECT_EQ(*store().FillLinks(10), 0U);
}

TEST_P(RegistrationMarkConformance, AnErasedFieldLinksNothing) {
  const Version system = MakeSystem("Router");
  PublishWithContent(system);
  const Version user = Deployment("User", system.registration, "Act of Note");
  PublishWithContent(user);
  ASSERT_THAT(Erase(ErasureOf(user, "/fields/legal_basis")), testing::IsOk());
  // Marked again, by one who still has the content of before.
  const NewVersion before(user);
  const std::vector<LogPlace> again = {{.registration = user.registration,
                                        .number = 1,
                                        .leaf_index = 1,
                                        .content = &before.content()}};
  ASSERT_THAT(store().MarkLogged(again), testing::IsOk());
  EXPECT_TRUE(Users({.kind = LinkKind::kLaw, .keys = {LinkKey("Act of Note")}})
                  .empty());
  EXPECT_EQ(Users(OfSystem(system.registration)).size(), 1U);
}

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_CONFORMANCE_ALGOREGISTER_REGISTRATION_MARK_CONFORMANCE_H_
