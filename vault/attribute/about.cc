#include "vault/attribute/about.h"

namespace limpid::vault {

bool About::Fits(const base::Days& range) const {
  if (range.open()) return true;
  switch (kind) {
    case AboutKind::kUnsaid:
      return false;
    case AboutKind::kDays:
      return range.Contain(days);
    case AboutKind::kNoDay:
      return true;
  }
  return false;
}

absl::Status CheckAbout(const About& about) {
  switch (about.kind) {
    case AboutKind::kDays:
      if (about.days.from != 0 && about.days.to != 0 && about.days.valid()) {
        return absl::OkStatus();
      }
      return absl::InvalidArgumentError(
          "about: needs a first day and a last day that is not before it");
    case AboutKind::kUnsaid:
    case AboutKind::kNoDay:
      if (about.days.open()) return absl::OkStatus();
      break;
  }
  return absl::InvalidArgumentError("about: names days and says it has none");
}

void WriteAbout(const About& about, base::ByteWriter& writer) {
  writer.U8(static_cast<std::uint8_t>(about.kind))
      .U32(about.days.from)
      .U32(about.days.to);
}

absl::Status ReadAbout(base::ByteReader& reader, About& out) {
  out.kind = static_cast<AboutKind>(reader.U8());
  out.days.from = reader.U32();
  out.days.to = reader.U32();
  return CheckAbout(out);
}

}  // namespace limpid::vault
