// Which days a stored value speaks of, as whoever stored it said: what a limit
// on the days of the data is kept by.
// docs/formats/attribute-record.md, docs/adr/2026-11-29-days-of-the-data.md

#ifndef LIMPID_VAULT_ATTRIBUTE_ABOUT_H_
#define LIMPID_VAULT_ATTRIBUTE_ABOUT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "common/base/day.h"
#include "common/base/wire.h"

namespace limpid::vault {

// Stored: append, never renumber.
enum class AboutKind : std::uint8_t {
  // Nobody said. The day of the put is not it: what is stored in 2025 may well
  // be of 2024.
  kUnsaid = 0,
  kDays = 1,
  // A fact that is of no day, such as a birth date.
  kNoDay = 2,
};

struct About {
  AboutKind kind = AboutKind::kUnsaid;
  // Two days, of kDays alone.
  base::Days days = {};

  // Whether it may be shown under a limit to `range`: all its days are in it,
  // or it is of no day. Unsaid is not. Everything is in an open range.
  [[nodiscard]] bool Fits(const base::Days& range) const;

  friend bool operator==(const About&, const About&) = default;
};

// Errors:
//   kInvalidArgument  of kDays an end is open or the last is before the first;
//                     of another kind there are days.
absl::Status CheckAbout(const About& about);

// Nine bytes whatever it says, so that no size tells. `about` passes
// CheckAbout.
void WriteAbout(const About& about, base::ByteWriter& writer);
// Errors:
//   kInvalidArgument  an unknown kind, or as CheckAbout. Whether there were
//                     nine bytes is the reader's to say.
absl::Status ReadAbout(base::ByteReader& reader, About& out);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_ABOUT_H_
