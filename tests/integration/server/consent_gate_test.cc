// How a stop of one process waits for what consent still answers its vault.

#include "server/adapters/consent_gate.h"

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/receipt/cohort_permit.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/cohort_fixture.h"

namespace limpid::server {
namespace {

using consent::testing::Citizen;
using consent::testing::World;
using limpid::testing::StatusIs;

class LocalGate : public consent::testing::CohortTest {
 protected:
  vault::CohortQuestion Asked() {
    const consent::CohortRequest question = Question();
    vault::CohortQuestion out;
    out.caller_thumbprint = question.caller_key;
    out.fields.agreement = question.agreement.Text();
    out.fields.purpose = question.purpose;
    out.fields.attribute = question.attribute;
    out.fields.function = "count";
    out.fields.epoch = question.epoch;
    return out;
  }
  // A stop that has begun refuses at once; before it a question waits.
  bool HasBegunToStop(LocalConsentGate& gate) {
    auto refused = std::make_shared<std::atomic<bool>>(false);
    gate.AuthorizeCohort(Asked(), [refused](auto answer) {
      *refused = absl::IsUnavailable(answer.status());
    });
    return *refused;
  }
};

TEST_F(LocalGate, AStopWaitsForAnswersAndForNoWholeCohort) {
  const Citizen ann = Linked(1);
  Grant(ann);
  const consent::RecordId read = world_.Granted(ann).revision.record;
  LocalConsentGate gate(world_.consent(), World::vault());
  // The sequencer's thread waits in this answer; the question stands behind it.
  std::promise<void> release;
  world_.consent().Authorise(
      World::ReadRequestFor(read),
      [go = release.get_future()](const auto& /*answer*/) { go.wait(); });
  std::promise<absl::Status> answered;
  gate.AuthorizeCohort(
      Asked(), [&](auto answer) { answered.set_value(answer.status()); });
  std::thread stopping([&] { gate.Stop(); });
  while (!HasBegunToStop(gate)) absl::SleepFor(absl::Milliseconds(1));
  release.set_value();
  stopping.join();
  EXPECT_THAT(answered.get_future().get(),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(Counted(ann).empty());
}

}  // namespace
}  // namespace limpid::server
