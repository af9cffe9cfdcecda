// What a service asks for: an immutable, content-addressed agreement version.
// A value; who may make one and what it may contain for a given service is in
// service.h. docs/formats/consent-record-chain.md

#ifndef LIMPID_CONSENT_AGREEMENT_AGREEMENT_H_
#define LIMPID_CONSENT_AGREEMENT_AGREEMENT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/day.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"
#include "consent/ids.h"

namespace limpid::consent {

// Caps: a person reviews an agreement on one screen.
inline constexpr std::size_t kMaxLines = receipt::kMaxLines;
inline constexpr std::size_t kMaxPurposes = 8;
inline constexpr std::size_t kMaxLanguages = 24;
inline constexpr std::size_t kMaxNoticeBytes = 65'536;
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxSystems = 32;

enum class Necessity : std::uint8_t { kRequired = 1, kOptional = 2 };

struct AgreementLine {
  // Catalogue id, [a-z0-9_.], at most 128 characters.
  std::string attribute;
  Necessity necessity = Necessity::kRequired;
  receipt::Form form = receipt::Form::kFull;
  // "over_n/1" when derived, else empty.
  std::string derivation;
  // Canonical JSON of an object when derived, else empty.
  std::string parameters;
  // DPV processing IRIs.
  std::vector<std::string> operations;
  // The only source that may release the line; none for any.
  SourceId source = {};

  friend bool operator==(const AgreementLine&, const AgreementLine&) = default;
};

// At most `use_count_max` reads in each period, periods counted from the
// beginning of the validity. docs/adr/2026-11-28-frequency-in-fixed-periods.md
struct UseFrequency {
  // 0 sets no limit.
  std::uint64_t use_count_max = 0;
  std::uint32_t period_seconds = 0;

  friend bool operator==(const UseFrequency&, const UseFrequency&) = default;
};

// Days of the data that may be read, "2026-01-31", both included; an empty one
// is open.
struct DataRange {
  std::string from;
  std::string to;

  [[nodiscard]] bool open() const { return from.empty() && to.empty(); }
  friend bool operator==(const DataRange&, const DataRange&) = default;
};

struct LocalizedText {
  // BCP 47.
  std::string language;
  std::string text;

  friend bool operator==(const LocalizedText&, const LocalizedText&) = default;
};

struct AgreementContent {
  std::vector<LocalizedText> titles;
  // DPV IRIs.
  std::vector<std::string> purposes;
  receipt::LegalBasis basis = receipt::LegalBasis::kConsent;
  std::vector<AgreementLine> lines;
  std::vector<std::string> recipients;
  // How long a recipient keeps what it read.
  std::uint32_t retention_days = 0;
  std::string storage_location;
  // Longest validity of a grant.
  std::uint32_t validity_days = 0;
  // Reads one grant allows; 0 sets no limit.
  std::uint64_t use_count_max = 0;
  // The exact text shown, per language.
  std::vector<LocalizedText> notices;
  // Registered systems that will use the data.
  std::vector<SystemId> systems;
  bool ai_training = false;
  // Every line counts or none does: lines of several sources, all required.
  bool atomic = false;
  UseFrequency frequency;
  DataRange data_range;
  // How many days after it the person is told of an access; 0 for at once.
  // docs/formats/embargo.md
  std::uint32_t embargo_days = 0;

  friend bool operator==(const AgreementContent&,
                         const AgreementContent&) = default;
};

// One version. Make it with MakeAgreement or ParseAgreement: the hash always
// is that of the canonical text.
struct Agreement {
  AgreementId id;
  std::uint32_t version = 1;
  ServiceId service;
  AgreementContent content;
  absl::Time created;
  std::string canonical;
  base::Digest32 hash{};

  // Position of the line for `attribute`, if there is one.
  [[nodiscard]] std::optional<std::size_t> FindLine(
      std::string_view attribute) const;
  [[nodiscard]] bool HasNotice(const base::Digest32& notice_hash) const;
};

// Checks everything that does not depend on the service, the taxonomy or the
// register.
//
// Errors:
//   kInvalidArgument  the message names the field's path, "lines[2].form".
absl::Status CheckContent(const AgreementContent& content);

// `content` has passed CheckContent.
Agreement MakeAgreement(AgreementId id, std::uint32_t version,
                        ServiceId service, AgreementContent content,
                        absl::Time created);

// The stored form: one JSON text with the canonical text, the notice texts and
// the time. ParseAgreement(StoredAgreement(a)) equals a.
//
// Errors:
//   kDataLoss  not such a text, or a notice that does not match its hash.
std::string StoredAgreement(const Agreement& agreement);
absl::StatusOr<Agreement> ParseAgreement(std::string_view stored);

// SHA-256 of the exact bytes that were shown.
base::Digest32 NoticeHash(std::string_view text);

// The agreed form of `line`, as statements, permits and receipts carry it.
receipt::PermitLine PermitLineOf(const AgreementLine& line);

// The range as permits carry it; open for an open one.
//
// Errors:
//   kInvalidArgument  an end is no day, or the last is before the first.
absl::StatusOr<base::Days> DaysOf(const DataRange& range);
// "2024-01-01 to 2024-12-31", "from 2024-01-01 on", "until 2024-12-31", "all".
std::string RangeText(const DataRange& range);

// "consent", "contract", …
std::string_view LegalBasisName(receipt::LegalBasis basis);
// Errors:
//   kInvalidArgument  another text.
absl::StatusOr<receipt::LegalBasis> ParseLegalBasis(std::string_view name);

// Whether `text` is a catalogue id: 1 to 128 characters of [a-z0-9_.].
[[nodiscard]] bool IsAttributeName(std::string_view text);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_AGREEMENT_H_
