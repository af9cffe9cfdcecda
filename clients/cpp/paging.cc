#include "clients/cpp/paging.h"

#include "absl/status/status.h"

namespace limpid::client {

absl::StatusOr<bool> PageWalk::More(std::string_view next_token,
                                    std::size_t items) {
  constexpr std::size_t kMostEmptyPages = 10'000;
  items_ += items;
  empty_in_a_row_ = items == 0 ? empty_in_a_row_ + 1 : 0;
  if (items_ > most_) {
    return absl::DataLossError(
        "the server's list has no end: it has more than anybody has of it");
  }
  if (next_token.empty()) return false;
  if (items == 0 && empty_page_ == EmptyPage::kEnds) return false;
  if (next_token == last_token_ || empty_in_a_row_ >= kMostEmptyPages) {
    return absl::DataLossError(
        "the server's list has no end: its pages lead nowhere");
  }
  last_token_ = next_token;
  return true;
}

}  // namespace limpid::client
