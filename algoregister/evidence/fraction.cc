#include "algoregister/evidence/fraction.h"

#include <optional>

#include "common/base/check.h"

namespace limpid::algoregister::evidence {
namespace {

Wide Gcd(Wide left, Wide right) {
  while (right != 0) {
    const Wide rest = left % right;
    left = right;
    right = rest;
  }
  return left < 0 ? -left : left;
}

}  // namespace

std::optional<Fraction> Fraction::Of(Wide numerator, Wide denominator) {
  if (denominator == 0) return std::nullopt;
  const Wide shared = Gcd(numerator, denominator);
  const Wide sign = denominator < 0 ? -1 : 1;
  return Fraction(sign * (numerator / shared), sign * (denominator / shared));
}

double Fraction::value() const {
  return static_cast<double>(numerator_) / static_cast<double>(denominator_);
}

Fraction operator-(const Fraction& left, const Fraction& right) {
  return left + Fraction(-right.numerator_, right.denominator_);
}

Fraction operator+(const Fraction& left, const Fraction& right) {
  const auto sum = Fraction::Of(left.numerator_ * right.denominator_ +
                                    right.numerator_ * left.denominator_,
                                left.denominator_ * right.denominator_);
  // Invariant: denominators are positive.
  LIMPID_CHECK(sum.has_value());
  return *sum;
}

std::optional<Fraction> Over(const Fraction& left, const Fraction& right) {
  return Fraction::Of(left.numerator_ * right.denominator_,
                      left.denominator_ * right.numerator_);
}

bool operator<(const Fraction& left, const Fraction& right) {
  return left.numerator_ * right.denominator_ <
         right.numerator_ * left.denominator_;
}

}  // namespace limpid::algoregister::evidence
