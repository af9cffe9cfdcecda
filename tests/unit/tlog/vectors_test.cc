// Material that others made: each accepted where it says so and refused
// everywhere else. nlohmann is used as it is, because these files hold 64-bit
// numbers that our own JSON refuses.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "common/tlog/auditor.h"
#include "common/tlog/checkpoint.h"
#include "common/tlog/edge.h"
#include "common/tlog/note.h"
#include "common/tlog/policy.h"
#include "common/tlog/tile.h"
#include "common/tlog/tree.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/tlog/log_fixture.h"

namespace limpid::tlog {
namespace {

using nlohmann::json;
using testing::IsOk;

std::vector<json> Lines(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::vector<json> cases;
  for (std::string line; std::getline(stream, line);) {
    cases.push_back(json::parse(line));
  }
  return cases;
}

// A digest where the text is one; refusing another length here is refusing it
// everywhere, because everything below takes digests.
absl::StatusOr<Digest32> Hash(const json& text) {
  if (!text.is_string()) return absl::InvalidArgumentError("no hash");
  const auto bytes = base::Base64Decode(text.get<std::string>());
  if (!bytes.ok()) return bytes.status();
  return base::ToArray<sizeof(Digest32)>(*bytes);
}

absl::StatusOr<std::vector<Digest32>> Proof(const json& list) {
  std::vector<Digest32> proof;
  if (list.is_null()) return proof;
  for (const json& item : list) {
    const auto hash = Hash(item);
    if (!hash.ok()) return hash.status();
    proof.push_back(*hash);
  }
  return proof;
}

bool InclusionHolds(const json& c) {
  const auto leaf = Hash(c["leafHash"]);
  const auto root = Hash(c["root"]);
  const auto proof = Proof(c["proof"]);
  return leaf.ok() && root.ok() && proof.ok() &&
         VerifyInclusion(c["leafIdx"].get<std::uint64_t>(),
                         c["treeSize"].get<std::uint64_t>(), *leaf, *proof,
                         *root)
             .ok();
}

// One good case has roots that are no digests ("don't care 2"). A digest of
// them says as well whether two are equal.
absl::StatusOr<Digest32> AnyRoot(const json& text) {
  auto root = Hash(text);
  if (root.ok() || !text.is_string()) return root;
  return crypto::Sha256(base::AsBytes(text.get<std::string>()));
}

bool ConsistencyHolds(const json& c) {
  const auto root1 = AnyRoot(c["root1"]);
  const auto root2 = AnyRoot(c["root2"]);
  const auto proof = Proof(c["proof"]);
  return root1.ok() && root2.ok() && proof.ok() &&
         VerifyConsistency(c["size1"].get<std::uint64_t>(),
                           c["size2"].get<std::uint64_t>(), *proof, *root1,
                           *root2)
             .ok();
}

TEST(TlogVectors, InclusionProofs) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/merkle-inclusion.jsonl");
  const auto cases = Lines(path);
  ASSERT_EQ(cases.size(), 98U);
  for (const json& c : cases) {
    EXPECT_EQ(InclusionHolds(c), !c["wantErr"].get<bool>()) << c["file"];
  }
}

TEST(TlogVectors, ConsistencyProofs) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/merkle-consistency.jsonl");
  const auto cases = Lines(path);
  ASSERT_EQ(cases.size(), 98U);
  for (const json& c : cases) {
    EXPECT_EQ(ConsistencyHolds(c), !c["wantErr"].get<bool>()) << c["file"];
  }
}

class NoteVectors : public ::testing::Test {
 protected:
  void SetUp() override {
    LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/note-vectors.json");
    data_ = json::parse(testing::ReadFile(path));
    for (const auto& [name, key] : data_["keys"].items()) {
      vkeys_[name] = key["vkey"].get<std::string>();
    }
  }
  std::vector<NoteVerifier> Verifiers() {
    std::vector<NoteVerifier> verifiers;
    for (const auto& [name, vkey] : vkeys_) {
      verifiers.push_back(NoteVerifier::Parse(vkey).value());
    }
    return verifiers;
  }

  json data_;
  std::map<std::string, std::string> vkeys_;
};

TEST_F(NoteVectors, GoodVkeysParseAndNothingNearThemDoes) {
  for (const auto& [name, vkey] : vkeys_) {
    const auto verifier = NoteVerifier::Parse(vkey);
    ASSERT_THAT(verifier, IsOk()) << name;
    EXPECT_EQ(verifier->Vkey(), vkey);
    for (std::size_t begin = 0; begin < vkey.size(); ++begin) {
      for (std::size_t end = begin; end <= vkey.size(); ++end) {
        if (end - begin == vkey.size()) continue;
        EXPECT_FALSE(NoteVerifier::Parse(vkey.substr(begin, end - begin)).ok());
      }
    }
    for (std::size_t i = 0; i < vkey.size(); ++i) {
      std::string next = vkey;
      next[i] = static_cast<char>(next[i] + 1);
      EXPECT_FALSE(NoteVerifier::Parse(next).ok()) << next;
    }
  }
  for (const json& bad : data_["bad_vkeys"]) {
    EXPECT_FALSE(NoteVerifier::Parse(bad.get<std::string>()).ok()) << bad;
  }
}

TEST_F(NoteVectors, GoodNotesVerifyWithEachOfTheirKeys) {
  for (const json& good : data_["good_notes"]) {
    const auto text = good["note"].get<std::string>();
    const auto note = ParseNote(text);
    ASSERT_THAT(note, IsOk());
    EXPECT_EQ(FormatNote(*note), text);
    for (const json& name : good["verify_with"]) {
      const NoteVerifier key =
          NoteVerifier::Parse(vkeys_[name.get<std::string>()]).value();
      EXPECT_THAT(VerifyNote(*note, {&key, 1}), IsOk());
    }
    EXPECT_EQ(VerifyNote(*note, Verifiers())->size(),
              good["verify_with"].size());
  }
}

TEST_F(NoteVectors, BadNotesAreRefused) {
  for (const json& bad : data_["malformed_notes"]) {
    EXPECT_FALSE(ParseNote(bad.get<std::string>()).ok()) << bad;
  }
  for (const json& bad : data_["malformed_hex"]) {
    const auto bytes = base::HexDecode(bad.get<std::string>());
    ASSERT_THAT(bytes, IsOk());
    EXPECT_FALSE(ParseNote(base::AsText(*bytes)).ok()) << bad;
  }
  for (const json& bad : data_["invalid_signature_notes"]) {
    const auto note = ParseNote(bad.get<std::string>());
    EXPECT_FALSE(note.ok() && VerifyNote(*note, Verifiers()).ok()) << bad;
  }
}

TEST(TlogVectors, TilePaths) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/tile-paths.json");
  const json data = json::parse(testing::ReadFile(path));
  for (const json& c : data["c2sp"]) {
    TileId id;
    id.kind = c["level"].is_string() ? TileKind::kEntries : TileKind::kHashes;
    id.level = c["level"].is_string() ? 0 : c["level"].get<unsigned>();
    id.index = c["index"].get<std::uint64_t>();
    const auto partial = c["partial"].get<unsigned>();
    id.width = partial == 0 ? kTileWidth : partial;
    const auto text = c["path"].get<std::string>();
    EXPECT_EQ(TilePath(id), text);
    const auto parsed = ParseTilePath(text);
    ASSERT_THAT(parsed, IsOk()) << text;
    EXPECT_EQ(*parsed, id);
  }
  for (const char* list : {"bad", "sumdb_style_with_height"}) {
    for (const json& bad : data[list]) {
      EXPECT_FALSE(ParseTilePath(bad.get<std::string>()).ok()) << bad;
    }
  }
}

TEST(TlogVectors, WidthsOfSize70000AndSize256) {
  EXPECT_EQ(TileAt(TileKind::kHashes, 0, 273, 70'000)->width, 112U);
  EXPECT_EQ(TileAt(TileKind::kHashes, 1, 1, 70'000)->width, 17U);
  EXPECT_EQ(TileAt(TileKind::kHashes, 2, 0, 70'000)->width, 1U);
  EXPECT_FALSE(TileAt(TileKind::kHashes, 3, 0, 70'000).has_value());
  EXPECT_FALSE(TileAt(TileKind::kHashes, 0, 1, 256).has_value());
  EXPECT_EQ(TileAt(TileKind::kHashes, 1, 0, 256)->width, 1U);
}

// A log that another program wrote.
TEST(TlogVectors, TesserasLogOfFifteenEntriesPassesTheAudit) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/tessera-log15");
  constexpr char kVkey[] =
      "example.com/log/testdata+33d7b496+"
      "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";
  const Policy policy = Policy::ForLog(kVkey).value();
  const testing::TempDir temp;
  std::filesystem::copy(path, temp.path() / "log",
                        std::filesystem::copy_options::recursive);
  std::filesystem::permissions(temp.path() / "log",
                               std::filesystem::perms::owner_all);
  const std::filesystem::path state = temp.path() / "state";
  for (int size = 0; size <= 15; ++size) {
    const std::string file = absl::StrCat("checkpoint.", size);
    std::filesystem::remove(temp.path() / "log/checkpoint");
    std::filesystem::copy_file(path / file, temp.path() / "log/checkpoint");
    DirectoryFetcher fetcher(temp.path() / "log");
    const AuditReport report = Audit(fetcher, {policy, state, {}, {}, {}});
    EXPECT_EQ(report.outcome, AuditOutcome::kPassed)
        << size << ": " << report.message;
    EXPECT_EQ(report.size, static_cast<std::uint64_t>(size));
  }
}

// The log of 70,000 entries that an independent program made.
class GoldenLog : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSize = 70'000;

  void SetUp() override {
    LIMPID_SHARED_OR_SKIP(path, "vectors/tlog/golden-70000.json");
    data_ = json::parse(testing::ReadFile(path));
  }
  // The tiles of the whole log, by path; an edge that gives them.
  void Build() {
    const auto entries = Entries(0, kSize);
    const std::vector<base::ByteView> views(entries.begin(), entries.end());
    for (TileFile& file : edge_.Append(views)) {
      files_[TilePath(file.id)] = std::move(file.contents);
    }
  }
  absl::StatusOr<std::vector<Digest32>> Nodes(std::span<const NodeId> nodes) {
    std::vector<Digest32> hashes;
    for (const NodeId& node : nodes) {
      const TileSpan span = TileSpanOf(node, kSize);
      const auto tile =
          DecodeTile(files_[TilePath(span.tile)], span.tile.width);
      if (!tile.ok()) return tile.status();
      hashes.push_back(SpanRoot(
          std::span(*tile).subspan(span.begin, span.end - span.begin)));
    }
    return hashes;
  }

  json data_;
  Edge edge_;
  std::map<std::string, base::Bytes> files_;
};

TEST_F(GoldenLog, RootsAreThose) {
  CompactRange range;
  const auto entries = Entries(0, kSize);
  for (const json& c : data_["roots"]) {
    const auto size = c["size"].get<std::uint64_t>();
    while (range.size() < size) range.Append(LeafHash(entries[range.size()]));
    EXPECT_EQ(range.Root(), *Hash(c["root"])) << size;
  }
}

TEST_F(GoldenLog, ProofsAreThose) {
  Build();
  const auto read = [&](std::span<const NodeId> ids) { return Nodes(ids); };
  ASSERT_EQ(data_["inclusion"].size(), 135U);
  for (const json& c : data_["inclusion"]) {
    EXPECT_EQ(MakeInclusionProof(c["index"].get<std::uint64_t>(),
                                 c["size"].get<std::uint64_t>(), read)
                  .value(),
              *Proof(c["proof"]));
  }
  ASSERT_EQ(data_["consistency"].size(), 276U);
  for (const json& c : data_["consistency"]) {
    EXPECT_EQ(MakeConsistencyProof(c["size1"].get<std::uint64_t>(),
                                   c["size2"].get<std::uint64_t>(), read)
                  .value(),
              *Proof(c["proof"]));
  }
}

TEST_F(GoldenLog, TilesAndBundlesAreThose) {
  Build();
  for (const json& c : data_["tiles_70000"]) {
    const auto path = c["path"].get<std::string>();
    ASSERT_TRUE(files_.contains(path)) << path;
    EXPECT_EQ(base::HexEncode(crypto::Sha256(files_[path])),
              c["sha256"].get<std::string>())
        << path;
  }
}

TEST_F(GoldenLog, CheckpointsAreSignedAlikeAndCosigned) {
  const auto seed =
      base::HexDecode(data_["log_seed_hex"].get<std::string>()).value();
  const NoteSigner signer =
      NoteSigner::Create(
          "example.org/golden",
          crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
              .value())
          .value();
  EXPECT_EQ(signer.verifier().Vkey(), data_["log_vkey"].get<std::string>());
  const Policy policy =
      Policy::Parse(absl::StrCat("log ", signer.verifier().Vkey(),
                                 "\nwitness w ",
                                 data_["witness_vkey"].get<std::string>(),
                                 "\nquorum w\n"))
          .value();
  ASSERT_EQ(data_["checkpoints"].size(), 6U);
  for (const json& c : data_["checkpoints"]) {
    const auto note = c["note"].get<std::string>();
    const auto checkpoint = OpenCheckpoint(note, signer.verifier());
    ASSERT_THAT(checkpoint, IsOk());
    EXPECT_EQ(checkpoint->size, c["size"].get<std::uint64_t>());
    EXPECT_EQ(*signer.Sign(CheckpointText(*checkpoint)), note);
    EXPECT_FALSE(policy.Open(note).ok());
    EXPECT_THAT(policy.Open(note + c["cosignature_line"].get<std::string>()),
                IsOk());
  }
}

}  // namespace
}  // namespace limpid::tlog
