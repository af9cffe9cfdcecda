#include "consent/record/state_mapping.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using Words = std::pair<std::string, std::string>;

Words WordsOf(const ForeignState& foreign) {
  return {std::string(foreign.code), std::string(foreign.detail)};
}

// Every word of each vocabulary that means "may be processed now", and every
// word at all, written from the standards and not from the code.
const std::map<Vocabulary, std::set<std::string>>& ActiveWords() {
  static const std::map<Vocabulary, std::set<std::string>> kWords = {
      {Vocabulary::kGovStack, {"true"}},
      {Vocabulary::kDpv,
       {"https://w3id.org/dpv#ConsentGiven",
        "https://w3id.org/dpv#RenewedConsentGiven"}},
      {Vocabulary::kAccountAggregator, {"ACTIVE"}},
      {Vocabulary::kFhir, {"active"}},
      {Vocabulary::kCamara, {"true"}},
      {Vocabulary::kGoogleHealthcare, {"ACTIVE"}}};
  return kWords;
}

const std::map<Vocabulary, std::set<std::string>>& Codes() {
  static const std::map<Vocabulary, std::set<std::string>> kCodes = {
      {Vocabulary::kGovStack, {"true", "false"}},
      {Vocabulary::kDpv,
       {"https://w3id.org/dpv#ConsentUnknown",
        "https://w3id.org/dpv#ConsentRequested",
        "https://w3id.org/dpv#ConsentRequestDeferred",
        "https://w3id.org/dpv#ConsentRefused",
        "https://w3id.org/dpv#ConsentGiven",
        "https://w3id.org/dpv#ConsentWithdrawn",
        "https://w3id.org/dpv#ConsentRevoked",
        "https://w3id.org/dpv#ConsentExpired",
        "https://w3id.org/dpv#ConsentInvalidated"}},
      {Vocabulary::kAccountAggregator,
       {"", "ACTIVE", "PAUSED", "REVOKED", "EXPIRED"}},
      {Vocabulary::kFhir, {"draft", "active", "inactive", "not-done"}},
      {Vocabulary::kCamara, {"true", "false"}},
      {Vocabulary::kGoogleHealthcare,
       {"DRAFT", "ACTIVE", "REJECTED", "REVOKED", "ARCHIVED"}}};
  return kCodes;
}

const std::map<Vocabulary, std::set<std::string>>& Details() {
  static const std::map<Vocabulary, std::set<std::string>> kDetails = {
      {Vocabulary::kGovStack,
       {"unsigned", "pending more signatures", "signed"}},
      {Vocabulary::kDpv, {""}},
      {Vocabulary::kAccountAggregator,
       {"", "PENDING", "READY", "REJECTED", "EXPIRED"}},
      {Vocabulary::kFhir, {""}},
      {Vocabulary::kCamara, {"", "PENDING", "REQUESTED", "DENIED", "EXPIRED"}},
      {Vocabulary::kGoogleHealthcare, {""}}};
  return kDetails;
}

TEST(StateMapping, UsesExactlyTheWordsOfEachVocabulary) {
  for (const Vocabulary vocabulary : kAllVocabularies) {
    std::set<std::string> codes;
    std::set<std::string> details;
    for (const RecordState state : kAllStates) {
      const ForeignState foreign = ExportState(vocabulary, state);
      codes.emplace(foreign.code);
      details.emplace(foreign.detail);
    }
    EXPECT_EQ(codes, Codes().at(vocabulary));
    EXPECT_EQ(details, Details().at(vocabulary));
  }
}

TEST(StateMapping, OnlyGrantedEverLooksActive) {
  for (const Vocabulary vocabulary : kAllVocabularies) {
    for (const RecordState state : kAllStates) {
      const bool active =
          ActiveWords()
              .at(vocabulary)
              .contains(std::string(ExportState(vocabulary, state).code));
      EXPECT_EQ(active, state == RecordState::kGranted) << StateName(state);
    }
  }
}

TEST(StateMapping, AnEndThatNobodyWroteYetIsNotActive) {
  Revision revision = testing::RequestedRecord(testing::CareAgreement());
  revision.from = testing::kStart;
  revision.until = testing::kStart + absl::Hours(1);
  for (const Vocabulary vocabulary : kAllVocabularies) {
    for (const RecordState state : kAllStates) {
      revision.state = state;
      const auto active_at = [&](absl::Time now) {
        return ActiveWords()
            .at(vocabulary)
            .contains(std::string(ExportState(vocabulary, revision, now).code));
      };
      EXPECT_EQ(active_at(revision.until - absl::Milliseconds(1)),
                state == RecordState::kGranted);
      EXPECT_FALSE(active_at(revision.until)) << StateName(state);
    }
  }
}

TEST(StateMapping, EveryStateComesBackWithItsExtension) {
  for (const Vocabulary vocabulary : kAllVocabularies) {
    for (const RecordState state : kAllStates) {
      const ForeignState foreign = ExportState(vocabulary, state);
      if (foreign == ForeignState{}) {
        EXPECT_EQ(state, RecordState::kDraft);
        continue;
      }
      const auto back = ImportState(vocabulary, foreign, StateName(state));
      ASSERT_THAT(back, IsOk()) << StateName(state);
      EXPECT_EQ(*back, state);
    }
  }
}

TEST(StateMapping, WithoutAnExtensionNothingComesBackIntoForce) {
  for (const Vocabulary vocabulary : kAllVocabularies) {
    for (const RecordState state : kAllStates) {
      const ForeignState foreign = ExportState(vocabulary, state);
      if (foreign == ForeignState{}) continue;
      const auto back = ImportState(vocabulary, foreign, "");
      ASSERT_THAT(back, IsOk()) << StateName(state);
      // The words mean the same, and an end stays an end.
      EXPECT_EQ(WordsOf(ExportState(vocabulary, *back)), WordsOf(foreign));
      EXPECT_EQ(*back == RecordState::kGranted, state == RecordState::kGranted);
      EXPECT_TRUE(!IsFinal(state) || IsFinal(*back)) << StateName(state);
    }
  }
}

TEST(StateMapping, AnExtensionThatContradictsTheWordsIsRefused) {
  for (const Vocabulary vocabulary : kAllVocabularies) {
    const ForeignState ended = ExportState(vocabulary, RecordState::kWithdrawn);
    EXPECT_THAT(ImportState(vocabulary, ended, "GRANTED"),
                StatusIs(absl::StatusCode::kInvalidArgument));
    const ForeignState active = ExportState(vocabulary, RecordState::kGranted);
    EXPECT_THAT(ImportState(vocabulary, active, "WITHDRAWN"),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ImportState(vocabulary, {"Active ", ""}, ""),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(ImportState(vocabulary, {}, ""),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(StateMapping, ReadsTheWordsThatItNeverWrites) {
  EXPECT_EQ(*ImportState(Vocabulary::kDpv,
                         {"https://w3id.org/dpv#RenewedConsentGiven", ""}, ""),
            RecordState::kGranted);
  EXPECT_EQ(*ImportState(Vocabulary::kFhir, {"entered-in-error", ""}, ""),
            RecordState::kInvalidated);
  EXPECT_EQ(*ImportState(Vocabulary::kFhir, {"unknown", ""}, ""),
            RecordState::kDraft);
  EXPECT_EQ(*ImportState(Vocabulary::kCamara, {"false", "OBJECTED"}, ""),
            RecordState::kPaused);
  EXPECT_EQ(*ImportState(Vocabulary::kAccountAggregator, {"", "FAILED"}, ""),
            RecordState::kRequested);
}

}  // namespace
}  // namespace limpid::consent
