#include "algoregister/search/place_set.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::algoregister::search {
namespace {

std::vector<Place> PlacesIn(const Bits& bits) {
  std::vector<Place> out;
  bits.ForEach([&out](Place place) { out.push_back(place); });
  return out;
}

TEST(Bits, AllOfThemEndWhereTheyShould) {
  for (const std::size_t size : {0U, 1U, 63U, 64U, 65U, 128U}) {
    EXPECT_EQ(Bits(size, true).Count(), size);
    EXPECT_EQ(Bits(size).Count(), 0U);
    EXPECT_FALSE(Bits(size, true).Test(static_cast<Place>(size)));
  }
}

TEST(Bits, KeepAndAddAreOfAnyTwoSizes) {
  Bits few;
  few.Set(3);
  Bits many(200, true);
  many.Keep(few);
  EXPECT_EQ(PlacesIn(many), std::vector<Place>{3});
  few.Add(Bits(70, true));
  EXPECT_EQ(few.Count(), 70U);
  few.Reset(500);
  few.Reset(69);
  EXPECT_EQ(few.Count(), 69U);
}

// Against std::set, while places come, as sets become dense and sparse again.
TEST(PlaceSet, IsASetInEitherForm) {
  std::mt19937 random(1);
  PlaceSet set;
  std::set<Place> naive;
  std::size_t all = 1;
  for (int round = 0; round < 6'000; ++round) {
    if (round % 2 == 0) ++all;
    const auto place = static_cast<Place>(random() % all);
    // Fills first, then empties.
    const bool fill = round < 3'000;
    const bool in = naive.contains(place);
    if (fill && !in) {
      naive.insert(place);
      set.Add(place, all);
    } else if (!fill && in) {
      naive.erase(place);
      set.Remove(place, all);
    }
    if (round % 50 != 0) continue;
    ASSERT_EQ(set.size(), naive.size());
    Bits bits(all);
    set.AddTo(bits);
    ASSERT_EQ(PlacesIn(bits), std::vector<Place>(naive.begin(), naive.end()));
    Bits among(all);
    std::size_t both = 0;
    for (Place i = 0; i < all; i += 3) {
      among.Set(i);
      both += naive.count(i);
    }
    ASSERT_EQ(set.CountIn(among), both);
  }
  while (!naive.empty()) {
    set.Remove(*naive.begin(), all);
    naive.erase(naive.begin());
  }
  EXPECT_EQ(set.CountIn(Bits(all, true)), 0U);
}

}  // namespace
}  // namespace limpid::algoregister::search
