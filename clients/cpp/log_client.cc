#include "clients/cpp/log_client.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/entry_check.h"
#include "clients/cpp/erasure_client.h"
#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr Method kListAccesses = {
    "/limpid.consent.v1.PersonConsentService/ListAccesses", true};
// With their contents, of 64 lines each at most, below what a message may have.
constexpr int kPageSize = 100;

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
  request.set_with_content(true);
  std::vector<v1::AccessEntry> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  bool more = true;
  while (more && out.size() < limit) {
    LIMPID_ASSIGN_OR_RETURN(
        auto page,
        Invoke<v1::ListAccessesResponse>(connection_, kListAccesses, request));
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.entries_size())));
    for (v1::AccessEntry& entry : *page.mutable_entries()) {
      if (out.size() == limit) break;
      if (CheckEntry(entry) == EntryTruth::kAltered) {
        return absl::DataLossError(
            absl::StrCat("entry ", entry.sequence(),
                         " of the log says something else than its commitment "
                         "stands for"));
      }
      out.push_back(std::move(entry));
    }
    request.set_page_token(page.next_page_token());
  }
  return out;
}

namespace {

// Sorts an entry by what became of its content, and whether that is true.
void NoteContent(const v1::AccessEntry& entry,
                 const crypto::Ed25519PublicKey& own_key, LogCheck& out) {
  const EntryContent content = ContentOf(entry, own_key);
  if (content == EntryContent::kErased) out.erased.push_back(entry.sequence());
  if (content == EntryContent::kLost) out.lost.push_back(entry.sequence());
  if (content != EntryContent::kThere) return;
  switch (CheckEntry(entry)) {
    case EntryTruth::kTrue:
      ++out.true_entries;
      return;
    case EntryTruth::kUnchecked:
      out.unchecked.push_back(entry.sequence());
      return;
    case EntryTruth::kAltered:
      out.altered.push_back(entry.sequence());
      return;
  }
}

// Whether `links`, newest first, lead from `head` down to `kept`.
absl::Status Continues(const receipt::LogHead* kept,
                       const std::vector<receipt::ChainLink>& links,
                       const receipt::LogHead& head) {
  if (kept == nullptr) return absl::OkStatus();
  const auto known = std::find_if(links.begin(), links.end(),
                                  [kept](const receipt::ChainLink& link) {
                                    return link.sequence <= kept->sequence;
                                  });
  return receipt::CheckChain(kept, {links.begin(), known}, head);
}

}  // namespace

absl::StatusOr<LogCheck> LogClient::Check(
    const receipt::LogHead* kept, const crypto::Ed25519PublicKey& own_key,
    const receipt::LogHead* seen) {
  v1::ListAccessesRequest request;
  request.set_page_size(kPageSize);
  request.set_with_content(true);
  std::optional<LogCheck> out;
  std::vector<receipt::ChainLink> links;
  PageWalk walk(EmptyPage::kEnds);
  for (bool more = true; more;) {
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
      // Entered after the head was made.
      if (entry.sequence() > out->head.sequence) continue;
      LIMPID_ASSIGN_OR_RETURN(links.emplace_back(), LinkOf(entry));
      NoteContent(entry, own_key, *out);
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.entries_size())));
    request.set_page_token(page.next_page_token());
  }
  const std::uint64_t known = kept == nullptr ? 0 : kept->sequence;
  out->new_entries = static_cast<std::uint64_t>(std::count_if(
      links.begin(), links.end(), [known](const receipt::ChainLink& link) {
        return link.sequence > known;
      }));
  out->continues = receipt::CheckChain(nullptr, links, out->head);
  out->continues.Update(Continues(kept, links, out->head));
  out->continues.Update(Continues(seen, links, out->head));
  out->links = std::move(links);
  return *std::move(out);
}

}  // namespace limpid::client
