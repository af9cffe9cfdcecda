// Exact quotients of counts: a value is rounded once, when it is written. Knows
// no metric.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_FRACTION_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_FRACTION_H_

#include <optional>

namespace limpid::algoregister::evidence {

// Products of four counts fit: 10^36 of 1.7 * 10^38.
__extension__ using Wide = __int128;

// In lowest terms, the denominator positive. A value type.
class Fraction {
 public:
  // Nothing for a denominator of 0.
  static std::optional<Fraction> Of(Wide numerator, Wide denominator);

  // The nearest double when both terms are below 2^53, at most two units in the
  // last place off otherwise.
  [[nodiscard]] double value() const;
  [[nodiscard]] Wide numerator() const { return numerator_; }
  [[nodiscard]] Wide denominator() const { return denominator_; }

  // Terms of the operands up to 10^9, or 10^18 where both are differences or
  // quotients of such.
  friend Fraction operator-(const Fraction& left, const Fraction& right);
  friend Fraction operator+(const Fraction& left, const Fraction& right);
  // Nothing for a divisor of 0.
  friend std::optional<Fraction> Over(const Fraction& left,
                                      const Fraction& right);
  friend bool operator<(const Fraction& left, const Fraction& right);
  friend bool operator==(const Fraction&, const Fraction&) = default;

 private:
  Fraction(Wide numerator, Wide denominator)
      : numerator_(numerator), denominator_(denominator) {}

  Wide numerator_;
  Wide denominator_;
};

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_FRACTION_H_
