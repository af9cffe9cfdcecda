#include "common/receipt/service_key.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/leaf.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr auto kLoss = absl::StatusCode::kDataLoss;
constexpr auto kNotInForce = absl::StatusCode::kFailedPrecondition;
const absl::Time kFrom = absl::FromUnixSeconds(1'767'225'600);
const absl::Duration kTick = absl::Milliseconds(1);

crypto::Ed25519PrivateKey Key(std::uint8_t fill) {
  const std::vector<std::uint8_t> seed(32, fill);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

ServiceIdBytes IdOf(std::uint8_t fill) {
  ServiceIdBytes out{};
  out.fill(fill);
  return out;
}

ServiceKeyBytes BytesOf(std::uint8_t fill) {
  ServiceKeyBytes out{};
  out.fill(fill);
  return out;
}

const crypto::Ed25519PrivateKey& Operator() {
  static const auto* const kKey = new crypto::Ed25519PrivateKey(Key(1));
  return *kKey;
}

ServiceKeyEntry Signing(const crypto::Ed25519PrivateKey& key) {
  ServiceKeyEntry out;
  out.service = IdOf(3);
  out.kind = ServiceKeyKind::kSigning;
  out.number = 1;
  out.key = key.PublicKey().bytes;
  out.valid_from = kFrom;
  out.prover = key.PublicKey();
  out.proof = ProveServiceKey(out.service, out.kind, out.key, key);
  return out;
}

ServiceKeyEntry Encryption(std::uint8_t fill,
                           const crypto::Ed25519PrivateKey& prover) {
  ServiceKeyEntry out = Signing(prover);
  out.kind = ServiceKeyKind::kEncryption;
  out.key = BytesOf(fill);
  out.proof = ProveServiceKey(out.service, out.kind, out.key, prover);
  return out;
}

ServiceKeyEntry Retired(ServiceKeyEntry entry, absl::Time at) {
  entry.retired = at;
  entry.prover = {};
  entry.proof = {};
  return entry;
}

// A chain of service 3 in which every entry follows the one before.
class Chain {
 public:
  Chain& Add(ServiceKeyEntry entry) {
    entry.number = static_cast<std::uint32_t>(entries_.size() + 1);
    if (!entries_.empty()) entry.predecessor = tlog::LeafHash(entries_.back());
    entries_.push_back(SignServiceKeyEntry(entry, Operator()));
    return *this;
  }
  [[nodiscard]] absl::StatusOr<ServiceKeys> Follow() const {
    return ServiceKeys::Follow(IdOf(3), Operator().PublicKey(), entries_);
  }
  std::vector<base::Bytes>& entries() { return entries_; }

 private:
  std::vector<base::Bytes> entries_;
};

// docs/formats/service-key.md
TEST(ServiceKey, GivesTheWorkedExampleOfTheFormatPage) {
  const std::string page = testing::ReadFile(
      std::filesystem::path(LIMPID_FORMATS) / "service-key.md");
  const base::Bytes entry = SignServiceKeyEntry(Signing(Key(7)), Operator());
  ASSERT_EQ(entry.size(), kServiceKeyEntryBytes);
  for (std::size_t i = 0; i < entry.size(); i += 64) {
    const std::size_t size = std::min<std::size_t>(64, entry.size() - i);
    const std::string line =
        base::HexEncode(base::ByteView(entry).subspan(i, size)) + "\n";
    EXPECT_NE(page.find(line), std::string::npos) << line;
  }
  const std::string hash = base::HexEncode(tlog::LeafHash(entry));
  EXPECT_NE(page.find("hash: " + hash + "\n"), std::string::npos) << hash;
}

TEST(ServiceKey, EveryFlippedBitIsNoticed) {
  const base::Bytes entry = SignServiceKeyEntry(Signing(Key(7)), Operator());
  const auto read = VerifyServiceKeyEntry(entry, Operator().PublicKey());
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(*read, Signing(Key(7)));
  EXPECT_THAT(tlog::CheckLeaf(tlog::LeafKind::kRegister, entry), IsOk());
  EXPECT_THAT(tlog::CheckLeaf(tlog::LeafKind::kAccess, entry), StatusIs(kLoss));
  for (std::size_t bit = 0; bit < entry.size() * 8; ++bit) {
    base::Bytes damaged = entry;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(VerifyServiceKeyEntry(damaged, Operator().PublicKey()),
                StatusIs(kLoss))
        << bit;
  }
  for (std::size_t size = 0; size < entry.size(); ++size) {
    EXPECT_THAT(ParseServiceKeyEntry(base::ByteView(entry).first(size)),
                StatusIs(kLoss));
  }
  base::Bytes longer = entry;
  longer.push_back(0);
  EXPECT_THAT(ParseServiceKeyEntry(longer), StatusIs(kLoss));
}

TEST(ServiceKey, NeedsTheOperatorsSignature) {
  const base::Bytes forged = SignServiceKeyEntry(Signing(Key(7)), Key(2));
  EXPECT_THAT(ParseServiceKeyEntry(forged), IsOk());
  EXPECT_THAT(VerifyServiceKeyEntry(forged, Operator().PublicKey()),
              StatusIs(kLoss));
}

// Signed by the operator all of them: what it must not be able to claim.
TEST(ServiceKey, RefusesEntriesThatBreakTheRules) {
  const ServiceKeyEntry good = Signing(Key(7));
  std::vector<ServiceKeyEntry> bad(11, good);
  bad[0].number = 0;
  bad[1].number = 2;
  bad[2].predecessor.fill(1);
  bad[3].kind = static_cast<ServiceKeyKind>(4);
  bad[4].service = IdOf(4);
  bad[5].service = {};
  bad[6].valid_from = absl::UnixEpoch();
  bad[7].valid_from = absl::FromUnixMillis(253'402'300'800'000);
  bad[8] = Retired(good, kFrom);
  // A signing key that another one proves.
  bad[9].key = Key(8).PublicKey().bytes;
  bad[9].proof = ProveServiceKey(good.service, good.kind, bad[9].key, Key(7));
  bad[10].kind = ServiceKeyKind::kCertificate;
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(ParseServiceKeyEntry(SignServiceKeyEntry(bad[i], Operator())),
                StatusIs(kLoss))
        << i;
  }
}

TEST(ServiceKey, RefusesProofsForSomethingElse) {
  const ServiceKeyEntry good = Encryption(5, Key(7));
  EXPECT_THAT(ParseServiceKeyEntry(SignServiceKeyEntry(good, Operator())),
              IsOk());
  std::vector<ServiceKeyEntry> bad(4, good);
  bad[0].proof = ProveServiceKey(IdOf(4), good.kind, good.key, Key(7));
  bad[1].proof =
      ProveServiceKey(good.service, ServiceKeyKind::kSigning, good.key, Key(7));
  bad[2].proof = ProveServiceKey(good.service, good.kind, BytesOf(6), Key(7));
  bad[3].proof = ProveServiceKey(good.service, good.kind, good.key, Key(8));
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(ParseServiceKeyEntry(SignServiceKeyEntry(bad[i], Operator())),
                StatusIs(kLoss))
        << i;
  }
}

TEST(ServiceKeys, AreInForceFromTheirTimeToTheirRetirement) {
  const absl::Time end = kFrom + absl::Hours(1);
  ServiceKeyEntry certificate = Retired(Signing(Key(7)), end);
  certificate.kind = ServiceKeyKind::kCertificate;
  certificate.key = BytesOf(9);
  certificate.retired.reset();
  const auto keys = Chain()
                        .Add(Signing(Key(7)))
                        .Add(certificate)
                        .Add(Retired(certificate, end))
                        .Follow();
  ASSERT_THAT(keys, IsOk());
  ASSERT_EQ(keys->keys().size(), 2U);
  const auto check = [&](absl::Time at) {
    return keys->CheckUsable(ServiceKeyKind::kCertificate, BytesOf(9), at);
  };
  EXPECT_THAT(check(kFrom - kTick), StatusIs(kNotInForce));
  EXPECT_THAT(check(kFrom), IsOk());
  EXPECT_THAT(check(end - kTick), IsOk());
  EXPECT_THAT(check(end), StatusIs(kNotInForce));
  EXPECT_THAT(keys->CheckUsable(ServiceKeyKind::kEncryption, BytesOf(9), kFrom),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(ServiceKeys, AnEncryptionKeyGoesWithTheKeyThatProvedIt) {
  const absl::Time end = kFrom + absl::Hours(1);
  const auto keys = Chain()
                        .Add(Signing(Key(7)))
                        .Add(Encryption(5, Key(7)))
                        .Add(Retired(Signing(Key(7)), end))
                        .Follow();
  ASSERT_THAT(keys, IsOk());
  const auto check = [&](absl::Time at) {
    return keys->CheckUsable(ServiceKeyKind::kEncryption, BytesOf(5), at);
  };
  EXPECT_THAT(check(end - kTick), IsOk());
  EXPECT_THAT(check(end), StatusIs(kNotInForce));
}

TEST(ServiceKeys, RefuseAChainThatLies) {
  const absl::Time end = kFrom + absl::Hours(1);
  const ServiceKeyEntry signing = Signing(Key(7));
  ServiceKeyEntry late = Encryption(5, Key(7));
  late.valid_from = end;
  ServiceKeyEntry early = Encryption(5, Key(7));
  early.valid_from = kFrom - kTick;
  ServiceKeyEntry moved = Retired(signing, end);
  moved.valid_from = kFrom - kTick;
  std::vector<Chain> bad(7);
  bad[0].Add(signing).Add(signing);
  bad[1].Add(signing).Add(Retired(signing, end)).Add(signing);
  bad[2].Add(signing).Add(Retired(signing, end)).Add(Retired(signing, end));
  bad[3].Add(signing).Add(Encryption(5, Key(8)));
  bad[4].Add(signing).Add(Retired(signing, end)).Add(late);
  bad[5].Add(signing).Add(early);
  bad[6].Add(signing).Add(moved);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(bad[i].Follow(), StatusIs(kLoss)) << i;
  }
  EXPECT_THAT(Chain().Add(signing).Add(Encryption(5, Key(7))).Follow(), IsOk());
}

TEST(ServiceKeys, RefuseGapsForksAndOthersKeys) {
  Chain chain;
  chain.Add(Signing(Key(7))).Add(Encryption(5, Key(7)));
  ASSERT_THAT(chain.Follow(), IsOk());
  EXPECT_THAT(
      ServiceKeys::Follow(IdOf(4), Operator().PublicKey(), chain.entries()),
      StatusIs(kLoss));
  EXPECT_THAT(ServiceKeys::Follow(IdOf(3), Key(2).PublicKey(), chain.entries()),
              StatusIs(kLoss));
  Chain gap = chain;
  gap.entries().erase(gap.entries().begin());
  EXPECT_THAT(gap.Follow(), StatusIs(kLoss));
  // The second entry of a chain with another first one, right but for that.
  Chain fork;
  fork.Add(Signing(Key(8))).Add(Encryption(5, Key(7)));
  fork.entries()[0] = chain.entries()[0];
  EXPECT_THAT(fork.Follow(), StatusIs(kLoss));
}

// A number left out, with the right predecessor: one entry was hidden before it
// was published.
TEST(ServiceKeys, RefuseANumberThatIsLeftOut) {
  Chain chain;
  chain.Add(Signing(Key(7)));
  ServiceKeyEntry third = Encryption(5, Key(7));
  third.number = 3;
  third.predecessor = tlog::LeafHash(chain.entries()[0]);
  chain.entries().push_back(SignServiceKeyEntry(third, Operator()));
  EXPECT_THAT(chain.Follow(), StatusIs(kLoss));
  ServiceKeyChains seen;
  ASSERT_THAT(seen.Take(chain.entries()[0]), IsOk());
  EXPECT_THAT(seen.Take(chain.entries()[1]), StatusIs(kLoss));
}

TEST(ServiceKeyChains, SeeTwoEntriesForOnePlaceInTheLog) {
  Chain ours;
  ours.Add(Signing(Key(7))).Add(Encryption(5, Key(7)));
  Chain theirs;
  theirs.Add(Signing(Key(7))).Add(Encryption(6, Key(7)));
  ServiceKeyEntry other = Signing(Key(8));
  other.service = IdOf(4);
  other.proof = ProveServiceKey(other.service, other.kind, other.key, Key(8));
  Chain fork;
  fork.Add(Signing(Key(8))).Add(Encryption(5, Key(7)));
  ServiceKeyChains seen;
  EXPECT_THAT(seen.Take(ours.entries()[0]), IsOk());
  // Chains of two services lie between each other in the log.
  EXPECT_THAT(seen.Take(SignServiceKeyEntry(other, Operator())), IsOk());
  EXPECT_THAT(seen.Take(fork.entries()[1]), StatusIs(kLoss));
  EXPECT_THAT(seen.Take(ours.entries()[1]), IsOk());
  EXPECT_THAT(seen.Take(theirs.entries()[1]), StatusIs(kLoss));
  EXPECT_THAT(seen.Take(ours.entries()[1]), StatusIs(kLoss));
  EXPECT_THAT(seen.Take(base::Bytes{4}), StatusIs(kLoss));
}

}  // namespace
}  // namespace limpid::receipt
