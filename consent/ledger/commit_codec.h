// A ledger commit as bytes, for the redo tail. docs/formats/redo-tail.md

#ifndef LIMPID_CONSENT_LEDGER_COMMIT_CODEC_H_
#define LIMPID_CONSENT_LEDGER_COMMIT_CODEC_H_

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Everything but the epoch, which is whoever's applies it.
base::Bytes EncodeCommit(const LedgerCommit& commit);

// Errors:
//   kDataLoss  not exactly one commit.
absl::StatusOr<LedgerCommit> DecodeCommit(base::ByteView bytes);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_COMMIT_CODEC_H_
