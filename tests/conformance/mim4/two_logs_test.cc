// Operator and source log for themselves, and their logs agree.

#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/reconcile.h"
#include "clients/cpp/reconcile_client.h"
#include "common/base/id.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

class Mim4TwoLogs : public Mim4 {
 protected:
  // Reads of every kind, in an order of chance; the accesses in which a value
  // came.
  std::set<std::string> RandomRun() {
    std::mt19937 chance(20261130);  // NOLINT(cert-msc51-cpp): repeatable.
    const std::vector<std::vector<std::string>> asked = {
        {kName}, {kEmail, kSize}, {kName, kBirthDate}, {"person.phone"}};
    std::set<std::string> out;
    std::string record = Granted({kName, kSize});
    for (int i = 0; i < 24; ++i) {
      const auto read = Read(record, asked[chance() % asked.size()]);
      EXPECT_THAT(read, IsOk());
      if (!read.ok()) continue;
      for (const auto& result : read->results()) {
        if (result.verdict() == vault::v1::VERDICT_ALLOWED) {
          out.insert(read->access_id());
        }
      }
      if (chance() % 6 != 0) continue;
      EXPECT_THAT(person_->consent().Withdraw(record), IsOk());
      record = Granted({kName, kSize});
    }
    return out;
  }
};

TEST_F(Mim4TwoLogs, EverySourceAccessHasExactlyOneOperatorEntry) {
  Cite({"A.IV / L:CS-02/03/05/19", kConnectivity,
        "operator and source log independently, and agree"});
  const absl::Time from = absl::Now() - absl::Seconds(1);
  const std::set<std::string> accesses = RandomRun();
  ASSERT_FALSE(accesses.empty());
  absl::SleepFor(client::kReconcileMargin + client::kReconcileTolerance +
                 absl::Milliseconds(500));
  const auto connection = client::Connect(Server().admin_channel());
  ASSERT_THAT(connection, IsOk());
  const auto access_log = Server().trust().LogPolicy("/access");
  const auto vault_log = Server().trust().LogPolicy("/vault");
  ASSERT_THAT(access_log, IsOk());
  ASSERT_THAT(vault_log, IsOk());
  client::ReconcileClient logs(**connection, **connection, *access_log,
                               *vault_log, Server().trust().source_id,
                               Server().clock());
  const auto until = logs.LatestEnd();
  ASSERT_THAT(until, IsOk());
  const auto both = logs.Read(from, *until, std::nullopt);
  ASSERT_THAT(both, IsOk());
  // Of the source alone: each access of which it let a value go, once.
  std::set<std::string> noted;
  for (const receipt::ReleaseNote& note : both->input.releases) {
    EXPECT_TRUE(noted.insert(base::FormatIdText("acc", note.access)).second);
  }
  for (const std::string& access : accesses)
    EXPECT_TRUE(noted.contains(access));
  const client::Reconciliation result = client::Reconcile(both->input);
  EXPECT_THAT(client::AlarmOf(result), IsOk());
  EXPECT_GE(result.matched, accesses.size());
  EXPECT_EQ(result.matched, result.releases);
}

}  // namespace
}  // namespace limpid::mim4
