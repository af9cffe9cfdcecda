// A publisher signs what it asked for and nothing else: a register that drafts
// another version gets no signature.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/draft_check.h"
#include "clients/cpp/register_client.h"
#include "common/base/clock.h"
#include "common/base/id.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "gtest/gtest.h"
#include "tests/testing/registration_leaf.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::algoregister::v1;
using testing::AuthorKey;
using testing::IsOk;
using testing::StatusIs;

constexpr const char* kContent =
    R"({"fields":{"title":{"state":"given","value":"Tickets"}}})";
constexpr const char* kSnapshot = "snp_aaaaaaaaaaaaaaaaaaaaaaaaaa";

receipt::RegistrationLeaf Leaf(receipt::RegistrationKind kind,
                               std::uint32_t version) {
  receipt::RegistrationLeaf leaf;
  leaf.registration.fill(3);
  leaf.kind = kind;
  leaf.version = version;
  if (version > 1) leaf.predecessor.fill(4);
  leaf.draft_time =
      absl::FromUnixMillis(absl::ToUnixMillis(base::SystemClock().Now()));
  leaf.author = AuthorKey().PublicKey();
  return leaf;
}

std::string IdOf(const receipt::RegistrationLeaf& leaf) {
  return base::FormatIdText(receipt::RegistrationKindPrefix(leaf.kind),
                            leaf.registration);
}

json::Value ContentOf(receipt::RegistrationKind kind,
                      const char* fields_of = kContent) {
  json::Value content = *json::ParseStrict(fields_of);
  content.Set("aliases", json::Value::Array());
  content.Set("kind", receipt::RegistrationKindName(kind));
  content.Set("reason", "first");
  return content;
}

// What a register drafts.
struct Drafted {
  receipt::RegistrationLeaf leaf;
  json::Value content;

  [[nodiscard]] v1::VersionDraft Wire() const {
    receipt::RegistrationLeaf signed_leaf = leaf;
    const auto fields =
        receipt::DiscloseContent(content, crypto::SystemRandom());
    signed_leaf.digests = receipt::FieldDigests(fields);
    v1::VersionDraft out;
    out.set_registration_id(IdOf(leaf));
    out.set_version(leaf.version);
    out.set_leaf_body(base::ToText(receipt::RegistrationLeafBody(signed_leaf)));
    for (const receipt::FieldDisclosure& field : fields) {
      v1::FieldDisclosure& wire = *out.add_disclosures();
      wire.set_pointer(field.pointer);
      wire.set_salt(base::ToText(field.salt));
      wire.set_value_json(json::Canonical(field.value));
    }
    return out;
  }
};

// Drafts what it is told to, and counts what is published.
class FakeRegister final : public Connection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    if (method.path.ends_with("PrepareVersion")) {
      dynamic_cast<v1::PrepareVersionResponse&>(response) = answer;
      return absl::OkStatus();
    }
    EXPECT_TRUE(method.path.ends_with("PublishVersion"));
    ++published;
    const auto& draft =
        dynamic_cast<const v1::PublishVersionRequest&>(request).draft();
    auto& out = dynamic_cast<v1::PublishVersionResponse&>(response);
    out.set_registration_id(draft.registration_id());
    out.set_version(draft.version() + published_version_offset);
    return absl::OkStatus();
  }
  absl::Status Stream(const Method& method,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& message,
                      absl::FunctionRef<bool()> each) override {
    if (method.path.ends_with("CommitImport")) {
      ++published;
      return absl::OkStatus();
    }
    auto& part = dynamic_cast<v1::PlanImportResponse&>(message);
    *part.mutable_row() = row;
    if (!each()) return absl::OkStatus();
    part.mutable_summary()->set_draft_count(row.drafts_size());
    each();
    return absl::OkStatus();
  }

  v1::PrepareVersionResponse answer;
  v1::ImportRow row;
  int published = 0;
  int published_version_offset = 0;
};

// One change, with the honest draft of it.
struct Case {
  v1::PrepareVersionRequest request;
  Drafted honest;
  std::string snapshot_id;
};

Case Creation() {
  Case out;
  out.request.set_reason("first");
  out.request.mutable_create()->set_kind(v1::REGISTRATION_KIND_SYSTEM);
  out.request.mutable_create()->set_content_json(kContent);
  out.honest = {Leaf(receipt::RegistrationKind::kSystem, 1),
                ContentOf(receipt::RegistrationKind::kSystem)};
  return out;
}

Case Update() {
  Case out = Creation();
  out.honest.leaf = Leaf(receipt::RegistrationKind::kSystem, 2);
  out.request.mutable_update()->set_registration_id(IdOf(out.honest.leaf));
  out.request.mutable_update()->set_content_json(kContent);
  return out;
}

Case Retirement() {
  Case out = Update();
  out.honest.leaf.state = receipt::RegistrationState::kRetired;
  out.request.mutable_retire()->set_registration_id(IdOf(out.honest.leaf));
  return out;
}

Case SnapshotIn(const char* state) {
  Case out;
  const std::string listed =
      std::string(R"({"fields":{"snapshots":{"state":"given","value":[)") +
      R"({"id":")" + kSnapshot + R"(","name":"2026-11","state":")" + state +
      R"("}]}}})";
  out.request.set_reason("first");
  out.honest = {Leaf(receipt::RegistrationKind::kDataset, 2),
                ContentOf(receipt::RegistrationKind::kDataset, listed.c_str())};
  return out;
}

Case Opening() {
  Case out = SnapshotIn("open");
  out.request.mutable_add_snapshot()->set_dataset_id(IdOf(out.honest.leaf));
  out.request.mutable_add_snapshot()->set_name("2026-11");
  out.snapshot_id = kSnapshot;
  return out;
}

Case Sealing() {
  Case out = SnapshotIn("sealed");
  out.request.mutable_seal_snapshot()->set_dataset_id(IdOf(out.honest.leaf));
  out.request.mutable_seal_snapshot()->set_snapshot_id(kSnapshot);
  return out;
}

std::vector<Case> AllCases() {
  return {Creation(), Update(), Retirement(), Opening(), Sealing()};
}

absl::Status Publish(const Case& one, const Drafted& drafted,
                     FakeRegister& server) {
  const auto key = AuthorKey();
  *server.answer.mutable_draft() = drafted.Wire();
  server.answer.set_snapshot_id(one.snapshot_id);
  return PublisherClient(server, key).Publish(one.request).status();
}

void ExpectUnsigned(const Case& one, const Drafted& drafted,
                    const std::string& why) {
  FakeRegister server;
  EXPECT_THAT(Publish(one, drafted, server),
              StatusIs(absl::StatusCode::kDataLoss))
      << why;
  EXPECT_EQ(server.published, 0) << why;
}

TEST(PublisherClient, SignsEachChangeAsItWasAskedFor) {
  for (const Case& one : AllCases()) {
    FakeRegister server;
    EXPECT_THAT(Publish(one, one.honest, server), IsOk())
        << one.request.change_case();
    EXPECT_EQ(server.published, 1);
  }
}

TEST(PublisherClient, SignsNothingElseWhateverTheChange) {
  using Change = std::function<void(Drafted&)>;
  const std::vector<std::pair<std::string, Change>> faults = {
      {"role",
       [](Drafted& d) { d.leaf.author_role = receipt::AuthorRole::kImporter; }},
      {"state",
       [](Drafted& d) {
         d.leaf.state = d.leaf.state == receipt::RegistrationState::kActive
                            ? receipt::RegistrationState::kRetired
                            : receipt::RegistrationState::kActive;
       }},
      {"reason", [](Drafted& d) { d.content.Set("reason", "another"); }},
      {"kind",
       [](Drafted& d) {
         d.leaf.kind = receipt::RegistrationKind::kModel;
         d.content.Set("kind", "model");
       }},
      {"the content's kind",
       [](Drafted& d) { d.content.Set("kind", "model"); }},
      {"old", [](Drafted& d) { d.leaf.draft_time -= absl::Hours(25); }},
      {"future", [](Drafted& d) { d.leaf.draft_time += absl::Hours(25); }},
      {"key", [](Drafted& d) { d.leaf.author = AuthorKey(8).PublicKey(); }},
      {"version",
       [](Drafted& d) {
         const bool first = d.leaf.version == 1;
         d.leaf.version = first ? 2 : 1;
         d.leaf.predecessor.fill(first ? 4 : 0);
       }},
  };
  for (const Case& one : AllCases()) {
    for (const auto& [name, change] : faults) {
      Drafted other = one.honest;
      change(other);
      ExpectUnsigned(one, other, name);
    }
  }
}

TEST(PublisherClient, SignsNoOtherRegistrationThanTheOneNamed) {
  for (const Case& one : AllCases()) {
    // The register chooses the id of a new one.
    if (one.request.has_create()) continue;
    Drafted other = one.honest;
    other.leaf.registration.fill(9);
    ExpectUnsigned(one, other, "registration");
  }
}

TEST(PublisherClient, SignsNoOtherContentThanItSent) {
  for (const Case& one : {Creation(), Update()}) {
    for (const char* content :
         {R"({"fields":{"title":{"state":"given","value":"Fines"}}})",
          R"({"fields":{}})",
          R"({"fields":{"title":{"state":"given","value":"Tickets"},)"
          R"("x":{"state":"missing"}}})"}) {
      Drafted other = one.honest;
      other.content = ContentOf(other.leaf.kind, content);
      ExpectUnsigned(one, other, content);
    }
    Drafted named = one.honest;
    named.content.Set("aliases",
                      *json::ParseStrict(R"([{"id":"1","scheme":"nl-list"}])"));
    ExpectUnsigned(one, named, "aliases");
    Drafted restricted = one.honest;
    restricted.content.Set(
        "restricted",
        *json::ParseStrict(R"({"x":{"state":"given","value":1}})"));
    ExpectUnsigned(one, restricted, "restricted");
  }
}

constexpr const char* kWithAudience =
    R"({"fields":{"contact":{"audience":["court"],"authority":"Clerk",)"
    R"("ground":"Law 1","review":"2099-01-31","state":"withheld"}}})";

Case Keeping() {
  Case out = Update();
  out.request.mutable_update()->set_content_json(kWithAudience);
  out.request.mutable_update()->set_keep_restricted(true);
  out.honest.content = ContentOf(out.honest.leaf.kind, kWithAudience);
  out.honest.content.Set(
      "restricted",
      *json::ParseStrict(R"({"contact":{"state":"given","value":"kept"}})"));
  return out;
}

TEST(PublisherClient, SignsThePartThatItAskedToKeep) {
  const Case keeping = Keeping();
  FakeRegister server;
  EXPECT_THAT(Publish(keeping, keeping.honest, server), IsOk());
  EXPECT_EQ(server.published, 1);
  Case unasked = keeping;
  unasked.request.mutable_update()->set_keep_restricted(false);
  ExpectUnsigned(unasked, unasked.honest, "not asked to keep");
}

TEST(PublisherClient, KeepsNoOtherPart) {
  const auto with = [](const char* restricted) {
    Drafted out = Keeping().honest;
    out.content.Set("restricted", *json::ParseStrict(restricted));
    return out;
  };
  const Case keeping = Keeping();
  ExpectUnsigned(keeping,
                 with(R"({"contact":{"state":"given","value":"kept"},)"
                      R"("goal":{"state":"given","value":"added"}})"),
                 "a part nobody sent");
  ExpectUnsigned(keeping, with(R"({"goal":{"state":"given","value":"added"}})"),
                 "another part");
  Drafted gone = keeping.honest;
  gone.content.Remove("restricted");
  ExpectUnsigned(keeping, gone, "no part");
  // One that was sent is compared.
  Case sent = keeping;
  json::Value content = *json::ParseStrict(kWithAudience);
  content.Set(
      "restricted",
      *json::ParseStrict(R"({"contact":{"state":"given","value":"sent"}})"));
  sent.request.mutable_update()->set_content_json(json::Canonical(content));
  ExpectUnsigned(sent, sent.honest, "the old part for the sent one");
}

TEST(PublisherClient, SignsNoOtherSnapshot) {
  Case opening = Opening();
  ExpectUnsigned(opening, SnapshotIn("sealed").honest, "opened sealed");
  opening.request.mutable_add_snapshot()->set_name("2026-12");
  ExpectUnsigned(opening, opening.honest, "name");
  opening = Opening();
  opening.snapshot_id.clear();
  ExpectUnsigned(opening, opening.honest, "no id");
  const Case sealing = Sealing();
  ExpectUnsigned(sealing, SnapshotIn("open").honest, "left open");
}

TEST(PublisherClient, NoticesWhenAnotherVersionWasPublished) {
  FakeRegister server;
  server.published_version_offset = 1;
  EXPECT_THAT(Publish(Creation(), Creation().honest, server),
              StatusIs(absl::StatusCode::kDataLoss));
}

// A row that becomes version `version` of a deployment.
struct ImportCase {
  v1::ImportOutcome outcome = v1::IMPORT_OUTCOME_NEW;
  std::vector<Drafted> drafts;
  std::string id;
};

ImportCase Row(v1::ImportOutcome outcome) {
  const bool is_new = outcome == v1::IMPORT_OUTCOME_NEW;
  ImportCase out;
  out.outcome = outcome;
  Drafted organisation = {Leaf(receipt::RegistrationKind::kOrganisation, 1),
                          ContentOf(receipt::RegistrationKind::kOrganisation)};
  Drafted own = {Leaf(receipt::RegistrationKind::kDeployment, is_new ? 1 : 2),
                 ContentOf(receipt::RegistrationKind::kDeployment)};
  if (outcome == v1::IMPORT_OUTCOME_REMOVED) {
    own.content = ContentOf(
        own.leaf.kind,
        R"({"fields":{"listing":{"state":"given","value":"vanished"}}})");
  }
  own.leaf.author_role = receipt::AuthorRole::kImporter;
  organisation.leaf.author_role = receipt::AuthorRole::kImporter;
  out.id = IdOf(own.leaf);
  if (is_new) out.drafts.push_back(organisation);
  out.drafts.push_back(own);
  return out;
}

absl::Status Import(const ImportCase& one, FakeRegister& server) {
  const auto key = AuthorKey();
  server.row.set_outcome(one.outcome);
  server.row.set_registration_id(one.id);
  for (const Drafted& draft : one.drafts) {
    *server.row.add_drafts() = draft.Wire();
  }
  return PublisherClient(server, key)
      .Import("nl-list", "[]", "first", /*commit=*/true,
              [](std::int64_t /*done*/, std::int64_t /*total*/) {})
      .status();
}

void ExpectUnsigned(const ImportCase& one, const std::string& why) {
  FakeRegister server;
  EXPECT_THAT(Import(one, server), StatusIs(absl::StatusCode::kDataLoss))
      << why;
  EXPECT_EQ(server.published, 0) << why;
}

TEST(PublisherClient, SignsTheRowsOfAnImport) {
  for (const v1::ImportOutcome outcome :
       {v1::IMPORT_OUTCOME_NEW, v1::IMPORT_OUTCOME_CHANGED,
        v1::IMPORT_OUTCOME_REMOVED}) {
    FakeRegister server;
    EXPECT_THAT(Import(Row(outcome), server), IsOk()) << outcome;
    EXPECT_EQ(server.published, 1);
  }
}

TEST(PublisherClient, SignsNoRowThatIsSomethingElse) {
  using Change = std::function<void(ImportCase&)>;
  const std::vector<std::pair<std::string, Change>> faults = {
      {"role",
       [](ImportCase& c) {
         c.drafts[0].leaf.author_role = receipt::AuthorRole::kPublisher;
       }},
      {"reason",
       [](ImportCase& c) { c.drafts[0].content.Set("reason", "another"); }},
      {"retired",
       [](ImportCase& c) {
         c.drafts.back().leaf.state = receipt::RegistrationState::kRetired;
       }},
      {"old",
       [](ImportCase& c) { c.drafts[0].leaf.draft_time -= absl::Hours(25); }},
      {"registration",
       [](ImportCase& c) { c.drafts.back().leaf.registration.fill(9); }},
      {"another kind before it",
       [](ImportCase& c) {
         c.drafts.insert(c.drafts.begin(), c.drafts.back());
       }},
      {"no version", [](ImportCase& c) { c.drafts.clear(); }},
      {"unchanged",
       [](ImportCase& c) { c.outcome = v1::IMPORT_OUTCOME_UNCHANGED; }},
      {"rejected",
       [](ImportCase& c) { c.outcome = v1::IMPORT_OUTCOME_REJECTED; }},
  };
  for (const v1::ImportOutcome outcome :
       {v1::IMPORT_OUTCOME_NEW, v1::IMPORT_OUTCOME_CHANGED,
        v1::IMPORT_OUTCOME_REMOVED}) {
    for (const auto& [name, change] : faults) {
      ImportCase other = Row(outcome);
      change(other);
      ExpectUnsigned(other, name);
    }
    for (const v1::ImportOutcome another :
         {v1::IMPORT_OUTCOME_NEW, v1::IMPORT_OUTCOME_CHANGED,
          v1::IMPORT_OUTCOME_REMOVED}) {
      if (another == outcome) continue;
      ImportCase other = Row(outcome);
      other.outcome = another;
      ExpectUnsigned(other, "another outcome");
    }
  }
}

TEST(CheckIsAskedFor, TakesADayAndNoMore) {
  const Case one = Creation();
  const auto draft = ReadDraft::From(one.honest.Wire());
  ASSERT_THAT(draft, IsOk());
  const absl::Time drafted = draft->leaf.draft_time;
  for (const absl::Duration apart : {kMaxDraftDistance, -kMaxDraftDistance}) {
    EXPECT_THAT(CheckIsAskedFor(*draft, one.request, {}, drafted + apart),
                IsOk());
    const absl::Duration more = apart * 2;
    EXPECT_THAT(CheckIsAskedFor(*draft, one.request, {}, drafted + more),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

}  // namespace
}  // namespace limpid::client
