// An attribute on its way out of the server's hands, broken off at every call:
// nothing is lost, and in the end the order is what she said.

#include "clients/cpp/custody_move.h"

#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/device_home.h"
#include "clients/cpp/wire_time.h"
#include "common/base/id.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr char kBirth[] = "person.birth_date";
constexpr char kFirst[] = "\"1990-01-01\"";
constexpr char kSecond[] = "\"1990-01-02\"";
constexpr char kThird[] = "\"1990-01-03\"";

// Keeps versions of one attribute, and fails at a call when it is told to.
class VaultOfOne final : public UnaryConnection {
 public:
  struct Kept {
    v1::GetAttributeResponse answer;
    bool erased = false;
  };

  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    const std::string path(method.path);
    const std::string name = path.substr(path.rfind('/') + 1);
    ++calls;
    if (meanwhile) meanwhile(name);
    if (name == "EraseAttributeVersion") erase_patience = method.patience;
    if (calls == fail_before) return absl::UnavailableError("cut off");
    const absl::Status done = Do(name, request, response);
    if (calls == fail_after) return absl::DeadlineExceededError("no answer");
    return done;
  }
  void PutOpen(const std::string& value_json) {
    Kept kept;
    kept.answer.set_value_json(value_json);
    kept.answer.mutable_version()->set_custody(v1::CUSTODY_ASSISTED);
    Add(std::move(kept));
  }

  std::vector<Kept> versions;
  std::vector<v1::KeySlot> slots;
  std::vector<v1::Hold> holds;
  int calls = 0;
  // Number of the call that fails, from 1.
  int fail_before = 0;
  int fail_after = 0;
  // What another device does before each call, which is counted already.
  std::function<void(const std::string& name)> meanwhile;
  absl::Duration erase_patience;

 private:
  template <typename Message>
  static const Message& As(const google::protobuf::MessageLite& message) {
    return dynamic_cast<const Message&>(message);
  }
  template <typename Message>
  static Message& As(google::protobuf::MessageLite& message) {
    return dynamic_cast<Message&>(message);
  }

  void Add(Kept kept) {
    v1::AttributeVersion& version = *kept.answer.mutable_version();
    version.set_attribute(kBirth);
    version.set_schema_version(1);
    version.set_version(versions.size() + 1);
    versions.push_back(std::move(kept));
  }
  absl::Status Do(const std::string& name,
                  const google::protobuf::MessageLite& request,
                  google::protobuf::MessageLite& response) {
    if (name == "ListKeySlots") {
      auto& out = As<v1::ListKeySlotsResponse>(response);
      out.set_holder_id(std::string(16, 'h'));
      for (const auto& slot : slots) *out.add_slots() = slot;
      return absl::OkStatus();
    }
    if (name == "AddKeySlot") {
      slots.push_back(As<v1::AddKeySlotRequest>(request).slot());
      return absl::OkStatus();
    }
    if (name == "GetSealingPlace") {
      auto& out = As<v1::GetSealingPlaceResponse>(response);
      out.mutable_definition()->set_id(kBirth);
      out.mutable_definition()->set_schema_version(1);
      out.mutable_definition()->set_schema_json(R"({"type":"string"})");
      out.set_version(versions.size() + 1);
      return absl::OkStatus();
    }
    if (name == "ListHolds") {
      for (const auto& hold : holds) {
        *As<v1::ListHoldsResponse>(response).add_holds() = hold;
      }
      return absl::OkStatus();
    }
    return DoWithVersions(name, request, response);
  }
  absl::Status DoWithVersions(const std::string& name,
                              const google::protobuf::MessageLite& request,
                              google::protobuf::MessageLite& response) {
    if (name == "PutSealedAttribute") {
      const auto& put = As<v1::PutSealedAttributeRequest>(request);
      if (put.version() != versions.size() + 1) {
        return absl::AbortedError("another version came in between");
      }
      Kept kept;
      *kept.answer.mutable_sealed() = put.sealed();
      kept.answer.mutable_version()->set_custody(v1::CUSTODY_SEALED);
      *kept.answer.mutable_version()->mutable_put_time() = put.put_time();
      Add(std::move(kept));
      As<v1::PutSealedAttributeResponse>(response).set_version(versions.size());
      return absl::OkStatus();
    }
    if (name == "GetAttributeHistory") {
      auto& out = As<v1::GetAttributeHistoryResponse>(response);
      for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
        v1::AttributeVersion& version = *out.add_versions();
        version = at->answer.version();
        if (at->erased) version.mutable_erase_time()->set_seconds(1);
      }
      return absl::OkStatus();
    }
    if (name == "GetAttribute") {
      Kept& kept =
          versions.at(As<v1::GetAttributeRequest>(request).version() - 1);
      if (kept.erased) return absl::NotFoundError("erased");
      As<v1::GetAttributeResponse>(response) = kept.answer;
      return absl::OkStatus();
    }
    if (name == "EraseAttributeVersion") {
      versions.at(As<v1::EraseAttributeVersionRequest>(request).version() - 1)
          .erased = true;
      return absl::OkStatus();
    }
    return absl::UnimplementedError("not this one");
  }
};

class CustodyMoveTest : public ::testing::Test {
 protected:
  CustodyMoveTest() {
    trust_.operator_name = "limpid.example";
    trust_.source_id = base::FormatIdText("src", base::RandomIdBytes());
  }

  // A vault with the three values in the server's hands, and a fresh device.
  struct Scene {
    explicit Scene(const Trust& trust, const PersonKey& person,
                   const base::Clock& now)
        : clock(now),
          sealed(vault, person, home, trust, clock),
          erasures(vault, person, trust.source_id, clock),
          notes(files.path() / "moving.json", trust.source_id) {
      for (const char* value : {kFirst, kSecond, kThird}) vault.PutOpen(value);
    }

    absl::StatusOr<CustodyMove::Moved> Move() {
      return CustodyMove(sealed, values, erasures, notes, clock).Run(kBirth);
    }
    // What is kept and sealed, oldest first.
    std::vector<std::string> Kept() {
      std::vector<std::string> out;
      for (const auto& kept : vault.versions) {
        if (kept.erased) continue;
        if (!kept.answer.has_sealed()) {
          out.push_back("open");
          continue;
        }
        out.push_back(sealed.Open(kBirth, kept.answer)->value_json);
      }
      return out;
    }
    bool AnythingErased() const {
      for (const auto& kept : vault.versions) {
        if (kept.erased) return true;
      }
      return false;
    }

    const base::Clock& clock;
    testing::TempDir files;
    VaultOfOne vault;
    DeviceHome home{files.path() / "device-key.json",
                    files.path() / "sealed-key.json"};
    SealedClient sealed;
    VaultClient values{vault};
    VaultErasureClient erasures;
    MoveNotes notes;
  };
  std::unique_ptr<Scene> NewScene() {
    return std::make_unique<Scene>(trust_, person_, clock_);
  }

  const std::vector<std::string> all_ = {kFirst, kSecond, kThird};
  PersonKey person_ = PersonKey::Generate();
  Trust trust_;
  testing::FakeClock clock_;
};

TEST_F(CustodyMoveTest, SealsAllInOrderThenErases) {
  const auto scene = NewScene();
  const auto moved = scene->Move();
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->count, 3);
  EXPECT_EQ(moved->newest, 6);
  EXPECT_EQ(scene->Kept(), all_);
  EXPECT_FALSE(std::filesystem::exists(scene->notes.file()));
  EXPECT_EQ(scene->vault.erase_patience, absl::Seconds(60));
  const auto again = scene->Move();
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->count, 0);
  EXPECT_EQ(scene->Kept(), all_);
}

// Every call in turn is the one that breaks it off, whether it took effect or
// not; the second run finishes it without a version twice or out of order.
TEST_F(CustodyMoveTest, BrokenOffAnywhereItGoesOnWhereItWas) {
  const auto whole = NewScene();
  ASSERT_THAT(whole->Move(), IsOk());
  for (int call = 1; call <= whole->vault.calls; ++call) {
    for (const bool took_effect : {false, true}) {
      const auto scene = NewScene();
      (took_effect ? scene->vault.fail_after : scene->vault.fail_before) = call;
      ASSERT_FALSE(scene->Move().ok()) << call;
      if (scene->AnythingErased()) {
        const auto kept = scene->Kept();
        EXPECT_EQ(kept.back(), kThird) << call;
      }
      ASSERT_THAT(scene->Move(), IsOk()) << call;
      EXPECT_EQ(scene->Kept(), all_) << call << took_effect;
      EXPECT_LE(scene->vault.versions.size(), 6U) << call << took_effect;
    }
  }
}

TEST_F(CustodyMoveTest, NothingIsErasedBeforeAllAreSealed) {
  const auto whole = NewScene();
  ASSERT_THAT(whole->Move(), IsOk());
  for (int call = 1; call <= whole->vault.calls; ++call) {
    const auto scene = NewScene();
    scene->vault.fail_before = call;
    ASSERT_FALSE(scene->Move().ok());
    EXPECT_TRUE(!scene->AnythingErased() || scene->vault.versions.size() == 6U)
        << call;
  }
}

TEST_F(CustodyMoveTest, WhatWasSealedLaterStaysTheNewest) {
  const auto scene = NewScene();
  ASSERT_THAT(scene->sealed.Put(kBirth, "\"1999-09-09\""), IsOk());
  ASSERT_THAT(scene->Move(), IsOk());
  EXPECT_EQ(scene->Kept(), (std::vector<std::string>{kFirst, kSecond, kThird,
                                                     "\"1999-09-09\""}));
}

TEST_F(CustodyMoveTest, WhatShePutAfterItBrokeOffStaysTheNewest) {
  const auto scene = NewScene();
  // In the middle of the second put.
  scene->vault.fail_before = 14;
  ASSERT_FALSE(scene->Move().ok());
  ASSERT_FALSE(scene->AnythingErased());
  scene->vault.fail_before = 0;
  ASSERT_THAT(scene->sealed.Put(kBirth, kFirst), IsOk());
  ASSERT_THAT(scene->Move(), IsOk());
  EXPECT_EQ(scene->Kept(),
            (std::vector<std::string>{kFirst, kSecond, kThird, kFirst}));
}

// The same value put elsewhere is not the copy that did not come: taken for it,
// what she said last would end up behind an older value.
TEST_F(CustodyMoveTest, TheSameValuePutElsewhereIsNotTakenForTheCopy) {
  const auto scene = NewScene();
  // Before the second copy is stored.
  scene->vault.fail_before = 11;
  ASSERT_FALSE(scene->Move().ok());
  ASSERT_EQ(scene->vault.versions.size(), 4U);
  scene->vault.fail_before = 0;
  clock_.Advance(absl::Milliseconds(1));
  ASSERT_THAT(scene->sealed.Put(kBirth, kSecond), IsOk());
  ASSERT_THAT(scene->Move(), IsOk());
  EXPECT_EQ(scene->Kept(),
            (std::vector<std::string>{kFirst, kSecond, kThird, kSecond}));
}

TEST_F(CustodyMoveTest, WhatIsPutMeanwhileIsSealedToo) {
  const auto whole = NewScene();
  ASSERT_THAT(whole->Move(), IsOk());
  // Until it looks for the last time: one look before, one to compare each.
  const int last = whole->vault.calls - 3 - 9;
  constexpr char kFourth[] = "\"1990-01-04\"";
  for (int call = 3; call <= last; ++call) {
    const auto scene = NewScene();
    scene->vault.meanwhile = [&](const std::string& /*name*/) {
      if (scene->vault.calls == call) scene->vault.PutOpen(kFourth);
    };
    ASSERT_THAT(scene->Move(), IsOk()) << call;
    EXPECT_EQ(scene->Kept(),
              (std::vector<std::string>{kFirst, kSecond, kThird, kFourth}))
        << call;
  }
}

TEST_F(CustodyMoveTest, ADeviceThatPutsWithoutEndErasesNothing) {
  const auto scene = NewScene();
  scene->vault.meanwhile = [&](const std::string& name) {
    if (name == "GetAttributeHistory") scene->vault.PutOpen(kFirst);
  };
  const auto moved = scene->Move();
  EXPECT_THAT(moved, StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(scene->AnythingErased());
}

TEST_F(CustodyMoveTest, ACopyThatSheErasedIsMadeAgain) {
  const auto scene = NewScene();
  scene->vault.fail_before = 14;
  ASSERT_FALSE(scene->Move().ok());
  ASSERT_GT(scene->vault.versions.size(), 3U);
  scene->vault.versions[3].erased = true;
  ASSERT_THAT(scene->Move(), IsOk());
  EXPECT_EQ(scene->Kept(), all_);
}

TEST_F(CustodyMoveTest, AHoldIsAskedForBeforeAnythingIsSealed) {
  const auto scene = NewScene();
  v1::Hold hold;
  hold.set_ground(v1::HOLD_GROUND_LEGAL_CLAIMS);
  hold.set_reason("court file 12/26");
  scene->vault.holds = {hold};
  EXPECT_THAT(scene->Move(),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "GDPR Article 17(3)(e), court file 12/26"));
  EXPECT_EQ(scene->vault.versions.size(), 3U);
  EXPECT_TRUE(scene->vault.slots.empty());
  scene->vault.holds[0].mutable_lift_time()->set_seconds(1);
  EXPECT_THAT(scene->Move(), IsOk());
}

TEST_F(CustodyMoveTest, ACopyThatDoesNotComeBackErasesNothing) {
  const auto scene = NewScene();
  // Cut off where the first erasure would come.
  const auto whole = NewScene();
  ASSERT_THAT(whole->Move(), IsOk());
  scene->vault.fail_before = whole->vault.calls - 2;
  ASSERT_FALSE(scene->Move().ok());
  ASSERT_EQ(scene->vault.versions.size(), 6U);
  ASSERT_FALSE(scene->AnythingErased());
  scene->vault.fail_before = 0;
  // A vault that lost one and gives another in its place.
  *scene->vault.versions[5].answer.mutable_sealed() =
      scene->vault.versions[4].answer.sealed();
  EXPECT_THAT(scene->Move(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(scene->AnythingErased());
}

TEST_F(CustodyMoveTest, NotesThatSomebodyChangedEraseNothing) {
  const auto scene = NewScene();
  const auto whole = NewScene();
  ASSERT_THAT(whole->Move(), IsOk());
  scene->vault.fail_before = whole->vault.calls - 2;
  ASSERT_FALSE(scene->Move().ok());
  scene->vault.fail_before = 0;
  MoveProgress changed = scene->notes.Read(kBirth).value();
  std::swap(changed.copies[1], changed.copies[2]);
  ASSERT_THAT(scene->notes.Write(kBirth, changed), IsOk());
  EXPECT_THAT(scene->Move(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_FALSE(scene->AnythingErased());
}

// Only what a copy is may be erased as one that was replaced.
TEST_F(CustodyMoveTest, AStrangerInTheNotesIsNotErasedAsACopy) {
  const auto scene = NewScene();
  constexpr char kOther[] = "\"1999-09-09\"";
  ASSERT_THAT(scene->sealed.Put(kBirth, kOther), IsOk());
  MoveProgress changed;
  changed.stale = {1, 4, 9};
  ASSERT_THAT(scene->notes.Write(kBirth, changed), IsOk());
  ASSERT_THAT(scene->Move(), IsOk());
  EXPECT_EQ(scene->Kept(),
            (std::vector<std::string>{kFirst, kSecond, kThird, kOther}));
}

TEST_F(CustodyMoveTest, TwoAtOnceDoNotMix) {
  const auto scene = NewScene();
  const auto other = LockBeside(scene->notes.file());
  ASSERT_THAT(other, IsOk());
  EXPECT_THAT(scene->Move(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(scene->vault.calls, 0);
}

TEST_F(CustodyMoveTest, NotesOfSeveralAttributesAreKeptApart) {
  const testing::TempDir files;
  const MoveNotes notes(files.path() / "moving.json", "src_a");
  MoveProgress one;
  one.copies = {{1, 4}, {2, 5}};
  one.pending = {3, 5, 1'767'225'600'000};
  one.stale = {3};
  MoveProgress other;
  other.copies = {{7, 9}};
  // As earlier versions noted it.
  other.pending = {8, 9, std::nullopt};
  ASSERT_THAT(notes.Write("a", one), IsOk());
  ASSERT_THAT(notes.Write("b", other), IsOk());
  EXPECT_EQ(notes.Read("a").value(), one);
  EXPECT_EQ(notes.Read("b").value(), other);
  EXPECT_EQ(notes.Read("c").value(), MoveProgress());
  // Another vault's versions are other versions.
  EXPECT_EQ(MoveNotes(notes.file(), "src_b").Read("a").value(), MoveProgress());
  ASSERT_THAT(notes.Write("a", std::nullopt), IsOk());
  ASSERT_THAT(notes.Write("b", std::nullopt), IsOk());
  EXPECT_FALSE(std::filesystem::exists(notes.file()));
}

TEST_F(CustodyMoveTest, BrokenNotesAreNamed) {
  for (const char* text :
       {"", "[]", R"({"format":"x"})",
        R"({"format":"limpid-custody-move/1","source":"src_a"})",
        R"({"format":"limpid-custody-move/1","source":"src_a",)"
        R"("attributes":{"a":{"copies":{"x":1}}}})",
        R"({"format":"limpid-custody-move/1","source":"src_a",)"
        R"("attributes":{"a":{"copies":{"1":0}}}})",
        R"({"format":"limpid-custody-move/1","source":"src_a",)"
        R"("attributes":{"a":{"copies":{},"sealing":1}}})",
        R"({"format":"limpid-custody-move/1","source":"src_a",)"
        R"("attributes":{"a":{"copies":{},"sealing":1,"newest":1,)"
        R"("put":"x"}}})"}) {
    const testing::TempDir files;
    const MoveNotes notes(files.path() / "moving.json", "src_a");
    std::ofstream(notes.file()) << text;
    const auto read = notes.Read("a");
    EXPECT_THAT(read, StatusSays(absl::StatusCode::kDataLoss, "moving.json"))
        << text;
    EXPECT_TRUE(IsAboutOwnFile(read.status()));
  }
}

}  // namespace
}  // namespace limpid::client
