// Keys of services in the register: once each, in order, nobody else's, and
// nothing lost or twice when the process dies between store, log and mark.

#include "common/receipt/service_key.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/version/version.h"
#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using receipt::ServiceKeyKind;
using testing::IsOk;
using testing::SeededKey;
using testing::ServiceKeyChainOf;
using testing::StatusIs;

receipt::ServiceIdBytes Service(std::uint8_t fill) {
  receipt::ServiceIdBytes out{};
  out.fill(fill);
  return out;
}

receipt::ServiceKeyBytes Thumbprint(std::uint8_t fill) {
  receipt::ServiceKeyBytes out{};
  out.fill(fill);
  return out;
}

class ServiceKeys : public ::testing::Test {
 protected:
  absl::StatusOr<std::uint64_t> Publish(const base::Bytes& entry) {
    const std::vector<crypto::Ed25519PublicKey> operators = {
        chain_.operator_key().PublicKey()};
    return house_.target.PublishServiceKey(operators, entry);
  }
  std::size_t Listed(std::uint8_t service = 3) {
    return house_.service_keys.List(Service(service), 0, 100)->size();
  }
  // A dataset's draft that lists a snapshot under this service's id.
  absl::StatusOr<Draft> DraftOfSnapshot(std::uint8_t service) {
    const Author author = house_.By(house_.publisher);
    json::Value content = NewContent(RegistrationKind::kDataset);
    SetField(content, "title", GivenText("en", "Households"));
    content.Remove("kind");
    const auto draft =
        house_.target.PrepareNew(author, RegistrationKind::kDataset, content);
    EXPECT_THAT(draft, IsOk());
    const auto dataset = house_.Publish(*draft);
    EXPECT_THAT(dataset, IsOk());
    return house_.target.PrepareSnapshot(author, dataset->registration,
                                         SnapshotId(Service(service)), "2026");
  }
  // As a new process would start on the same files.
  absl::Status Recover() {
    house_.log.death = ListLog::Death::kNone;
    return Register(house_.parts).Recover();
  }

  RegisterHouse house_;
  ServiceKeyChainOf chain_{Service(3), SeededKey(1)};
};

TEST_F(ServiceKeys, AnEntryIsLoggedOnceBesideRegistrations) {
  house_.NewSystem("Router");
  const base::Bytes signing = chain_.Sign(SeededKey(7));
  EXPECT_EQ(Publish(signing).value(), 1U);
  house_.NewSystem("Switch");
  const base::Bytes retired =
      chain_.Retire(ServiceKeyKind::kSigning, SeededKey(7).PublicKey().bytes);
  EXPECT_EQ(Publish(retired).value(), 3U);
  EXPECT_EQ(Publish(signing).value(), 1U);
  EXPECT_EQ(Publish(retired).value(), 3U);
  EXPECT_EQ(house_.log.entries.size(), 4U);
  EXPECT_EQ(Listed(), 2U);
  EXPECT_EQ(house_.log.entries[1], signing);
}

TEST_F(ServiceKeys, RefusesWhatNoKnownOperatorSigned) {
  constexpr auto kBad = absl::StatusCode::kInvalidArgument;
  base::Bytes entry = chain_.Certify(Thumbprint(5));
  EXPECT_THAT(house_.target.PublishServiceKey({}, entry), StatusIs(kBad));
  const std::vector<crypto::Ed25519PublicKey> other = {
      SeededKey(2).PublicKey()};
  EXPECT_THAT(house_.target.PublishServiceKey(other, entry), StatusIs(kBad));
  for (std::size_t at = 0; at < entry.size(); ++at) {
    entry[at] ^= 1U;
    EXPECT_THAT(Publish(entry), StatusIs(kBad)) << at;
    entry[at] ^= 1U;
  }
  EXPECT_THAT(Publish({}), StatusIs(kBad));
  EXPECT_TRUE(house_.log.entries.empty());
  EXPECT_THAT(Publish(entry), IsOk());
}

TEST_F(ServiceKeys, RefusesGapsForksAndBrokenRules) {
  constexpr auto kNot = absl::StatusCode::kFailedPrecondition;
  const base::Bytes first = chain_.Sign(SeededKey(7));
  const base::Bytes second = chain_.Certify(Thumbprint(5));
  EXPECT_THAT(Publish(second), StatusIs(kNot));
  ASSERT_THAT(Publish(first), IsOk());
  ASSERT_THAT(Publish(second), IsOk());
  chain_.Drop();
  EXPECT_THAT(Publish(chain_.Certify(Thumbprint(6))),
              StatusIs(absl::StatusCode::kAlreadyExists));
  chain_.Drop();
  chain_.Certify(Thumbprint(5));
  // Back again, never there, and proved by nobody's key: every device would
  // refuse the whole chain from then on.
  EXPECT_THAT(Publish(chain_.Certify(Thumbprint(5))), StatusIs(kNot));
  chain_.Drop();
  EXPECT_THAT(
      Publish(chain_.Retire(ServiceKeyKind::kCertificate, Thumbprint(9))),
      StatusIs(kNot));
  chain_.Drop();
  EXPECT_THAT(Publish(chain_.Encrypt(Thumbprint(8), SeededKey(6))),
              StatusIs(kNot));
  chain_.Drop();
  // The same number behind another predecessor.
  ServiceKeyChainOf other(Service(3), SeededKey(1));
  other.Sign(SeededKey(7));
  other.Certify(Thumbprint(6));
  EXPECT_THAT(Publish(other.Certify(Thumbprint(7))), StatusIs(kNot));
  EXPECT_EQ(house_.log.entries.size(), 2U);
  EXPECT_THAT(Publish(chain_.Certify(Thumbprint(7))), IsOk());
}

TEST_F(ServiceKeys, AnotherOperatorCannotContinueTheChain) {
  ASSERT_THAT(Publish(chain_.Sign(SeededKey(7))), IsOk());
  ServiceKeyChainOf theirs(Service(3), SeededKey(2));
  theirs.Sign(SeededKey(7));
  const base::Bytes second = theirs.Certify(Thumbprint(5));
  const std::vector<crypto::Ed25519PublicKey> both = {SeededKey(1).PublicKey(),
                                                      SeededKey(2).PublicKey()};
  EXPECT_THAT(house_.target.PublishServiceKey(both, second),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(house_.log.entries.size(), 1U);
}

// Where service-key.md says the register's promise ends.
TEST_F(ServiceKeys, WhoBeginsAChainKeepsIt) {
  const std::vector<crypto::Ed25519PublicKey> both = {SeededKey(1).PublicKey(),
                                                      SeededKey(2).PublicKey()};
  ServiceKeyChainOf theirs(Service(3), SeededKey(2));
  const std::vector<base::Bytes> squatted = {theirs.Sign(SeededKey(8))};
  ASSERT_THAT(house_.target.PublishServiceKey(both, squatted.front()), IsOk());
  EXPECT_THAT(house_.target.PublishServiceKey(both, chain_.Sign(SeededKey(7))),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_FALSE(receipt::ServiceKeys::Follow(Service(3),
                                            SeededKey(1).PublicKey(), squatted)
                   .ok());
}

// Publishers choose the ids of snapshots, and agreements show those of
// services: a stolen key must stay removable.
TEST_F(ServiceKeys, NoPublisherTakesTheIdOfAChainForASnapshot) {
  constexpr auto kTaken = absl::StatusCode::kAlreadyExists;
  const auto early = DraftOfSnapshot(3);
  ASSERT_THAT(early, IsOk());
  ASSERT_THAT(Publish(chain_.Sign(SeededKey(7))), IsOk());
  EXPECT_THAT(house_.Publish(*early),
              testing::StatusSays(kTaken, "/fields/snapshots/value/0/id"));
  EXPECT_THAT(DraftOfSnapshot(3), StatusIs(kTaken));
  const auto another = DraftOfSnapshot(4);
  ASSERT_THAT(another, IsOk());
  EXPECT_THAT(house_.Publish(*another), IsOk());
  EXPECT_THAT(Publish(chain_.Retire(ServiceKeyKind::kSigning,
                                    SeededKey(7).PublicKey().bytes)),
              IsOk());
}

// A register may hold such a snapshot from before it was refused.
TEST_F(ServiceKeys, AChainGoesOnWhateverADatasetLists) {
  const auto draft = DraftOfSnapshot(3);
  ASSERT_THAT(draft, IsOk());
  const auto dataset = house_.Publish(*draft);
  ASSERT_THAT(dataset, IsOk());
  const base::Bytes first = chain_.Sign(SeededKey(7));
  // What came first keeps the id: of a service without a key none is to remove.
  EXPECT_THAT(Publish(first), StatusIs(absl::StatusCode::kFailedPrecondition));
  const std::uint64_t place = house_.log.entries.size();
  ASSERT_THAT(house_.service_keys.Add({.service = Service(3),
                                       .number = 1,
                                       .entry = first,
                                       .leaf_index = {}}),
              IsOk());
  house_.log.entries.push_back(first);
  ASSERT_THAT(Recover(), IsOk());
  EXPECT_EQ(Publish(chain_.Retire(ServiceKeyKind::kSigning,
                                  SeededKey(7).PublicKey().bytes))
                .value(),
            place + 1);
  // Nor is the dataset held up.
  const auto retirement = house_.target.PrepareRetirement(
      house_.By(house_.publisher), dataset->registration);
  ASSERT_THAT(retirement, IsOk());
  EXPECT_THAT(house_.Publish(*retirement), IsOk());
}

TEST_F(ServiceKeys, ResumesAfterACrashBeforeTheLogWrote) {
  house_.NewSystem("Router");
  const base::Bytes entry = chain_.Sign(SeededKey(7));
  house_.log.death = ListLog::Death::kBefore;
  EXPECT_FALSE(Publish(entry).ok());
  EXPECT_EQ(Listed(), 0U);
  ASSERT_THAT(Recover(), IsOk());
  EXPECT_EQ(Listed(), 1U);
  ASSERT_EQ(house_.log.entries.size(), 2U);
  EXPECT_EQ(Publish(entry).value(), 1U);
  EXPECT_EQ(house_.log.entries.size(), 2U);
}

TEST_F(ServiceKeys, ResumesAfterACrashBetweenLogAndMark) {
  house_.NewSystem("Router");
  const base::Bytes entry = chain_.Sign(SeededKey(7));
  house_.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(Publish(entry).ok());
  ASSERT_THAT(Recover(), IsOk());
  EXPECT_EQ(Publish(entry).value(), 1U);
  EXPECT_EQ(house_.log.entries.size(), 2U);
  // And versions find their places behind it.
  const Version version = house_.NewSystem("Switch");
  EXPECT_EQ(version.leaf_index, 2U);
}

// A key waits while a version is in the log unmarked, and the reverse.
TEST_F(ServiceKeys, EitherKindFinishesBeforeTheOther) {
  const auto draft = house_.target.PrepareNew(house_.By(house_.publisher),
                                              RegistrationKind::kSystem,
                                              SystemRequest("Router"));
  const base::Bytes entry = chain_.Sign(SeededKey(7));
  house_.log.death = ListLog::Death::kAfter;
  EXPECT_FALSE(house_.Publish(*draft).ok());
  house_.log.death = ListLog::Death::kNone;
  EXPECT_EQ(Publish(entry).value(), 1U);
  EXPECT_EQ(*house_.store.Count({}), 1U);
  house_.log.death = ListLog::Death::kAfter;
  const base::Bytes next = chain_.Certify(Thumbprint(5));
  EXPECT_FALSE(Publish(next).ok());
  house_.log.death = ListLog::Death::kNone;
  EXPECT_EQ(house_.NewSystem("Switch").leaf_index, 3U);
  EXPECT_EQ(Listed(), 2U);
  EXPECT_EQ(house_.log.entries.size(), 4U);
}

// Both kinds are pending, the log has one: the other comes behind it.
TEST_F(ServiceKeys, RecoversWithBothKindsPending) {
  const auto draft = house_.target.PrepareNew(house_.By(house_.publisher),
                                              RegistrationKind::kSystem,
                                              SystemRequest("Router"));
  house_.log.death = ListLog::Death::kBefore;
  EXPECT_FALSE(house_.Publish(*draft).ok());
  const base::Bytes entry = chain_.Sign(SeededKey(7));
  ASSERT_THAT(house_.service_keys.Add({.service = Service(3),
                                       .number = 1,
                                       .entry = entry,
                                       .leaf_index = {}}),
              IsOk());
  house_.log.entries.push_back(entry);
  ASSERT_THAT(Recover(), IsOk());
  EXPECT_EQ(house_.log.entries.size(), 2U);
  EXPECT_EQ(house_.service_keys.List(Service(3), 0, 9)->front().leaf_index, 0U);
  EXPECT_EQ(*house_.store.Count({}), 1U);
}

TEST_F(ServiceKeys, RefusesToRecoverFromAnotherStoresLog) {
  ASSERT_THAT(Publish(chain_.Sign(SeededKey(7))), IsOk());
  const base::Bytes unknown = chain_.Certify(Thumbprint(5));
  house_.log.entries.push_back(unknown);
  constexpr auto kLoss = absl::StatusCode::kDataLoss;
  EXPECT_THAT(Recover(), StatusIs(kLoss));
  // One is pending, but not this one.
  chain_.Drop();
  ASSERT_THAT(house_.service_keys.Add({.service = Service(3),
                                       .number = 2,
                                       .entry = chain_.Certify(Thumbprint(6)),
                                       .leaf_index = {}}),
              IsOk());
  EXPECT_THAT(Recover(), StatusIs(kLoss));
  house_.log.entries.clear();
  EXPECT_THAT(Recover(), StatusIs(kLoss));
}

TEST(KeyOperators, GiveEachCallerTheSignersItMayBring) {
  const crypto::Ed25519PublicKey here = SeededKey(1).PublicKey();
  const crypto::Ed25519PublicKey far = SeededKey(2).PublicKey();
  KeyOperators operators;
  operators.Add({.key = here, .certificate = {}});
  operators.Add({.key = far, .certificate = Thumbprint(5)});
  EXPECT_EQ(operators.KeysFor(Thumbprint(5), false), std::vector{far});
  EXPECT_TRUE(operators.KeysFor(Thumbprint(6), false).empty());
  EXPECT_TRUE(operators.KeysFor({}, false).empty());
  EXPECT_EQ(operators.KeysFor(Thumbprint(6), true), (std::vector{here, far}));
}

}  // namespace
}  // namespace limpid::algoregister
