// The vocabulary of consent's tests: a taxonomy of three purposes, a service
// that may ask for four attributes, an agreement over three of them.

#ifndef LIMPID_TESTS_UNIT_CONSENT_FIXTURES_H_
#define LIMPID_TESTS_UNIT_CONSENT_FIXTURES_H_

#include <array>
#include <string>
#include <string_view>

#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/receipt/statement.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"
#include "consent/record/revision.h"

namespace limpid::consent::testing {

inline constexpr std::string_view kCare = "https://example.org/p#Care";
inline constexpr std::string_view kHomeCare = "https://example.org/p#HomeCare";
inline constexpr std::string_view kMarketing =
    "https://example.org/p#Marketing";
inline constexpr std::string_view kStatistics =
    "https://w3id.org/dpv#ProvideOfficialStatistics";
inline constexpr std::string_view kNotice = "We need this to help you.";
inline const absl::Time kStart = absl::FromUnixMillis(1'767'225'600'000);

// Care is above HomeCare; Marketing stands alone, and so do the statistics that
// every taxonomy has.
class ThreePurposes final : public Purposes {
 public:
  [[nodiscard]] bool Knows(std::string_view iri) const override {
    return iri == kCare || iri == kHomeCare || iri == kMarketing ||
           iri == kStatistics;
  }
  [[nodiscard]] bool IsSameOrNarrower(
      std::string_view asked, std::string_view consented) const override {
    if (!Knows(asked) || !Knows(consented)) return false;
    return asked == consented || (asked == kHomeCare && consented == kCare);
  }
};

template <typename IdType>
IdType IdOf(std::uint8_t byte) {
  base::ByteArray<16> bytes{};
  bytes.fill(byte);
  return IdType(bytes);
}

inline Service CareService() {
  Service out;
  out.id = IdOf<ServiceId>(3);
  out.organisation = "City of Delft";
  out.contact = "care@example.org";
  out.keys = {base::Digest32{1}};
  out.ceiling_purposes = {std::string(kCare)};
  out.ceiling_attributes = {"person.name", "person.birth_date",
                            "person.address", "person.email"};
  out.bases = {receipt::LegalBasis::kConsent};
  out.created = kStart;
  return out;
}

// Name required, birth date derived and optional, e-mail optional.
inline AgreementContent CareContent() {
  AgreementContent out;
  out.titles = {{"en", "Help at home"}};
  out.purposes = {std::string(kCare)};
  out.lines = {
      {"person.name", Necessity::kRequired, receipt::Form::kFull, "", "", {}},
      {"person.birth_date",
       Necessity::kOptional,
       receipt::Form::kDerived,
       "over_n/1",
       R"({"n":18})",
       {}},
      {"person.email", Necessity::kOptional, receipt::Form::kFull, "", "", {}}};
  out.retention_days = 30;
  out.validity_days = 365;
  out.notices = {{"en", std::string(kNotice)}};
  return out;
}

inline Agreement CareAgreement(AgreementContent content = CareContent()) {
  return MakeAgreement(IdOf<AgreementId>(4), 1, IdOf<ServiceId>(3),
                       std::move(content), kStart);
}

inline base::SecretBytes SecretOf(std::uint8_t byte) {
  base::ByteArray<32> bytes{};
  bytes.fill(byte);
  return base::SecretBytes::Copy(bytes);
}

inline crypto::Ed25519PrivateKey KeyOf(std::uint8_t byte) {
  return crypto::Ed25519PrivateKey::FromSeed(SecretOf(byte)).value();
}

// A request that waits for the person's answer.
inline Revision RequestedRecord(const Agreement& agreement) {
  Revision out;
  out.record = IdOf<RecordId>(1);
  out.person = IdOf<PersonId>(2);
  out.service = agreement.service;
  out.agreement = agreement.id;
  out.agreement_version = agreement.version;
  out.agreement_hash = agreement.hash;
  out.time = kStart;
  out.answer_by = kStart + absl::Hours(24 * 7);
  return out;
}

// The same, granted for a day with name and birth date.
inline Revision GrantedRevision(const Agreement& agreement) {
  Revision out = RequestedRecord(agreement);
  out.state = RecordState::kGranted;
  out.lines = {0, 1};
  out.from = kStart;
  out.until = kStart + absl::Hours(24);
  return out;
}

// A statement over name and birth date that fits `current`.
inline receipt::Statement StatementFor(const Revision& current,
                                       const Agreement& agreement,
                                       absl::Time now) {
  receipt::Statement out;
  out.operator_name = "limpid.example";
  out.record = current.record.Text();
  out.revision = current.number + 1;
  out.predecessor = current.Hash();
  out.agreement = agreement.id.Text();
  out.agreement_hash = agreement.hash;
  out.service = agreement.service.Text();
  out.notice_hash = crypto::Sha256(base::AsBytes(kNotice));
  out.grant_key.fill(9);
  out.nonce.fill(7);
  out.lines = {PermitLineOf(agreement.content.lines[0]),
               PermitLineOf(agreement.content.lines[1])};
  out.from = now;
  out.until = now + absl::Hours(24 * 30);
  out.time = now;
  return out;
}

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_UNIT_CONSENT_FIXTURES_H_
