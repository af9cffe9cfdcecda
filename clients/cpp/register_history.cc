#include "clients/cpp/register_history.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/disclosures.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/ed25519.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "common/receipt/registration_chains.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

std::string ReasonOf(const v1::RegistrationVersion& version) {
  const auto content = json::ParseStrict(version.content_json());
  if (!content.ok()) return {};
  const json::Value* const reason = content->Find("reason");
  return reason != nullptr && reason->is_string() ? reason->string()
                                                  : std::string();
}

bool SameTime(const google::protobuf::Timestamp& left,
              const google::protobuf::Timestamp& right) {
  return left.seconds() == right.seconds() && left.nanos() == right.nanos();
}

// That the row says what the version says, which is what its leaf says.
absl::Status CheckSummary(const v1::VersionSummary& summary,
                          const v1::RegistrationVersion& version,
                          const receipt::RegistrationLeaf& leaf) {
  if (summary.erasures_size() != version.erased_field_count()) {
    return absl::AbortedError(
        "a field was erased while the history was read; read it again");
  }
  const bool same =
      summary.version() == version.version() &&
      summary.state() == version.state() &&
      summary.author_role() == version.author_role() &&
      SameTime(summary.draft_time(), version.draft_time()) &&
      summary.author_public_key() == base::AsText(leaf.author.bytes) &&
      summary.leaf_index() == version.leaf_index() &&
      summary.content_sha256() == version.content_sha256() &&
      summary.reason() == ReasonOf(version);
  if (same) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the history says of version ",
                                          version.version(),
                                          " what its signed leaf does not"));
}

absl::StatusOr<v1::RegistrationVersion> ReadVersion(
    RegisterClient& client, std::string_view registration_id,
    std::int64_t version, const tlog::Policy* policy) {
  if (policy != nullptr) {
    LIMPID_ASSIGN_OR_RETURN(
        CheckedVersion checked,
        client.GetChecked(registration_id, version, *policy));
    return std::move(checked.version);
  }
  LIMPID_ASSIGN_OR_RETURN(auto got, client.Get(registration_id, version));
  LIMPID_RETURN_IF_ERROR(CheckVersion(got.version()));
  if (got.version().registration_id() != registration_id ||
      got.version().version() != version) {
    return absl::DataLossError(
        "the server answered with another registration or version");
  }
  return std::move(*got.mutable_version());
}

}  // namespace

absl::Status CheckHistory(
    RegisterClient& client, std::string_view registration_id,
    const tlog::Policy* policy,
    absl::FunctionRef<absl::Status(const HistoryEntry&)> take) {
  LIMPID_ASSIGN_OR_RETURN(auto summaries, client.History(registration_id));
  receipt::RegistrationChains chain;
  std::optional<crypto::Ed25519PublicKey> author;
  HistoryEntry entry;
  entry.count = summaries.size();
  for (v1::VersionSummary& summary : summaries) {
    entry.summary = std::move(summary);
    LIMPID_ASSIGN_OR_RETURN(
        entry.version,
        ReadVersion(client, registration_id, entry.summary.version(), policy));
    LIMPID_ASSIGN_OR_RETURN(const receipt::RegistrationLeaf leaf,
                            chain.Take(base::AsBytes(entry.version.leaf())));
    LIMPID_RETURN_IF_ERROR(CheckSummary(entry.summary, entry.version, leaf));
    entry.author_key_changed = author && *author != leaf.author;
    author = leaf.author;
    LIMPID_RETURN_IF_ERROR(take(entry));
    ++entry.index;
  }
  return absl::OkStatus();
}

}  // namespace limpid::client
