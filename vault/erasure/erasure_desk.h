// What a person asks to have erased, and the certificates she gets for it. Who
// she is was settled before (gate/holder_token.h). Refuses while a hold stands.
// docs/formats/erasure-certificate.md

#ifndef LIMPID_VAULT_ERASURE_ERASURE_DESK_H_
#define LIMPID_VAULT_ERASURE_ERASURE_DESK_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/erasure/certificate.h"
#include "vault/erasure/eraser.h"
#include "vault/log/publisher.h"

namespace limpid::vault {

// Erased live: gone from this server, and no older copy of its stores brings it
// back while the file of tombstones is there. Of the first time when repeated.
struct Erased {
  absl::Time time;
  // How many values this erasure covered.
  std::uint32_t values = 0;
  base::Digest32 commitment{};
  absl::Time promised_by;
  // Encoded; empty for erasures by versions that made none.
  base::Bytes certificate;
};

// How far the second part of a certificate is.
enum class FinalState : std::uint8_t {
  // Older copies may still exist by the operator's own retention.
  kWaiting = 1,
  // That time is over, and a key that such a copy needs is not destroyed yet.
  kKeyStands = 2,
  // No key-encryption key up to the certificate's epoch is in the ring.
  kFinal = 3,
};

struct CertificateView {
  base::Bytes certificate;
  ErasureCertificate facts;
  FinalState state = FinalState::kWaiting;
  ActProof proof;
};

// What a person signs to have everything of hers erased.
struct PersonErasure {
  // Millisecond precision; within kMostSkew of the vault's clock.
  absl::Time time;
  base::Bytes signature;

  static constexpr absl::Duration kMostSkew = absl::Minutes(5);
};

base::Bytes PersonErasureStatement(const SourceId& source, absl::Time time);

// Thread-safe. Blocks on the stores and the disk.
class ErasureDesk {
 public:
  // All must outlive it.
  ErasureDesk(VaultCore& core, Eraser& eraser, const ActPublisher& publisher)
      : core_(core), eraser_(eraser), publisher_(publisher) {}

  // Errors of the three:
  //   kFailedPrecondition  a hold stands; the message names the law.
  //   kDataLoss            something else of hers does not open: what was asked
  //                        for is emptied, and older copies may still open it.
  //   kUnavailable         a disk failed, or a read that takes long held up the
  //                        end of it: it goes on at the next call or start. Or
  //                        another erasure of hers, or of whoever shares her
  //                        lock, is under way, and nothing was changed.

  // Erases one version, or answers as the first time.
  //
  // Errors: further
  //   kNotFound  no such version.
  absl::StatusOr<Erased> EraseVersion(const PersonCaller& caller,
                                      std::string_view attribute,
                                      std::uint64_t version);
  // Erases every version that is kept. With none left it answers for the last
  // that there was.
  //
  // Errors: further
  //   kNotFound  the attribute was never stored.
  absl::StatusOr<Erased> EraseAttribute(const PersonCaller& caller,
                                        std::string_view attribute);
  // Erases everything of hers here; nothing is ever stored again under this
  // holder.
  //
  // Errors: further
  //   kInvalidArgument  not signed by the caller's key, or not just now.
  absl::StatusOr<Erased> ErasePerson(const PersonCaller& caller,
                                     const PersonErasure& request);

  // The certificate of an erased version, with the proof of its act.
  //
  // Errors:
  //   kNotFound            the version was not erased, or has no certificate.
  //   kFailedPrecondition  an erasure of hers is not finished.
  absl::StatusOr<CertificateView> CertificateOfVersion(
      const PersonCaller& caller, std::string_view attribute,
      std::uint64_t version);
  // The same of everything.
  absl::StatusOr<CertificateView> CertificateOfPerson(
      const PersonCaller& caller);

 private:
  absl::Status CheckHolds(const Owner& owner) const;
  absl::StatusOr<Erased> EraseRows(const Owner& owner, const NameKey& name,
                                   const std::vector<AttributeRow>& rows,
                                   std::uint64_t answer_for);
  absl::StatusOr<Erased> AnswerFor(ActRow act) const;
  absl::StatusOr<base::Bytes> CertificateIn(base::ByteView disclosure) const;
  absl::StatusOr<CertificateView> View(const Owner& owner,
                                       std::optional<ActRow> act) const;
  [[nodiscard]] FinalState StateOf(const ErasureCertificate& facts) const;

  VaultCore& core_;
  Eraser& eraser_;
  const ActPublisher& publisher_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_ERASURE_DESK_H_
