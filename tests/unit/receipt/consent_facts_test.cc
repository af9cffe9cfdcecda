// The entry of the register log with a month's consent facts.
// docs/formats/consent-facts.md

#include "common/receipt/consent_facts.h"

#include <fstream>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;

ConsentFactsEntry Entry(absl::CivilMonth month = absl::CivilMonth(2026, 1)) {
  ConsentFactsEntry out;
  out.time = absl::FromUnixSeconds(1'767'225'600);
  out.facts.month = month;
  SnapshotFacts one;
  one.dataset.fill(9);
  one.snapshot.fill(6);
  one.figures_of = one.snapshot;
  one.persons = 120;
  one.withdrawn = 30;
  out.facts.snapshots = {one};
  return out;
}

TEST(ConsentFactsEntry, IsReadAsItWasSigned) {
  const base::Bytes bytes = SignConsentFacts(Entry(), SeededKey(1));
  EXPECT_TRUE(IsConsentFacts(bytes));
  EXPECT_THAT(tlog::CheckLeaf(tlog::LeafKind::kRegister, bytes), IsOk());
  const auto read = ParseConsentFacts(bytes);
  ASSERT_THAT(read, IsOk());
  ConsentFactsEntry want = Entry();
  want.operator_key = SeededKey(1).PublicKey();
  EXPECT_EQ(*read, want);
}

// The hexadecimal after "entry:" in the page.
std::string ExampleOfThePage() {
  std::ifstream page(std::string(LIMPID_FORMATS) + "/consent-facts.md");
  std::string hex;
  bool in_example = false;
  for (std::string line; std::getline(page, line);) {
    if (in_example && line == "```") break;
    if (line.starts_with("entry: 06")) in_example = true;
    if (in_example) hex += line.substr(line.find_last_of(' ') + 1);
  }
  return hex;
}

TEST(ConsentFactsEntry, IsTheWorkedExampleOfThePage) {
  const base::Bytes bytes = SignConsentFacts(Entry(), SeededKey(1));
  EXPECT_EQ(bytes.size(), 234U);
  EXPECT_EQ(ExampleOfThePage(), base::HexEncode(bytes));
}

TEST(ConsentFactsEntry, RefusesEveryOtherByteAndLength) {
  const base::Bytes good = SignConsentFacts(Entry(), SeededKey(1));
  for (std::size_t i = 0; i < good.size(); ++i) {
    base::Bytes bad = good;
    bad[i] ^= 1U;
    EXPECT_THAT(ParseConsentFacts(bad), StatusIs(absl::StatusCode::kDataLoss))
        << i;
    EXPECT_FALSE(ParseConsentFacts(base::ByteView(good).first(i)).ok()) << i;
  }
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(ParseConsentFacts(longer).ok());
}

TEST(ConsentFactsEntry, FitsALogEntryWithAsManySnapshotsAsItMayHave) {
  ConsentFactsEntry most = Entry();
  const SnapshotFacts one = most.facts.snapshots[0];
  most.facts.snapshots.clear();
  for (std::size_t i = 0; i < kMaxFactsSnapshots; ++i) {
    SnapshotFacts next = one;
    next.snapshot[0] = static_cast<std::uint8_t>(i & 0xffU);
    next.snapshot[1] = static_cast<std::uint8_t>(i >> 8U);
    next.figures_of = next.snapshot;
    most.facts.snapshots.push_back(next);
  }
  const base::Bytes bytes = SignConsentFacts(most, SeededKey(1));
  EXPECT_LE(bytes.size(), 65'535U);
  EXPECT_THAT(ParseConsentFacts(bytes), IsOk());
  most.facts.snapshots.push_back(one);
  EXPECT_FALSE(ConsentFacts::Decode(most.facts.Encode()).ok());
}

TEST(ConsentFactsMonths, OfAnOperatorAreToldOnceAndInOrder) {
  ConsentFactsMonths seen;
  const auto take = [&seen](int month, std::uint8_t signer) {
    return seen.Take(SignConsentFacts(Entry(absl::CivilMonth(2026, month)),
                                      SeededKey(signer)));
  };
  EXPECT_THAT(take(2, 1), IsOk());
  EXPECT_THAT(take(1, 2), IsOk());
  EXPECT_THAT(take(2, 1), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(take(1, 1), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(take(4, 1), IsOk());
  EXPECT_THAT(seen.Take({}), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::receipt
