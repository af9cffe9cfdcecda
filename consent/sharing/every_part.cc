// The parts of an agreement over several sources, each at its own source.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "consent/sharing/sharing_book.h"

namespace limpid::consent {

bool EveryPartIsShared(const SharingBook& book, const Agreement& agreement,
                       const Service& service, std::string_view purpose,
                       const Purposes& purposes, absl::Time now) {
  const std::vector<AgreementLine>& lines = agreement.content.lines;
  return std::all_of(
      lines.begin(), lines.end(), [&](const AgreementLine& one) -> bool {
        if (one.source.none()) return true;
        const std::vector<std::string> attribute = {one.attribute};
        return ResolveSharing(book.Between(one.source, service), attribute,
                              purpose, purposes, now)
            .allowed.front();
      });
}

}  // namespace limpid::consent
