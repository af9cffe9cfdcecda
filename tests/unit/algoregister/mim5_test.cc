// The register's answers to MIM5, and what they rest on.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/mim5/answers.h"
#include "algoregister/mim5/certification_index.h"
#include "algoregister/mim5/stated.h"
#include "algoregister/store/memory_registration_store.h"
#include "common/mim5/document.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

Value Coded(std::string_view code) { return Given(Value(code)); }

class Mim5Test : public ::testing::Test {
 protected:
  Mim5Test() {
    Value body = Titled(RegistrationKind::kOrganisation, "name");
    SetField(body, "name", Given(Value("City of Examples")));
    organisation_ = Publish(RegistrationKind::kOrganisation, body);
    Value dataset = Titled(RegistrationKind::kDataset, "title");
    dataset_ = Publish(RegistrationKind::kDataset, dataset);
  }
  static Value Titled(RegistrationKind kind, std::string_view field) {
    Value out = NewContent(kind);
    SetField(out, field, GivenText("en", "Adviser"));
    out.Remove("kind");
    return out;
  }
  absl::StatusOr<Draft> Draft1(RegistrationKind kind, const Value& content) {
    return house_.target.PrepareNew(house_.By(house_.publisher), kind, content);
  }
  RegistrationId Publish(RegistrationKind kind, const Value& content) {
    const auto draft = Draft1(kind, content);
    EXPECT_THAT(draft, IsOk());
    return house_.Publish(*draft)->registration;
  }
  Value SystemContent() {
    Value out = SystemRequest("Adviser");
    SetField(out, "description", GivenText("en", "Advises."));
    SetField(out, "methods", GivenText("nl", "Met regels."));
    SetField(out, "decision_level", Coded("partly"));
    SetField(out, "decides_about_persons", Coded("yes"));
    SetField(out, "learning", Coded("none"));
    Value uses = Value::Array();
    uses.Append(Value::Object(
        {{"dataset", Value(dataset_.Text())}, {"use", Value("test")}}));
    SetField(out, "dataset_uses", Given(std::move(uses)));
    return out;
  }
  Value DeploymentOf(const RegistrationId& system) {
    Value out = Titled(RegistrationKind::kDeployment, "title");
    SetField(out, "organisation", Given(Value(organisation_.Text())));
    SetField(out, "system", Given(Value(system.Text())));
    SetField(out, "status", Coded("in_use"));
    SetField(out, "publication_category", Coded("high_risk"));
    return out;
  }
  Value CertificationOf(const RegistrationId& system) {
    Value out = Titled(RegistrationKind::kCertification, "title");
    SetField(out, "system", Given(Value(system.Text())));
    SetField(out, "certifier", Given(Value("Examiners")));
    SetField(out, "result", Coded("certified"));
    SetField(out, "issued_on", Given(Value("2025-01-01")));
    SetField(out, "expires_on", Given(Value("2026-03")));
    SetField(out, "link", Given(Value("https://example.org/c1")));
    SetField(out, "independent", Coded("yes"));
    return out;
  }
  std::string At(const absl::StatusOr<Value>& answer,
                 std::string_view pointer) {
    EXPECT_THAT(answer, IsOk());
    const Value* const found =
        answer.ok() ? answer->FindPointer(pointer) : nullptr;
    if (found == nullptr) return "nothing";
    return found->is_string() ? found->string() : json::Canonical(*found);
  }
  void ExpectValid(const RegistrationId& subject) {
    EXPECT_THAT(mim5::CheckDocument(mim5::Document::kAdm,
                                    *answers_.AutomatedDecisionMaking(subject)),
                IsOk());
    EXPECT_THAT(mim5::CheckDocument(mim5::Document::kAlgorithms,
                                    *answers_.Algorithms(subject)),
                IsOk());
    EXPECT_THAT(mim5::CheckDocument(mim5::Document::kCertifications,
                                    *answers_.Certifications(subject)),
                IsOk());
  }

  RegisterHouse house_;
  Mim5Answers answers_{house_.store, house_.clock};
  RegistrationId organisation_;
  RegistrationId dataset_;
};

TEST_F(Mim5Test, WhatIsNotStatedIsSaidToBeNotStated) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemRequest("Bare"));
  ExpectValid(system);
  const auto adm = answers_.AutomatedDecisionMaking(system);
  EXPECT_EQ(At(adm, "/uses_automated_decision_making"), "not_stated");
  EXPECT_EQ(At(adm, "/level"), "not_stated");
  EXPECT_EQ(At(answers_.Algorithms(system), "/algorithms/0/data"), "[]");
  ExpectValid(organisation_);
  EXPECT_EQ(At(answers_.AutomatedDecisionMaking(organisation_), "/decisions"),
            "[]");
}

TEST_F(Mim5Test, ADeploymentSpeaksForItselfAndElseForItsSystem) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  Value content = DeploymentOf(system);
  const RegistrationId inherits =
      Publish(RegistrationKind::kDeployment, content);
  SetField(content, "decision_level", Coded("support"));
  const RegistrationId own = Publish(RegistrationKind::kDeployment, content);
  ExpectValid(own);
  EXPECT_EQ(At(answers_.AutomatedDecisionMaking(inherits), "/level"), "partly");
  const auto adm = answers_.AutomatedDecisionMaking(own);
  EXPECT_EQ(At(adm, "/level"), "support");
  EXPECT_EQ(At(adm, "/uses_automated_decision_making"), "yes");
  EXPECT_EQ(At(adm, "/decisions/0/decides_about_persons"), "yes");
  EXPECT_EQ(At(adm, "/decisions/0/risk"), "high_risk");
  // The body's level is its highest, over both uses and the system they use.
  const auto all = answers_.AutomatedDecisionMaking(organisation_);
  ExpectValid(organisation_);
  EXPECT_EQ(At(all, "/level"), "partly");
  EXPECT_EQ(all->Find("decisions")->size(), 3U);
}

TEST_F(Mim5Test, NothingDecidesOnlyWhenEverythingSaysSo) {
  Value none = SystemRequest("None");
  SetField(none, "decision_level", Coded("none"));
  SetField(none, "provider", Given(Value(organisation_.Text())));
  Publish(RegistrationKind::kSystem, none);
  EXPECT_EQ(At(answers_.AutomatedDecisionMaking(organisation_),
               "/uses_automated_decision_making"),
            "no");
  Value silent = SystemRequest("Silent");
  SetField(silent, "provider", Given(Value(organisation_.Text())));
  Publish(RegistrationKind::kSystem, silent);
  EXPECT_EQ(At(answers_.AutomatedDecisionMaking(organisation_),
               "/uses_automated_decision_making"),
            "not_stated");
}

TEST_F(Mim5Test, AlgorithmsComeWithPurposeWorkingAndData) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  Publish(RegistrationKind::kDeployment, DeploymentOf(system));
  const auto algorithms = answers_.Algorithms(organisation_);
  ExpectValid(organisation_);
  EXPECT_EQ(algorithms->Find("algorithms")->size(), 1U);
  EXPECT_EQ(At(algorithms, "/algorithms/0/about/id"), system.Text());
  EXPECT_EQ(At(algorithms, "/algorithms/0/purpose/en/text"), "Advises.");
  EXPECT_EQ(At(algorithms, "/algorithms/0/how_it_works/nl/text"),
            "Met regels.");
  EXPECT_EQ(At(algorithms, "/algorithms/0/learning"), "none");
  EXPECT_EQ(At(algorithms, "/algorithms/0/data/0/id"), dataset_.Text());
}

TEST_F(Mim5Test, ACertificateEndsWithItsLastDayWithoutANewVersion) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  Publish(RegistrationKind::kCertification, CertificationOf(system));
  const auto state = [&] {
    return At(answers_.Certifications(system), "/certifications/0/state");
  };
  ExpectValid(system);
  house_.clock.SetWall(absl::FromCivil(
      absl::CivilSecond(2026, 3, 31, 23, 59, 59), absl::UTCTimeZone()));
  EXPECT_EQ(state(), "valid");
  house_.clock.Advance(absl::Seconds(1));
  EXPECT_EQ(state(), "expired");
}

TEST_F(Mim5Test, TheRegistryListsACertificationPublishedSince) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  EXPECT_EQ(At(answers_.Certifications(system), "/certifications"), "[]");
  Value content = CertificationOf(system);
  SetField(content, "state", Coded("suspended"));
  const RegistrationId id = Publish(RegistrationKind::kCertification, content);
  const auto answer = answers_.Certifications(system);
  EXPECT_EQ(At(answer, "/certifications/0/id"), id.Text());
  EXPECT_EQ(At(answer, "/certifications/0/state"), "suspended");
  EXPECT_EQ(At(answer, "/certifications/0/link/state"), "not_checked");
}

TEST_F(Mim5Test, ARefusedValidationBlocksUseWhereItWeighs) {
  Value refusing = SystemContent();
  SetField(refusing, "independent_validation", Coded("refused"));
  const RegistrationId system = Publish(RegistrationKind::kSystem, refusing);
  Value content = DeploymentOf(system);
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, content),
              StatusIs(kPrecondition));
  SetField(content, "publication_category", Coded("impactful"));
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, content),
              StatusIs(kPrecondition));
  SetField(content, "publication_category", Coded("other"));
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, content), IsOk());
  SetField(content, "publication_category", Coded("high_risk"));
  SetField(content, "status", Coded("in_development"));
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, content), IsOk());
  // The body says in public why it uses it all the same.
  SetField(content, "status", Coded("in_use"));
  SetField(content, "refused_validation_accepted",
           GivenText("en", "No other product reads these letters."));
  const RegistrationId id = Publish(RegistrationKind::kDeployment, content);
  const auto answer = answers_.Certifications(id);
  ExpectValid(id);
  EXPECT_EQ(At(answer, "/validations/0/independent_validation"), "refused");
  EXPECT_EQ(At(answer, "/validations/0/blocked"), "true");
  EXPECT_EQ(At(answer, "/validations/0/accepted_because/en/text"),
            "No other product reads these letters.");
}

// What the answer calls blocked, the register does not take in: both have one
// idea of the risk.
TEST_F(Mim5Test, AUseThatStatesNoRiskHasThatOfTheSystemItUses) {
  Value refusing = SystemContent();
  SetField(refusing, "independent_validation", Coded("refused"));
  SetField(refusing, "risk_class", Coded("high"));
  const RegistrationId system = Publish(RegistrationKind::kSystem, refusing);
  Value content = DeploymentOf(system);
  SetField(content, "publication_category", Missing());
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, content),
              StatusIs(kPrecondition));
  // Its own word goes before the system's.
  Value lighter = content;
  SetField(lighter, "risk_class", Coded("minimal"));
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, lighter), IsOk());
  SetField(content, "refused_validation_accepted",
           GivenText("en", "No other product reads these letters."));
  const RegistrationId id = Publish(RegistrationKind::kDeployment, content);
  const auto answer = answers_.Certifications(id);
  EXPECT_EQ(At(answer, "/validations/0/risk"), "high_risk");
  EXPECT_EQ(At(answer, "/validations/0/blocked"), "true");
}

TEST_F(Mim5Test, ARefusalThatComesLaterIsSeenInTheAnswer) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  const RegistrationId use =
      Publish(RegistrationKind::kDeployment, DeploymentOf(system));
  EXPECT_EQ(At(answers_.Certifications(use), "/validations/0/blocked"),
            "false");
  Value refused = CertificationOf(system);
  SetField(refused, "result", Coded("validation_refused"));
  Publish(RegistrationKind::kCertification, refused);
  EXPECT_EQ(At(answers_.Certifications(use), "/validations/0/blocked"), "true");
  // Another body's word stops nobody from publishing.
  EXPECT_THAT(Draft1(RegistrationKind::kDeployment, DeploymentOf(system)),
              IsOk());
}

TEST_F(Mim5Test, ADraftThatWasPreparedBeforeTheRefusalIsNotPublished) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemContent());
  const auto draft =
      Draft1(RegistrationKind::kDeployment, DeploymentOf(system));
  ASSERT_THAT(draft, IsOk());
  Value refusing = SystemContent();
  SetField(refusing, "independent_validation", Coded("refused"));
  const auto update = house_.target.PrepareUpdate(house_.By(house_.publisher),
                                                  system, refusing);
  ASSERT_THAT(house_.Publish(*update), IsOk());
  EXPECT_THAT(house_.Publish(*draft), StatusIs(kPrecondition));
}

TEST_F(Mim5Test, OtherKindsHaveNoAnswer) {
  EXPECT_THAT(answers_.Algorithms(dataset_),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(answers_.Certifications(
                  RegistrationId::Random(RegistrationKind::kSystem)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Mim5Test, ABodyWithTooMuchSaysThatItsAnswerIsNotComplete) {
  for (std::size_t i = 0; i <= kMaxAnswerEntries; ++i) {
    Value content = Titled(RegistrationKind::kDeployment, "title");
    SetField(content, "organisation", Given(Value(organisation_.Text())));
    Publish(RegistrationKind::kDeployment, content);
  }
  const auto adm = answers_.AutomatedDecisionMaking(organisation_);
  EXPECT_EQ(At(adm, "/complete"), "false");
  EXPECT_EQ(adm->Find("decisions")->size(), kMaxAnswerEntries);
  ExpectValid(organisation_);
}

// How many contents were read, and how often registrations were listed.
class CountingStore final : public MemoryRegistrationStore {
 public:
  absl::StatusOr<Version> Get(const RegistrationId& registration,
                              std::uint32_t number) const override {
    ++contents;
    return MemoryRegistrationStore::Get(registration, number);
  }
  absl::StatusOr<std::vector<Version>> LoggedFrom(
      std::uint64_t first, std::size_t limit) const override {
    auto out = MemoryRegistrationStore::LoggedFrom(first, limit);
    if (out.ok()) contents += out->size();
    return out;
  }

  // This store makes a head of the content; those that ship keep heads.
  absl::StatusOr<Head> GetHead(
      const RegistrationId& registration) const override {
    const std::size_t before = contents;
    auto out = MemoryRegistrationStore::GetHead(registration);
    contents = before;
    return out;
  }

  mutable std::size_t contents = 0;
};

class Mim5Reads : public ::testing::Test {
 protected:
  RegistrationId Publish(RegistrationKind kind, const Value& content) {
    const auto draft =
        house_.target.PrepareNew(house_.By(house_.publisher), kind, content);
    EXPECT_THAT(draft, IsOk());
    return house_.Publish(*draft)->registration;
  }
  RegistrationId Certify(const RegistrationId& system, std::string_view title,
                         std::string_view result) {
    Value out = NewContent(RegistrationKind::kCertification);
    SetField(out, "title", GivenText("en", title));
    SetField(out, "system", Given(Value(system.Text())));
    SetField(out, "result", Coded(result));
    out.Remove("kind");
    return Publish(RegistrationKind::kCertification, out);
  }
  // Contents that were read since it was asked last.
  std::size_t Contents() { return std::exchange(house_.store.contents, 0); }

  RegisterHouseOf<CountingStore> house_;
  Mim5Answers answers_{house_.store, house_.clock};
};

TEST_F(Mim5Reads, AFullListOfCertificationsEndsTheReadingAndNoRefusal) {
  constexpr std::size_t kCount = kMaxAnswerEntries + 100;
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemRequest("Adviser"));
  for (std::size_t i = 0; i + 1 < kCount; ++i) {
    Certify(system, "A", "certified");
  }
  Certify(system, "Z", "validation_refused");
  ASSERT_THAT(answers_.Certifications(system), IsOk());
  Contents();
  const auto answer = answers_.Certifications(system);
  ASSERT_THAT(answer, IsOk());
  // The system, those listed, and the one that found no room.
  EXPECT_LE(Contents(), kMaxAnswerEntries + 2);
  EXPECT_EQ(*answer->Find("complete"), Value(false));
  EXPECT_EQ(answer->Find("certifications")->size(), kMaxAnswerEntries);
  EXPECT_EQ(*answer->FindPointer("/validations/0/independent_validation"),
            Value("refused"));
  EXPECT_THAT(mim5::CheckDocument(mim5::Document::kCertifications, *answer),
              IsOk());
}

TEST_F(Mim5Reads, WhatIsPublishedIsReadOnceAndNotEverythingAgain) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemRequest("Adviser"));
  const RegistrationId other =
      Publish(RegistrationKind::kSystem, SystemRequest("Another"));
  for (int i = 0; i < 50; ++i) Certify(other, "A", "certified");
  ASSERT_THAT(answers_.Certifications(system), IsOk());
  Publish(RegistrationKind::kSystem, SystemRequest("Unrelated"));
  const RegistrationId first = Certify(system, "B", "certified");
  Contents();
  const auto answer = answers_.Certifications(system);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(*answer->FindPointer("/certifications/0/id"), Value(first.Text()));
  // The two that are new, the system and its certification.
  EXPECT_LE(Contents(), 4U);
  ASSERT_THAT(answers_.Certifications(system), IsOk());
  EXPECT_LE(Contents(), 2U);
  // A retired one goes, though nothing else was read again.
  const auto retired =
      house_.target.PrepareRetirement(house_.By(house_.publisher), first);
  ASSERT_THAT(house_.Publish(*retired), IsOk());
  Contents();
  EXPECT_EQ(answers_.Certifications(system)->Find("certifications")->size(),
            0U);
  EXPECT_LE(Contents(), 2U);
}

// An erasure leaves no leaf: after a while everything is read anew, and until
// then no certification is shown under what was erased from it.
TEST_F(Mim5Reads, WhatWasErasedFromACertificationIsForgotten) {
  const RegistrationId system =
      Publish(RegistrationKind::kSystem, SystemRequest("Adviser"));
  const RegistrationId id = Certify(system, "A", "validation_refused");
  EXPECT_EQ(answers_.Certifications(system)->Find("certifications")->size(),
            1U);
  ASSERT_THAT(house_.target.EraseField({.registration = id,
                                        .number = 1,
                                        .pointer = "/fields/system",
                                        .ground = "a court's order"},
                                       /*check_only=*/false),
              IsOk());
  EXPECT_EQ(answers_.Certifications(system)->Find("certifications")->size(),
            0U);
  house_.clock.Advance(CertificationIndex::kInterval);
  EXPECT_EQ(*answers_.Certifications(system)->FindPointer(
                "/validations/0/independent_validation"),
            Value("not_stated"));
}

TEST_F(Mim5Reads, TitlesOfDatasetsAreReadWithoutTheirContents) {
  Value titled = NewContent(RegistrationKind::kDataset);
  SetField(titled, "title", GivenText("en", "Letters"));
  titled.Remove("kind");
  Value uses = Value::Array();
  for (int i = 0; i < 20; ++i) {
    const RegistrationId dataset = Publish(RegistrationKind::kDataset, titled);
    uses.Append(Value::Object(
        {{"dataset", Value(dataset.Text())}, {"use", Value("test")}}));
  }
  Value content = SystemRequest("Adviser");
  SetField(content, "dataset_uses", Given(std::move(uses)));
  const RegistrationId system = Publish(RegistrationKind::kSystem, content);
  Contents();
  const auto answer = answers_.Algorithms(system);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(*answer->FindPointer("/algorithms/0/data/19/title"),
            Value("Letters"));
  EXPECT_EQ(Contents(), 1U);
}

}  // namespace
}  // namespace limpid::algoregister
