// What becomes of an erased field's bytes in the file, and of the store when it
// dies or is older than links and erasures.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/feedback/ticket.h"
#include "algoregister/feedback/ticket_store.h"
#include "algoregister/links/link.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/store/field_codec.h"
#include "algoregister/store/sql_evidence_store.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_ticket_store.h"
#include "algoregister/upload/evidence_store.h"
#include "algoregister/version/version.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/receipt/registration.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/integration/algoregister/failing_checkpoint.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Not in any other text, and not JSON-escaped.
constexpr std::string_view kSecretText = "Quixotry-Vexillology-9173";

Version MakeVersion(const RegistrationId& id, std::string_view title) {
  json::Value content = NewContent(RegistrationKind::kSystem);
  SetField(content, "title", GivenText("en", title));
  AddAlias(content, {"city", std::string(title)});
  content.Set("reason", "because");
  Version version;
  version.registration = id;
  version.number = 1;
  version.draft_time = absl::FromUnixSeconds(1'800'000'000);
  version.publisher = PublisherId::Random();
  version.leaf = base::ToBytes(id.Text());
  version.leaf_hash = crypto::RandomArray<32>();
  version.fields = receipt::DiscloseContent(content, crypto::SystemRandom());
  return version;
}

Version MakeSystem(std::string_view title) {
  return MakeVersion(RegistrationId::Random(RegistrationKind::kSystem), title);
}

class ErasedField : public ::testing::Test {
 protected:
  storage::Options Options(std::size_t migrations) {
    storage::Options options;
    options.path = folder_.path() / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    std::uint8_t next = 1;
    for (std::uint8_t& byte :
         options.key.RevealMutable(base::SecretAccess::Get())) {
      byte = next++;
    }
    options.migrations = RegisterMigrations();
    options.migrations.resize(std::min(migrations, options.migrations.size()));
    return options;
  }
  void Create(std::size_t migrations = 100) {
    database_ = storage::Database::Create(Options(migrations)).value();
    store_ = std::make_unique<SqlRegistrationStore>(*database_);
  }
  void Close() {
    store_.reset();
    database_.reset();
  }
  void Reopen() {
    Close();
    database_ = storage::Database::Open(Options(100)).value();
    store_ = std::make_unique<SqlRegistrationStore>(*database_);
  }
  void Publish(const Version& version) {
    ASSERT_THAT(store_->Add({{NewVersion(version)}}), IsOk());
    const std::vector<LogPlace> places = {{.registration = version.registration,
                                           .number = version.number,
                                           .leaf_index = next_place_++}};
    ASSERT_THAT(store_->MarkLogged(places), IsOk());
  }
  // A first version as it was written before schema 7, marked in the log.
  absl::Status WriteAsBeforeBodies(const Version& version) {
    const std::string fields = EncodeFields(version.fields);
    const std::string title(kSecretText);
    const std::string title_key = FoldTitle(title);
    const base::ByteView id(version.registration.bytes);
    return database_->Write([&](storage::Session& session) -> absl::Status {
      LIMPID_RETURN_IF_ERROR(
          session
              .Execute(
                  "INSERT INTO register_version (registration, number, kind, "
                  "state, role, draft_ms, publisher, leaf, leaf_hash, fields, "
                  "title, title_key, place, leaf_index, logged_ms) VALUES "
                  "($1, 1, 2, 1, 1, 5000, $2, $3, $4, $5, $6, $7, 1, $8, 5000)",
                  {id, base::ByteView(version.publisher.bytes()),
                   base::ByteView(version.leaf),
                   base::ByteView(version.leaf_hash), fields, title,
                   base::AsBytes(title_key),
                   static_cast<std::int64_t>(next_place_++)})
              .status());
      LIMPID_RETURN_IF_ERROR(
          session
              .Execute("INSERT INTO register_alias (scheme, foreign_id, kind, "
                       "registration) VALUES ('city', $1, 2, $2)",
                       {title, id})
              .status());
      return session
          .Execute(
              "INSERT INTO register_head (registration, number, kind, "
              "state, draft_ms, title, title_key) "
              "VALUES ($1, 1, 2, 1, 5000, $2, $3)",
              {id, title, base::AsBytes(title_key)})
          .status();
    });
  }
  // In any page of the file or its log, free pages and slack included.
  bool Stands(std::string_view text) {
    const storage::Options options = Options(100);
    std::vector<std::string> pages =
        testing::DecryptPages(options.path, options.key);
    EXPECT_FALSE(pages.empty());
    return std::any_of(pages.begin(), pages.end(),
                       [text](const std::string& page) {
                         return page.find(text) != std::string::npos;
                       });
  }
  std::size_t Users(const RegistrationId& system) {
    const auto found = store_->Referrers(
        {.kind = LinkKind::kReference, .keys = {LinkKey(system)}}, std::nullopt,
        100);
    EXPECT_THAT(found, IsOk());
    return found.ok() ? found->size() : 0;
  }

  testing::TempDir folder_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<SqlRegistrationStore> store_;
  std::uint64_t next_place_ = 0;
};

TEST_F(ErasedField, IsInNoPageOfTheFile) {
  Create();
  for (int i = 0; i < 50; ++i) {
    Publish(MakeSystem("other " + std::to_string(i)));
  }
  const Version version = MakeSystem(kSecretText);
  Publish(version);
  Close();
  ASSERT_TRUE(Stands(kSecretText));
  Reopen();
  std::vector<FieldErasure> erasures;
  for (const char* const pointer : {"/fields/title", "/aliases"}) {
    erasures.push_back({.registration = version.registration,
                        .number = 1,
                        .pointer = pointer,
                        .time = absl::FromUnixSeconds(1'900'000'000),
                        .ground = "GDPR Article 17(1)(d)"});
  }
  ASSERT_THAT(store_->EraseFields(erasures), IsOk());
  // Whoever takes the files now, write-ahead log and all.
  EXPECT_FALSE(Stands(kSecretText));
  Close();
  EXPECT_FALSE(Stands(kSecretText));
  EXPECT_FALSE(Stands("quixotry"));
  const FieldDisclosure* const title = FindDisclosure(version, "/fields/title");
  ASSERT_NE(title, nullptr);
  EXPECT_FALSE(Stands(base::Base64UrlEncode(title->salt)));
  Reopen();
  EXPECT_EQ(store_->Erasures(version.registration)->size(), 2U);
}

TEST_F(ErasedField, ABundleIsInNoPageOfTheFile) {
  Create();
  SqlEvidenceStore bundles(*database_);
  const auto bundle = [](std::uint8_t fill, std::string_view text) {
    StoredBundle out;
    out.digest.fill(fill);
    // Over many pages.
    std::string bytes;
    while (bytes.size() < 100'000) bytes += std::string(text) + "\n";
    out.bytes = base::ToBytes(bytes);
    return out;
  };
  constexpr std::int64_t kQuota = 10'000'000;
  ASSERT_THAT(bundles.Add(bundle(1, "others"), kQuota), IsOk());
  ASSERT_THAT(bundles.Add(bundle(2, kSecretText), kQuota), IsOk());
  ASSERT_THAT(bundles.Add(bundle(3, "later"), kQuota), IsOk());
  ASSERT_THAT(database_->Checkpoint(), IsOk());
  ASSERT_TRUE(Stands(kSecretText));
  const BundleErasure erasure = {.digest = bundle(2, "x").digest,
                                 .time = absl::FromUnixSeconds(1'900'000'000),
                                 .ground = "GDPR Article 17(1)(d)"};
  ASSERT_THAT(bundles.Erase(erasure), IsOk());
  EXPECT_FALSE(Stands(kSecretText));
  EXPECT_TRUE(Stands("later"));
  Close();
  EXPECT_FALSE(Stands(kSecretText));
  Reopen();
  SqlEvidenceStore again(*database_);
  EXPECT_EQ(again.Get(erasure.digest)->erasure, erasure);
  EXPECT_EQ(again.Get(bundle(1, "x").digest)->bytes, bundle(1, "others").bytes);
}

TEST_F(ErasedField, ATextOfATicketIsInNoPageOfTheFile) {
  Create();
  FailingCheckpoint failing(*database_);
  SqlTicketStore tickets(failing);
  Ticket ticket;
  ticket.id = TicketId::Random();
  ticket.registration = RegistrationId::Random(RegistrationKind::kSystem);
  ticket.acts = {{.number = 1, .text = std::string(kSecretText)},
                 {.number = 2, .text = "a later one"}};
  ticket.standing = StandingOf(ticket.kind, ticket.acts);
  ASSERT_THAT(tickets.Add(ticket), IsOk());
  ASSERT_TRUE(Stands(kSecretText));
  const auto moderate = [&](std::uint32_t number, TextChange change) {
    const TicketAct act{.number = number, .kind = TicketActKind::kModeration};
    return tickets.Append(ticket.id, act, ticket.standing, change);
  };
  ASSERT_THAT(moderate(3, {1, TextState::kDestroyed}), IsOk());
  EXPECT_FALSE(Stands(kSecretText));
  ASSERT_TRUE(Stands("a later one"));
  // What is hidden is kept and needs none.
  failing.FailNext(1);
  ASSERT_THAT(moderate(4, {2, TextState::kHidden}), IsOk());
  // Nobody is told that it is gone while it is not.
  EXPECT_THAT(moderate(5, {2, TextState::kDestroyed}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(tickets.Get(ticket.id)->acts.at(1).text_state,
            TextState::kDestroyed);
  EXPECT_TRUE(Stands("a later one"));
  ASSERT_THAT(tickets.Scrub(), IsOk());
  EXPECT_FALSE(Stands("a later one"));
}

// A store of the release before has bundles that were never erased.
TEST_F(ErasedField, BundlesOfAnOlderStoreStay) {
  Create(/*migrations=*/5);
  const base::Digest32 digest{7};
  ASSERT_THAT(database_->Write([&](storage::Session& session) {
    const base::Bytes bytes(100, 1);
    const base::Bytes publisher(16, 2);
    return session
        .Execute(
            "INSERT INTO register_evidence (digest, publisher, added_ms, "
            "size_bytes, bytes) VALUES ($1, $2, 5000, 100, $3)",
            {base::ByteView(digest), base::ByteView(publisher),
             base::ByteView(bytes)})
        .status();
  }),
              IsOk());
  Reopen();
  SqlEvidenceStore bundles(*database_);
  const auto found = bundles.Get(digest);
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->bytes.size(), 100U);
  EXPECT_FALSE(found->erasure);
}

// A store of the release before has versions whose long parts are in their
// rows, and they stay there.
TEST_F(ErasedField, OfARowWithoutABodyItIsInNoPageEither) {
  const Version older = MakeSystem(kSecretText);
  Create(/*migrations=*/6);
  ASSERT_THAT(WriteAsBeforeBodies(older), IsOk());
  Reopen();
  Version newer = older;
  newer.number = 2;
  newer.leaf = base::ToBytes("the second");
  newer.leaf_hash = crypto::RandomArray<32>();
  Publish(newer);
  Reopen();
  const auto history = store_->History(older.registration, 0, 10);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ(history->front().fields, older.fields);
  EXPECT_EQ(history->front().leaf, older.leaf);
  EXPECT_EQ(history->back().fields, newer.fields);
  EXPECT_EQ(history->back().leaf, newer.leaf);
  // Added already, with the leaf that its row has.
  EXPECT_THAT(store_->Add({{NewVersion(older)}}), IsOk());
  std::vector<FieldErasure> erasures;
  for (const std::uint32_t number : {1U, 2U}) {
    for (const char* const pointer : {"/fields/title", "/aliases"}) {
      erasures.push_back({.registration = older.registration,
                          .number = number,
                          .pointer = pointer,
                          .time = absl::FromUnixSeconds(1'900'000'000),
                          .ground = "GDPR Article 17(1)(d)"});
    }
  }
  ASSERT_THAT(database_->Checkpoint(), IsOk());
  ASSERT_TRUE(Stands(kSecretText));
  ASSERT_THAT(store_->EraseFields(erasures), IsOk());
  EXPECT_FALSE(Stands(kSecretText));
  EXPECT_FALSE(
      store_->FindAlias({"city", std::string(kSecretText)})->has_value());
  Close();
  EXPECT_FALSE(Stands(kSecretText));
}

// What is marked has its links by today's rules: a start has none to fill.
TEST_F(ErasedField, AMarkedVersionLacksNoLinks) {
  Create();
  const NewVersion next(MakeSystem("Router"));
  ASSERT_THAT(store_->Add({{next}}), IsOk());
  // As the register marks what it just added.
  const std::vector<LogPlace> places = {
      {.registration = next.version().registration,
       .number = 1,
       .content = &next.content()}};
  ASSERT_THAT(store_->MarkLogged(places), IsOk());
  EXPECT_EQ(*store_->FillLinks(10), 0U);
}

// A store of the release before: its rows as that release wrote them.
TEST_F(ErasedField, AnOlderStoreIsFilledWhenItStarts) {
  const Version system = MakeSystem("Router");
  Create(/*migrations=*/2);
  std::vector<RegistrationId> users;
  ASSERT_THAT(database_->Write([&](storage::Session& session) -> absl::Status {
    for (int i = 0; i < 5; ++i) {
      json::Value content = NewContent(RegistrationKind::kDeployment);
      SetField(content, "title", GivenText("en", "User"));
      SetField(content, "system",
               Given(json::Value(system.registration.Text())));
      content.Set("reason", "because");
      const auto id = RegistrationId::Random(RegistrationKind::kDeployment);
      users.push_back(id);
      const std::string fields = EncodeFields(
          receipt::DiscloseContent(content, crypto::SystemRandom()));
      const base::ByteView bytes(id.bytes);
      for (const char* const sql :
           {"INSERT INTO register_version (registration, number, kind, state, "
            "role, draft_ms, publisher, leaf, leaf_hash, fields, title, "
            "title_key, place, leaf_index) VALUES ($1, 1, 3, 1, 1, 5000, $2, "
            "$3, $4, $5, 'User', $6, $7, $8)"}) {
        const base::Bytes publisher(16, 1);
        const base::Bytes hash(32, 2);
        auto done = session.Execute(
            sql, {bytes, base::ByteView(publisher), bytes, base::ByteView(hash),
                  fields, base::AsBytes("user"), std::int64_t{i + 1},
                  std::int64_t{i}});
        if (!done.ok()) return done.status();
      }
      auto head = session.Execute(
          "INSERT INTO register_head (registration, number, kind, state, "
          "draft_ms, title, title_key) VALUES ($1, 1, 3, 1, 5000, 'User', $2)",
          {bytes, base::AsBytes("user")});
      if (!head.ok()) return head.status();
    }
    return absl::OkStatus();
  }),
              IsOk());
  Reopen();
  EXPECT_EQ(Users(system.registration), 0U);
  // Killed after the first two.
  ASSERT_EQ(*store_->FillLinks(2), 2U);
  Reopen();
  EXPECT_EQ(Users(system.registration), 2U);
  EXPECT_EQ(*store_->FillLinks(2), 2U);
  EXPECT_EQ(*store_->FillLinks(2), 1U);
  EXPECT_EQ(*store_->FillLinks(2), 0U);
  EXPECT_EQ(Users(system.registration), 5U);
  // Of old versions the draft is what is known.
  EXPECT_THAT(store_->GetAt(users.front(), absl::FromUnixMillis(5'000)),
              IsOk());
  EXPECT_FALSE(store_->GetAt(users.front(), absl::FromUnixMillis(4'999)).ok());
}

}  // namespace
}  // namespace limpid::algoregister
