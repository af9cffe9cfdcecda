// What the conformance suites of LedgerStore share: a store of one of the
// backends, and rows to put into it.

#ifndef LIMPID_TESTS_CONFORMANCE_CONSENT_LEDGER_FIXTURE_H_
#define LIMPID_TESTS_CONFORMANCE_CONSENT_LEDGER_FIXTURE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "consent/ledger/store.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"

namespace limpid::consent::testing {

inline RowId Raw(std::uint8_t byte) {
  RowId out{};
  out.fill(byte);
  return out;
}

inline PersonalRow RowOfKind(RowKind kind, std::uint8_t id,
                             std::uint64_t sequence) {
  PersonalRow row;
  row.key = {7, IdOf<PersonId>(1), kind, Raw(id), sequence};
  row.created_ms = 1'000;
  row.payload = {1, 0, 2};
  return row;
}

// Over the store of one of the backends, at its newest epoch.
class LedgerFixture : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (IsPostgres(GetParam())) LIMPID_NEEDS_POSTGRES();
    stores_ = MakeStores(GetParam());
    head_ = store().TakeEpoch().value();
  }

  LedgerStore& store() {
    if (IsReopened(GetParam())) stores_->Reopen();
    return stores_->ledger();
  }
  LedgerCommit Next() {
    LedgerCommit commit;
    commit.head = head_;
    return commit;
  }
  absl::Status Commit(const LedgerCommit& commit) {
    absl::Status status = store().Commit(commit);
    if (status.ok()) head_ = commit.head;
    return status;
  }

  std::unique_ptr<Stores> stores_;
  LedgerHead head_;
};

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_CONFORMANCE_CONSENT_LEDGER_FIXTURE_H_
