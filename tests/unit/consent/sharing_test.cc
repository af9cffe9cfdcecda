// Data-sharing agreements of sources: the value, what it covers, and that
// nothing is granted or read without one in force.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/permit.h"
#include "consent/sharing/sharing_agreement.h"
#include "consent/sharing/sharing_book.h"
#include "consent/sharing/sharing_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using receipt::Reason;
using testing::CareService;
using testing::Citizen;
using testing::IdOf;
using testing::kStart;
using testing::Released;
using testing::ThreePurposes;
using testing::World;

const base::Digest32 kStaff{7};

SharingTerms Terms() {
  SharingTerms out;
  out.title = "Civil registry with City of Delft";
  out.source = World::vault();
  out.service = IdOf<ServiceId>(3);
  out.attributes = {"person.birth_date", "person.name"};
  out.purposes = {std::string(testing::kCare)};
  out.from = kStart;
  out.until = kStart + absl::Hours(24);
  out.legal_ground = "Municipal care act, section 5";
  return out;
}

SharingAgreement Made(SharingTerms terms, std::uint32_t version = 1) {
  return MakeSharing(IdOf<SharingId>(5), version, std::move(terms), kStart,
                     kStaff);
}

TEST(Sharing, ReadsBackWhatItStored) {
  const SharingAgreement made = Made(Terms());
  const auto back = ParseSharing(made.canonical);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->terms, made.terms);
  EXPECT_EQ(back->hash, made.hash);
  EXPECT_EQ(back->id, made.id);
  EXPECT_EQ(back->made_by, kStaff);
  std::string damaged = made.canonical;
  damaged.insert(1, " ");
  EXPECT_THAT(ParseSharing(damaged), StatusIs(absl::StatusCode::kDataLoss));
}

// The text and its hash were made by another program.
TEST(Sharing, HasTheBytesOfTheFormatPage) {
  const SharingAgreement made = Made(Terms());
  EXPECT_EQ(
      made.canonical,
      R"({"attributes":["person.birth_date","person.name"],"created":"2026-01-01T00:00:00.000Z","from":"2026-01-01T00:00:00.000Z","jurisdiction":"","legal_basis":"consent","legal_ground":"Municipal care act, section 5","made_by":"BwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","purposes":["https://example.org/p#Care"],"service":"svc_ambqgaydambqgaydambqgaydam","sharing":"shr_aucqkbifaucqkbifaucqkbifau","source":"src_a4dqobyha4dqobyha4dqobyha4","title":"Civil registry with City of Delft","until":"2026-01-02T00:00:00.000Z","version":1})");
  EXPECT_EQ(base::HexEncode(made.hash),
            "c2c627cfddd51f7f58c1ca9d7e3554a6e666f046d608c44f58437935d5b5734e");
}

TEST(Sharing, CheckNamesTheField) {
  const std::vector<std::pair<std::string, std::function<void(SharingTerms&)>>>
      cases = {
          {"title", [](auto& t) { t.title.clear(); }},
          {"source_id", [](auto& t) { t.source = SourceId(); }},
          {"recipient", [](auto& t) { t.jurisdiction = "NL"; }},
          {"recipient", [](auto& t) { t.service = ServiceId(); }},
          {"attributes: ", [](auto& t) { t.attributes.clear(); }},
          {"attributes[1]",
           [](auto& t) { std::swap(t.attributes[0], t.attributes[1]); }},
          {"attributes[1]", [](auto& t) { t.attributes[1] = t.attributes[0]; }},
          {"attributes[0]", [](auto& t) { t.attributes[0] = "Name"; }},
          {"purposes[0]", [](auto& t) { t.purposes = {"urn:unknown"}; }},
          {"until_time", [](auto& t) { t.until = t.from; }},
          {"until_time",
           [](auto& t) {
             t.until = t.from + kMaxSharing + absl::Milliseconds(1);
           }},
          {"legal_ground", [](auto& t) { t.legal_ground.clear(); }},
      };
  for (const auto& [path, damage] : cases) {
    SharingTerms terms = Terms();
    damage(terms);
    EXPECT_THAT(CheckSharing(terms, ThreePurposes()),
                StatusSays(absl::StatusCode::kInvalidArgument, path));
  }
  SharingTerms longest = Terms();
  longest.until = longest.from + kMaxSharing;
  EXPECT_THAT(CheckSharing(longest, ThreePurposes()), IsOk());
}

TEST(Sharing, CoversByClosureOfThePurposeAndByName) {
  const SharingAgreement made = Made(Terms());
  const ThreePurposes purposes;
  EXPECT_TRUE(made.Covers("person.name", testing::kCare, purposes));
  EXPECT_TRUE(made.Covers("person.name", testing::kHomeCare, purposes));
  EXPECT_FALSE(made.Covers("person.name", testing::kMarketing, purposes));
  EXPECT_FALSE(made.Covers("person.email", testing::kCare, purposes));
  EXPECT_FALSE(made.Covers("person.nam", testing::kCare, purposes));
}

TEST(Sharing, ForceIsHalfOpen) {
  const SharingAgreement made = Made(Terms());
  EXPECT_FALSE(made.InForce(kStart - absl::Milliseconds(1)));
  EXPECT_TRUE(made.InForce(kStart));
  EXPECT_TRUE(made.InForce(kStart + absl::Hours(24) - absl::Milliseconds(1)));
  EXPECT_FALSE(made.InForce(kStart + absl::Hours(24)));
}

TEST(Sharing, AClassIsTheJurisdictionAndNobodyWithoutOne) {
  SharingTerms terms = Terms();
  terms.service = ServiceId();
  terms.jurisdiction = "NL";
  const SharingAgreement made = Made(terms);
  Service service = CareService();
  EXPECT_FALSE(made.Names(service));
  service.jurisdiction = "NL";
  EXPECT_TRUE(made.Names(service));
  service.jurisdiction = "BE";
  EXPECT_FALSE(made.Names(service));
}

TEST(SharingBook, OnlyTheNewestVersionCountsInWhateverOrderTheyCome) {
  SharingTerms later = Terms();
  later.attributes = {"person.name"};
  for (const bool newest_first : {false, true}) {
    SharingBook book;
    book.Put(newest_first ? Made(later, 2) : Made(Terms()));
    book.Put(newest_first ? Made(Terms()) : Made(later, 2));
    const auto between = book.Between(World::vault(), CareService());
    ASSERT_EQ(between.size(), 1U);
    EXPECT_EQ(between[0]->version, 2U);
    EXPECT_EQ(book.VersionsOf(IdOf<SharingId>(5)).size(), 2U);
  }
}

TEST(SharingBook, AVersionForAnotherRecipientTakesTheFirstOnesPlace) {
  SharingBook book;
  book.Put(Made(Terms()));
  SharingTerms other = Terms();
  other.service = IdOf<ServiceId>(4);
  book.Put(Made(other, 2));
  EXPECT_TRUE(book.Between(World::vault(), CareService()).empty());
}

TEST(SharingBook, AnotherSourcesAgreementDoesNotCount) {
  SharingBook book;
  book.Put(Made(Terms()));
  EXPECT_TRUE(book.Between(IdOf<SourceId>(9), CareService()).empty());
}

class SharingWalk : public ::testing::Test {
 protected:
  SharingPointer Default() { return world_.consent().ListSharing().front(); }
  // The default one's next version with other terms.
  SharingPointer Change(const std::function<void(SharingTerms&)>& edit) {
    SharingTerms terms = Default()->terms;
    edit(terms);
    return world_.consent()
        .CreateSharing(kStaff, {1}, Default()->id, terms)
        .value();
  }
  Reason FirstReason(const RecordId& record) {
    const auto answer = world_.Read(record);
    EXPECT_THAT(answer, IsOk());
    return answer->outcomes[0].reason;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(SharingWalk, RegistrationLeavesARecordOfTheDefaultOne) {
  const auto all = world_.consent().ListSharing();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]->terms.service, world_.service()->id);
  EXPECT_EQ(all[0]->terms.source, World::vault());
  EXPECT_EQ(all[0]->terms.attributes.size(),
            world_.service()->ceiling_attributes.size());
  world_.Restart();
  ASSERT_EQ(world_.consent().ListSharing().size(), 1U);
  EXPECT_EQ(world_.consent().ListSharing()[0]->hash, all[0]->hash);
}

TEST_F(SharingWalk, WithoutADefaultNothingIsGranted) {
  Service bare = CareService();
  bare.id = ServiceId();
  bare.keys = {base::Digest32{9}};
  const auto service = world_.consent().CreateService(
      {9}, bare, {kStaff, /*default_sharing=*/false});
  ASSERT_THAT(service, IsOk());
  EXPECT_EQ(world_.consent().ListSharing().size(), 1U);
  const auto agreement = world_.consent().CreateAgreement(
      (*service)->id, std::nullopt, testing::CareContent());
  ASSERT_THAT(agreement, IsOk());
  NewRequest request;
  request.agreement = (*agreement)->id;
  request.version = 1;
  const auto code = world_.consent().CreateRequest((*service)->id, request);
  const auto bound = world_.consent().BindRequest(ann_.id, code->code);
  ASSERT_THAT(bound, IsOk());
  const auto grant = [&] {
    return world_.consent().Grant(ann_.id, bound->revision.record,
                                  world_.StatementFor(ann_, *bound));
  };
  EXPECT_THAT(grant(),
              StatusSays(absl::StatusCode::kFailedPrecondition, "lines[0]"));
  // Made explicitly afterwards, the same grant goes through.
  ASSERT_THAT(world_.consent().CreateDefaultSharing(kStaff, (*service)->id,
                                                    World::vault()),
              IsOk());
  EXPECT_THAT(grant(), IsOk());
}

// A record that comes from another operator brings its own numbers.
TEST_F(SharingWalk, ALineThatTheAgreementHasNotIsRefusedAndNotFollowed) {
  Revision granted;
  granted.service = world_.service()->id;
  const auto count = world_.agreement()->content.lines.size();
  granted.lines = {static_cast<std::uint16_t>(count)};
  EXPECT_THAT(CheckGrantIsShared(world_.consent().state(), granted,
                                 *world_.agreement(), kStart),
              StatusSays(absl::StatusCode::kInvalidArgument, "lines[3]"));
}

TEST_F(SharingWalk, EndingItDeniesTheNextReadWithPolicy) {
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(record)));
  world_.clock().Advance(absl::Seconds(1));
  const auto ended = world_.consent().EndSharing(kStaff, Default()->id);
  ASSERT_THAT(ended, IsOk());
  EXPECT_EQ((*ended)->version, 2U);
  EXPECT_EQ(FirstReason(record), Reason::kPolicy);
  ReadRequest read = World::ReadRequestFor(record).read;
  const auto explained = world_.consent().Explain(ann_.id, record, read);
  EXPECT_EQ((*explained)[0].reason, Reason::kPolicy);
  // A second call changes nothing; a restart forgets nothing.
  EXPECT_EQ((*world_.consent().EndSharing(kStaff, Default()->id))->version, 2U);
  world_.Restart();
  EXPECT_EQ(FirstReason(record), Reason::kPolicy);
}

TEST_F(SharingWalk, AnExpiredOneDeniesFromItsEndOn) {
  const RecordId record = world_.Granted(ann_).revision.record;
  const absl::Time end = world_.clock().Now() + absl::Hours(2);
  Change([&](SharingTerms& terms) { terms.until = end; });
  world_.clock().Advance(absl::Hours(2) - absl::Milliseconds(500));
  const auto last = world_.Read(record);
  ASSERT_TRUE(Released(last));
  const auto permit = receipt::Permit::Decode(last->release->item);
  // The permit does not outlive it.
  EXPECT_EQ(permit->not_after, end);
  EXPECT_LE(permit->lease, absl::Milliseconds(500));
  world_.clock().Advance(absl::Milliseconds(500));
  EXPECT_EQ(FirstReason(record), Reason::kPolicy);
}

TEST_F(SharingWalk, NarrowerTermsNarrowEveryRecord) {
  const RecordId record = world_.Granted(ann_).revision.record;
  Change([](SharingTerms& terms) { terms.attributes = {"person.name"}; });
  const auto answer = world_.Read(record);
  ASSERT_TRUE(Released(answer));
  EXPECT_EQ(answer->outcomes[0].reason, Reason::kReleased);
  EXPECT_EQ(answer->outcomes[1].reason, Reason::kPolicy);
}

TEST_F(SharingWalk, AnotherPurposeOfTheSourceIsPolicy) {
  const RecordId record = world_.Granted(ann_).revision.record;
  Change([](SharingTerms& terms) {
    terms.purposes = {std::string(testing::kHomeCare)};
  });
  EXPECT_EQ(FirstReason(record), Reason::kPolicy);
  AuthoriseRequest narrower = World::ReadRequestFor(record);
  narrower.read.purpose = std::string(testing::kHomeCare);
  EXPECT_TRUE(Released(world_.Ask(narrower)));
}

TEST_F(SharingWalk, ARetryMeetsWhatTheFirstTryMade) {
  SharingTerms terms = Terms();
  terms.service = world_.service()->id;
  Consent& consent = world_.consent();
  const auto first = consent.CreateSharing(kStaff, {3}, std::nullopt, terms);
  ASSERT_THAT(first, IsOk());
  const auto again = consent.CreateSharing(kStaff, {3}, std::nullopt, terms);
  EXPECT_EQ((*again)->hash, (*first)->hash);
  terms.title = "Another";
  EXPECT_THAT(consent.CreateSharing(kStaff, {3}, std::nullopt, terms),
              StatusIs(absl::StatusCode::kAlreadyExists));
  terms.source = IdOf<SourceId>(9);
  EXPECT_THAT(consent.CreateSharing(kStaff, {4}, std::nullopt, terms),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(consent.EndSharing(kStaff, IdOf<SharingId>(1)),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SharingWalk, TheDefaultOneIsRenewedAndNeverDoubled) {
  Consent& consent = world_.consent();
  const auto same = consent.CreateDefaultSharing(kStaff, world_.service()->id,
                                                 World::vault());
  ASSERT_THAT(same, IsOk());
  EXPECT_EQ((*same)->version, 1U);
  ASSERT_THAT(consent.EndSharing(kStaff, (*same)->id), IsOk());
  const auto renewed = consent.CreateDefaultSharing(
      kStaff, world_.service()->id, World::vault());
  ASSERT_THAT(renewed, IsOk());
  EXPECT_EQ((*renewed)->version, 3U);
  EXPECT_TRUE((*renewed)->InForce(world_.clock().Now()));
}

}  // namespace
}  // namespace limpid::consent
