// A whole server whose machine's clock is wrong: at a start, within a run, and
// confirmed by an administrator.

#include "absl/time/clock.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/keyring.h"
#include "gtest/gtest.h"
#include "server/config.h"
#include "server/provision/clock_mark.h"
#include "server/provision/provision.h"
#include "server/root_key_source.h"
#include "tests/integration/server/world_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kName[] = "person.name";
constexpr absl::Duration kDay = absl::Hours(24);

// The machine's clock, set wrong by so much.
class WrongClock final : public base::Clock {
 public:
  [[nodiscard]] absl::Time Now() const override {
    return system_.Now() + absl::Hours(hours_off.load());
  }
  [[nodiscard]] absl::Duration Monotonic() const override {
    return system_.Monotonic();
  }

  std::atomic<int> hours_off = 0;

 private:
  base::SystemClock system_;
};

class WrongClockTest : public ::testing::Test {
 protected:
  WrongClockTest()
      : world_(directory_.path() / "limpid",
               testing::InProcess(nullptr, &machine_)) {
    plan_.attributes = {kName};
    service_ = world_.AddService("cinema", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    anna_ = world_.AddPerson();
    EXPECT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
    kept_ = world_.Grant(service_, agreement_, *anna_);
    ended_ = world_.Grant(service_, agreement_, *anna_);
  }

  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const std::string& record) {
    return service_.client->Read({record, plan_.purpose, {kName}, "", ""});
  }
  void ExpectReleased() {
    const auto read = Read(kept_);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->results(0).verdict(), vault::v1::VERDICT_ALLOWED);
  }
  void RestartOffBy(absl::Duration off) {
    world_.Stop();
    machine_.hours_off = static_cast<int>(absl::ToInt64Hours(off));
    world_.StartAgain();
  }
  // As if the role had been added to the configuration.
  void MakeRegisterNew() {
    const auto config =
        server::LoadConfig(directory_.path() / "limpid" / "limpid.toml");
    ASSERT_THAT(config, IsOk());
    auto root = server::OpenRootKey(*config, [](std::string_view) {});
    ASSERT_THAT(root, IsOk());
    const std::filesystem::path ring =
        server::KeyRingPath(*config, server::kRegisterRole);
    std::filesystem::remove_all(ring.parent_path());
    std::filesystem::create_directory(ring.parent_path());
    ASSERT_THAT(
        crypto::KeyRing::Create(ring, server::kRegisterRole, *std::move(root)),
        IsOk());
  }
  [[nodiscard]] std::filesystem::path data() const {
    return directory_.path() / "limpid" / "data";
  }

  testing::TempDir directory_;
  WrongClock machine_;
  testing::World world_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::string kept_;
  std::string ended_;
};

TEST_F(WrongClockTest, AStartTenYearsAheadEndsNothingAndPoisonsNoLog) {
  ExpectReleased();
  RestartOffBy(3650 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  // Her device agrees with the time that the server reckons.
  EXPECT_THAT(anna_->consent().Withdraw(ended_), IsOk());
  // The logs go on: an entry of the withdrawal is in the next checkpoint.
  absl::SleepFor(absl::Seconds(2));
  RestartOffBy(absl::ZeroDuration());
  ExpectReleased();
  const auto mark = server::ReadClockMark(data());
  ASSERT_THAT(mark, IsOk());
  EXPECT_LE(mark->believed, absl::Now());
}

TEST_F(WrongClockTest, AJumpWithinARunIsSignedIntoNoLogEither) {
  machine_.hours_off = 24 * 3650;
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(anna_->consent().Withdraw(ended_), IsOk());
  absl::SleepFor(absl::Seconds(2));
  machine_.hours_off = 0;
  ExpectReleased();
  RestartOffBy(absl::ZeroDuration());
  ExpectReleased();
}

TEST_F(WrongClockTest, IsBelievedAgainWithoutARestart) {
  RestartOffBy(30 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  machine_.hours_off = 0;
  ExpectReleased();
}

TEST_F(WrongClockTest, AWeekendOffIsNoDoubt) {
  RestartOffBy(3 * kDay);
  ExpectReleased();
}

TEST_F(WrongClockTest, AnAdministratorConfirmsALongTimeOff) {
  const std::filesystem::path config =
      directory_.path() / "limpid" / "limpid.toml";
  RestartOffBy(30 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  // Not while it runs.
  EXPECT_THAT(server::ConfirmClock(config, machine_.Now(), machine_),
              StatusIs(absl::StatusCode::kUnavailable));
  world_.Stop();
  // Not with the time that the server reckons.
  EXPECT_THAT(server::ConfirmClock(config, absl::Now(), machine_),
              StatusSays(absl::StatusCode::kInvalidArgument, "five minutes"));
  ASSERT_THAT(server::ConfirmClock(config, machine_.Now(), machine_), IsOk());
  world_.StartAgain();
  ExpectReleased();
  // Once: the next gap is another one.
  RestartOffBy(60 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(WrongClockTest, ALostMarkIsNoLostGuard) {
  world_.Stop();
  ASSERT_TRUE(std::filesystem::remove(data() / "clock-mark"));
  RestartOffBy(3650 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  RestartOffBy(absl::ZeroDuration());
  ExpectReleased();
}

// A log that this start makes is signed by the clock that is to be judged.
TEST_F(WrongClockTest, ANewRolesEmptyLogIsNoWitness) {
  world_.Stop();
  MakeRegisterNew();
  RestartOffBy(3650 * kDay);
  EXPECT_THAT(Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
  RestartOffBy(absl::ZeroDuration());
  ExpectReleased();
}

TEST_F(WrongClockTest, ADamagedMarkIsARefusedStart) {
  world_.Stop();
  std::filesystem::resize_file(data() / "clock-mark", 30);
  EXPECT_THAT(world_.TryStart(),
              StatusSays(absl::StatusCode::kDataLoss, "clock-mark"));
}

}  // namespace
}  // namespace limpid
