// What is stored of cohorts: for each person that her entry of the epoch is
// made, and for each cohort how many permits it had.
// docs/formats/cohort-permit.md

#ifndef LIMPID_CONSENT_COHORT_COHORT_ROWS_H_
#define LIMPID_CONSENT_COHORT_COHORT_ROWS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "consent/cohort/cohort_book.h"
#include "consent/ids.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// That the person was entered as counted, newest epoch only.
struct CountedRow {
  std::uint64_t epoch = 0;
  RecordId record;
  // Of the entry.
  AccessId access;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one.
  static absl::StatusOr<CountedRow> Decode(base::ByteView bytes);

  friend bool operator==(const CountedRow&, const CountedRow&) = default;
};

// Permits of one cohort in its newest epoch.
struct CohortTally {
  std::uint64_t epoch = 0;
  std::uint32_t permit_count = 0;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one.
  static absl::StatusOr<CohortTally> Decode(base::ByteView bytes);

  friend bool operator==(const CohortTally&, const CohortTally&) = default;
};

// One per person and cohort key; a later epoch replaces it.
RowKey CountedRowKey(const Blinder& blinder, const PersonState& person,
                     const CohortKey& key);
PersonalRow RowOf(const RowKey& row_key, const base::SecretBytes& person_key,
                  absl::Time time, const CountedRow& counted);
// What the person was entered as last; none for never.
//
// Errors: those of the store; kDataLoss for a row that does not open.
absl::StatusOr<std::optional<CountedRow>> LastCounted(const LedgerStore& store,
                                                      const PersonState& person,
                                                      const RowKey& row_key);

PublicRow RowOf(const Blinder& blinder, const base::SecretBytes& row_key,
                const CohortKey& key, absl::Time time,
                const CohortTally& tally);
// Permits of the cohort in `epoch` so far. Errors: the same.
absl::StatusOr<std::uint32_t> PermitsIn(const LedgerStore& store,
                                        const Blinder& blinder,
                                        const base::SecretBytes& row_key,
                                        const CohortKey& key,
                                        std::uint64_t epoch);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_COHORT_COHORT_ROWS_H_
