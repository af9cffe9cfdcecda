// The contract of a source of a person's data: this vault, an agency's
// register, a pod of hers. It knows how to ask one source and what to believe
// of the answer; who may be told is settled before (vault/reader).
// docs/connectors.md

#ifndef LIMPID_VAULT_CONNECTORS_CONNECTOR_H_
#define LIMPID_VAULT_CONNECTORS_CONNECTOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "vault/attribute/person_vault.h"

namespace limpid::vault {

// What a source calls a person; longer ones are refused.
inline constexpr std::size_t kMaxSubjectBytes = 200;
// Most that one listing of a source holds.
inline constexpr std::size_t kMaxHoldings = 1'000;

// One attribute of one person, for one purpose.
struct SourceQuestion {
  // The source's own word for the person; SourceLink.
  std::string subject;
  std::string attribute;
  // A DPV purpose IRI: what the value is for. Sources log it.
  std::string purpose_iri;
};

struct SourcedValue {
  // RFC 8785. Not checked against the catalogue.
  std::string value_json;
  // When it held, as the source says.
  absl::Time as_of;
  // RFC 7638 thumbprint of the key that signed it for this question, or empty
  // when nobody did.
  std::string signed_by = {};
  // What was signed, as it came; it names the person as the source does.
  std::string statement = {};
};

// The value, or none: the source answered that it has none.
using SourceAnswer = std::optional<SourcedValue>;

struct Holding {
  std::string attribute;
  absl::Time as_of;

  friend bool operator==(const Holding&, const Holding&) = default;
};

// What became of a request to put something right. Numbers are those of
// limpid.vault.v1.RectificationOutcome.
enum class RectificationOutcome : std::uint8_t {
  // It is as she said.
  kDone = 1,
  // It is being looked at; the source restricts the use meanwhile if the law
  // says so (GDPR Art. 18(1)(a)).
  kAccepted = 2,
  // With a ground.
  kRefused = 3,
};

// Why a source may refuse. Numbers are those of
// limpid.vault.v1.RectificationGround.
enum class RectificationGround : std::uint8_t {
  kNone = 0,
  // It is accurate and complete: Art. 16 gives no claim.
  kAccurate = 1,
  // Law restricts the right: Art. 23(1).
  kLaw = 2,
  // Archives in the public interest: Art. 89(3).
  kArchive = 3,
  // Research and statistics: Art. 89(2).
  kResearch = 4,
  // Freedom of expression: Art. 85(2), in erasure Art. 17(3)(a).
  kExpression = 5,
  // Kept as evidence for legal claims: Art. 17(3)(e), 18(2).
  kLegalClaims = 6,
  // Nobody at the source can be asked: a person changes it there herself.
  kElsewhere = 7,
};

// "GDPR Art. 16", for people.
std::string_view LawOf(RectificationGround ground);
// The code on the wire: "accurate", ...; docs/formats/source-statement.md.
std::string_view CodeOf(RectificationGround ground);
// kNone for what is no code.
RectificationGround GroundOf(std::string_view code);

struct RectificationRequest {
  // Who asks, and what the source calls her.
  PersonCaller person;
  std::string subject;
  std::string attribute;
  // What it should be; strict JSON that fits the catalogue.
  std::string value_json;
  // Random, by the client: makes a retry safe where the source can.
  base::ByteArray<16> request_id{};
};

struct RectificationAnswer {
  RectificationOutcome outcome = RectificationOutcome::kRefused;
  // Never kNone when refused.
  RectificationGround ground = RectificationGround::kNone;

  friend bool operator==(const RectificationAnswer&,
                         const RectificationAnswer&) = default;
};

// What a person brings to be linked, and how the source knows her.
struct LinkProof {
  PersonCaller person;
  // Of the source; each connector says what.
  std::string proof;
};

struct LinkedSubject {
  std::string subject;
};

// Thread-safe. Every call may block, at most `time_limit` but for what a
// system's resolver takes. Redirects are never followed.
//
// Errors of all calls:
//   kUnavailable          nobody answered, or not in time, or not so that it
//                         could be an answer.
//   kDataLoss             it answered, and not what was asked: a signature,
//                         nonce, person or attribute that is not as expected.
//                         Nothing of it may be used. Alarm.
//   kUnimplemented        this kind of source cannot be asked that.
class Connector {
 public:
  virtual ~Connector() = default;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Errors:
  //   kFailedPrecondition  it has one that nobody but she can open.
  virtual absl::StatusOr<SourceAnswer> Fetch(const SourceQuestion& question,
                                             absl::Duration time_limit) = 0;

  // What the source holds of the person, by attribute, without values.
  virtual absl::StatusOr<std::vector<Holding>> Holdings(
      std::string_view subject, absl::Duration time_limit) = 0;

  // Asks to put one attribute right. A refusal is an answer and has a ground in
  // law.
  //
  // Errors:
  //   kInvalidArgument  the value is no strict JSON.
  virtual absl::StatusOr<RectificationAnswer> RequestRectification(
      const RectificationRequest& request, absl::Duration time_limit) = 0;

  // Whom `proof` shows the caller to be at the source.
  //
  // Errors:
  //   kPermissionDenied  it does not show that she is anybody there.
  virtual absl::StatusOr<LinkedSubject> CheckLink(
      const LinkProof& proof, absl::Duration time_limit) = 0;

 protected:
  Connector() = default;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_CONNECTORS_CONNECTOR_H_
