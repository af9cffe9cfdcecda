// Guardians of a person's sealed key: who comes back with their shares, and who
// does not.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/crypto/slip39.h"
#include "tests/unit/clients/guardians_fixture.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
namespace slip39 = crypto::slip39;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST_F(GuardiansTest, AnyTwoOfThreeBringHerBack) {
  const auto shares = Make(2, 3);
  ASSERT_EQ(shares.size(), 3);
  for (const auto& places : {std::vector<std::size_t>{0, 1}, {2, 0}, {1, 2}}) {
    vault_.recovery.Clear();
    const auto laptop = NewDevice();
    const auto pair = Pick(shares, places);
    auto progress = Recover(*laptop, pair);
    ASSERT_THAT(progress, IsOk());
    EXPECT_FALSE(progress->recovered);
    EXPECT_EQ(progress->recovery.phase(), v1::RECOVERY_PHASE_WAITING);
    vault_.Step(v1::RECOVERY_PHASE_OPEN);
    progress = Recover(*laptop, pair);
    ASSERT_THAT(progress, IsOk());
    EXPECT_TRUE(progress->recovered);
    EXPECT_TRUE(KeyOf(*laptop).key == KeyOf(*phone_).key);
    EXPECT_EQ(laptop->home.Pinned().value(), phone_->home.Pinned().value());
    // Once in, there is nothing to recover.
    EXPECT_THAT(Recover(*laptop, pair),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(GuardiansTest, OneShareLessStartsNothing) {
  const auto shares = Make(2, 3);
  const auto laptop = NewDevice();
  for (std::size_t place = 0; place < 3; ++place) {
    const auto alone = Pick(shares, {place});
    const auto refused = Recover(*laptop, alone);
    EXPECT_THAT(refused, StatusIs(kInvalid));
    ExpectNoWord(refused.status(), shares);
  }
  EXPECT_THAT(Recover(*laptop, Pick(shares, {0, 1, 2})), StatusIs(kInvalid));
  EXPECT_THAT(Recover(*laptop, Pick(shares, {1, 1})),
              StatusSays(kInvalid, "share 2"));
  EXPECT_THAT(Recover(*laptop, {}), StatusIs(kInvalid));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, AForgedOrMistypedShareIsNamedByItsPlace) {
  const auto shares = Make(2, 3);
  const auto laptop = NewDevice();
  auto pair = Pick(shares, {0, 1});
  const std::string typed =
      base::ToText(pair[1].Reveal(base::SecretAccess::Get()));
  pair[1] = base::SecretBytes::Copy(
      base::AsBytes(typed.substr(0, typed.rfind(' ')) + " academic"));
  if (typed.ends_with(" academic")) GTEST_SKIP() << "one in 1,024";
  const auto refused = Recover(*laptop, pair);
  EXPECT_THAT(refused, StatusSays(kInvalid, "share 2"));
  ExpectNoWord(refused.status(), shares);
  // A value changed under a right checksum: the digest finds it.
  pair = Pick(shares, {0, 1});
  auto share = slip39::FromWords(pair[1]).value();
  share.value.RevealMutable(base::SecretAccess::Get())[5] ^= 1;
  pair[1] = slip39::ToWords(share);
  const auto forged = Recover(*laptop, pair);
  EXPECT_THAT(forged, StatusIs(kDataLoss));
  ExpectNoWord(forged.status(), shares);
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, SharesOfAnEarlierSetAreToldApartBeforeAnythingStarts) {
  const auto first = Make(2, 3);
  const auto second = Make(2, 2);
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_RECOVERY), 1)
      << "the earlier slot goes when the new one stands";
  const auto laptop = NewDevice();
  const auto refused = Recover(*laptop, Pick(first, {0, 1}));
  EXPECT_THAT(refused, StatusSays(kInvalid, "earlier"));
  ExpectNoWord(refused.status(), first);
  EXPECT_THAT(Recover(*laptop, {}), StatusIs(kInvalid));
  std::vector<base::SecretBytes> mixed = Pick(first, {0});
  mixed.push_back(second[1].Clone());
  EXPECT_THAT(Recover(*laptop, mixed), StatusSays(kInvalid, "share 2"));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  EXPECT_TRUE(Recover(*laptop, second)->recovered);
}

TEST_F(GuardiansTest, ForgersWhoAreEnoughAreFoundByTheCommitment) {
  Make(2, 3);
  slip39::Splitting splitting;
  splitting.groups = {{2, 2}};
  const auto forged =
      slip39::Split(crypto::RandomSecret(32), splitting).value();
  const auto laptop = NewDevice();
  EXPECT_THAT(Recover(*laptop, forged.front()),
              StatusSays(kInvalid, "somebody else"));
  const auto small = slip39::Split(crypto::RandomSecret(16), splitting).value();
  EXPECT_THAT(Recover(*laptop, small.front()), StatusIs(kInvalid));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, AVaultThatLiesAboutTheSlotGetsNoDeviceIn) {
  const auto shares = Make(2, 2);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  const auto laptop = NewDevice();
  const std::vector<std::function<void(v1::KeySlot&)>> lies = {
      [](v1::KeySlot& slot) { slot.clear_body(); },
      [](v1::KeySlot& slot) { slot.mutable_body()->back() ^= 1; },
      [](v1::KeySlot& slot) { (*slot.mutable_body())[30] ^= 1; },
      [](v1::KeySlot& slot) { slot.set_slot_id(std::string(16, 'x')); },
      [](v1::KeySlot& slot) { slot.set_key_id(std::string(16, 'x')); },
      [](v1::KeySlot& slot) { slot.set_generation(9); },
      [](v1::KeySlot& slot) { slot.Clear(); },
  };
  for (const auto& lie : lies) {
    vault_.lie = lie;
    EXPECT_THAT(Recover(*laptop, shares), StatusIs(kDataLoss));
  }
  EXPECT_EQ(laptop->home.Pinned().value(), std::nullopt);
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_DEVICE), devices_);
  vault_.lie = nullptr;
  EXPECT_TRUE(Recover(*laptop, shares)->recovered);
}

TEST_F(GuardiansTest, ADeviceThatKnewAnotherKeyIsNotLetIn) {
  const auto shares = Make(2, 2);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  const auto laptop = NewDevice();
  SealedPin other = *phone_->home.Pinned().value();
  other.commitment[0] ^= 1;
  ASSERT_THAT(laptop->home.Key(), IsOk());
  ASSERT_THAT(laptop->home.Pin(other), IsOk());
  EXPECT_THAT(Recover(*laptop, shares), StatusIs(kDataLoss));
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_DEVICE), devices_);
}

// Every device of hers is told of a recovery: none is begun that this one could

// not end.

TEST_F(GuardiansTest, NumbersThatAreNoGuardiansAreRefused) {
  const auto directory = files_.path() / "out";
  for (const auto& [threshold, count] :
       {std::pair{0, 0}, {0, 3}, {1, 2}, {3, 2}, {2, 17}, {17, 17}}) {
    EXPECT_THAT(
        phone_->guardians.Make(static_cast<std::uint8_t>(threshold),
                               static_cast<std::uint8_t>(count), directory),
        StatusIs(kInvalid));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_EQ(Make(16, 16).size(), 16);
  EXPECT_EQ(Make(1, 1).size(), 1);
}

TEST_F(GuardiansTest, ADeviceWithoutASlotMakesAndAllowsNothing) {
  const auto laptop = NewDevice();
  EXPECT_THAT(laptop->guardians.Make(2, 3, files_.path() / "out"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(laptop->guardians.Allow(),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Recover(*laptop,
                      [] {
                        slip39::Splitting splitting;
                        splitting.groups = {{1, 1}};
                        return std::move(
                            slip39::Split(crypto::RandomSecret(32), splitting)
                                .value()
                                .front());
                      }()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GuardiansTest, AnyDeviceCancelsAndOneThatOpensAllows) {
  Make(2, 2);
  const auto laptop = NewDevice();
  EXPECT_TRUE(laptop->guardians.Cancel()->empty());
  vault_.Step(v1::RECOVERY_PHASE_WAITING);
  EXPECT_EQ(laptop->guardians.Cancel()->size(), 1);
  EXPECT_EQ(vault_.cancelled, 1);
  vault_.Step(v1::RECOVERY_PHASE_CANCELLED);
  vault_.recovery.set_barred(true);
  ASSERT_THAT(phone_->guardians.Allow(), IsOk());
  EXPECT_EQ(vault_.allowed.number(), 1);
  EXPECT_EQ(vault_.allowed.signature().size(), 64);
}

TEST_F(GuardiansTest, EveryDeviceIsToldWhatIsUnderWay) {
  Make(2, 2);
  for (const auto& [phase, told] : {std::pair{v1::RECOVERY_PHASE_NONE, 0},
                                    {v1::RECOVERY_PHASE_WAITING, 1},
                                    {v1::RECOVERY_PHASE_OPEN, 1},
                                    {v1::RECOVERY_PHASE_HANDED_OUT, 1},
                                    {v1::RECOVERY_PHASE_CANCELLED, 0},
                                    {v1::RECOVERY_PHASE_OVER, 0}}) {
    vault_.Step(phase);
    int count = 0;
    phone_->sealed.OnRecovery([&](const v1::KeySlot&) { ++count; });
    ASSERT_THAT(phone_->sealed.Slots(), IsOk());
    ASSERT_THAT(phone_->sealed.Slots(), IsOk());
    EXPECT_EQ(count, told) << phase;
    phone_->sealed.OnRecovery(nullptr);
  }
}

}  // namespace
}  // namespace limpid::client
