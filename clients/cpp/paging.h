// The end of a list that comes page by page: a server that never says it must
// not keep a client for ever, nor fill its memory.

#ifndef LIMPID_CLIENTS_CPP_PAGING_H_
#define LIMPID_CLIENTS_CPP_PAGING_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace limpid::client {

// What a person, a service or a registration has of anything, many times over.
inline constexpr std::size_t kMostListed = 1'000'000;

enum class EmptyPage {
  // Where no filter applies every page has items: one without is the end,
  // whatever its token says.
  kEnds,
  // Where one does, what a page has looked through may all be left out.
  kMayBeFollowed,
};

// The pages of one list. Thread-compatible.
class PageWalk {
 public:
  explicit PageWalk(EmptyPage empty_page, std::size_t most = kMostListed)
      : empty_page_(empty_page), most_(most) {}

  // Takes note of a page with `items` items and the token of the next one;
  // whether to ask for that.
  //
  // Errors:
  //   kDataLoss  the list has no end: the same token twice in a row, more than
  //              `most` items, or 10,000 pages in a row without any.
  absl::StatusOr<bool> More(std::string_view next_token, std::size_t items);

 private:
  const EmptyPage empty_page_;
  const std::size_t most_;
  std::size_t items_ = 0;
  std::size_t empty_in_a_row_ = 0;
  std::string last_token_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_PAGING_H_
