// The walks through the whole role: request, grant, read, withdraw, and what
// must not happen on the way.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"
#include "common/receipt/promise.h"
#include "common/receipt/receipt.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::Reason;
using testing::Citizen;
using testing::Released;
using testing::World;

class ConsentWalk : public ::testing::Test {
 protected:
  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  Citizen bob_ = world_.NewCitizen(2);
};

TEST_F(ConsentWalk, ReadsExactlyWhatWasGranted) {
  const RecordView record = world_.Granted(ann_);
  EXPECT_EQ(record.state, RecordState::kGranted);
  AuthoriseRequest request = World::ReadRequestFor(record.revision.record);
  request.read.attributes = {"person.name", "person.birth_date",
                             "person.email"};
  const auto answer = world_.Ask(request);
  ASSERT_THAT(answer, IsOk());
  ASSERT_TRUE(answer->release.has_value());
  EXPECT_EQ(answer->outcomes[0].reason, Reason::kReleased);
  EXPECT_EQ(answer->outcomes[1].reason, Reason::kReleased);
  EXPECT_EQ(answer->outcomes[2].reason, Reason::kNoConsent);

  const auto permit = receipt::Permit::Decode(answer->release->item);
  ASSERT_THAT(permit, IsOk());
  ASSERT_EQ(permit->lines.size(), 2U);
  EXPECT_EQ(permit->lines[1].derivation, "over_n/1");
  EXPECT_EQ(permit->lines[1].parameters, R"({"n":18})");
  EXPECT_EQ(permit->nonce, request.nonce);
  EXPECT_EQ(permit->request_hash, request.request_hash);
  EXPECT_EQ(permit->service_key, request.caller_key);
  EXPECT_THAT(receipt::VerifyBatchItem(
                  answer->release->proof, receipt::BatchKind::kPermits,
                  answer->release->item, world_.consent().evidence_key()),
              IsOk());
  EXPECT_TRUE(answer->release->hold->Live());
}

TEST_F(ConsentWalk, PermitNamesWhatTheSourceAndTheServiceKnow) {
  const RecordView record = world_.Granted(ann_);
  const auto answer = world_.Read(record.revision.record);
  const auto permit = receipt::Permit::Decode(answer->release->item);
  ASSERT_THAT(permit, IsOk());
  const auto account = world_.consent().GetAccount(ann_.id);
  EXPECT_EQ(HolderId(permit->holder),
            account->account.HolderAt(World::vault()));
  EXPECT_NE(permit->holder, ann_.id.bytes());
  EXPECT_NE(permit->pseudonym, ann_.id.bytes());
  EXPECT_NE(permit->pseudonym, Pseudonym{});
}

TEST_F(ConsentWalk, PromiseCoversTheEntryThatThePersonSees) {
  const RecordView record = world_.Granted(ann_);
  const auto answer = world_.Read(record.revision.record);
  const auto promise =
      receipt::VerifyPromise(answer->promise, world_.consent().evidence_key());
  ASSERT_THAT(promise, IsOk());
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 10);
  ASSERT_THAT(page, IsOk());
  // Newest first: the read, the grant, the request.
  ASSERT_EQ(page->entries.size(), 3U);
  const AccessView& read = page->entries[0];
  EXPECT_EQ(read.entry.access, promise->access);
  EXPECT_EQ(read.entry.kind, receipt::AccessKind::kReleaseDecided);
  EXPECT_EQ(read.entry.sequence, 3U);
  EXPECT_EQ(base::ToBytes(base::ByteView(read.leaf).subspan(1)),
            base::ToBytes(promise->commitment));
  for (std::size_t i = 0; i + 1 < page->entries.size(); ++i) {
    EXPECT_EQ(
        base::ToBytes(page->entries[i].entry.previous),
        base::ToBytes(base::ByteView(page->entries[i + 1].leaf).subspan(1)));
  }
}

TEST_F(ConsentWalk, WithdrawEndsTheNextReadAndTheOpenPermit) {
  const RecordView record = world_.Granted(ann_);
  const RecordId id = record.revision.record;
  const auto before = world_.Read(id);
  ASSERT_TRUE(Released(before));
  const auto withdrawn = world_.consent().Withdraw(ann_.id, id);
  ASSERT_THAT(withdrawn, IsOk());
  EXPECT_EQ(withdrawn->record.state, RecordState::kWithdrawn);
  EXPECT_FALSE(before->release->hold->Live());
  EXPECT_FALSE(before->release->hold->HandOverIfLive([] {}));
  const auto after = world_.Read(id);
  ASSERT_THAT(after, IsOk());
  EXPECT_FALSE(after->release.has_value());
  EXPECT_EQ(after->outcomes[0].reason, Reason::kWithdrawn);
  // The refused read is entered too.
  const auto page =
      world_.consent().ListAccesses(ann_.id, {.record = id}, 0, 10);
  EXPECT_EQ(page->entries[0].entry.lines[0].reason, Reason::kWithdrawn);
}

TEST_F(ConsentWalk, WithdrawTwiceIsTheSameRecord) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const auto first = world_.consent().Withdraw(ann_.id, id);
  const auto second = world_.consent().Withdraw(ann_.id, id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->record.revision, second->record.revision);
  EXPECT_TRUE(second->receipt.has_value());
}

TEST_F(ConsentWalk, PauseRefusesAndResumeDoesNotExtend) {
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  ASSERT_THAT(world_.consent().Pause(ann_.id, id), IsOk());
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kPaused);
  const auto resumed = world_.consent().Resume(ann_.id, id);
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(resumed->record.revision.until, granted.revision.until);
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_THAT(world_.consent().Resume(ann_.id, id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ConsentWalk, RefusedIsFinal) {
  const RecordView record = world_.Request(ann_);
  const RecordId id = record.revision.record;
  ASSERT_THAT(world_.consent().Refuse(ann_.id, id, absl::UnixEpoch()), IsOk());
  EXPECT_THAT(
      world_.consent().Grant(ann_.id, id, world_.StatementFor(ann_, record)),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kNoConsent);
}

TEST_F(ConsentWalk, RevokedWithAReasonThatThePersonSees) {
  const RecordId id = world_.Granted(ann_).revision.record;
  const auto read = world_.Read(id);
  ASSERT_THAT(world_.consent().Revoke(id, "a court said so"), IsOk());
  EXPECT_FALSE(read->release->hold->Live());
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kRevoked);
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->revision.reason,
            "a court said so");
}

TEST_F(ConsentWalk, OtherPeoplesRecordsAreNotFoundAndUntouched) {
  const RecordView request = world_.Request(ann_);
  const RecordView granted = world_.Granted(ann_);
  const RecordId id = granted.revision.record;
  Consent& consent = world_.consent();
  const auto not_found = StatusIs(absl::StatusCode::kNotFound);
  EXPECT_THAT(consent.GetRecord(bob_.id, id), not_found);
  EXPECT_THAT(consent.GetHistory(bob_.id, id), not_found);
  EXPECT_THAT(consent.Withdraw(bob_.id, id), not_found);
  EXPECT_THAT(consent.Pause(bob_.id, id), not_found);
  EXPECT_THAT(consent.Resume(bob_.id, id), not_found);
  EXPECT_THAT(consent.Refuse(bob_.id, request.revision.record, {}), not_found);
  EXPECT_THAT(consent.Grant(bob_.id, request.revision.record,
                            world_.StatementFor(bob_, request)),
              not_found);
  EXPECT_THAT(consent.GetRecordReceipt(bob_.id, id), not_found);
  EXPECT_THAT(consent.Explain(bob_.id, id, World::ReadRequestFor(id).read),
              not_found);
  const auto access = world_.Read(id);
  EXPECT_THAT(consent.GetAccessReceipt(bob_.id, access->access), not_found);
  EXPECT_EQ(consent.GetRecord(ann_.id, id)->revision, granted.revision);
  EXPECT_EQ(consent.GetRecord(ann_.id, request.revision.record)->revision,
            request.revision);
  EXPECT_TRUE(consent.ListAccesses(bob_.id, {}, 0, 10)->entries.empty());
}

TEST_F(ConsentWalk, ACodeBindsOnlyWhileItLives) {
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  request.lifetime = absl::Minutes(1);
  Consent& consent = world_.consent();
  request.request_id.fill(1);
  const auto early = consent.CreateRequest(world_.service()->id, request);
  request.request_id.fill(2);
  const auto late = consent.CreateRequest(world_.service()->id, request);
  world_.clock().Advance(absl::Minutes(1) - absl::Milliseconds(1));
  EXPECT_THAT(consent.BindRequest(ann_.id, early->code), IsOk());
  world_.clock().Advance(absl::Milliseconds(1));
  EXPECT_THAT(consent.BindRequest(ann_.id, late->code),
              StatusIs(absl::StatusCode::kNotFound));
  request.request_id.fill(3);
  request.lifetime = absl::Seconds(59);
  EXPECT_THAT(consent.CreateRequest(world_.service()->id, request),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConsentWalk, AnAccessIdLeadsNobodyElseToTheSameNumber) {
  const auto access = world_.Read(world_.Granted(ann_).revision.record);
  // Bob's chain has an entry of the number that the id hides.
  const auto own = world_.Read(world_.Granted(bob_).revision.record);
  EXPECT_THAT(world_.consent().GetAccessReceipt(bob_.id, own->access), IsOk());
  EXPECT_THAT(world_.consent().GetAccessReceipt(bob_.id, access->access),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentWalk, ARequestBindsOnce) {
  NewRequest request;
  request.agreement = world_.agreement()->id;
  request.version = 1;
  request.request_id.fill(77);
  Consent& consent = world_.consent();
  const auto made = consent.CreateRequest(world_.service()->id, request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->code.size(), 26U);
  EXPECT_EQ(consent.CreateRequest(world_.service()->id, request)->code,
            made->code);
  const auto status =
      consent.GetRequestStatus(world_.service()->id, made->code);
  EXPECT_EQ(status->state, RecordState::kDraft);
  EXPECT_FALSE(status->record.has_value());

  const auto bound = consent.BindRequest(ann_.id, made->code);
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(consent.BindRequest(ann_.id, made->code)->revision,
            bound->revision);
  EXPECT_THAT(consent.BindRequest(bob_.id, made->code),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(consent.BindRequest(bob_.id, "nonsense"),
              StatusIs(absl::StatusCode::kNotFound));
  const auto known = consent.GetRequestStatus(world_.service()->id, made->code);
  EXPECT_EQ(known->state, RecordState::kRequested);
  EXPECT_EQ(known->record, bound->revision.record);
  EXPECT_THAT(consent.GetRequestStatus(testing::IdOf<ServiceId>(9), made->code),
              StatusIs(absl::StatusCode::kNotFound));
  request.version = 2;
  EXPECT_THAT(consent.CreateRequest(world_.service()->id, request),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentWalk, ARequestLapses) {
  const RecordView record = world_.Request(ann_);
  world_.clock().Advance(absl::Hours(7 * 24));
  const RecordId id = record.revision.record;
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kLapsed);
  EXPECT_THAT(
      world_.consent().Grant(ann_.id, id, world_.StatementFor(ann_, record)),
      StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.consent().RunDue();
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->revision.state,
            RecordState::kLapsed);
}

TEST_F(ConsentWalk, PseudonymsAreTheSameForOneServiceAndOthersForAnother) {
  const auto pseudonym_of = [&](const RecordView& record) {
    return receipt::Permit::Decode(
               world_.Read(record.revision.record)->release->item)
        ->pseudonym;
  };
  const auto first = pseudonym_of(world_.Granted(ann_));
  const auto again = pseudonym_of(world_.Granted(ann_));
  const auto other = pseudonym_of(world_.Granted(bob_));
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST_F(ConsentWalk, ExpiryIsDecidedAtUseAndReportedByTheClock) {
  const RecordView record = world_.Granted(ann_);
  const RecordId id = record.revision.record;
  world_.clock().Advance(record.revision.until - world_.clock().Now() -
                         absl::Milliseconds(1));
  const auto last = world_.Read(id);
  EXPECT_TRUE(Released(last));
  world_.clock().Advance(absl::Milliseconds(1));
  // The last permit's lease ends with the record.
  EXPECT_FALSE(last->release->hold->Live());
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kExpired);
  EXPECT_THAT(world_.consent().Withdraw(ann_.id, id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  world_.consent().RunDue();
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->revision.state,
            RecordState::kExpired);
}

TEST_F(ConsentWalk, AJumpOfTheClockReleasesNothingAndEndsNothing) {
  const RecordView record = world_.Granted(ann_);
  const RecordId id = record.revision.record;
  const absl::Time right = world_.clock().Now();
  world_.clock().SetWall(right + absl::Hours(24 * 3650));
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
  world_.consent().RunDue();
  world_.clock().SetWall(right - absl::Hours(24 * 3650));
  EXPECT_THAT(world_.Read(id), StatusIs(absl::StatusCode::kUnavailable));
  world_.clock().SetWall(right);
  EXPECT_TRUE(Released(world_.Read(id)));
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->revision.state,
            RecordState::kGranted);
  // What ends a permission works meanwhile.
  world_.clock().SetWall(right + absl::Hours(24 * 3650));
  EXPECT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
}

TEST_F(ConsentWalk, UnknownForeignAndUngrantedLookTheSame) {
  const RecordView ungranted = world_.Request(ann_);
  Service other = testing::CareService();
  other.id = ServiceId();
  other.keys = {base::Digest32{2}};
  ASSERT_THAT(world_.consent().CreateService({9}, other), IsOk());
  const RecordView foreign = world_.Granted(ann_);

  AuthoriseRequest as_other = World::ReadRequestFor(foreign.revision.record);
  as_other.caller_key = base::Digest32{2};
  const std::vector<AuthoriseRequest> requests = {
      World::ReadRequestFor(RecordId::Random()),
      World::ReadRequestFor(ungranted.revision.record), as_other};
  std::vector<std::size_t> sizes;
  for (const AuthoriseRequest& request : requests) {
    const auto answer = world_.Ask(request);
    ASSERT_THAT(answer, IsOk());
    EXPECT_FALSE(answer->release.has_value());
    for (const Outcome& outcome : answer->outcomes) {
      EXPECT_EQ(outcome.reason, Reason::kNoConsent);
    }
    sizes.push_back(answer->promise.size());
  }
  EXPECT_EQ(sizes[0], sizes[1]);
  EXPECT_EQ(sizes[0], sizes[2]);
  // The person sees the stranger's attempt with the true reason.
  const auto page = world_.consent().ListAccesses(
      ann_.id, {.record = foreign.revision.record}, 0, 10);
  EXPECT_EQ(page->entries[0].entry.lines[0].reason, Reason::kCaller);
}

TEST_F(ConsentWalk, AnUnregisteredCertificateIsRefused) {
  AuthoriseRequest request = World::ReadRequestFor(RecordId::Random());
  request.caller_key = base::Digest32{99};
  EXPECT_THAT(world_.Ask(request),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ConsentWalk, ReceiptsVerifyAndUpgrade) {
  const RecordView record = world_.Request(ann_);
  const RecordId id = record.revision.record;
  const auto granted =
      world_.consent().Grant(ann_.id, id, world_.StatementFor(ann_, record));
  ASSERT_THAT(granted, IsOk());
  ASSERT_TRUE(granted->receipt.has_value());
  EXPECT_EQ(granted->receipt->stage, ReceiptStage::kDurable);
  const auto file = receipt::Receipt::Parse(granted->receipt->file);
  ASSERT_THAT(file, IsOk());
  EXPECT_THAT(
      receipt::VerifyBatchItem(file->proof, receipt::BatchKind::kReceipts,
                               receipt::ReceiptItem(file->body_json),
                               world_.consent().evidence_key()),
      IsOk());
  const auto body = receipt::ReceiptBody::Parse(file->body_json);
  ASSERT_THAT(body, IsOk());
  EXPECT_EQ(body->type, receipt::ReceiptType::kGrant);
  EXPECT_EQ(body->record, id.Text());
  EXPECT_EQ(receipt::CommitAccessEntry(*file->opening, file->entry),
            body->commitment);

  const auto read = world_.Read(id);
  EXPECT_EQ(world_.consent().GetAccessReceipt(ann_.id, read->access)->stage,
            ReceiptStage::kDurable);
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  const auto logged = world_.consent().GetAccessReceipt(ann_.id, read->access);
  EXPECT_EQ(logged->stage, ReceiptStage::kLogged);
  // The proof leads to the leaf of this very entry.
  const auto parsed = receipt::Receipt::Parse(logged->file);
  ASSERT_THAT(parsed, IsOk());
  const auto index = std::stoul(parsed->log_proof.substr(9));
  const base::Digest32 commitment =
      receipt::CommitAccessEntry(*parsed->opening, parsed->entry);
  EXPECT_EQ(base::ToBytes(
                base::ByteView(world_.log().entries().at(index)).subspan(1)),
            base::ToBytes(commitment));
}

TEST_F(ConsentWalk, TrainingReadsNameTheSystemAndTheSnapshot) {
  AgreementContent content = testing::CareContent();
  content.ai_training = true;
  content.systems = {testing::IdOf<SystemId>(8)};
  const RecordView record = world_.Granted(ann_, world_.Publish(content));
  AuthoriseRequest request = World::ReadRequestFor(record.revision.record);
  request.read.training =
      TrainingUse{testing::IdOf<SystemId>(8), testing::IdOf<SnapshotId>(6)};
  EXPECT_TRUE(Released(world_.Ask(request)));
  // The register may be slow: nobody else waits for it.
  EXPECT_EQ(world_.systems().asked_by.load(), std::this_thread::get_id());
  const auto page = world_.consent().ListAccesses(
      ann_.id, {.record = record.revision.record}, 0, 1);
  EXPECT_EQ(page->entries[0].entry.system, testing::IdOf<SystemId>(8).bytes());
  EXPECT_EQ(page->entries[0].entry.snapshot,
            testing::IdOf<SnapshotId>(6).bytes());
  // A snapshot that the register does not know as open and the system's, and
  // none.
  for (const SnapshotId& snapshot :
       {testing::IdOf<SnapshotId>(7), SnapshotId()}) {
    request = World::ReadRequestFor(record.revision.record);
    request.read.training = TrainingUse{testing::IdOf<SystemId>(8), snapshot};
    const auto refused = world_.Ask(request);
    ASSERT_THAT(refused, IsOk());
    EXPECT_FALSE(Released(refused));
    EXPECT_EQ(refused->outcomes[0].reason, Reason::kPolicy);
    const auto lines =
        world_.consent().Explain(ann_.id, record.revision.record, request.read);
    ASSERT_THAT(lines, IsOk());
    EXPECT_EQ((*lines)[0].reason, Reason::kPolicy);
  }
}

TEST_F(ConsentWalk, ExplainTellsTheTruthAndCountsNothing) {
  const RecordView record = world_.Granted(ann_);
  const RecordId id = record.revision.record;
  ReadRequest read = World::ReadRequestFor(id).read;
  read.attributes = {"person.name", "person.address"};
  const auto before = world_.consent().ListAccesses(ann_.id, {}, 0, 50);
  const auto lines = world_.consent().Explain(ann_.id, id, read);
  ASSERT_THAT(lines, IsOk());
  EXPECT_EQ((*lines)[0].reason, Reason::kReleased);
  EXPECT_EQ((*lines)[1].reason, Reason::kNoConsent);
  EXPECT_EQ(world_.consent().ListAccesses(ann_.id, {}, 0, 50)->entries.size(),
            before->entries.size());
}

TEST_F(ConsentWalk, TheSameKeyOpensTheSameAccount) {
  const auto again = world_.consent().CreateAccount(ann_.key.PublicKey());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->person, ann_.id);
  EXPECT_NE(ann_.id, bob_.id);
  EXPECT_EQ(world_.consent().FindKey(KeyIdOf(ann_.key.PublicKey()))->person,
            ann_.id);
  EXPECT_THAT(world_.consent().FindKey("nobody"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ConsentWalk, ServicesAndAgreementsAreMadeOnce) {
  Service service = testing::CareService();
  service.id = ServiceId();
  service.keys = {base::Digest32{5}};
  const auto first = world_.consent().CreateService({7}, service);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ((*world_.consent().CreateService({7}, service))->id, (*first)->id);
  Service other = service;
  other.contact = "elsewhere";
  EXPECT_THAT(world_.consent().CreateService({7}, other),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(world_.consent().CreateService({8}, service),
              StatusIs(absl::StatusCode::kAlreadyExists));

  EXPECT_EQ(world_.Publish(testing::CareContent())->hash,
            world_.agreement()->hash);
  AgreementContent changed = testing::CareContent();
  changed.retention_days = 60;
  const auto next = world_.consent().CreateAgreement(
      world_.service()->id, world_.agreement()->id, changed);
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ((*next)->version, 2U);
  EXPECT_THAT(world_.consent().CreateAgreement((*first)->id,
                                               world_.agreement()->id, changed),
              StatusIs(absl::StatusCode::kNotFound));
  changed.systems = {testing::IdOf<SystemId>(1)};
  EXPECT_THAT(world_.consent().CreateAgreement(world_.service()->id,
                                               std::nullopt, changed),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::consent
