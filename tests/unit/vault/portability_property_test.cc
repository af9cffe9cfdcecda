#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/vault/portability_fixture.h"

namespace limpid::vault {
namespace {

using ::testing::ElementsAre;

constexpr About kYear = {AboutKind::kDays, {20240101, 20241231}};

// Random lives, carried twice in random pieces.
TEST(PortabilityProperty, RandomStatesComeThroughByteEqual) {
  constexpr std::string_view kNames[] = {"household.size", "person.email",
                                         "person.phone"};
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto roll = [&](std::size_t sides) { return random() % sides; };
    AnnaKeys anna;
    PortVault from("old.example", 0x10, anna);
    PortVault to("new.example", 0x40, anna);
    PortVault last("third.example", 0x70, anna);
    const client::SealedKey key = client::MakeSealedKey(from.home());
    std::uint8_t slots = 0;
    std::vector<std::uint64_t> counts(std::size(kNames));
    const std::size_t steps = roll(25);
    for (std::size_t i = 0; i < steps; ++i) {
      from.clock.Advance(absl::Milliseconds(roll(1000)));
      const std::size_t which = roll(std::size(kNames));
      const std::string name(kNames[which]);
      const std::string value = which == 0   ? std::to_string(roll(9) + 1)
                                : which == 1 ? R"("a@example.org")"
                                             : R"("+31201234567")";
      switch (roll(5)) {
        case 0:
          if (slots < 10) from.AddSlot(key, ++slots);
          break;
        case 1:
          if (counts[which] > 0) from.Erase(name, roll(counts[which]) + 1);
          break;
        case 2:
          if (slots == 0) break;
          from.PutSealed(key, name, value);
          ++counts[which];
          break;
        default:
          from.Put(name, value, roll(2) == 0 ? kYear : About{}, roll(2) == 0);
          ++counts[which];
          break;
      }
    }
    const std::vector<std::string> lines = from.Export();
    // Broken off somewhere, and again from the start.
    std::vector<std::string> part(
        lines.begin(),
        lines.begin() + static_cast<std::ptrdiff_t>(roll(lines.size() + 1)));
    while (!part.empty() &&
           part.back().find("\"line\":\"definition\"") != std::string::npos) {
      part.pop_back();
    }
    EXPECT_THAT(to.Import(part, 1 + roll(4)).refused, ElementsAre()) << seed;
    EXPECT_THAT(to.Import(lines, 1 + roll(4)).refused, ElementsAre()) << seed;
    EXPECT_EQ(to.Export(), lines) << seed;
    EXPECT_THAT(last.Import(to.Export()).refused, ElementsAre()) << seed;
    EXPECT_EQ(last.Export(), lines) << seed;
  }
}

}  // namespace
}  // namespace limpid::vault
