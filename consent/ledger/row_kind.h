// What kinds of rows a ledger store holds, by their stored numbers.

#ifndef LIMPID_CONSENT_LEDGER_ROW_KIND_H_
#define LIMPID_CONSENT_LEDGER_ROW_KIND_H_

#include <cstdint>

namespace limpid::consent {

// Rows of a person, under her key. Stored: append, never renumber.
enum class RowKind : std::uint8_t {
  kAccount = 1,
  // One per key that opens an account; `lookup` blinds the key id.
  kAccountKey = 2,
  // Present state of a record; `lookup` is the record id.
  kRecord = 3,
  // One per revision; `sequence` is its number.
  kRevision = 4,
  // One per entry of the person's chain; `sequence` is its number.
  kEntry = 5,
  // `lookup` blinds person, service and purpose.
  kPseudonym = 6,
  // docs/formats/standing-permission.md
  kStanding = 7,
  // docs/formats/delegation.md
  kDelegation = 8,
  // What a service must delete; `lookup` is the duty's id.
  kDeletionDuty = 9,
  // docs/formats/denial-tally.md
  kDenialTally = 10,
  // 11 is reserved: no kind has it.
  // One statement of a joint grant; `sequence` is the revision it made.
  kGrantPart = 12,
  // That she counts in an epoch's statistics. docs/formats/cohort-permit.md
  kCounted = 13,
  // An access entry that is not told yet, or was told since.
  // docs/formats/embargo.md
  kEmbargoed = 14,
  // docs/formats/basis-notice.md
  kBasisNotice = 15,
  // A record that left, or a move that arrived and then `lookup` is its id.
  // docs/formats/operator-move.md
  kMove = 16,
  // docs/formats/asked-question.md
  kAskedQuestion = 17,
  // One read for training, until its snapshot is sealed; `sequence` is its
  // entry's number. docs/formats/training-commitment.md
  kTrainingRead = 18,
  // The reads of a sealed snapshot, with their opening.
  kTrainingRelease = 19,
  // docs/formats/decision-notice.md
  kDecisionNotice = 20,
};

// Rows of the operator. Stored: append, never renumber.
enum class PublicKind : std::uint8_t {
  kService = 1,
  kAgreement = 2,
  kRequest = 3,
  // docs/formats/sharing-agreement.md
  kSharing = 4,
  // docs/formats/campaign.md
  kCampaign = 5,
  // docs/formats/push.md
  kPushEndpoint = 6,
  kDelivery = 7,
  // docs/formats/service-change.md
  kServiceChange = 8,
  // docs/formats/cohort-permit.md
  kCohort = 9,
  // docs/formats/service-key-chain.md
  kServiceKeys = 10,
  // 11 is reserved: no kind has it.
  // docs/formats/absent-key.md
  kAbsentKey = 12,
  // docs/formats/account-erasure.md
  kErasedAccount = 13,
  // docs/formats/training-commitment.md
  kTrainingSnapshot = 14,
  kTrainingLeaves = 15,
  // docs/formats/consent-facts.md
  kConsentFacts = 16,
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_ROW_KIND_H_
