#include "common/tlog/note.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/leaf.h"
#include "common/tlog/policy.h"
#include "common/tlog/proof.h"
#include "common/tlog/tile.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using absl::StatusCode;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

NoteSigner Signer(const std::string& name = "log.example/a",
                  std::uint8_t seed = 1) {
  return NoteSigner::Create(name, TestKey(seed)).value();
}

// A cosignature line by the witness `name` over `text` at `time`.
std::string Cosign(const std::string& name, std::uint8_t seed,
                   const std::string& text, std::uint64_t time) {
  const crypto::Ed25519PrivateKey key = TestKey(seed);
  const auto verifier = NoteVerifier::Create(
      name, NoteAlgorithm::kCosignatureV1, key.PublicKey());
  const std::string message =
      absl::StrCat("cosignature/v1\ntime ", time, "\n", text);
  base::Bytes signature;
  for (int shift = 56; shift >= 0; shift -= 8) {
    signature.push_back(static_cast<std::uint8_t>(time >> shift));
  }
  const auto ed25519 = key.Sign(base::AsBytes(message));
  signature.insert(signature.end(), ed25519.begin(), ed25519.end());
  Note note{"", {{name, verifier->key_id(), signature}}};
  return FormatNote(note).substr(1);
}

std::string WitnessVkey(const std::string& name, std::uint8_t seed) {
  return NoteVerifier::Create(name, NoteAlgorithm::kCosignatureV1,
                              TestKey(seed).PublicKey())
      ->Vkey();
}

TEST(Note, SignsWhatItVerifies) {
  const NoteSigner signer = Signer();
  const auto text = signer.Sign("one\n\ntwo\n");
  ASSERT_THAT(text, IsOk());
  const auto note = ParseNote(*text);
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->text, "one\n\ntwo\n");
  EXPECT_EQ(FormatNote(*note), *text);
  const NoteVerifier verifier =
      NoteVerifier::Parse(signer.verifier().Vkey()).value();
  EXPECT_THAT(VerifyNote(*note, {&verifier, 1}), IsOk());
}

TEST(Note, EveryFlippedBitFails) {
  const NoteSigner signer = Signer();
  std::string text = *signer.Sign("log.example/a\n1\nroot\n");
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = text;
      bad[i] = static_cast<char>(bad[i] ^ static_cast<char>(1U << bit));
      const auto note = ParseNote(bad);
      EXPECT_FALSE(note.ok() && VerifyNote(*note, {&signer.verifier(), 1}).ok())
          << i << "." << bit;
    }
  }
}

TEST(Note, AKnownKeyThatFailsSpoilsTheNoteAndAnUnknownOneDoesNot) {
  const NoteSigner signer = Signer();
  const NoteSigner other = Signer("other.example", 2);
  const std::string text = *signer.Sign("text\n");
  Note note = *ParseNote(text);
  note.signatures.push_back(ParseNote(*other.Sign("text\n"))->signatures[0]);
  note.signatures.back().signature[0] ^= 1;
  EXPECT_THAT(VerifyNote(note, {&signer.verifier(), 1}), IsOk());
  const std::vector<NoteVerifier> both = {signer.verifier(), other.verifier()};
  EXPECT_THAT(VerifyNote(note, both), StatusIs(StatusCode::kDataLoss));
  EXPECT_THAT(VerifyNote(note, {}), StatusIs(StatusCode::kDataLoss));
}

TEST(Note, CountsAKeyOnce) {
  const NoteSigner signer = Signer();
  Note note = *ParseNote(*signer.Sign("text\n"));
  note.signatures.push_back(note.signatures[0]);
  EXPECT_EQ(VerifyNote(note, {&signer.verifier(), 1})->size(), 1U);
  note.signatures[1].signature[0] ^= 1;
  EXPECT_FALSE(VerifyNote(note, {&signer.verifier(), 1}).ok());
}

TEST(Note, TakesAHundredSignaturesAndNoMore) {
  Note note = *ParseNote(*Signer().Sign("text\n"));
  note.signatures.resize(kMaxNoteSignatures, note.signatures[0]);
  EXPECT_THAT(ParseNote(FormatNote(note)), IsOk());
  note.signatures.push_back(note.signatures[0]);
  EXPECT_THAT(ParseNote(FormatNote(note)),
              StatusIs(StatusCode::kInvalidArgument));
}

TEST(Note, RefusesNamesThatCouldBeReadTwoWays) {
  for (const char* name : {"", "a b", "a+b", "a\tb",
                           "a\xC2\xA0"
                           "b",
                           "a\xE2\x80\x83"
                           "b",
                           "a\xE3\x80\x80"
                           "b",
                           "a\nb", "a\xFF"}) {
    EXPECT_FALSE(IsKeyName(name));
    EXPECT_FALSE(NoteSigner::Create(name, TestKey()).ok());
  }
  EXPECT_TRUE(
      IsKeyName("st\xC3\xA4"
                "dte.example/log"));
}

TEST(Note, SignsNoTextThatIsNone) {
  for (const char* text : {"", "no newline", "bell\a\n", "\xFF\n"}) {
    EXPECT_THAT(Signer().Sign(text), StatusIs(StatusCode::kInvalidArgument));
  }
}

TEST(Checkpoint, HasOneSpelling) {
  const std::string root = base::Base64Encode(EmptyRoot());
  const std::string good = "o\n0\n" + root + "\n";
  ASSERT_THAT(ParseCheckpoint(good), IsOk());
  EXPECT_EQ(CheckpointText(*ParseCheckpoint(good)), good);
  EXPECT_EQ(ParseCheckpoint("o\n7\n" + root + "\nmore\n")->extension, "more\n");
  for (const std::string& bad :
       {std::string(), "\n0\n" + root + "\n", "o\n00\n" + root + "\n",
        "o\n01\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n\n" + root + "\n",
        "o\n18446744073709551616\n" + root + "\n", "o\n1\n" + root,
        "o\n1\n" + root + " \n", "o\n1\n" + root.substr(4) + "\n",
        "o\n1\n" + root.substr(0, 43) + "\n", "o\n1\n" + root + "\n\n",
        "o\n1\n" + root + "\nmore", "o\n1\n" + root + "\na\n\nb\n",
        "o\n1 \n" + root + "\n",
        std::string("o\n0\n") + base::Base64Encode(Digest32{}) + "\n"}) {
    EXPECT_THAT(ParseCheckpoint(bad), StatusIs(StatusCode::kInvalidArgument))
        << bad;
  }
}

TEST(Checkpoint, BelongsToTheLogThatItsKeyNames) {
  const NoteSigner signer = Signer();
  const std::string text =
      CheckpointText({"other.example", 0, EmptyRoot(), ""});
  EXPECT_THAT(OpenCheckpoint(*signer.Sign(text), signer.verifier()),
              StatusIs(StatusCode::kDataLoss));
}

class PolicyTest : public ::testing::Test {
 protected:
  // A checkpoint by the log with cosignatures by the named witnesses.
  std::string Note(const std::vector<std::string>& witnesses) {
    std::string note = *Signer().Sign(text_);
    for (const std::string& name : witnesses) {
      note += Cosign(name, static_cast<std::uint8_t>(name[0]), text_, 1'000);
    }
    return note;
  }
  std::string Witness(const std::string& name) {
    return absl::StrCat("witness ", name, " ",
                        WitnessVkey(name, static_cast<std::uint8_t>(name[0])),
                        "\n");
  }
  std::string Log() { return "log " + Signer().verifier().Vkey() + "\n"; }
  bool Accepts(const std::string& policy,
               const std::vector<std::string>& witnesses) {
    const auto parsed = Policy::Parse(policy);
    EXPECT_THAT(parsed, IsOk()) << policy;
    return parsed.ok() && parsed->Open(Note(witnesses)).ok();
  }

  const std::string text_ =
      CheckpointText({"log.example/a", 0, EmptyRoot(), ""});
};

TEST_F(PolicyTest, AsksForTheQuorumThroughNestedGroups) {
  const std::string policy =
      "# Two of a, b, c and one of x, y.\n\n" + Log() + Witness("a") +
      Witness("b") + Witness("c") + "group letters 2 a b c\n" + Witness("x") +
      Witness("y") + "\tgroup ends any x y \ngroup both all letters ends\n" +
      "quorum both\n";
  EXPECT_TRUE(Accepts(policy, {"a", "b", "x"}));
  EXPECT_TRUE(Accepts(policy, {"c", "y", "b", "a", "x"}));
  EXPECT_FALSE(Accepts(policy, {"a", "b"}));
  EXPECT_FALSE(Accepts(policy, {"a", "x", "y"}));
  EXPECT_FALSE(Accepts(policy, {"a", "a", "x"}));
  EXPECT_FALSE(Accepts(policy, {}));
}

TEST_F(PolicyTest, NoneAsksForNobodyAndANameForItsWitness) {
  EXPECT_TRUE(Accepts(Log() + "quorum none\n", {}));
  EXPECT_TRUE(Accepts(Log() + Witness("a") + "quorum a\n", {"a"}));
  EXPECT_FALSE(Accepts(Log() + Witness("a") + "quorum a\n", {"b"}));
  EXPECT_FALSE(Accepts("quorum none\n", {}));
}

TEST_F(PolicyTest, AWrongCosignatureOfAKnownWitnessSpoilsTheNote) {
  const auto policy =
      Policy::Parse(Log() + Witness("a") + Witness("b") + "quorum a\n");
  std::string note = Note({"a"}) + Cosign("b", 'b', "other text\n", 5);
  EXPECT_THAT(policy->Open(note), StatusIs(StatusCode::kDataLoss));
}

TEST_F(PolicyTest, WitnessesCannotSignForTheLog) {
  const auto policy = Policy::Parse(Log() + Witness("a") + "quorum a\n");
  const std::string note = text_ + "\n" + Cosign("a", 'a', text_, 5);
  EXPECT_THAT(policy->Open(note), StatusSays(StatusCode::kDataLoss, "log"));
}

TEST_F(PolicyTest, NamesTheLineItRefuses) {
  for (const std::string bad :
       {"log\n", "log x\n", "log a b c\n", "witness a\n", "nonsense\n",
        "group g any\n", "group g any a\n", "quorum a\n", "quorum\n"}) {
    EXPECT_THAT(Policy::Parse("\n" + bad + "quorum none\n"),
                StatusSays(StatusCode::kInvalidArgument, "policy line 2"))
        << bad;
  }
  const std::string ab = Log() + Witness("a") + Witness("b");
  for (const std::string& bad :
       {std::string(), std::string("quorum none"), ab,
        ab + "quorum none\nquorum none\n", ab + "quorum none\r\n",
        ab + "group g 0 a b\nquorum g\n", ab + "group g 3 a b\nquorum g\n",
        ab + "group g 02 a b\nquorum g\n", ab + "group g 2 a a\nquorum g\n",
        ab + "group g any a\ngroup h any a\nquorum h\n",
        ab + "group a any b\nquorum a\n",
        ab + "group none any b\nquorum none\n",
        ab + "group g any g\nquorum g\n", ab + Witness("a") + "quorum none\n",
        ab + Log() + "quorum none\n",
        "log " + WitnessVkey("a", 'a') + "\nquorum none\n",
        "witness a " + Signer().verifier().Vkey() + "\nquorum none\n"}) {
    EXPECT_THAT(Policy::Parse(bad), StatusIs(StatusCode::kInvalidArgument))
        << bad;
  }
  EXPECT_FALSE(Policy::ForLog(WitnessVkey("a", 'a')).ok());
  EXPECT_FALSE(Policy::ForLog("").ok());
}

TEST(Proof, HasOneSpelling) {
  const std::string note =
      *Signer().Sign(CheckpointText({"log.example/a", 1, LeafHash({}), ""}));
  LogProof proof{std::nullopt, 0, {}, note};
  EXPECT_EQ(FormatProof(proof), "c2sp.org/tlog-proof@v1\nindex 0\n\n" + note);
  const auto policy = Policy::ForLog(Signer().verifier().Vkey());
  EXPECT_THAT(VerifyProof(proof, {}, *policy), IsOk());
  proof.extra = base::Bytes{1, 2};
  proof.hashes.assign(kMaxProofHashes, Digest32{});
  const std::string full = FormatProof(proof);
  ASSERT_THAT(ParseProof(full), IsOk());
  EXPECT_EQ(FormatProof(*ParseProof(full)), full);
  EXPECT_FALSE(VerifyProof(proof, {}, *policy).ok());
  proof.hashes.emplace_back();
  EXPECT_FALSE(ParseProof(FormatProof(proof)).ok());
  for (const std::string& bad :
       {std::string("c2sp.org/tlog-proof@v2\nindex 0\n\n") + note,
        std::string("c2sp.org/tlog-proof@v1\nindex 00\n\n") + note,
        std::string("c2sp.org/tlog-proof@v1\nindex 0\n") + note,
        std::string("c2sp.org/tlog-proof@v1\nindex 0\nAA==\n\n") + note,
        std::string("c2sp.org/tlog-proof@v1\nextra A\nindex 0\n\n") + note,
        std::string("c2sp.org/tlog-proof@v1\n\n") + note,
        std::string("c2sp.org/tlog-proof@v1\nindex 0\n\nno note\n")}) {
    EXPECT_THAT(ParseProof(bad), StatusIs(StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(Leaf, SaysItsKindAndNothingElse) {
  const base::Bytes leaf = CommitmentLeaf(LeafKind::kVault, Digest32{9});
  EXPECT_EQ(leaf.size(), 33U);
  EXPECT_EQ(leaf[0], 0x03);
  EXPECT_THAT(CheckLeaf(LeafKind::kVault, leaf), IsOk());
  EXPECT_FALSE(CheckLeaf(LeafKind::kAccess, leaf).ok());
  EXPECT_FALSE(
      CheckLeaf(LeafKind::kVault, base::ByteView(leaf).first(32)).ok());
  EXPECT_FALSE(CheckLeaf(LeafKind::kVault, {}).ok());
  EXPECT_FALSE(CheckLeaf(LeafKind::kRegister, base::Bytes{2}).ok());
  EXPECT_THAT(CheckLeaf(LeafKind::kRegister, base::Bytes{2, 0}), IsOk());
  // Keys of services are in the register log, and in no other.
  EXPECT_THAT(CheckLeaf(LeafKind::kRegister, base::Bytes{4, 0}), IsOk());
  EXPECT_FALSE(CheckLeaf(LeafKind::kRegister, base::Bytes{4}).ok());
  EXPECT_FALSE(CheckLeaf(LeafKind::kRegister, base::Bytes{3, 0}).ok());
  base::Bytes moved = leaf;
  moved[0] = 4;
  EXPECT_FALSE(CheckLeaf(LeafKind::kVault, moved).ok());
}

TEST(Tile, BundlesAreExactlyTheirEntries) {
  base::Bytes bundle;
  AppendToBundle(bundle, {});
  AppendToBundle(bundle, base::Bytes(kMaxEntryBytes, 5));
  ASSERT_THAT(DecodeBundle(bundle, 2), IsOk());
  EXPECT_EQ((*DecodeBundle(bundle, 2))[1].size(), kMaxEntryBytes);
  EXPECT_FALSE(DecodeBundle(bundle, 1).ok());
  EXPECT_FALSE(DecodeBundle(bundle, 3).ok());
  bundle.pop_back();
  EXPECT_FALSE(DecodeBundle(bundle, 2).ok());
  EXPECT_FALSE(DecodeTile(base::Bytes(31), 1).ok());
  EXPECT_FALSE(DecodeTile(base::Bytes(64), 1).ok());
}

}  // namespace
}  // namespace limpid::tlog
