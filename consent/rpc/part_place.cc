#include "consent/rpc/part_place.h"

#include <algorithm>

#include "common/base/wire.h"
#include "common/rpc/validate.h"

namespace limpid::consent {
namespace {

std::string TokenOf(const PartPlace& place) {
  base::ByteWriter out;
  out.U64(place.at);
  if (place.after) out.Raw(*place.after);
  return base::ToText(out.bytes());
}

}  // namespace

absl::StatusOr<PartPlace> ParsePartPlace(std::string_view page_token) {
  PartPlace out;
  if (page_token.empty()) return out;
  base::ByteReader reader(base::AsBytes(page_token));
  out.at = reader.U64();
  if (!reader.rest().empty()) out.after = reader.Array<16>();
  if (!reader.Finish().ok()) {
    return rpc::FieldError("page_token", "was not made for this call");
  }
  return out;
}

PartPage PageOf(const PartPlace& place, std::size_t length,
                const std::optional<PartOrder>& next_after, int page_size) {
  PartPage out;
  out.begin =
      static_cast<std::size_t>(std::min<std::uint64_t>(place.at, length));
  out.end = std::min(length, out.begin + static_cast<std::size_t>(page_size));
  if (out.end < length) {
    out.next_token = TokenOf({place.after, out.end});
  } else if (next_after) {
    out.next_token = TokenOf({next_after, 0});
  }
  return out;
}

}  // namespace limpid::consent
