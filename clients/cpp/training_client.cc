#include "clients/cpp/training_client.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "clients/cpp/wire_time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/tlog/proof.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr Method kList = {
    "/limpid.consent.v1.TrainingService/ListTrainingReleases", true};
// More releases than anybody has: a server whose pages never end.
constexpr std::size_t kMaxReleases = 100'000;

absl::Status Malformed() {
  return absl::DataLossError("a release for training is malformed");
}

absl::StatusOr<receipt::TrainingRelease> FromWire(
    const v1::TrainingRelease& release) {
  receipt::TrainingRelease out;
  const auto snapshot = base::ParseIdText("snp", release.snapshot_id());
  const auto system = base::ParseIdText("sys", release.system_id());
  const auto pseudonym = base::ToArray<16>(base::AsBytes(release.pseudonym()));
  if (!snapshot.ok() || !system.ok() || !pseudonym.ok()) return Malformed();
  out.snapshot = *snapshot;
  out.system = *system;
  out.pseudonym = *pseudonym;
  for (const std::string& read : release.reads()) {
    const auto commitment = base::ToArray<32>(base::AsBytes(read));
    if (!commitment.ok()) return Malformed();
    out.reads.push_back(*commitment);
  }
  return out;
}

// The commitment that this proof is of, in the log and signed.
absl::StatusOr<receipt::TrainingCommitment> CheckCommitment(
    const v1::TrainingProof& proof,
    const crypto::Ed25519PublicKey& operator_key, const tlog::Policy& policy) {
  const base::ByteView entry = base::AsBytes(proof.commitment());
  LIMPID_ASSIGN_OR_RETURN(const receipt::TrainingCommitment commitment,
                          receipt::ParseTrainingCommitment(entry));
  if (commitment.operator_key != operator_key) {
    return absl::DataLossError("the commitment is another operator's");
  }
  const auto logged = tlog::ParseProof(proof.log_proof());
  if (!logged.ok()) return absl::DataLossError("a proof is malformed");
  const auto checkpoint = tlog::VerifyProof(*logged, entry, policy);
  // Malformed or wrong: it is not to be believed.
  if (!checkpoint.ok()) {
    return absl::DataLossError(checkpoint.status().message());
  }
  return commitment;
}

// What the newest version of the dataset says of its snapshots.
absl::Status AddSealed(const algoregister::v1::RegistrationVersion& dataset,
                       std::map<std::string, absl::Time>& out) {
  LIMPID_ASSIGN_OR_RETURN(const json::Value content,
                          json::ParseStrict(dataset.content_json()));
  const json::Value* at = content.Find("fields");
  if (at != nullptr) at = at->Find("snapshots");
  if (at != nullptr) at = at->Find("value");
  if (at == nullptr || !at->is_array()) return absl::OkStatus();
  for (const json::Value& snapshot : at->elements()) {
    const auto id = snapshot.GetString("id");
    const auto text = snapshot.GetString("sealed");
    absl::Time time;
    std::string error;
    if (!id.ok() || !text.ok() ||
        !absl::ParseTime(absl::RFC3339_full, base::ToAbsl(*text), &time,
                         &error)) {
      continue;
    }
    out[*id] = time;
  }
  return absl::OkStatus();
}

// When it was sealed, by whoever says so first; none while it is open.
std::optional<absl::Time> SealedAt(
    const v1::TrainingRelease& release,
    const std::map<std::string, absl::Time>& sealed) {
  std::optional<absl::Time> out;
  if (release.has_seal_time()) out = TimeOf(release.seal_time());
  const auto found = sealed.find(release.snapshot_id());
  if (found != sealed.end()) {
    out = out ? std::min(*out, found->second) : found->second;
  }
  return out;
}

std::string About(const v1::TrainingRelease& release) {
  return absl::StrCat("the release for ", release.snapshot_id(), " to ",
                      release.organisation(), ": ");
}

void AlarmOf(const CheckedRelease& one,
             const std::map<std::string, absl::Time>& sealed, absl::Time now,
             std::vector<std::string>& out) {
  if (one.proof.ok()) return;
  if (!absl::IsNotFound(one.proof)) {
    out.push_back(
        absl::StrCat(About(one.release), std::string(one.proof.message())));
    return;
  }
  if (one.release.stage() == v1::TRAINING_STAGE_PUBLISHED) {
    out.push_back(absl::StrCat(
        About(one.release),
        "the snapshot's commitment is published, and it has no leaf in it"));
    return;
  }
  const auto since = SealedAt(one.release, sealed);
  if (since && now - *since > kCommitmentGrace) {
    out.push_back(absl::StrCat(
        About(one.release),
        "its snapshot is sealed since more than a day, and there is no proof"));
  }
}

bool Released(const v1::AccessEntry& entry) {
  if (entry.kind() != v1::ACCESS_KIND_RELEASE_DECIDED ||
      !entry.has_training() || entry.has_erasure()) {
    return false;
  }
  return std::any_of(
      entry.decisions().begin(), entry.decisions().end(),
      [](const v1::AttributeDecision& one) { return one.allowed(); });
}

// System, snapshot and commitment.
using ReadKey = std::tuple<std::string, std::string, std::string>;

}  // namespace

absl::StatusOr<std::vector<v1::TrainingRelease>> TrainingClient::List() {
  v1::ListTrainingReleasesRequest request;
  std::vector<v1::TrainingRelease> out;
  do {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListTrainingReleasesResponse>(connection_, kList, request));
    unreadable_count_ = page.unreadable_count();
    out.insert(out.end(), page.releases().begin(), page.releases().end());
    if (out.size() > kMaxReleases) {
      return absl::DataLossError("the list of releases has no end");
    }
    // One without releases is the end, whatever its token says.
    if (page.releases().empty()) break;
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return out;
}

absl::StatusOr<receipt::TrainingCommitment> CheckRelease(
    const v1::TrainingRelease& release,
    const crypto::Ed25519PublicKey& operator_key, const tlog::Policy& policy) {
  if (!release.has_proof()) {
    return absl::NotFoundError("there is no proof yet");
  }
  const v1::TrainingProof& proof = release.proof();
  LIMPID_ASSIGN_OR_RETURN(const receipt::TrainingRelease said,
                          FromWire(release));
  LIMPID_ASSIGN_OR_RETURN(const receipt::TrainingCommitment commitment,
                          CheckCommitment(proof, operator_key, policy));
  const auto opening = base::ToArray<32>(base::AsBytes(proof.opening()));
  if (!opening.ok()) return Malformed();
  std::vector<base::Digest32> path;
  for (const std::string& hash : proof.path()) {
    const auto bytes = base::ToArray<32>(base::AsBytes(hash));
    if (!bytes.ok()) return Malformed();
    path.push_back(*bytes);
  }
  LIMPID_RETURN_IF_ERROR(receipt::VerifyTrainingRelease(
      commitment, said, *opening, proof.leaf_index(), path));
  return commitment;
}

absl::StatusOr<std::map<std::string, absl::Time>> SealTimes(
    const std::vector<v1::TrainingRelease>& releases,
    RegisterClient& algorithms, const tlog::Policy& policy) {
  std::set<std::string> datasets;
  for (const v1::TrainingRelease& release : releases) {
    if (!release.dataset_id().empty()) datasets.insert(release.dataset_id());
  }
  std::map<std::string, absl::Time> out;
  for (const std::string& dataset : datasets) {
    const auto checked = algorithms.GetChecked(dataset, /*version=*/0, policy);
    if (absl::IsNotFound(checked.status())) continue;
    LIMPID_RETURN_IF_ERROR(checked.status());
    LIMPID_RETURN_IF_ERROR(AddSealed(checked->version, out));
  }
  return out;
}

std::vector<std::string> TrainingAlarms(
    const std::vector<CheckedRelease>& releases,
    const std::vector<v1::AccessEntry>& entries,
    const std::map<std::string, absl::Time>& sealed, absl::Time now) {
  std::vector<std::string> out;
  std::set<ReadKey> proved;
  std::set<ReadKey> listed;
  // Of which a day has passed since the sealing.
  std::set<std::string> late;
  for (const CheckedRelease& one : releases) {
    AlarmOf(one, sealed, now, out);
    const auto since = SealedAt(one.release, sealed);
    if (since && now - *since > kCommitmentGrace) {
      late.insert(one.release.snapshot_id());
    }
    for (const std::string& read : one.release.reads()) {
      const ReadKey key = {one.release.system_id(), one.release.snapshot_id(),
                           read};
      listed.insert(key);
      if (one.proof.ok()) proved.insert(key);
    }
  }
  for (const v1::AccessEntry& entry : entries) {
    if (!Released(entry) || entry.leaf().empty()) continue;
    const ReadKey key = {entry.training().system_id(),
                         entry.training().snapshot_id(),
                         entry.leaf().substr(1)};
    const bool needs_proof = late.contains(entry.training().snapshot_id());
    if (needs_proof ? proved.contains(key) : listed.contains(key)) continue;
    out.push_back(absl::StrCat(
        "entry ", entry.sequence(), " of your log released data for ",
        entry.training().snapshot_id(), ", and ",
        needs_proof ? "no proved release has it" : "no release has it"));
  }
  return out;
}

}  // namespace limpid::client
