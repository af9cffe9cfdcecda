// Changes of the register as feeds that readers of others take: Atom (RFC 4287)
// and JSON Feed 1.1. An entry is one version; its id never changes.
// docs/formats/register-feed.md

#ifndef LIMPID_ALGOREGISTER_SEARCH_FEED_H_
#define LIMPID_ALGOREGISTER_SEARCH_FEED_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/search/index.h"

namespace limpid::algoregister::search {

// Of one entry; what else changed is counted. A reader shows a list, the
// register has the rest.
inline constexpr std::size_t kMaxFeedChanges = 20;
// Of what a field said before and says now, cut between characters.
inline constexpr std::size_t kMaxFeedValueBytes = 200;

struct FeedEntry {
  // "urn:limpid:<registration>:<version>".
  std::string id;
  Change change;
  RegistrationState state = RegistrationState::kActive;
  // Of this version.
  std::string title;
  // Name of the organisation today; empty for none.
  std::string organisation;
  // What its author says: at most kMaxReasonBytes.
  std::string reason;
  // For people, a line each: "Status: in use -> no longer in use".
  std::vector<std::string> lines;
  // What was read for it: bytes of canonical JSON.
  std::size_t read_bytes = 0;
};

// Reads the version and the one before it.
//
// Errors: the store's.
absl::StatusOr<FeedEntry> MakeFeedEntry(const RegistrationStore& store,
                                        const Change& change,
                                        std::string_view organisation);

struct Feed {
  // Of the register's log, "register.example.org/register".
  std::string_view origin;
  // Canonical; empty for everything.
  std::string_view filter;
  std::span<const FeedEntry> entries;
};

// UTF-8. What XML 1.0 cannot carry is left out of texts.
std::string FormatAtom(const Feed& feed);
std::string FormatJsonFeed(const Feed& feed);

}  // namespace limpid::algoregister::search

#endif  // LIMPID_ALGOREGISTER_SEARCH_FEED_H_
