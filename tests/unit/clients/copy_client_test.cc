// What a device believes about its grants when servers refuse, fail or lie: no
// copy goes and no grant is forgotten for any reason but the one meant.

#include "clients/cpp/copy_client.h"

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/agreement_text.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/wire_time.h"
#include "common/base/id.h"
#include "common/crypto/hash.h"
#include "common/tlog/note.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;
using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";

// Consent and vault of one record.
class FakeServers final : public UnaryConnection {
 public:
  FakeServers() {
    v1::Record& one = *record.mutable_record();
    one.set_record_id(base::FormatIdText("rec", base::RandomIdBytes()));
    one.set_agreement_id(base::FormatIdText("agr", base::RandomIdBytes()));
    one.set_agreement_version(1);
    one.set_revision(1);
    one.set_revision_hash(std::string(32, '\x07'));
    one.mutable_service()->set_service_id(
        base::FormatIdText("svc", base::RandomIdBytes()));
    one.set_state(v1::RECORD_STATE_REQUESTED);
    v1::Agreement& agreement = *record.mutable_agreement();
    agreement.set_agreement_id(one.agreement_id());
    agreement.set_version(1);
    agreement.set_service_id(one.service().service_id());
    v1::AgreementContent& content = *agreement.mutable_content();
    content.set_validity_days(10);
    content.set_legal_basis(v1::LEGAL_BASIS_CONSENT);
    v1::AgreementLine& line = *content.add_lines();
    line.set_attribute(kName);
    line.set_necessity(v1::NECESSITY_REQUIRED);
    line.set_form(v1::FORM_FULL);
    v1::LocalizedText& title = *content.add_titles();
    title.set_language("en");
    title.set_text("Tickets");
    auto& notice = *content.add_notices();
    notice.set_language("en");
    notice.set_text("notice");
    notice.set_hash(base::ToText(
        crypto::Sha256(base::AsBytes(std::string_view("notice")))));
    const std::string text = AgreementText(agreement).value();
    agreement.set_canonical_json(text);
    agreement.set_hash(base::ToText(crypto::Sha256(base::AsBytes(text))));
    one.set_agreement_hash(agreement.hash());
  }

  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (method.path.ends_with("/GetRecord")) {
      const auto& wanted = dynamic_cast<const v1::GetRecordRequest&>(request);
      const std::string& id = wanted.record_id();
      asked.insert(id);
      if (unknown.contains(id)) return absl::NotFoundError("no such record");
      if (!record_fails.ok()) return record_fails;
      v1::GetRecordResponse answer = record;
      answer.mutable_record()->set_record_id(id);
      AddHistory(wanted.before_revision(), answer);
      response.ParseFromString(answer.SerializeAsString());
      return absl::OkStatus();
    }
    if (method.path.ends_with("/GrantRecord")) {
      sent_before_grant = !book->Sent(person->key().PublicKey())->empty();
      return grant;
    }
    if (method.path.ends_with("/GetReceipt")) {
      return absl::NotFoundError("no receipt");
    }
    if (method.path.ends_with("/GetAttribute")) return attribute;
    if (method.path.ends_with("/DeleteGrantCopies")) {
      ++deletions;
      return absl::OkStatus();
    }
    return absl::UnimplementedError("not this one");
  }
  // Two revisions of a call.
  void AddHistory(std::uint64_t before, v1::GetRecordResponse& answer) const {
    const std::uint64_t last = before == 0 ? revision_count : before - 1;
    const std::uint64_t first = last > 2 ? last - 1 : 1;
    for (std::uint64_t number = first; number <= last; ++number) {
      answer.add_revisions()->set_revision(number);
    }
    if (first > 1) answer.set_next_before_revision(first);
    if (endless_history) answer.set_next_before_revision(revision_count);
  }
  void SetState(v1::RecordState state) {
    record.mutable_record()->set_state(state);
    record.mutable_record()->clear_attributes();
    record.mutable_record()->add_attributes(kName);
  }
  void SetFrom(absl::Time from) {
    *record.mutable_record()->mutable_from_time() = ToWire(from);
  }

  v1::GetRecordResponse record;
  std::uint64_t revision_count = 0;
  bool endless_history = false;
  // Records that the server does not know, and those it was asked about.
  std::set<std::string> unknown;
  std::set<std::string> asked;
  absl::Status record_fails;
  absl::Status grant;
  absl::Status attribute = absl::NotFoundError("none");
  int deletions = 0;
  const GrantBook* book = nullptr;
  const PersonKey* person = nullptr;
  bool sent_before_grant = false;
};

class CopyClientTest : public ::testing::Test {
 protected:
  CopyClientTest() {
    servers_.book = &book_;
    servers_.person = &person_;
    trust_.operator_name = "op.example";
    trust_.source_id = base::FormatIdText("src", base::RandomIdBytes());
  }
  absl::Status Grant() {
    return consent_.Grant(Record(), {{kName}, "", {}}, &book_).status();
  }
  // With an answer that did not come.
  void SendGrant() {
    servers_.grant = absl::UnavailableError("cut off");
    ASSERT_THAT(Grant(), StatusIs(absl::StatusCode::kUnavailable));
    ASSERT_EQ(Sent(), 1U);
  }
  void Keep() {
    SendGrant();
    ASSERT_THAT(book_.KeepSent(Record(), clock_.Now()), IsOk());
    ASSERT_EQ(Kept(), 1U);
  }
  [[nodiscard]] const std::string& Record() const {
    return servers_.record.record().record_id();
  }
  std::size_t Kept() { return book_.All(person_.key().PublicKey())->size(); }
  std::size_t Sent() { return book_.Sent(person_.key().PublicKey())->size(); }

  testing::TempDir files_;
  FakeServers servers_;
  PersonKey person_ = PersonKey::Generate();
  crypto::Ed25519PrivateKey operator_ = crypto::Ed25519PrivateKey::Generate();
  Trust trust_;
  testing::FakeClock clock_;
  GrantBook book_{files_.path() / "grants"};
  DeviceHome home_{files_.path() / "device-key.json",
                   files_.path() / "sealed-key.json"};
  PersonClient consent_{servers_, person_, trust_, clock_};
  VaultClient values_{servers_};
  SealedClient sealed_{servers_, person_, home_, trust_, clock_};
  ServiceKeyClient keys_{servers_, operator_.PublicKey(),
                         tlog::Policy::ForLog(tlog::NoteVerifier::Create(
                                                  "op.example/register",
                                                  tlog::NoteAlgorithm::kEd25519,
                                                  operator_.PublicKey())
                                                  ->Vkey())
                             .value()};
  CopyClient copies_{
      {servers_, consent_, values_, sealed_, keys_, person_, book_, clock_},
      trust_.source_id};
};

TEST_F(CopyClientTest, AGrantIsNotedBeforeItIsSentAndARefusedOneLeavesNothing) {
  for (const auto code :
       {absl::StatusCode::kFailedPrecondition, absl::StatusCode::kNotFound,
        absl::StatusCode::kPermissionDenied}) {
    servers_.grant = absl::Status(code, "no");
    EXPECT_THAT(Grant(), StatusIs(code));
    EXPECT_TRUE(servers_.sent_before_grant);
    EXPECT_EQ(Kept() + Sent(), 0U);
  }
}

TEST_F(CopyClientTest, AGrantWhoseAnswerIsNotBelievedStaysAsSent) {
  for (const auto code :
       {absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded,
        absl::StatusCode::kDataLoss, absl::StatusCode::kInternal}) {
    servers_.grant = absl::Status(code, "?");
    EXPECT_THAT(Grant(), StatusIs(code));
    EXPECT_EQ(Kept(), 0U);
    EXPECT_EQ(Sent(), 1U);
    ASSERT_THAT(book_.DropSent(Record()), IsOk());
  }
  // A receipt that is none.
  servers_.grant = absl::OkStatus();
  EXPECT_FALSE(Grant().ok());
  EXPECT_EQ(Sent(), 1U);
}

TEST_F(CopyClientTest, ASentGrantCountsOnceTheServerSaysItIsInForce) {
  SendGrant();
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(Sent(), 1U) << "the request is still open";
  EXPECT_EQ(Kept(), 0U);
  servers_.SetState(v1::RECORD_STATE_GRANTED);
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(Sent(), 0U);
  EXPECT_EQ(Kept(), 1U);
}

// The answer to the first was lost; it took effect. The second is refused for
// that, and must not take the first along.
TEST_F(CopyClientTest, AGrantRepeatedAfterALostAnswerIsStillKnown) {
  SendGrant();
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Seconds(1));
  servers_.grant = absl::FailedPreconditionError("the record is granted");
  EXPECT_THAT(Grant(), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(Sent(), 1U);
  servers_.SetState(v1::RECORD_STATE_GRANTED);
  servers_.SetFrom(first);
  EXPECT_THAT(Grant(), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_EQ(Sent(), 1U);
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(Sent(), 0U);
  ASSERT_EQ(Kept(), 1U);
  EXPECT_EQ(book_.All(person_.key().PublicKey())->front().from, first);
}

TEST_F(CopyClientTest, OfSeveralWithoutAnAnswerTheOneInForceIsKept) {
  SendGrant();
  const absl::Time first = clock_.Now();
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Grant(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(Sent(), 2U);
  servers_.SetState(v1::RECORD_STATE_GRANTED);
  servers_.SetFrom(first);
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  ASSERT_EQ(Kept(), 1U);
  EXPECT_EQ(book_.All(person_.key().PublicKey())->front().from, first);
}

TEST_F(CopyClientTest, ARecordThatTheServerDoesNotKnowHidesNoOther) {
  Keep();
  const std::string known = Record();
  servers_.record.mutable_record()->set_record_id(
      base::FormatIdText("rec", base::RandomIdBytes()));
  const std::string unknown = Record();
  SendGrant();
  servers_.SetState(v1::RECORD_STATE_GRANTED);
  servers_.unknown = {unknown};
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(Sent(), 1U) << "nothing tells what became of it";
  // The same of grants that are kept: each line is told, none is forgotten.
  ASSERT_THAT(book_.KeepSent(unknown, clock_.Now()), IsOk());
  ASSERT_EQ(Kept(), 2U);
  for (const char* attribute : {"", kName}) {
    servers_.asked.clear();
    const auto shared = copies_.ShareAll(attribute);
    ASSERT_THAT(shared, IsOk());
    ASSERT_EQ(shared->size(), 1U);
    EXPECT_EQ(shared->front().record, unknown);
    EXPECT_EQ(shared->front().attribute, kName);
    EXPECT_THAT(shared->front().outcome, StatusIs(absl::StatusCode::kNotFound));
    EXPECT_TRUE(servers_.asked.contains(known));
  }
  EXPECT_EQ(Kept(), 2U);
  EXPECT_EQ(servers_.deletions, 0);
}

TEST_F(CopyClientTest, ASentGrantOfARecordThatEndedIsDropped) {
  SendGrant();
  servers_.SetState(v1::RECORD_STATE_LAPSED);
  ASSERT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(Kept() + Sent(), 0U);
}

TEST_F(CopyClientTest, OnlyARecordThatEndedLosesItsCopies) {
  Keep();
  servers_.SetState(v1::RECORD_STATE_GRANTED);
  servers_.record_fails = absl::FailedPreconditionError("something else");
  EXPECT_THAT(copies_.ShareAll(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  servers_.record_fails = absl::OkStatus();
  servers_.attribute = absl::FailedPreconditionError("an erasure goes on");
  EXPECT_THAT(copies_.ShareAll(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  for (const auto state :
       {v1::RECORD_STATE_REQUESTED, v1::RECORD_STATE_AWAITING_OTHERS,
        v1::RECORD_STATE_UNSPECIFIED}) {
    servers_.SetState(state);
    EXPECT_THAT(copies_.ShareAll(), IsOk());
  }
  EXPECT_EQ(servers_.deletions, 0);
  EXPECT_EQ(Kept(), 1U);
  servers_.SetState(v1::RECORD_STATE_WITHDRAWN);
  EXPECT_THAT(copies_.ShareAll(), IsOk());
  EXPECT_EQ(servers_.deletions, 1);
  EXPECT_EQ(Kept(), 0U);
}

TEST_F(CopyClientTest, CopiesAreDestroyedWithoutADeviceKey) {
  ASSERT_THAT(DestroyCopies(servers_, Record()), IsOk());
  EXPECT_EQ(servers_.deletions, 1);
  EXPECT_EQ(home_.KeyIfAny()->has_value(), false);
}

TEST_F(CopyClientTest, AHistoryIsReadToItsBeginning) {
  servers_.revision_count = 5;
  const auto shown = consent_.GetRecord(Record());
  ASSERT_THAT(shown, IsOk());
  ASSERT_EQ(shown->revisions_size(), 5);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(shown->revisions(i).revision(),
              static_cast<std::uint64_t>(i) + 1);
  }
  EXPECT_EQ(shown->next_before_revision(), 0U);
}

TEST_F(CopyClientTest, AHistoryThatDoesNotEndIsNotReadForEver) {
  servers_.revision_count = 5;
  servers_.endless_history = true;
  EXPECT_THAT(consent_.GetRecord(Record()),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::client
