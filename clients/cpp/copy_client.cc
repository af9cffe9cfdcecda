#include "clients/cpp/copy_client.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/grant_copy.h"
#include "limpid/vault/v1/sealed_vault_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr Method kPutCopy = {"/limpid.vault.v1.SealedVaultService/PutGrantCopy",
                             true};
constexpr Method kDeleteCopies = {
    "/limpid.vault.v1.SealedVaultService/DeleteGrantCopies", true};

bool InForce(const consent::v1::Record& record) {
  return record.state() == consent::v1::RECORD_STATE_GRANTED ||
         record.state() == consent::v1::RECORD_STATE_PAUSED;
}

// Final: no act brings it back. A state that this client does not know is not.
bool HasEnded(const consent::v1::Record& record) {
  constexpr std::array kFinal = {consent::v1::RECORD_STATE_REFUSED,
                                 consent::v1::RECORD_STATE_LAPSED,
                                 consent::v1::RECORD_STATE_WITHDRAWN,
                                 consent::v1::RECORD_STATE_REVOKED,
                                 consent::v1::RECORD_STATE_EXPIRED,
                                 consent::v1::RECORD_STATE_EXHAUSTED,
                                 consent::v1::RECORD_STATE_INVALIDATED,
                                 consent::v1::RECORD_STATE_SUPERSEDED,
                                 consent::v1::RECORD_STATE_TERMINATED};
  return std::find(kFinal.begin(), kFinal.end(), record.state()) !=
         kFinal.end();
}

bool Names(const consent::v1::Record& record, std::string_view attribute) {
  return std::find(record.attributes().begin(), record.attributes().end(),
                   attribute) != record.attributes().end();
}

bool Names(const receipt::Statement& grant, std::string_view attribute) {
  return attribute.empty() ||
         std::any_of(grant.lines.begin(), grant.lines.end(),
                     [&](const receipt::PermitLine& line) {
                       return line.attribute == attribute;
                     });
}

absl::Status Ended() {
  return absl::FailedPreconditionError("the record has ended");
}

// Tells of each line of `grant`, or of `attribute` alone, that the server knows
// no such record.
void AddUnknown(const receipt::Statement& grant, std::string_view attribute,
                std::vector<CopiedLine>& out) {
  for (const receipt::PermitLine& line : grant.lines) {
    if (!attribute.empty() && line.attribute != attribute) continue;
    out.push_back({grant.record, line.attribute,
                   absl::NotFoundError(
                       "the server knows no such record of yours; once you "
                       "withdraw it, this device forgets the grant")});
  }
}

absl::Status NotDerived() {
  return absl::FailedPreconditionError(
      "only the value itself can be copied; a derived answer is made by the "
      "server, which cannot open it");
}

absl::Status NotThisCopy() {
  return absl::DataLossError(
      "the copy is not the one that was asked for, or does not open");
}

bool SameForm(v1::Form asked, receipt::Form form) {
  return (asked == v1::FORM_FULL && form == receipt::Form::kFull) ||
         (asked == v1::FORM_PSEUDONYMOUS &&
          form == receipt::Form::kPseudonymous);
}

}  // namespace

absl::Status CopyClient::CopyOne(const receipt::Statement& grant,
                                 const receipt::PermitLine& line,
                                 std::uint64_t revision,
                                 const v1::GetAttributeResponse& got) {
  if (line.form != receipt::Form::kFull &&
      line.form != receipt::Form::kPseudonymous) {
    return NotDerived();
  }
  const crypto::Ed25519PrivateKey grant_key =
      tools_.person.GrantKey(grant.record);
  if (grant_key.PublicKey().bytes != grant.grant_key) {
    return absl::FailedPreconditionError(
        "the grant names a key that this device does not have");
  }
  const absl::Time now =
      absl::FromUnixMillis(absl::ToUnixMillis(tools_.clock.Now()));
  receipt::GrantCopyTerms terms;
  LIMPID_ASSIGN_OR_RETURN(
      terms.service_key,
      tools_.service_keys.CurrentEncryptionKey(grant.service, now));
  LIMPID_ASSIGN_OR_RETURN(terms.source, base::ParseIdText("src", source_id_));
  LIMPID_ASSIGN_OR_RETURN(terms.service,
                          base::ParseIdText("svc", grant.service));
  LIMPID_ASSIGN_OR_RETURN(terms.record, base::ParseIdText("rec", grant.record));
  terms.revision = revision;
  terms.attribute = line.attribute;
  terms.schema_version = got.version().schema_version();
  terms.version = got.version().version();
  terms.form = line.form;
  terms.made = now;
  terms.not_after = grant.until;
  terms.id = crypto::RandomArray<16>();
  terms.grant_key = grant_key.PublicKey();
  LIMPID_ASSIGN_OR_RETURN(const std::size_t floor,
                          tools_.sealed.PadFloor(line.attribute));
  LIMPID_ASSIGN_OR_RETURN(OpenedValue value,
                          tools_.sealed.Open(line.attribute, got));
  receipt::GrantCopyValue inside{std::move(value.value_json), value.put_time};
  const auto copy = receipt::MakeGrantCopy(terms, inside, floor, grant_key);
  base::Wipe(inside.value_json);
  LIMPID_RETURN_IF_ERROR(copy.status());
  v1::PutGrantCopyRequest request;
  request.set_copy(base::ToText(copy->Encode()));
  return Invoke<v1::PutGrantCopyResponse>(tools_.vault, kPutCopy, request)
      .status();
}

absl::StatusOr<std::optional<std::vector<CopiedLine>>>
CopyClient::ShareUnlessEnded(const receipt::Statement& grant,
                             std::string_view attribute) {
  LIMPID_ASSIGN_OR_RETURN(const auto shown,
                          tools_.consent.GetRecord(grant.record));
  if (HasEnded(shown.record())) {
    return std::optional<std::vector<CopiedLine>>();
  }
  std::vector<CopiedLine> out;
  if (!InForce(shown.record())) return std::optional(std::move(out));
  for (const receipt::PermitLine& line : grant.lines) {
    if (!attribute.empty() && line.attribute != attribute) continue;
    if (!Names(shown.record(), line.attribute)) continue;
    const auto got = tools_.values.Get(line.attribute, 0);
    if (absl::IsNotFound(got.status())) continue;
    LIMPID_RETURN_IF_ERROR(got.status());
    if (!got->has_sealed()) continue;
    out.push_back({grant.record, line.attribute,
                   CopyOne(grant, line, shown.record().revision(), *got)});
  }
  return std::optional(std::move(out));
}

absl::StatusOr<std::vector<CopiedLine>> CopyClient::Share(
    const receipt::Statement& grant, std::string_view attribute) {
  LIMPID_ASSIGN_OR_RETURN(auto shared, ShareUnlessEnded(grant, attribute));
  if (!shared) return Ended();
  return *std::move(shared);
}

absl::Status CopyClient::ResolveSent() {
  LIMPID_ASSIGN_OR_RETURN(const auto sent,
                          tools_.grants.Sent(tools_.person.key().PublicKey()));
  std::string asked;
  for (const receipt::Statement& grant : sent) {
    // Those of one record come behind one another.
    if (std::exchange(asked, grant.record) == grant.record) continue;
    const auto shown = tools_.consent.GetRecord(grant.record);
    // It stays noted, and hides no other.
    if (absl::IsNotFound(shown.status())) continue;
    LIMPID_RETURN_IF_ERROR(shown.status());
    if (InForce(shown->record())) {
      LIMPID_RETURN_IF_ERROR(tools_.grants.KeepSent(
          grant.record, TimeOf(shown->record().from_time())));
    } else if (HasEnded(shown->record())) {
      LIMPID_RETURN_IF_ERROR(tools_.grants.DropSent(grant.record));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<CopiedLine>> CopyClient::ShareAll(
    std::string_view attribute) {
  LIMPID_RETURN_IF_ERROR(ResolveSent());
  LIMPID_ASSIGN_OR_RETURN(const auto grants,
                          tools_.grants.All(tools_.person.key().PublicKey()));
  std::vector<CopiedLine> out;
  for (const receipt::Statement& grant : grants) {
    if (!Names(grant, attribute)) continue;
    auto shared = ShareUnlessEnded(grant, attribute);
    // Not the same as ended, and no reason to leave the others behind.
    if (absl::IsNotFound(shared.status())) {
      AddUnknown(grant, attribute, out);
      continue;
    }
    LIMPID_RETURN_IF_ERROR(shared.status());
    if (!shared->has_value()) {
      LIMPID_RETURN_IF_ERROR(Forget(grant.record).status());
      continue;
    }
    std::move((*shared)->begin(), (*shared)->end(), std::back_inserter(out));
  }
  return out;
}

absl::StatusOr<std::vector<CopiedLine>> CopyClient::ShareRecord(
    std::string_view record_id) {
  LIMPID_ASSIGN_OR_RETURN(const auto grants,
                          tools_.grants.All(tools_.person.key().PublicKey()));
  for (const receipt::Statement& grant : grants) {
    if (grant.record == record_id) return Share(grant);
  }
  return std::vector<CopiedLine>();
}

absl::StatusOr<std::int64_t> DestroyCopies(Connection& vault,
                                           std::string_view record_id) {
  v1::DeleteGrantCopiesRequest request;
  request.set_record_id(std::string(record_id));
  LIMPID_ASSIGN_OR_RETURN(
      const auto deleted,
      Invoke<v1::DeleteGrantCopiesResponse>(vault, kDeleteCopies, request));
  return deleted.copy_count();
}

absl::StatusOr<std::int64_t> CopyClient::Forget(std::string_view record_id) {
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t count,
                          DestroyCopies(tools_.vault, record_id));
  LIMPID_RETURN_IF_ERROR(tools_.grants.Drop(record_id));
  return count;
}

absl::StatusOr<OpenedCopy> OpenSealedCopy(
    const v1::AttributeResult& result, std::string_view record_id,
    const crypto::X25519PrivateKey& key, absl::Time now,
    const std::optional<crypto::Ed25519PublicKey>& known) {
  if (result.sealed_copy().empty()) {
    return absl::InvalidArgumentError("the answer has no copy");
  }
  LIMPID_ASSIGN_OR_RETURN(const auto record,
                          base::ParseIdText("rec", record_id));
  const auto copy =
      receipt::GrantCopy::Decode(base::AsBytes(result.sealed_copy()));
  if (!copy.ok()) return NotThisCopy();
  const receipt::GrantCopyTerms& terms = copy->terms;
  if (terms.record != record || terms.attribute != result.attribute() ||
      terms.version != result.version() ||
      !SameForm(result.form(), terms.form) || now >= terms.not_after ||
      (known && *known != terms.grant_key)) {
    return NotThisCopy();
  }
  auto value = receipt::OpenGrantCopy(*copy, key);
  if (!value.ok()) return NotThisCopy();
  return OpenedCopy{std::move(value->value_json), value->put_time,
                    terms.grant_key};
}

}  // namespace limpid::client
