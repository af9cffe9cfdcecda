// Pages of a listing that is made in parts: where a page token stands, and what
// the next one is.

#ifndef LIMPID_CONSENT_RPC_PART_PLACE_H_
#define LIMPID_CONSENT_RPC_PART_PLACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"

namespace limpid::consent {

// How far the parts before went, in the listing's own order.
using PartOrder = base::ByteArray<16>;

// A part, and how far in it.
struct PartPlace {
  // None for the first part.
  std::optional<PartOrder> after;
  std::uint64_t at = 0;
};

// The empty token is the beginning.
//
// Errors:
//   kInvalidArgument  no token of such a listing; names page_token.
absl::StatusOr<PartPlace> ParsePartPlace(std::string_view page_token);

// The entries of a part that a page shows, and the token of the next page.
struct PartPage {
  std::size_t begin = 0;
  std::size_t end = 0;
  // Empty at the end of the listing.
  std::string next_token;
};

// `length` and `next_after` are of the part at `place`; `page_size` is at least
// 1. A place behind the part's end shows nothing of it.
PartPage PageOf(const PartPlace& place, std::size_t length,
                const std::optional<PartOrder>& next_after, int page_size);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PART_PLACE_H_
