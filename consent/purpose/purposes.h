// What consent needs to know about purposes: which exist, and which is narrower
// than which. The taxonomy itself is common/vocab.

#ifndef LIMPID_CONSENT_PURPOSE_PURPOSES_H_
#define LIMPID_CONSENT_PURPOSE_PURPOSES_H_

#include <span>
#include <string>
#include <string_view>

namespace limpid::consent {

// Thread-safe.
class Purposes {
 public:
  virtual ~Purposes() = default;
  Purposes(const Purposes&) = delete;
  Purposes& operator=(const Purposes&) = delete;

  [[nodiscard]] virtual bool Knows(std::string_view iri) const = 0;
  // Whether `asked` equals `consented` or lies below it. False when either is
  // unknown: a parent or a sibling is another purpose.
  [[nodiscard]] virtual bool IsSameOrNarrower(
      std::string_view asked, std::string_view consented) const = 0;

 protected:
  Purposes() = default;
};

// The first of `consented` that covers `asked`, or nullptr.
const std::string* CoveringPurpose(std::string_view asked,
                                   std::span<const std::string> consented,
                                   const Purposes& purposes);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PURPOSE_PURPOSES_H_
