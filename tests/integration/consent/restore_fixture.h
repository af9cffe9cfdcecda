// A consent role whose store an administrator copies, and puts back later.

#ifndef LIMPID_TESTS_INTEGRATION_CONSENT_RESTORE_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_CONSENT_RESTORE_FIXTURE_H_

#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

class RestoreFixture : public ::testing::Test {
 protected:
  void Backup() {
    world_.Stop();
    stores_.Backup();
    world_.Restart();
  }
  // Puts the older store back and starts over it.
  void Restore() {
    world_.Stop();
    stores_.PutBack();
    ASSERT_THAT(world_.TryStart(), limpid::testing::IsOk());
  }

  SqlStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_INTEGRATION_CONSENT_RESTORE_FIXTURE_H_
