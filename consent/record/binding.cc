// Requests and their binding. First contact is pulled: a service makes a code,
// whoever brings it becomes known to the service under a fresh pseudonym, and
// nobody can ask "do you know this person".

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "consent/campaign/campaign_desk.h"
#include "consent/consent.h"
#include "consent/consent_state.h"
#include "consent/receipt/receipts.h"
#include "consent/record/asked_question.h"
#include "consent/record/refusal_memory.h"
#include "consent/record/room.h"
#include "consent/standing/granting.h"
#include "consent/standing/match.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kRequestLabel = "limpid/consent-request/1";
constexpr absl::Duration kDefaultLifetime = absl::Hours(7 * 24);
constexpr absl::Duration kMinLifetime = absl::Minutes(1);
constexpr absl::Duration kMaxLifetime = absl::Hours(366 * 24);

absl::Status NoRequest() { return absl::NotFoundError("no such request"); }

// The same request id of the same service always gives the same code, so that a
// retry needs no memory; nobody else can compute it.
base::Bytes CodeOf(const base::SecretBytes& code_key, const ServiceId& service,
                   const base::ByteArray<16>& request_id) {
  base::ByteWriter out("limpid/request-code/1");
  out.Raw(service.bytes()).Raw(request_id);
  const base::Digest32 hash = crypto::HmacSha256(
      code_key.Reveal(base::SecretAccess::Get()), {out.bytes()});
  return {hash.begin(), hash.begin() + 16};
}

base::Bytes RowIdOf(base::ByteView code) {
  return base::ToBytes(crypto::Sha256(code));
}

Revision FirstRevision(const StoredRequest& request, const Agreement& agreement,
                       const PersonId& person, absl::Time now) {
  Revision out;
  out.state = RecordState::kRequested;
  out.event = receipt::AccessKind::kRequested;
  out.actor = receipt::Actor::kPerson;
  out.record = RecordId::Random();
  out.person = person;
  out.service = request.service;
  out.agreement = agreement.id;
  out.agreement_version = agreement.version;
  out.agreement_hash = agreement.hash;
  out.time = now;
  out.answer_by = request.expires;
  return out;
}

// Takes the lines out that were not asked for.
void KeepAsked(const std::vector<std::uint16_t>& asked,
               std::vector<receipt::AccessLine>& lines) {
  if (asked.empty()) return;
  std::vector<receipt::AccessLine> kept;
  kept.reserve(asked.size());
  for (const std::uint16_t line : asked) kept.push_back(lines.at(line));
  lines = std::move(kept);
}

absl::StatusOr<LiveRecord> MakeRecord(const Consent::State& s,
                                      PersonState& person,
                                      const StoredRequest& request,
                                      const StandingAnswer& answer,
                                      Persons& persons, Batch& batch) {
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(request.agreement, request.version);
  if (agreement == nullptr) {
    return absl::DataLossError("a request's agreement is missing");
  }
  LiveRecord record;
  record.asked_lines = request.lines;
  for (const std::string& purpose : agreement->content.purposes) {
    LIMPID_ASSIGN_OR_RETURN(
        PurposePseudonym pseudonym,
        MintPseudonym(s, person, request.service, purpose, batch));
    record.pseudonyms.push_back(std::move(pseudonym));
  }
  Revision first = FirstRevision(request, *agreement, person.id, batch.time());
  receipt::AccessEntry entry;
  entry.kind = first.event;
  entry.actor = first.actor;
  entry.service = first.service.bytes();
  entry.record = first.record.bytes();
  entry.revision = first.number;
  entry.basis = agreement->content.basis;
  entry.purpose = agreement->content.purposes.front();
  entry.lines = LinesOf(first, *agreement, receipt::Reason::kNoConsent);
  KeepAsked(request.lines, entry.lines);
  batch.Append(person, std::move(entry));
  const RecordId id = first.record;
  LiveRecord& kept =
      person.records.emplace(id, std::move(record)).first->second;
  kept.standing_mismatch = answer.mismatch;
  batch.Apply(person, kept, std::move(first), RecordEvent::kRequest,
              *agreement);
  if (answer.granted) {
    GrantUnder(*answer.granted, *agreement, person, kept, batch);
    LIMPID_ASSIGN_OR_RETURN(const Asking asking,
                            AskingOf(s, request.service, persons));
    LIMPID_RETURN_IF_ERROR(NoteQuestions(asking, id, kept.revision.lines,
                                         *agreement, person, batch));
  }
  return kept;
}

// What a permission would grant without asking, unless it asks a second
// question about one attribute: that one is for the person to see.
absl::StatusOr<StandingAnswer> AnswerFor(const Consent::State& s,
                                         PersonState& person,
                                         const StoredRequest& request,
                                         Persons& persons, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(StandingAnswer out,
                          AnswerOf(s, person, request, now));
  if (!out.granted) return out;
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(request.agreement, request.version);
  LIMPID_ASSIGN_OR_RETURN(const Asking asking,
                          AskingOf(s, request.service, persons));
  const absl::Status asked = CheckQuestions(
      asking, GrantedLines(request.lines, *agreement), *agreement, person);
  if (absl::IsFailedPrecondition(asked)) {
    out.granted.reset();
    out.mismatch = static_cast<std::uint8_t>(Mismatch::kQuestion);
    return out;
  }
  LIMPID_RETURN_IF_ERROR(asked);
  return out;
}

// Nobody is asked again what she refused, before the date that she set. The
// service sees a request that nobody binds. `records` are all of hers; only
// what was refused is opened.
absl::Status CheckRefusals(const Consent::State& s, const PersonState& person,
                           const std::vector<PersonalRow>& records,
                           const StoredRequest& request, absl::Time now) {
  const AgreementPointer asked =
      s.catalogue.FindAgreement(request.agreement, request.version);
  if (asked == nullptr) {
    return absl::DataLossError("a request's agreement is missing");
  }
  for (const PersonalRow& row : records) {
    if (row.state != static_cast<std::uint8_t>(RecordState::kRefused)) continue;
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                            OpenRow(*person.key, row));
    LIMPID_ASSIGN_OR_RETURN(const LiveRecord refused,
                            LiveRecord::Decode(opened));
    const AgreementPointer agreement = s.catalogue.FindAgreement(
        refused.revision.agreement, refused.revision.agreement_version);
    if (agreement == nullptr ||
        !KeepsAway(refused, *agreement, *asked, s.parts.purposes, now)) {
      continue;
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "you refused this service (", refused.revision.record.Text(),
        ") and it may not ask you again before ",
        base::TimeText(refused.ask_not_before),
        "; it is told nothing, and you can allow it to ask"));
  }
  return absl::OkStatus();
}

absl::StatusOr<LiveRecord> Bind(const Consent::State& s,
                                const PersonId& person_id,
                                const base::Bytes& row_id, Persons& persons,
                                Batch& batch) {
  LIMPID_ASSIGN_OR_RETURN(auto request,
                          LoadRequest(s.parts.store, s.row_key, row_id));
  if (!request) return NoRequest();
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(person_id));
  if (!request->record.none()) {
    const auto own = persons.LoadRecord(*person, request->record);
    if (absl::IsNotFound(own.status())) return NoRequest();
    LIMPID_RETURN_IF_ERROR(own.status());
    return **own;
  }
  if (batch.time() >= request->expires) return NoRequest();
  LIMPID_ASSIGN_OR_RETURN(
      const auto records,
      s.parts.store.ListKind(person->shard, person->id, RowKind::kRecord));
  LIMPID_RETURN_IF_ERROR(
      CheckRefusals(s, *person, records, *request, batch.time()));
  LIMPID_RETURN_IF_ERROR(CheckRoomForRecord(records));
  LIMPID_ASSIGN_OR_RETURN(
      const StandingAnswer answer,
      AnswerFor(s, *person, *request, persons, batch.time()));
  LIMPID_ASSIGN_OR_RETURN(
      LiveRecord record,
      MakeRecord(s, *person, *request, answer, persons, batch));
  request->record = record.revision.record;
  batch.Replace(RequestRow(s.row_key, row_id, *request));
  return record;
}

absl::StatusOr<RequestView> Create(const Consent::State& s,
                                   const ServiceId& service,
                                   const NewRequest& wanted, Batch& batch) {
  const base::Bytes code = CodeOf(s.code_key, service, wanted.request_id);
  const base::Bytes row_id = RowIdOf(code);
  LIMPID_ASSIGN_OR_RETURN(const auto known,
                          LoadRequest(s.parts.store, s.row_key, row_id));
  RequestView out;
  out.code = base::Base32Encode(code);
  if (known) {
    if (known->agreement != wanted.agreement ||
        known->version != wanted.version || known->lines != wanted.lines) {
      return absl::AlreadyExistsError(
          "request_id: was used for something else");
    }
    out.expires = known->expires;
    return out;
  }
  StoredRequest request;
  request.service = service;
  request.agreement = wanted.agreement;
  request.version = wanted.version;
  request.lines = wanted.lines;
  request.request_id = wanted.request_id;
  request.expires = batch.time() + wanted.lifetime;
  batch.Insert(RequestRow(s.row_key, row_id, request));
  out.expires = request.expires;
  return out;
}

}  // namespace

absl::StatusOr<PurposePseudonym> MintPseudonym(const Consent::State& s,
                                               const PersonState& person,
                                               const ServiceId& service,
                                               const std::string& purpose,
                                               Batch& batch) {
  const RowId lookup = s.blinder.Blind(
      static_cast<std::uint8_t>(RowKind::kPseudonym),
      {person.id.bytes(), service.bytes(), base::AsBytes(purpose)});
  LIMPID_ASSIGN_OR_RETURN(const auto known,
                          s.parts.store.Find(RowKind::kPseudonym, lookup));
  if (known) return PurposePseudonym{purpose, known->key.id};
  PersonalRow row;
  row.key = {person.shard, person.id, RowKind::kPseudonym,
             base::RandomIdBytes(), 0};
  row.lookup = lookup;
  row.created_ms = absl::ToUnixMillis(batch.time());
  base::ByteWriter plain("limpid/consent-pseudonym/1");
  plain.Raw(service.bytes()).Lp(purpose);
  row.payload = SealRow(*person.key, row.key, plain.bytes());
  const PurposePseudonym out{purpose, row.key.id};
  batch.Insert(std::move(row));
  return out;
}

base::Bytes StoredRequest::Encode() const {
  base::ByteWriter out(kRequestLabel);
  out.Raw(service.bytes())
      .Raw(agreement.bytes())
      .U32(version)
      .Raw(request_id)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(expires)))
      .Raw(record.bytes());
  // Only where it says something: older rows end before it.
  for (const std::uint16_t line : lines) out.U16(line);
  return out.Take();
}

absl::StatusOr<StoredRequest> StoredRequest::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kRequestLabel);
  StoredRequest out;
  out.service = ServiceId(reader.Array<16>());
  out.agreement = AgreementId(reader.Array<16>());
  out.version = reader.U32();
  out.request_id = reader.Array<16>();
  out.expires = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.record = RecordId(reader.Array<16>());
  while (!reader.failed() && !reader.rest().empty()) {
    out.lines.push_back(reader.U16());
  }
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored request is damaged");
  }
  return out;
}

absl::StatusOr<base::Bytes> RequestRowId(std::string_view code) {
  const auto bytes = base::Base32Decode(code);
  if (!bytes.ok() || bytes->size() != 16) return NoRequest();
  return RowIdOf(*bytes);
}

absl::StatusOr<std::optional<StoredRequest>> LoadRequest(
    const LedgerStore& store, const base::SecretBytes& row_key,
    const base::Bytes& row_id) {
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store.GetPublic(PublicKind::kRequest, row_id));
  if (!row) return std::optional<StoredRequest>();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, *row));
  LIMPID_ASSIGN_OR_RETURN(const StoredRequest request,
                          StoredRequest::Decode(opened));
  return std::optional<StoredRequest>(request);
}

PublicRow RequestRow(const base::SecretBytes& row_key,
                     const base::Bytes& row_id, const StoredRequest& request) {
  PublicRow row;
  row.kind = PublicKind::kRequest;
  row.id = row_id;
  row.payload = SealPublic(row_key, row.kind, row_id, request.Encode());
  return row;
}

absl::StatusOr<RequestView> Consent::CreateRequest(const ServiceId& service,
                                                   const NewRequest& request) {
  State& s = *state_;
  const AgreementPointer agreement =
      s.catalogue.FindAgreement(request.agreement, request.version);
  if (agreement == nullptr || agreement->service != service) {
    return absl::NotFoundError("no such agreement version");
  }
  LIMPID_RETURN_IF_ERROR(
      CheckNotOutdated(s, request.agreement, request.version));
  NewRequest wanted = request;
  if (wanted.lifetime == absl::ZeroDuration()) {
    wanted.lifetime = kDefaultLifetime;
  }
  if (wanted.lifetime < kMinLifetime || wanted.lifetime > kMaxLifetime) {
    return absl::InvalidArgumentError(
        "lifetime_seconds: is not between 60 and 31622400");
  }
  return s.sequencer->Call<RequestView>(
      [&s, service, wanted](Persons& /*persons*/, Batch& batch) {
        return Create(s, service, wanted, batch);
      },
      nullptr, /*alone=*/true);
}

absl::StatusOr<RecordView> Consent::BindRequest(const PersonId& person,
                                                std::string_view code) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes row_id, RequestRowId(code));
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(
      const LiveRecord record,
      s.sequencer->Call<LiveRecord>(
          [&s, person, row_id](Persons& persons, Batch& batch) {
            return Bind(s, person, row_id, persons, batch);
          },
          nullptr, /*alone=*/true));
  return s.ViewOf(record, s.parts.clock.Now());
}

absl::StatusOr<RequestStatus> Consent::GetRequestStatus(
    const ServiceId& service, std::string_view code) const {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes row_id, RequestRowId(code));
  State& s = *state_;
  LIMPID_ASSIGN_OR_RETURN(const auto request,
                          LoadRequest(s.parts.store, s.row_key, row_id));
  if (!request || request->service != service) return NoRequest();
  const absl::Time now = s.parts.clock.Now();
  RequestStatus out;
  if (request->record.none()) {
    if (now >= request->expires) out.state = RecordState::kLapsed;
    return out;
  }
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      s.parts.store.Find(RowKind::kRecord, request->record.bytes()));
  if (!row) return NoRequest();
  LIMPID_ASSIGN_OR_RETURN(const LiveRecord record,
                          s.ReadRecord(row->key.person, request->record));
  out.state = EffectiveState(record.revision, now);
  out.record = request->record;
  out.pseudonym = record.pseudonyms.front().pseudonym;
  if (out.state != RecordState::kGranted) return out;
  LIMPID_ASSIGN_OR_RETURN(const RecordView view, s.ViewOf(record, now));
  out.attributes = ChosenAttributes(record.revision, *view.agreement);
  out.from = record.revision.from;
  out.until = record.revision.until;
  return out;
}

}  // namespace limpid::consent
