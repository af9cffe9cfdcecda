// A server that is told to stop in the middle of its work: nobody waits for
// ever, nothing acknowledged is lost, and nothing is used after it is gone
// (which the sanitizers judge).

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "clients/cpp/register_client.h"
#include "gtest/gtest.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;

constexpr char kAttribute[] = "household.size";
constexpr std::size_t kPersons = 4;
constexpr int kRows = 1'200;
// Of each person before the stop, so that it meets work.
constexpr std::uint64_t kReadsBefore = 5;
// A stop drains for as long as the server's configuration allows, never more.
constexpr absl::Duration kStopLimit = absl::Seconds(30);

class StopTest : public testing::WorldTest {
 protected:
  // Channels that saw the server go look for it again a little later.
  template <typename Call>
  absl::Status Eventually(Call call) {
    absl::Status out;
    const absl::Time until = absl::Now() + absl::Seconds(20);
    do {
      out = call();
      if (!absl::IsUnavailable(out)) return out;
      absl::SleepFor(absl::Milliseconds(50));
    } while (absl::Now() < until);
    return out;
  }
  // Whether it comes true in time.
  template <typename Condition>
  static bool Within(absl::Duration patience, Condition condition) {
    const absl::Time until = absl::Now() + patience;
    while (!condition() && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    return condition();
  }
  void StopInTime() {
    const absl::Time began = absl::Now();
    world_.Stop();
    EXPECT_LT(absl::Now() - began, kStopLimit);
  }
};

// One person's life at the server until it is gone.
struct Life {
  std::unique_ptr<testing::Person> person;
  std::string record;
  std::uint64_t puts = 0;
  std::uint64_t reads = 0;
  std::string last_access;
};

TEST_F(StopTest, UnderLoadKeepsWhatItAcknowledged) {
  testing::AgreementPlan plan;
  plan.attributes = {kAttribute};
  testing::ServiceSide service = world_.AddService("service", plan);
  const std::string agreement = world_.AddAgreement(service, plan);
  std::vector<Life> lives(kPersons);
  for (Life& life : lives) {
    life.person = world_.AddPerson();
    ASSERT_THAT(life.person->vault().Put(kAttribute, "1"), IsOk());
    life.record = world_.Grant(service, agreement, *life.person);
  }
  std::atomic<std::size_t> under_way = 0;
  std::vector<std::thread> threads;
  for (Life& life : lives) {
    threads.emplace_back([&] {
      for (;;) {
        const auto put = life.person->vault().Put(
            kAttribute, absl::StrCat(1 + life.puts % 50));
        if (!put.ok()) return;
        ++life.puts;
        const auto read = service.client->Read(
            {life.record, plan.purpose, {kAttribute}, "", ""});
        if (!read.ok()) return;
        life.last_access = read->access_id();
        if (++life.reads == kReadsBefore) ++under_way;
      }
    });
  }
  EXPECT_TRUE(Within(kStopLimit, [&] { return under_way == kPersons; }));
  StopInTime();
  for (std::thread& thread : threads) thread.join();
  world_.StartAgain();
  for (const Life& life : lives) {
    EXPECT_GE(life.reads, kReadsBefore);
    EXPECT_THAT(
        Eventually([&] {
          return life.person->consent().GetReceipt(life.last_access).status();
        }),
        IsOk());
    ASSERT_THAT(
        Eventually([&] { return life.person->vault().List().status(); }),
        IsOk());
    const auto newest = life.person->vault().Get(kAttribute, 0);
    ASSERT_THAT(newest, IsOk());
    // The first put, those of the load, and perhaps one without an answer.
    EXPECT_GE(newest->version().version(), life.puts + 1);
    EXPECT_LE(newest->version().version(), life.puts + 2);
  }
}

std::string ManyRows() {
  std::string out = "{\"algoritmes\": [\n";
  for (int i = 0; i < kRows; ++i) {
    absl::StrAppend(
        &out, i == 0 ? "" : ",\n",
        R"({"doel":"To help.","geregistreerd":"2026-04-07","id":")", i,
        R"(","impactassessment":"Onbekend","juridische_basis":"",)",
        R"("organisatie":"City of Examples","status":"in_gebruik",)",
        R"("title":"Number )", i,
        R"(","toegevoegd":"2026-05-13","url":"https://example.org/1"})");
  }
  return out + "\n]}";
}

TEST_F(StopTest, DuringAnImportKeepsWholeRowsAndTheNextOneFinishes) {
  const testing::PublisherSide side = world_.AddPublisher("register-desk");
  const std::string file = ManyRows();
  std::atomic<bool> began = false;
  std::thread import([&] {
    client::PublisherClient publisher(*side.connection, side.key);
    (void)publisher.Import(
        "nl-list", file, "a list", /*commit=*/true,
        [&](std::int64_t /*done*/, std::int64_t /*total*/) { began = true; });
  });
  EXPECT_TRUE(Within(kStopLimit, [&] { return began.load(); }));
  StopInTime();
  import.join();
  world_.StartAgain();
  client::PublisherClient publisher(*side.connection, side.key);
  ASSERT_THAT(Eventually([&] { return publisher.GetPublisher().status(); }),
              IsOk());
  const auto again =
      publisher.Import("nl-list", file, "a list", /*commit=*/true,
                       [](std::int64_t /*done*/, std::int64_t /*total*/) {});
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->committed.failed_row_count(), 0);
  const auto third =
      publisher.Import("nl-list", file, "a list", /*commit=*/true,
                       [](std::int64_t /*done*/, std::int64_t /*total*/) {});
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(third->summary.new_count(), 0);
  EXPECT_EQ(third->summary.unchanged_count(), kRows);
}

}  // namespace
}  // namespace limpid
