// What was published last: without gaps, within limits, and each once.

#include "algoregister/search/recent_versions.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "algoregister/version/published_version.h"
#include "common/json/value.h"
#include "gtest/gtest.h"

namespace limpid::algoregister::search {
namespace {

using Places = std::vector<std::uint64_t>;

std::vector<PublishedVersion> At(const Places& places,
                                 std::size_t text_bytes = 1) {
  std::vector<PublishedVersion> out;
  for (const std::uint64_t place : places) {
    PublishedVersion version;
    version.leaf_index = place;
    version.content = json::Value(std::string(text_bytes, 'x'));
    out.push_back(std::move(version));
  }
  return out;
}

Places Range(std::uint64_t first, std::size_t count) {
  Places out;
  while (out.size() < count) out.push_back(first + out.size());
  return out;
}

Places Taken(RecentVersions& recent, std::uint64_t first,
             std::size_t limit = 100) {
  Places out;
  for (const PublishedVersion& version : recent.Take(first, limit)) {
    out.push_back(version.leaf_index);
  }
  return out;
}

TEST(RecentVersions, GivesEachOnceInTheOrderOfTheLog) {
  RecentVersions recent;
  EXPECT_EQ(Taken(recent, 0), Places());
  EXPECT_FALSE(recent.Add(At({3, 4})));
  EXPECT_FALSE(recent.Add(At({5, 6})));
  EXPECT_EQ(Taken(recent, 2), Places()) << "2 is in the store alone";
  EXPECT_EQ(Taken(recent, 3, 3), (Places{3, 4, 5}));
  EXPECT_EQ(Taken(recent, 3), Places());
  EXPECT_EQ(Taken(recent, 6), (Places{6}));
  EXPECT_EQ(Taken(recent, 7), Places());
}

TEST(RecentVersions, WhatLiesBeforeThePlaceGoes) {
  RecentVersions recent;
  recent.Add(At({3, 4, 5, 6}));
  EXPECT_EQ(Taken(recent, 5, 1), (Places{5}));
  EXPECT_EQ(Taken(recent, 3), Places());
  EXPECT_EQ(Taken(recent, 6), (Places{6}));
}

TEST(RecentVersions, NothingIsGivenAcrossAGap) {
  RecentVersions recent;
  recent.Add(At({3, 4}));
  recent.Add(At({6}));
  EXPECT_EQ(Taken(recent, 3), Places());
  EXPECT_EQ(Taken(recent, 6), (Places{6}));
  recent.Add(At({7, 9}));
  EXPECT_EQ(Taken(recent, 7), Places());
  EXPECT_EQ(Taken(recent, 9), (Places{9}));
}

TEST(RecentVersions, TheFirstGoWhenThereAreTooMany) {
  RecentVersions recent;
  constexpr std::size_t kHalf = RecentVersions::kMostVersions / 2;
  EXPECT_FALSE(recent.Add(At(Range(0, kHalf))));
  EXPECT_TRUE(recent.Add(At(Range(kHalf, 1))));
  EXPECT_TRUE(recent.Add(At(Range(kHalf + 1, kHalf))));
  EXPECT_EQ(Taken(recent, 0), Places()) << "one is too many";
  EXPECT_EQ(Taken(recent, 1, 2 * kHalf), Range(1, 2 * kHalf));
}

TEST(RecentVersions, TheFirstGoWhenTheyAreTooLarge) {
  RecentVersions recent;
  constexpr std::size_t kText = std::size_t{1} << 20U;
  constexpr std::size_t kMost = RecentVersions::kMostBytes / kText;
  EXPECT_FALSE(recent.Add(At({0}, kText)));
  EXPECT_TRUE(recent.Add(At(Range(1, kMost - 1), kText)));
  EXPECT_EQ(Taken(recent, 0), Places()) << "a value takes more than its text";
  EXPECT_EQ(Taken(recent, 1), Range(1, kMost - 1));
  EXPECT_FALSE(recent.Add(At({kMost}))) << "what was taken does not count";
}

TEST(RecentVersions, ForgetsAllOfIt) {
  RecentVersions recent;
  recent.Add(At({0, 1}, RecentVersions::kMostBytes / 4));
  recent.Clear();
  EXPECT_EQ(Taken(recent, 0), Places());
  EXPECT_FALSE(recent.Add(At({2}))) << "nor does it count";
  EXPECT_EQ(Taken(recent, 2), (Places{2}));
}

}  // namespace
}  // namespace limpid::algoregister::search
