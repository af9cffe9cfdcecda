// The worked examples of docs/formats/tombstone.md and erasure-certificate.md,
// made by another program (Python), and what must fail.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/erasure/certificate.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold.h"
#include "vault/erasure/tombstone_file.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr std::string_view kFile =
    "196c696d7069642f7661756c742f746f6d6273746f6e65732f310101010101010101010101"
    "0"
    "10101010100000031000000000000000101000102030405060708090a0b0c0d0e0f2021222"
    "3"
    "2425262728292a2b2c2d2e2f0000019b76daa8004ee5d3a7ec4d8029f5b8bfb981457fef01"
    "b"
    "6bde62cae410fd7dc25f01038af1600000031000000000000000202000102030405060708"
    "090a0b0c0d0e0f000000000000000000000000000000000000019b76daa801b19873040f77"
    "2a12b0a328dd091bbb677fe2db5906e5ec39454c7f631ffe9c4a";
constexpr std::string_view kCertificate =
    "226c696d7069642f7661756c742f657261737572652d63657274696669636174652f311011"
    "1"
    "2131415161718191a1b1c1d1e1fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf010000000e68656"
    "1"
    "6c74682e616c6c657267790002000000000000000100000000000000030000000200000004"
    "00"
    "0000050000019b76daa8000000001e000000070000000e0000001e0000019cabd83800";
constexpr std::string_view kStatement =
    "1b6c696d7069642f7661756c742f65726173652d706572736f6e2f31a0a1a2a3a4a5a6a7a8"
    "a9"
    "aaabacadaeaf0000019b76daa800";
constexpr std::string_view kHold =
    "136c696d7069642f7661756c742f686f6c642f310500000010636f7572742066696c652031"
    "3"
    "22f3236";
const absl::Time kTime = absl::FromUnixMillis(1'767'225'600'000);
constexpr std::size_t kHeaderBytes = 1 + 25 + 16;
constexpr std::size_t kEntryBytes = 4 + kTombstoneBytes + 32;

base::SecretBytes FileKey(std::uint8_t byte = 2) {
  base::ByteArray<32> bytes{};
  bytes.fill(byte);
  return base::SecretBytes::Copy(bytes);
}

class TombstoneFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const {
    return directory_.path() / "vault";
  }
  absl::StatusOr<std::unique_ptr<TombstoneFile>> Open(
      std::uint8_t key = 2) const {
    return OpenTombstoneFile(path(), FileKey(key), blinder_);
  }
  void Write(base::ByteView bytes) const {
    std::ofstream(path(), std::ios::binary) << base::AsText(bytes);
  }
  [[nodiscard]] base::Bytes Bytes() const {
    return base::ToBytes(limpid::testing::ReadFile(path()));
  }
  [[nodiscard]] Tombstone Version() const {
    return {1, TombstoneKind::kVersion,
            blinder_.OwnerOf(HolderId(Counting<16>(0))), Counting<16>(0x20),
            absl::ToUnixMillis(kTime)};
  }
  [[nodiscard]] Tombstone Person() const {
    return {2,
            TombstoneKind::kPerson,
            blinder_.OwnerOf(HolderId(Counting<16>(0))),
            {},
            absl::ToUnixMillis(kTime) + 1};
  }

  limpid::testing::TempDir directory_;
  const base::Bytes example_ = base::HexDecode(kFile).value();
  const Blinder blinder_{CountingKey(0x80)};
};

TEST_F(TombstoneFileTest, WorkedExample) {
  Write(example_);
  const auto file = Open();
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ((*file)->After(0), (std::vector<Tombstone>{Version(), Person()}));
  EXPECT_EQ((*file)->After(1), std::vector<Tombstone>{Person()});
  EXPECT_TRUE((*file)->After(2).empty());
  EXPECT_EQ((*file)->last(), 2);
  EXPECT_FALSE((*file)->fresh());
}

TEST_F(TombstoneFileTest, WritesTheExampleItself) {
  Write(base::ByteView(example_).first(kHeaderBytes));
  for (const Tombstone& tombstone : {Version(), Person()}) {
    // Opened anew for each.
    const auto file = Open();
    ASSERT_THAT(file, IsOk());
    ASSERT_THAT((*file)->Append({&tombstone, 1}), IsOk());
  }
  EXPECT_EQ(Bytes(), example_);
}

// They are as many as there were ever erasures.
TEST_F(TombstoneFileTest, KeepsInMemoryWhatTheStoreLacks) {
  Write(example_);
  using Tombstones = std::vector<Tombstone>;
  const auto after = [&](std::uint64_t known) {
    const auto file =
        OpenTombstoneFile(path(), FileKey(), blinder_, known).value();
    EXPECT_EQ(file->last(), 2) << known;
    return file->After(0);
  };
  EXPECT_EQ(after(0), (Tombstones{Version(), Person()}));
  // Its last one is compared.
  EXPECT_EQ(after(1), (Tombstones{Version(), Person()}));
  EXPECT_EQ(after(2), Tombstones{Person()});
  // The file was put back from before: its own last is compared.
  EXPECT_EQ(after(9), Tombstones{Person()});

  const auto file = Open().value();
  ASSERT_THAT(file->Settle(), IsOk());
  EXPECT_EQ(file->After(0), Tombstones{Person()});
  Tombstone more = Person();
  more.owner = blinder_.OwnerOf(HolderId(Counting<16>(1)));
  for (more.sequence = 3; more.sequence < 6; ++more.sequence) {
    ASSERT_THAT(file->Append({&more, 1}), IsOk());
    EXPECT_EQ(file->last(), more.sequence);
    EXPECT_EQ(file->After(0), Tombstones{more});
  }
  EXPECT_EQ(Open().value()->After(0).size(), 5);
}

TEST_F(TombstoneFileTest, EveryBitCounts) {
  for (std::size_t bit = 0; bit < example_.size() * 8; ++bit) {
    base::Bytes bad = example_;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    Write(bad);
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss)) << bit;
  }
  Write(example_);
  EXPECT_THAT(Open(3), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(TombstoneFileTest, ARemovedOrMovedEntryIsDamage) {
  base::Bytes without_first = example_;
  without_first.erase(without_first.begin() + kHeaderBytes,
                      without_first.begin() + kHeaderBytes + kEntryBytes);
  Write(without_first);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
  base::Bytes doubled = example_;
  doubled.insert(doubled.end(), example_.begin() + kHeaderBytes,
                 example_.begin() + kHeaderBytes + kEntryBytes);
  Write(doubled);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(TombstoneFileTest, ATornTailWasNeverAcknowledged) {
  for (std::size_t cut = 1; cut < kEntryBytes; ++cut) {
    Write(base::ByteView(example_).first(example_.size() - cut));
    const auto file = Open();
    ASSERT_THAT(file, IsOk()) << cut;
    EXPECT_EQ((*file)->last(), 1);
    EXPECT_EQ(Bytes().size(), kHeaderBytes + kEntryBytes);
  }
}

TEST_F(TombstoneFileTest, RefusesAGapAndWritesNothing) {
  Write(example_);
  const auto file = Open();
  Tombstone later = Person();
  later.sequence = 4;
  EXPECT_THAT((*file)->Append({&later, 1}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Bytes(), example_);
  later.sequence = 3;
  EXPECT_THAT((*file)->Append({&later, 1}), IsOk());
}

TEST_F(TombstoneFileTest, ANewFileIsFreshUntilSettled) {
  for (int start = 0; start < 2; ++start) EXPECT_TRUE((*Open())->fresh());
  EXPECT_THAT((*Open())->Settle(), IsOk());
  EXPECT_FALSE((*Open())->fresh());
}

TEST(Tombstone, AnUnknownKindIsRefused) {
  const Blinder blinder(CountingKey(0x80));
  Tombstone tombstone;
  tombstone.sequence = 1;
  for (const int kind : {0, 3, 255}) {
    tombstone.kind = static_cast<TombstoneKind>(kind);
    EXPECT_THAT(DecodeTombstone(EncodeTombstone(tombstone), blinder),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  tombstone.kind = TombstoneKind::kPerson;
  base::Bytes longer = EncodeTombstone(tombstone);
  EXPECT_EQ(longer.size(), kTombstoneBytes);
  longer.push_back(0);
  EXPECT_THAT(DecodeTombstone(longer, blinder),
              StatusIs(absl::StatusCode::kDataLoss));
}

ErasureCertificate ExampleCertificate() {
  ErasureCertificate out;
  out.nonce = Counting<16>(0x10);
  out.source = ExampleIdentity().source;
  out.attribute = "health.allergy";
  out.versions = {1, 3};
  out.values = 2;
  out.generation = 4;
  out.epoch = 5;
  out.time = kTime;
  out.retention = {30, 7, 14, 30};
  return out;
}

TEST(ErasureCertificate, WorkedExample) {
  const base::Bytes bytes = base::HexDecode(kCertificate).value();
  EXPECT_EQ(ExampleCertificate().Encode(), bytes);
  const auto decoded = ErasureCertificate::Decode(bytes);
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(*decoded, ExampleCertificate());
  EXPECT_EQ(base::HexEncode(CertificateHash(bytes)),
            "0dbbcc2696a086792b5695b1b416b9b9dd9e9aaaaa45c125a3dc6471695d7d28");
}

TEST(ErasureCertificate, WhatIsNoCertificateIsRefused) {
  const base::Bytes good = ExampleCertificate().Encode();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(ErasureCertificate::Decode(base::ByteView(good).first(size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_THAT(ErasureCertificate::Decode(longer),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // A date that the days beside it do not give.
  base::Bytes sooner = good;
  sooner.back() ^= 1;
  EXPECT_THAT(ErasureCertificate::Decode(sooner),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ErasureCertificate unknown = ExampleCertificate();
  unknown.scope = static_cast<ErasureScope>(3);
  EXPECT_THAT(ErasureCertificate::Decode(unknown.Encode()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ErasureCertificate, TheDaysAreTheLongestAndOneEpoch) {
  EXPECT_EQ((Retention{30, 7, 14, 90}.days()), 120);
  EXPECT_EQ((Retention{1, 70, 14, 0}.days()), 70);
  EXPECT_EQ((Retention{1, 7, 140, 1}.days()), 141);
}

TEST(ErasureCertificate, ItIsSealedToItsPlace) {
  testing::FakeClock clock;
  const base::SecretBytes key = CountingKey(1);
  const Owner owner{3, HolderId(Counting<16>(1))};
  const base::Bytes encoded = ExampleCertificate().Encode();
  CertificateRow row;
  row.id = CertificateIdOf(CertificateHash(encoded));
  row.owner = owner;
  row.sealed =
      SealCertificate(ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, key,
                      owner, encoded, crypto::SystemRandom());
  EXPECT_EQ(*OpenCertificate(ExampleIdentity(), key, row), encoded);
  CertificateRow other = row;
  other.owner.id = HolderId(Counting<16>(2));
  EXPECT_THAT(OpenCertificate(ExampleIdentity(), key, other),
              StatusIs(absl::StatusCode::kDataLoss));
  other = row;
  other.id.front() ^= 1;
  EXPECT_THAT(OpenCertificate(ExampleIdentity(), key, other),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(OpenCertificate(ExampleIdentity(), CountingKey(2), row),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(PersonErasure, WorkedExample) {
  EXPECT_EQ(PersonErasureStatement(ExampleIdentity().source, kTime),
            base::HexDecode(kStatement).value());
}

TEST(Hold, WorkedExample) {
  const Hold hold{HoldGround::kLegalClaims, "court file 12/26"};
  EXPECT_EQ(hold.Encode(), base::HexDecode(kHold).value());
  EXPECT_EQ(*Hold::Decode(hold.Encode()), hold);
}

TEST(Hold, WhatIsNoHoldIsRefused) {
  const base::Bytes good = base::HexDecode(kHold).value();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(Hold::Decode(base::ByteView(good).first(size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  for (const Hold& bad :
       {Hold{static_cast<HoldGround>(0), "x"},
        Hold{static_cast<HoldGround>(7), "x"}, Hold{HoldGround::kArchive, ""},
        Hold{HoldGround::kArchive, std::string(501, 'x')}}) {
    EXPECT_THAT(Hold::Decode(bad.Encode()),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(Hold, EachGroundNamesItsLaw) {
  EXPECT_EQ(LawOf(HoldGround::kExpression), "GDPR Art. 17(3)(a)");
  EXPECT_EQ(LawOf(HoldGround::kLegalClaims), "GDPR Art. 17(3)(e)");
  EXPECT_EQ(LawOf(HoldGround::kRestriction), "GDPR Art. 18(1)");
}

TEST(Hold, ItIsSealedToItsPlace) {
  const base::SecretBytes key = CountingKey(1);
  const Hold hold{HoldGround::kLegalClaims, "court file 12/26"};
  HoldRow row;
  row.id = Counting<16>(7);
  row.owner = {3, HolderId(Counting<16>(1))};
  row.placed_ms = 5;
  row.sealed = SealHold(ExampleIdentity(), crypto::Suite::kAes256Gcm, key, row,
                        hold, crypto::SystemRandom());
  EXPECT_EQ(OpenHold(ExampleIdentity(), key, row)->hold, hold);
  HoldRow other = row;
  other.owner.id = HolderId(Counting<16>(2));
  EXPECT_THAT(OpenHold(ExampleIdentity(), key, other),
              StatusIs(absl::StatusCode::kDataLoss));
  other = row;
  other.id.front() ^= 1;
  EXPECT_THAT(OpenHold(ExampleIdentity(), key, other),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault
