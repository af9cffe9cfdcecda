#include "clients/cpp/vault_erasure_client.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/vault_act.h"
#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/tlog/leaf.h"
#include "common/tlog/proof.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::string_view kCertificateLabel =
    "limpid/vault/erasure-certificate/1";
constexpr std::string_view kStatementLabel = "limpid/vault/erase-person/1";
constexpr std::uint8_t kVersions = 1;
constexpr std::uint8_t kPerson = 2;
constexpr std::size_t kNonceBytes = 16;
constexpr Method kEraseAttribute = {
    "/limpid.vault.v1.ErasureService/EraseAttribute", true, kErasingPatience};
constexpr Method kErasePerson = {"/limpid.vault.v1.ErasureService/ErasePerson",
                                 true, kErasingPatience};
constexpr Method kCertificate = {
    "/limpid.vault.v1.ErasureService/GetErasureCertificate", true};
constexpr Method kHolds = {"/limpid.vault.v1.ErasureService/ListHolds", true};

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

std::string_view LawOf(v1::HoldGround ground) {
  constexpr std::array<std::pair<v1::HoldGround, std::string_view>, 6> kLaws = {
      {{v1::HOLD_GROUND_EXPRESSION, "GDPR Article 17(3)(a)"},
       {v1::HOLD_GROUND_OBLIGATION, "GDPR Article 17(3)(b)"},
       {v1::HOLD_GROUND_PUBLIC_HEALTH, "GDPR Article 17(3)(c)"},
       {v1::HOLD_GROUND_ARCHIVE, "GDPR Article 17(3)(d)"},
       {v1::HOLD_GROUND_LEGAL_CLAIMS, "GDPR Article 17(3)(e)"},
       {v1::HOLD_GROUND_RESTRICTION, "GDPR Article 18(1)"}}};
  for (const auto& [known, law] : kLaws) {
    if (known == ground) return law;
  }
  return "a law that this program does not know";
}

absl::Status NoCertificate() {
  return absl::DataLossError("that is no certificate of an erasure");
}

absl::Status VerifyLogged(const v1::GetErasureCertificateResponse& answer,
                          const tlog::Policy& vault_log) {
  tlog::LogProof proof;
  proof.index = answer.leaf_index();
  for (const std::string& hash : answer.inclusion_hashes()) {
    LIMPID_ASSIGN_OR_RETURN(proof.hashes.emplace_back(),
                            base::ToArray<32>(base::AsBytes(hash)));
  }
  proof.checkpoint = answer.checkpoint();
  LIMPID_ASSIGN_OR_RETURN(
      const base::Digest32 commitment,
      base::ToArray<32>(base::AsBytes(answer.commitment())));
  return tlog::VerifyProof(
             proof, tlog::CommitmentLeaf(tlog::LeafKind::kVault, commitment),
             vault_log)
      .status();
}

bool Covers(const ErasureFacts& facts, const AskedAct& asked) {
  if (facts.source_id != asked.source_id) return false;
  if (asked.attribute.empty()) return facts.everything;
  return !facts.everything && facts.attribute == asked.attribute &&
         std::find(facts.versions.begin(), facts.versions.end(),
                   asked.version) != facts.versions.end();
}

}  // namespace

absl::StatusOr<ErasureFacts> ReadCertificate(std::string_view certificate) {
  base::ByteReader reader(base::AsBytes(certificate));
  reader.Label(kCertificateLabel);
  reader.Raw(kNonceBytes);
  ErasureFacts out;
  out.source_id = base::FormatIdText("src", reader.Array<base::kIdBytes>());
  const std::uint8_t scope = reader.U8();
  out.attribute = reader.LpText();
  const std::uint16_t count = reader.U16();
  for (std::uint16_t i = 0; i < count && !reader.failed(); ++i) {
    out.versions.push_back(reader.U64());
  }
  out.values = reader.U32();
  reader.U32();  // The person key's generation.
  out.epoch = reader.U32();
  out.time = ReadTime(reader);
  const std::uint32_t backup = reader.U32();
  const std::uint32_t wal_archive = reader.U32();
  const std::uint32_t snapshot = reader.U32();
  const std::uint32_t epoch_days = reader.U32();
  out.days = std::max({backup, wal_archive, snapshot}) + epoch_days;
  out.not_before = ReadTime(reader);
  out.everything = scope == kPerson;
  const absl::Time computed =
      out.time + absl::Hours(24) * static_cast<std::int64_t>(out.days);
  if (!reader.Finish().ok() || (scope != kVersions && scope != kPerson) ||
      out.not_before != computed) {
    return NoCertificate();
  }
  return out;
}

absl::StatusOr<v1::ErasureResult> VaultErasureClient::EraseAttribute(
    std::string_view attribute) {
  v1::EraseAttributeRequest request;
  request.set_attribute(std::string(attribute));
  LIMPID_ASSIGN_OR_RETURN(auto answer,
                          Invoke<v1::EraseAttributeResponse>(
                              connection_, kEraseAttribute, request));
  return std::move(*answer.mutable_result());
}

absl::StatusOr<v1::ErasureResult> VaultErasureClient::EraseEverything() {
  LIMPID_ASSIGN_OR_RETURN(const auto source,
                          base::ParseIdText("src", source_id_));
  const std::int64_t now = absl::ToUnixMillis(clock_.Now());
  base::ByteWriter statement(kStatementLabel);
  statement.Raw(source).U64(static_cast<std::uint64_t>(now));
  v1::ErasePersonRequest request;
  *request.mutable_time() = ToWire(absl::FromUnixMillis(now));
  request.set_signature(base::ToText(key_.key().Sign(statement.bytes())));
  LIMPID_ASSIGN_OR_RETURN(auto answer, Invoke<v1::ErasePersonResponse>(
                                           connection_, kErasePerson, request));
  return std::move(*answer.mutable_result());
}

absl::StatusOr<CheckedErasure> VaultErasureClient::Certificate(
    std::string_view attribute, std::uint64_t version,
    const tlog::Policy& vault_log,
    const std::optional<base::ByteArray<16>>& holder) {
  v1::GetErasureCertificateRequest request;
  request.set_attribute(std::string(attribute));
  request.set_version(version);
  CheckedErasure out;
  out.holder = holder;
  LIMPID_ASSIGN_OR_RETURN(out.answer, Invoke<v1::GetErasureCertificateResponse>(
                                          connection_, kCertificate, request));
  const AskedAct asked = {
      source_id_, std::string(attribute), attribute.empty() ? 0 : version,
      attribute.empty() ? v1::VAULT_ACT_DESTROY : v1::VAULT_ACT_ERASE, holder};
  LIMPID_RETURN_IF_ERROR(CheckErasure(out.answer, asked));
  LIMPID_ASSIGN_OR_RETURN(out.facts, ReadCertificate(out.answer.certificate()));
  if (!Covers(out.facts, asked)) return NoCertificate();
  if (out.answer.logged()) {
    LIMPID_RETURN_IF_ERROR(VerifyLogged(out.answer, vault_log));
  }
  return out;
}

absl::StatusOr<v1::ListHoldsResponse> VaultErasureClient::Holds() {
  return Invoke<v1::ListHoldsResponse>(connection_, kHolds,
                                       v1::ListHoldsRequest());
}

absl::Status VaultErasureClient::CheckNoHold() {
  LIMPID_ASSIGN_OR_RETURN(const v1::ListHoldsResponse answer, Holds());
  for (const v1::Hold& hold : answer.holds()) {
    if (hold.has_lift_time()) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "a hold stands, and nothing of yours is erased while it does: ",
        base::ToAbsl(LawOf(hold.ground())), ", ", hold.reason()));
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
