#include "clients/cpp/portability_client.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

#define LIMPID_PORTABILITY "/limpid.vault.v1.PortabilityService/"
constexpr Method kExport = {LIMPID_PORTABILITY "ExportVault", true,
                            absl::Minutes(1)};
constexpr Method kImport = {LIMPID_PORTABILITY "ImportLines", true,
                            absl::Minutes(1)};
constexpr Method kDeclareMove = {LIMPID_PORTABILITY "DeclareMove", true};
constexpr Method kGetMove = {LIMPID_PORTABILITY "GetMove", true};
#undef LIMPID_PORTABILITY

// Other devices of one person that store something meanwhile are few.
constexpr int kExportTries = 4;
// A server takes messages of 8 MiB and 256 lines.
constexpr int kBatchLines = 256;
constexpr std::size_t kBatchBytes = std::size_t{2} << 20U;
// No line of a bundle is as short: its names alone are longer. So its bytes
// bound how many there are.
constexpr std::size_t kMinLineBytes = 64;
// A page has 256 lines or 1 MiB unless it is the last: several times what the
// largest bundle of the shortest lines takes.
constexpr int kMaxExportPages = 65'536;

absl::Status OtherAnswer() {
  return absl::DataLossError("the vault answered about other lines");
}

absl::Status NoEnd() {
  return absl::DataLossError(
      "the vault gives an export that has no end, or lines that are none; "
      "nothing was written");
}

absl::Status TooMuch() {
  return absl::ResourceExhaustedError(
      "what is kept is larger than a bundle may be");
}

void WipeAll(std::vector<std::string>& lines) {
  for (std::string& line : lines) base::Wipe(line);
  lines.clear();
}

}  // namespace

absl::StatusOr<SignedMoveAway> SignMoveAway(const PersonKey& key,
                                            std::string_view source_id,
                                            std::optional<MoveAway> to,
                                            const Whereabouts& now_at,
                                            absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const auto source,
                          base::ParseIdText("src", source_id));
  const MoveAway none;
  const MoveAway& named = to ? *to : none;
  const std::int64_t millis = absl::ToUnixMillis(now);
  SignedMoveAway out;
  // The one that stands has its number when it is said again.
  out.number = to && !now_at.to ? now_at.last_number + 1 : now_at.last_number;
  base::ByteWriter statement("limpid/vault/move/2");
  statement.Raw(source)
      .U64(out.number)
      .Lp(named.name)
      .Raw(named.evidence_key.bytes)
      .U64(static_cast<std::uint64_t>(millis));
  out.signature = key.key().Sign(statement.bytes());
  out.time = absl::FromUnixMillis(millis);
  out.to = std::move(to);
  return out;
}

absl::StatusOr<v1::DeclareMoveResponse> PortabilityClient::DeclareMove(
    const SignedMoveAway& move) {
  v1::DeclareMoveRequest request;
  if (move.to) {
    request.mutable_to()->set_operator_name(move.to->name);
    request.mutable_to()->set_evidence_key(
        base::ToText(move.to->evidence_key.bytes));
  }
  const std::int64_t millis = absl::ToUnixMillis(move.time);
  constexpr std::int64_t kMillis = 1'000;
  constexpr std::int64_t kNanosPerMilli = 1'000'000;
  request.mutable_time()->set_seconds(millis / kMillis);
  request.mutable_time()->set_nanos(
      static_cast<std::int32_t>(millis % kMillis * kNanosPerMilli));
  request.set_signature(base::ToText(move.signature));
  request.set_number(move.number);
  return Invoke<v1::DeclareMoveResponse>(connection_, kDeclareMove, request);
}

absl::StatusOr<Whereabouts> PortabilityClient::GetMove() {
  LIMPID_ASSIGN_OR_RETURN(
      const auto answer,
      Invoke<v1::GetMoveResponse>(connection_, kGetMove, v1::GetMoveRequest()));
  Whereabouts out;
  out.last_number = answer.last_number();
  if (!answer.has_to()) return out;
  MoveAway to;
  to.name = answer.to().operator_name();
  LIMPID_ASSIGN_OR_RETURN(to.evidence_key.bytes,
                          base::ToArray<crypto::kEd25519PublicKeyBytes>(
                              base::AsBytes(answer.to().evidence_key())));
  out.to = std::move(to);
  return out;
}

absl::Status PortabilityClient::Pages(std::vector<std::string>& out,
                                      std::string& commitment) {
  std::size_t size = 0;
  v1::ExportVaultRequest request;
  for (int pages = 0; pages < kMaxExportPages; ++pages) {
    LIMPID_ASSIGN_OR_RETURN(
        v1::ExportVaultResponse page,
        Invoke<v1::ExportVaultResponse>(connection_, kExport, request));
    // Whoever has nothing is done with one page.
    if (page.lines().empty() && !page.next_page_token().empty()) return NoEnd();
    for (std::string& line : *page.mutable_lines()) {
      if (line.size() < kMinLineBytes) return NoEnd();
      size += line.size() + 1;
      out.push_back(std::move(line));
    }
    if (size > kMaxBundleBytes) return TooMuch();
    if (request.page_token().empty()) commitment = page.commitment();
    if (page.next_page_token().empty()) return absl::OkStatus();
    request.set_page_token(page.next_page_token());
  }
  return NoEnd();
}

absl::StatusOr<std::vector<std::string>> PortabilityClient::Lines(
    std::string& commitment) {
  std::vector<std::string> out;
  const absl::Status read = Pages(out, commitment);
  if (read.ok()) return out;
  WipeAll(out);
  return read;
}

absl::StatusOr<Exported> PortabilityClient::Export(const BundleHead& head) {
  Exported out;
  absl::StatusOr<std::vector<std::string>> lines = absl::AbortedError("");
  for (int i = 0; i < kExportTries && absl::IsAborted(lines.status()); ++i) {
    lines = Lines(out.commitment);
  }
  LIMPID_RETURN_IF_ERROR(lines.status());
  auto bundle = WriteBundle(head, *lines);
  WipeAll(*lines);
  LIMPID_ASSIGN_OR_RETURN(out.bundle, std::move(bundle));
  // What could not be brought anywhere is no export.
  const auto read = ReadBundle(out.bundle);
  if (!read.ok()) {
    base::Wipe(out.bundle);
    return absl::DataLossError("the vault gave lines that are no bundle");
  }
  for (const BundleLine& line : read->lines) {
    if (line.kind == BundleLineKind::kSlot) ++out.slots;
    if (line.kind == BundleLineKind::kVersion) ++out.versions;
  }
  return out;
}

absl::Status PortabilityClient::Send(
    const v1::ImportLinesRequest& batch,
    const std::vector<const BundleLine*>& lines, ImportReport& report) {
  LIMPID_ASSIGN_OR_RETURN(const auto answer, Invoke<v1::ImportLinesResponse>(
                                                 connection_, kImport, batch));
  if (answer.results_size() != batch.lines_size()) return OtherAnswer();
  for (int i = 0; i < answer.results_size(); ++i) {
    const v1::ImportResult& result = answer.results(i);
    const BundleLine& line = *lines[static_cast<std::size_t>(i)];
    ++report.read;
    if (result.outcome() == v1::IMPORT_OUTCOME_CREATED) {
      ++report.created;
    } else if (result.outcome() == v1::IMPORT_OUTCOME_UNCHANGED) {
      ++report.unchanged;
    } else if (result.outcome() == v1::IMPORT_OUTCOME_REFUSED) {
      report.refused.push_back({line.number, line.attribute, line.version,
                                result.refusal(), result.detail()});
    } else {
      return OtherAnswer();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ImportReport> PortabilityClient::Import(const Bundle& bundle) {
  ImportReport report;
  v1::ImportLinesRequest batch;
  std::vector<const BundleLine*> lines;
  std::size_t size = 0;
  const auto send = [&]() -> absl::Status {
    if (lines.empty()) return absl::OkStatus();
    absl::Status sent = Send(batch, lines, report);
    for (v1::ImportLine& line : *batch.mutable_lines()) {
      base::Wipe(*line.mutable_line());
    }
    batch.clear_lines();
    lines.clear();
    size = 0;
    return sent;
  };
  batch.set_bundle_sha256(base::ToText(bundle.sha256));
  for (const BundleLine& line : bundle.lines) {
    if (line.kind == BundleLineKind::kDefinition) continue;
    if (batch.lines_size() == kBatchLines ||
        size + line.text.size() > kBatchBytes) {
      LIMPID_RETURN_IF_ERROR(send());
    }
    v1::ImportLine& to = *batch.add_lines();
    to.set_line(std::string(line.text));
    if (line.version > 1) to.set_previous_sha256(base::ToText(line.previous));
    lines.push_back(&line);
    size += line.text.size();
  }
  LIMPID_RETURN_IF_ERROR(send());
  return report;
}

}  // namespace limpid::client
