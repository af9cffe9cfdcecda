// What every vault::VaultStore must do with links to sources.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_SOURCE_LINK_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_SOURCE_LINK_CONFORMANCE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/connectors/source_link_row.h"

namespace limpid::vault {

class SourceLinkConformance : public VaultStoreConformance {
 protected:
  static SourceLinkRow LinkOf(const Owner& owner, std::uint8_t source) {
    return {owner, Sixteen(source), 2, {0, 255, 0, 10}};
  }
  absl::Status PutLink(const SourceLinkRow& row) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.PutSourceLink(row);
    });
  }
  absl::Status DeleteLink(const SourceLinkRow& row) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.DeleteSourceLink(row.owner, row.source_key);
    });
  }
  std::vector<SourceLinkRow> Links(const Owner& owner) {
    const auto rows = store().SourceLinks(owner);
    EXPECT_THAT(rows, testing::IsOk());
    return rows.value_or(std::vector<SourceLinkRow>());
  }
};

TEST_P(SourceLinkConformance, ARowComesBackAndIsReplaced) {
  EXPECT_TRUE(Links(anna_).empty());
  SourceLinkRow row = LinkOf(anna_, 200);
  ASSERT_THAT(PutLink(row), testing::IsOk());
  Step();
  EXPECT_EQ(Links(anna_), std::vector{row});
  row.generation = 0xffffffff;
  row.sealed.assign(20'000, 0);
  ASSERT_THAT(PutLink(row), testing::IsOk());
  Step();
  EXPECT_EQ(Links(anna_), std::vector{row});
}

TEST_P(SourceLinkConformance, RowsAreBySourceAndOfOneOwner) {
  const SourceLinkRow later = LinkOf(anna_, 200);
  const SourceLinkRow sooner = LinkOf(anna_, 3);
  const SourceLinkRow bela = LinkOf(bela_, 3);
  for (const SourceLinkRow& row : {later, bela, sooner}) {
    ASSERT_THAT(PutLink(row), testing::IsOk());
  }
  Step();
  EXPECT_EQ(Links(anna_), (std::vector{sooner, later}));
  EXPECT_EQ(Links(bela_), std::vector{bela});
  EXPECT_TRUE(Links({4094, anna_.id}).empty());
}

TEST_P(SourceLinkConformance, ADeletedRowIsGoneAndMissedTheSecondTime) {
  const SourceLinkRow row = LinkOf(anna_, 3);
  const SourceLinkRow bela = LinkOf(bela_, 3);
  ASSERT_THAT(PutLink(row), testing::IsOk());
  ASSERT_THAT(PutLink(bela), testing::IsOk());
  ASSERT_THAT(DeleteLink(row), testing::IsOk());
  Step();
  EXPECT_TRUE(Links(anna_).empty());
  EXPECT_EQ(Links(bela_), std::vector{bela});
  EXPECT_THAT(DeleteLink(row), testing::StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(SourceLinkConformance, AFailedTransactionLeavesNothing) {
  const SourceLinkRow kept = LinkOf(anna_, 9);
  ASSERT_THAT(PutLink(kept), testing::IsOk());
  const SourceLinkRow row = LinkOf(anna_, 3);
  const absl::Status failed =
      store().Write([&](VaultTransaction& transaction) -> absl::Status {
        EXPECT_THAT(transaction.PutSourceLink(row), testing::IsOk());
        EXPECT_THAT(transaction.DeleteSourceLink(anna_, kept.source_key),
                    testing::IsOk());
        EXPECT_EQ(*transaction.SourceLinks(anna_), std::vector{row});
        return absl::AbortedError("no");
      });
  EXPECT_THAT(failed, testing::StatusIs(absl::StatusCode::kAborted));
  Step();
  EXPECT_EQ(Links(anna_), std::vector{kept});
}

TEST_P(SourceLinkConformance, AnErasedPersonHasNone) {
  const SourceLinkRow bela = LinkOf(bela_, 3);
  for (const SourceLinkRow& row : {LinkOf(anna_, 3), LinkOf(anna_, 4), bela}) {
    ASSERT_THAT(PutLink(row), testing::IsOk());
  }
  ASSERT_THAT(store().Write([&](VaultTransaction& transaction) {
    return transaction.erasure().ForgetPerson(anna_).status();
  }),
              testing::IsOk());
  Step();
  EXPECT_TRUE(Links(anna_).empty());
  EXPECT_EQ(Links(bela_), std::vector{bela});
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_SOURCE_LINK_CONFORMANCE_H_
