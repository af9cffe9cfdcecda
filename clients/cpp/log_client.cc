#include "clients/cpp/log_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr Method kListAccesses = {
    "/limpid.consent.v1.PersonConsentService/ListAccesses", true};
constexpr int kPageSize = 200;

// `leaf` is 0x01 and the commitment; docs/formats/log-leaf.md.
absl::StatusOr<receipt::ChainLink> LinkOf(const v1::AccessEntry& entry) {
  constexpr std::size_t kLeafBytes = 33;
  const base::ByteView leaf = base::AsBytes(entry.leaf());
  const base::ByteView previous = base::AsBytes(entry.previous_commitment());
  if (leaf.size() != kLeafBytes || previous.size() != base::Digest32{}.size()) {
    return absl::DataLossError(
        absl::StrCat("entry ", entry.sequence(), " came without its leaf"));
  }
  receipt::ChainLink out;
  out.sequence = entry.sequence();
  std::copy(previous.begin(), previous.end(), out.previous.begin());
  std::copy(leaf.begin() + 1, leaf.end(), out.commitment.begin());
  return out;
}

}  // namespace

absl::StatusOr<std::vector<v1::AccessEntry>> LogClient::List(
    v1::ListAccessesRequest request, std::size_t limit) {
  request.set_page_size(kPageSize);
  std::vector<v1::AccessEntry> out;
  while (out.size() < limit) {
    LIMPID_ASSIGN_OR_RETURN(
        auto page,
        Invoke<v1::ListAccessesResponse>(connection_, kListAccesses, request));
    for (v1::AccessEntry& entry : *page.mutable_entries()) {
      if (out.size() < limit) out.push_back(std::move(entry));
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<LogCheck> LogClient::Check(const receipt::LogHead* kept) {
  v1::ListAccessesRequest request;
  request.set_page_size(kPageSize);
  const std::uint64_t end = kept == nullptr ? 0 : kept->sequence;
  std::optional<LogCheck> out;
  std::vector<receipt::ChainLink> links;
  bool more = true;
  while (more) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto page,
        Invoke<v1::ListAccessesResponse>(connection_, kListAccesses, request));
    if (!out) {
      out.emplace();
      out->signed_head = base::ToBytes(base::AsBytes(page.signed_head()));
      LIMPID_ASSIGN_OR_RETURN(
          out->head,
          receipt::VerifyHead(out->signed_head, trust_.evidence_key));
    }
    for (const v1::AccessEntry& entry : page.entries()) {
      // Entered after the head was made, or known already.
      if (entry.sequence() > out->head.sequence) continue;
      if (entry.sequence() <= end) break;
      LIMPID_ASSIGN_OR_RETURN(links.emplace_back(), LinkOf(entry));
    }
    // Without filters every page has entries: one without is the end, whatever
    // its token says.
    more = page.entries_size() > 0 && !page.next_page_token().empty() &&
           (links.empty() || links.back().sequence > end + 1) &&
           out->head.sequence > end;
    request.set_page_token(page.next_page_token());
  }
  out->new_entries = links.size();
  out->continues = receipt::CheckChain(kept, links, out->head);
  return *std::move(out);
}

}  // namespace limpid::client
