#include "algoregister/upload/evidence_desk.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/store/memory_evidence_store.h"
#include "algoregister/upload/evidence_store.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/evidence_desk.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

TEST_F(EvidenceDeskTest, ADifferingClaimIsPublishedAndMarked) {
  const Version version = Publish(
      Content({{"groups", std::string(kGroups)},
               {"claims", R"([{"metric":"dp_difference","value":0.2},)"
                          R"({"metric":"dp_difference","value":0.1}])"}}));
  const auto found = desk_.Recompute(version.registration, 0);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kCounts);
  ASSERT_EQ(found->claims.size(), 2U);
  EXPECT_EQ(found->claims[0].mark, evidence::Mark::kRecomputed);
  EXPECT_EQ(found->claims[1].mark, evidence::Mark::kDiffers);
  EXPECT_EQ(found->remark, "");
}

TEST_F(EvidenceDeskTest, AnUploadIsRecomputedAndFoundByItsDigest) {
  const std::string bytes = BundleText("0.2");
  const auto uploaded = desk_.Upload(house_.publisher, bytes);
  ASSERT_THAT(uploaded, IsOk());
  ASSERT_EQ(uploaded->claims.size(), 1U);
  EXPECT_EQ(uploaded->claims[0].mark, evidence::Mark::kRecomputed);
  EXPECT_EQ(base::AsText(desk_.Get(uploaded->digest)->bytes), bytes);
  EXPECT_EQ(desk_.Upload(house_.publisher, bytes)->digest, uploaded->digest);
  EXPECT_THAT(desk_.Upload(house_.publisher, bytes + " "),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(EvidenceDeskTest, ABundleSpeaksBeforeTheCountsOfTheRegistration) {
  const auto uploaded = desk_.Upload(house_.publisher, BundleText("0.3"));
  ASSERT_THAT(uploaded, IsOk());
  const std::string digest =
      absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"");
  const Version same =
      Publish(Content({{"groups", std::string(kGroups)}, {"bundle", digest}}));
  const auto found = desk_.Recompute(same.registration, 0);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kBundle);
  EXPECT_FALSE(found->counts_differ);
  // The registration claims nothing: the bundle's claim stands.
  ASSERT_EQ(found->claims.size(), 1U);
  EXPECT_EQ(found->claims[0].mark, evidence::Mark::kDiffers);

  std::string other(kGroups);
  other.replace(other.find("\"n\":40,\"tp\":16"), 14, "\"n\":41,\"tp\":17");
  const Version differing =
      Publish(Content({{"groups", other}, {"bundle", digest}}));
  EXPECT_TRUE(desk_.Recompute(differing.registration, 0)->counts_differ);
}

TEST_F(EvidenceDeskTest, ABundleThatNobodyUploadedIsSaidSo) {
  const std::string digest = absl::StrCat("\"", evidence::DigestText({}), "\"");
  const Version version = Publish(Content(
      {{"bundle", digest},
       {"claims", R"([{"metric":"tpr","value":0.5,"attribute":"sex"}])"}}));
  const auto found = desk_.Recompute(version.registration, 0);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kNone);
  EXPECT_EQ(found->remark, "the bundle that is named was not uploaded");
  EXPECT_EQ(found->claims.front().mark, evidence::Mark::kNotCheckable);
}

TEST_F(EvidenceDeskTest, AStoredBundleThatChangedIsAnAlarm) {
  StoredBundle bundle;
  bundle.bytes = base::ToBytes(BundleText("0.2"));
  bundle.digest.fill(7);
  ASSERT_THAT(bundles_.Add(bundle, kMaxEvidenceBytes), IsOk());
  const auto found = desk_.RecomputeContent(Content(
      {{"bundle",
        absl::StrCat("\"", evidence::DigestText(bundle.digest), "\"")}}));
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kDataLoss));
}

constexpr std::string_view kGround = "GDPR Article 17(1)(d)";

TEST_F(EvidenceDeskTest, AnErasedBundleIsNowhereAndSaidToBeErased) {
  const std::string bytes = BundleText("0.2");
  const auto uploaded = desk_.Upload(house_.publisher, bytes);
  ASSERT_THAT(uploaded, IsOk());
  const Version version = Publish(Content(
      {{"bundle",
        absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")},
       {"claims", R"([{"metric":"tpr","value":0.5}])"}}));
  // At hand from now on.
  ASSERT_EQ(desk_.Recompute(version.registration, 0)->source,
            EvidenceSource::kBundle);
  const auto planned = desk_.Erase(uploaded->digest, kGround, true);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->size, bytes.size());
  ASSERT_THAT(desk_.Get(uploaded->digest), IsOk());

  const auto erased = desk_.Erase(uploaded->digest, kGround, false);
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->erasure.ground, kGround);
  const auto found = desk_.Recompute(version.registration, 0);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kNone);
  EXPECT_EQ(found->erasure, erased->erasure);
  EXPECT_EQ(found->remark, ErasureText(erased->erasure));
  EXPECT_EQ(found->claims.front().reason, found->remark);
  EXPECT_TRUE(found->evidence.groupings.empty());
  const auto precondition = StatusIs(absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(desk_.Get(uploaded->digest), precondition);
  EXPECT_EQ(*desk_.GetErasure(uploaded->digest), erased->erasure);
  const auto back = desk_.Upload(house_.publisher, bytes);
  EXPECT_THAT(back, precondition);
  EXPECT_EQ(back.status().message(), found->remark);
  // A repeated call answers the first.
  house_.clock.Advance(absl::Hours(1));
  const auto again = desk_.Erase(uploaded->digest, "another ground", false);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->erasure, erased->erasure);
  EXPECT_EQ(again->size, 0U);
}

// Does something once, when a bundle was read and before it is looked at.
class InterruptedStore final : public EvidenceStore {
 public:
  absl::Status Add(const StoredBundle& bundle, std::int64_t quota) override {
    return inner_.Add(bundle, quota);
  }
  absl::StatusOr<StoredBundle> Get(
      const base::Digest32& digest) const override {
    auto out = inner_.Get(digest);
    ++reads;
    if (const auto now = std::exchange(between, nullptr)) now();
    return out;
  }
  absl::StatusOr<BundleErasure> Erase(const BundleErasure& erasure) override {
    auto out = inner_.Erase(erasure);
    if (fail_after) return absl::UnavailableError("no answer");
    return out;
  }

  mutable std::function<void()> between;
  mutable int reads = 0;
  bool fail_after = false;

 private:
  MemoryEvidenceStore inner_;
};

TEST_F(EvidenceDeskTest, ABundleErasedWhileItIsReadIsNotKeptAtHand) {
  InterruptedStore store;
  EvidenceDesk desk{{house_.store, store, house_.clock}};
  const auto uploaded = desk.Upload(house_.publisher, BundleText("0.2"));
  ASSERT_THAT(uploaded, IsOk());
  const json::Value content = Content(
      {{"bundle",
        absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")}});
  store.between = [&] {
    EXPECT_THAT(desk.Erase(uploaded->digest, kGround, false), IsOk());
  };
  // This one had read it already.
  ASSERT_THAT(desk.RecomputeContent(content), IsOk());
  const auto next = desk.RecomputeContent(content);
  ASSERT_THAT(next, IsOk());
  EXPECT_TRUE(next->erasure);
  EXPECT_EQ(next->source, EvidenceSource::kNone);
}

// Two who read it at once keep it twice; an erasure whose answer was lost took
// it away all the same.
TEST_F(EvidenceDeskTest, AnErasureLeavesNoCopyAtHandWhateverCameOfIt) {
  InterruptedStore store;
  EvidenceDesk desk{{house_.store, store, house_.clock}};
  const auto uploaded = desk.Upload(house_.publisher, BundleText("0.2"));
  ASSERT_THAT(uploaded, IsOk());
  const json::Value content = Content(
      {{"bundle",
        absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")}});
  store.between = [&] { EXPECT_THAT(desk.RecomputeContent(content), IsOk()); };
  ASSERT_THAT(desk.RecomputeContent(content), IsOk());
  store.fail_after = true;
  EXPECT_THAT(desk.Erase(uploaded->digest, kGround, false),
              StatusIs(absl::StatusCode::kUnavailable));
  const auto next = desk.RecomputeContent(content);
  ASSERT_THAT(next, IsOk());
  EXPECT_TRUE(next->erasure);
  EXPECT_EQ(next->source, EvidenceSource::kNone);
}

TEST_F(EvidenceDeskTest, OnlySoManyBundlesAreKeptAtHand) {
  InterruptedStore store;
  EvidenceDesk desk{{house_.store, store, house_.clock}};
  std::vector<json::Value> contents;
  for (std::size_t i = 0; i <= kBundlesAtHand; ++i) {
    const auto uploaded = desk.Upload(
        house_.publisher, BundleText(absl::StrCat("0.", 10 + i, "1")));
    ASSERT_THAT(uploaded, IsOk());
    contents.push_back(Content(
        {{"bundle",
          absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")}}));
    ASSERT_THAT(desk.RecomputeContent(contents.back()), IsOk());
  }
  store.reads = 0;
  for (std::size_t i = 1; i <= kBundlesAtHand; ++i) {
    ASSERT_THAT(desk.RecomputeContent(contents[i]), IsOk());
  }
  EXPECT_EQ(store.reads, 0) << "they are at hand";
  ASSERT_THAT(desk.RecomputeContent(contents[0]), IsOk());
  EXPECT_EQ(store.reads, 1) << "the oldest gave way";
}

TEST_F(EvidenceDeskTest, WhatCannotBeReadAnyMoreIsErasedAllTheSame) {
  StoredBundle bundle;
  bundle.bytes = base::ToBytes("no bundle");
  bundle.digest.fill(7);
  ASSERT_THAT(bundles_.Add(bundle, kMaxEvidenceBytes), IsOk());
  EXPECT_THAT(desk_.Erase(bundle.digest, kGround, false), IsOk());
  EXPECT_TRUE(bundles_.Get(bundle.digest)->bytes.empty());
}

// Asked what would be erased, it answers what was.
TEST_F(EvidenceDeskTest, APlanForWhatIsErasedAnswersTheFirstErasure) {
  const auto uploaded = desk_.Upload(house_.publisher, BundleText("0.2"));
  ASSERT_THAT(uploaded, IsOk());
  const auto erased = desk_.Erase(uploaded->digest, kGround, false);
  ASSERT_THAT(erased, IsOk());
  house_.clock.Advance(absl::Hours(1));
  const auto planned = desk_.Erase(uploaded->digest, "another ground", true);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->erasure, erased->erasure);
}

// A group of fewer than k is published as part of the others.
TEST_F(EvidenceDeskTest, MergedCountsOfTheBundleAreItsCounts) {
  json::Value file = json::ParseStrict(BundleText("0.2")).value();
  file.Remove("table");
  json::Value manifest = *file.Find("manifest");
  manifest.Set("k", 2);
  file.Set("manifest", manifest);
  // One of f in each count, and two of m.
  std::string rows = "sex,said,label\n";
  for (const char* const row : {"1,1", "1,0", "0,1", "0,0"}) {
    for (const char* const sex : {"f,", "m,", "m,"}) {
      absl::StrAppend(&rows, sex, row, "\n");
    }
  }
  file.Set("rows", rows);
  const auto uploaded = desk_.Upload(house_.publisher, json::Canonical(file));
  ASSERT_THAT(uploaded, IsOk());
  const std::string digest =
      absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"");
  const auto found = desk_.RecomputeContent(
      Content({{"groups", absl::StrCat(R"([{"attribute":"sex","group":")",
                                       std::string(evidence::kOtherGroup),
                                       R"(","n":12,"tp":3,"fp":3,"fn":3,)"
                                       R"("tn":3}])")},
               {"bundle", digest}}));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kBundle);
  EXPECT_FALSE(found->counts_differ);
}

TEST_F(EvidenceDeskTest, OfSealedEvidenceNothingIsSaidToDiffer) {
  json::Value file = json::ParseStrict(BundleText("0.2")).value();
  file.Remove("table");
  file.Set("sealed", json::Value::Object(
                         {{"bytes", json::Value(1'000)},
                          {"sha256", json::Value(evidence::DigestText({}))}}));
  const auto uploaded = desk_.Upload(house_.publisher, json::Canonical(file));
  ASSERT_THAT(uploaded, IsOk());
  const auto found = desk_.RecomputeContent(Content(
      {{"groups", std::string(kGroups)},
       {"bundle",
        absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")}}));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kBundle);
  EXPECT_FALSE(found->counts_differ);
  EXPECT_EQ(found->remark, "the evidence is sealed");
}

TEST_F(EvidenceDeskTest, CountsOfTheRegistrationTakeItsPlace) {
  const auto uploaded = desk_.Upload(house_.publisher, BundleText("0.2"));
  ASSERT_THAT(uploaded, IsOk());
  ASSERT_THAT(desk_.Erase(uploaded->digest, kGround, false), IsOk());
  const auto found = desk_.RecomputeContent(Content(
      {{"groups", std::string(kGroups)},
       {"bundle",
        absl::StrCat("\"", evidence::DigestText(uploaded->digest), "\"")},
       {"claims", R"([{"metric":"dp_difference","value":0.2}])"}}));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->source, EvidenceSource::kCounts);
  EXPECT_EQ(found->claims.front().mark, evidence::Mark::kRecomputed);
  EXPECT_TRUE(found->erasure);
  EXPECT_EQ(found->remark, ErasureText(*found->erasure));
}

TEST_F(EvidenceDeskTest, TheGroundNamesNoGroupOfTheBundle) {
  std::string bytes = BundleText("0.2");
  for (std::size_t at = bytes.find("\"m\""); at != std::string::npos;
       at = bytes.find("\"m\"")) {
    bytes.replace(at, 3, "\"Noor\"");
  }
  const auto uploaded = desk_.Upload(house_.publisher, bytes);
  ASSERT_THAT(uploaded, IsOk());
  const auto invalid = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(desk_.Erase(uploaded->digest, "asked for by noor.", false),
              invalid);
  EXPECT_THAT(desk_.Erase(uploaded->digest, "", false), invalid);
  EXPECT_THAT(desk_.Erase(uploaded->digest, std::string(1'001, 'a'), false),
              invalid);
  ASSERT_THAT(desk_.Get(uploaded->digest), IsOk());
  // Inside another word it stands by chance.
  EXPECT_THAT(desk_.Erase(uploaded->digest, "Noordwijk asked for it", false),
              IsOk());
  EXPECT_THAT(desk_.Erase({}, kGround, false),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(desk_.GetErasure({}), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(EvidenceDeskTest, TheGroundRepeatsNoTextOfTheManifest) {
  std::string bytes = BundleText("0.2");
  const std::string tau = R"("tau":0.8)";
  bytes.replace(bytes.find(tau), tau.size(),
                tau + R"(,"title":"Letters of Noor")");
  const auto uploaded = desk_.Upload(house_.publisher, bytes);
  ASSERT_THAT(uploaded, IsOk());
  EXPECT_THAT(
      desk_.Erase(uploaded->digest, "they are the letters of Noor", false),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(desk_.Erase(uploaded->digest, kGround, false), IsOk());
}

TEST_F(EvidenceDeskTest, OnlyEvaluationsHaveEvidence) {
  const Version system = house_.NewSystem("Router");
  EXPECT_THAT(desk_.Recompute(system.registration, 0),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(
      desk_.Recompute(RegistrationId::Random(RegistrationKind::kEvaluation), 0),
      StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace limpid::algoregister
