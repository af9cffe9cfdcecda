#include "clients/cpp/consent_facts_client.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/tlog/proof.h"
#include "limpid/algoregister/v1/consent_facts_service.pb.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;

constexpr Method kGet = {
    "/limpid.algoregister.v1.ConsentFactsService/GetConsentFacts", true};

absl::StatusOr<receipt::ConsentFactsEntry> Checked(
    const v1::PublishedConsentFacts& facts, const tlog::Policy& policy) {
  tlog::LogProof proof;
  proof.index = static_cast<std::uint64_t>(facts.proof().leaf_index());
  proof.checkpoint = facts.proof().checkpoint().note();
  for (const std::string& hash : facts.proof().hashes()) {
    const auto bytes = base::ToArray<32>(base::AsBytes(hash));
    if (!bytes.ok()) return absl::DataLossError("a proof is malformed");
    proof.hashes.push_back(*bytes);
  }
  const base::ByteView entry = base::AsBytes(facts.entry());
  const auto checkpoint = tlog::VerifyProof(proof, entry, policy);
  // Malformed or wrong: it is not to be believed.
  if (!checkpoint.ok()) {
    return absl::DataLossError(checkpoint.status().message());
  }
  return receipt::ParseConsentFacts(entry);
}

}  // namespace

absl::StatusOr<std::vector<receipt::ConsentFactsEntry>> ConsentFactsClient::Get(
    std::string_view month) {
  v1::GetConsentFactsRequest request;
  request.set_month(std::string(month));
  LIMPID_ASSIGN_OR_RETURN(
      const auto response,
      Invoke<v1::GetConsentFactsResponse>(connection_, kGet, request));
  std::vector<receipt::ConsentFactsEntry> out;
  for (const v1::PublishedConsentFacts& facts : response.facts()) {
    LIMPID_ASSIGN_OR_RETURN(receipt::ConsentFactsEntry entry,
                            Checked(facts, policy_));
    const bool is_double =
        std::any_of(out.begin(), out.end(), [&entry](const auto& other) {
          return other.operator_key == entry.operator_key;
        });
    const std::string its = absl::FormatCivilTime(entry.facts.month);
    if (is_double || (!month.empty() && its != base::ToAbsl(month))) {
      return absl::DataLossError(
          "the server answered with consent facts that were not asked for");
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace limpid::client
