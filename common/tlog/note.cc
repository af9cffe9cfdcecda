#include "common/tlog/note.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::tlog {
namespace {

using base::AsBytes;
using base::ByteView;

constexpr std::string_view kBlankLine = "\n\n";
// An em dash (U+2014) and a space open a signature line.
constexpr std::string_view kSignaturePrefix = "\xE2\x80\x94 ";
constexpr std::string_view kCosignatureHeader = "cosignature/v1\ntime ";
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kTimeBytes = 8;
constexpr char kFirstPrintable = 0x20;

// The white space of Unicode outside ASCII, in UTF-8.
constexpr std::array<std::string_view, 19> kUnicodeSpaces = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80",
    "\xE2\x80\x81", "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84",
    "\xE2\x80\x85", "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88",
    "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9",
    "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

absl::Status BadNote(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed note: ", base::ToAbsl(why)));
}

absl::Status BadVkey(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed vkey: ", base::ToAbsl(why)));
}

// Whether `c` is a control character of ASCII, seen as signed or unsigned.
bool IsControl(char c) { return c >= 0 && c < kFirstPrintable; }

// UTF-8 without control characters except the newline.
bool IsNoteText(std::string_view text) {
  return base::IsUtf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return IsControl(c) && c != '\n'; });
}

std::uint32_t KeyId(std::string_view name, NoteAlgorithm algorithm,
                    const crypto::Ed25519PublicKey& key) {
  const std::array<std::uint8_t, 2> separator = {
      '\n', static_cast<std::uint8_t>(algorithm)};
  const base::Digest32 digest =
      crypto::Sha256({AsBytes(name), separator, key.bytes});
  base::ByteReader reader(digest);
  return reader.U32();
}

std::string KeyIdHex(std::uint32_t key_id) {
  return base::HexEncode(base::ByteWriter().U32(key_id).bytes());
}

// The message of a cosignature: c2sp.org/tlog-cosignature, "Format".
std::string CosignedMessage(std::string_view text, std::uint64_t unix_seconds) {
  return absl::StrCat(base::ToAbsl(kCosignatureHeader), unix_seconds, "\n",
                      base::ToAbsl(text));
}

// Parses "— name base64" without its newline.
absl::StatusOr<NoteSignature> ParseSignatureLine(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) return BadNote("a signature line");
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return BadNote("a signature line");
  NoteSignature signature;
  signature.name = std::string(line.substr(0, space));
  const auto bytes = base::Base64Decode(line.substr(space + 1));
  if (!IsKeyName(signature.name) || !bytes.ok() ||
      bytes->size() <= kKeyIdBytes) {
    return BadNote("a signature line");
  }
  base::ByteReader reader(*bytes);
  signature.key_id = reader.U32();
  signature.signature = base::ToBytes(reader.rest());
  return signature;
}

std::string SignatureLine(const NoteSignature& signature) {
  const base::Bytes bytes =
      base::ByteWriter().U32(signature.key_id).Raw(signature.signature).Take();
  return absl::StrCat(base::ToAbsl(kSignaturePrefix), signature.name, " ",
                      base::Base64Encode(bytes), "\n");
}

absl::StatusOr<NoteAlgorithm> ParseAlgorithm(std::uint8_t type) {
  switch (type) {
    case static_cast<std::uint8_t>(NoteAlgorithm::kEd25519):
      return NoteAlgorithm::kEd25519;
    case static_cast<std::uint8_t>(NoteAlgorithm::kCosignatureV1):
      return NoteAlgorithm::kCosignatureV1;
    default:
      return BadVkey("a key type this program cannot check");
  }
}

}  // namespace

bool IsKeyName(std::string_view name) {
  if (name.empty() || !base::IsUtf8(name)) return false;
  if (std::any_of(name.begin(), name.end(), [](char c) {
        return IsControl(c) || c == ' ' || c == '+';
      })) {
    return false;
  }
  return std::none_of(kUnicodeSpaces.begin(), kUnicodeSpaces.end(),
                      [name](std::string_view space) {
                        return name.find(space) != std::string_view::npos;
                      });
}

absl::StatusOr<Note> ParseNote(std::string_view note) {
  if (note.size() > kMaxNoteBytes) return BadNote("too long");
  if (!IsNoteText(note)) return BadNote("not text");
  const std::size_t blank = note.rfind(kBlankLine);
  if (blank == std::string_view::npos) return BadNote("no signatures");
  Note parsed;
  parsed.text = std::string(note.substr(0, blank + 1));
  std::string_view lines = note.substr(blank + kBlankLine.size());
  if (!lines.ends_with('\n')) return BadNote("no newline at the end");
  while (!lines.empty()) {
    if (parsed.signatures.size() == kMaxNoteSignatures) {
      return BadNote("too many signatures");
    }
    const std::size_t end = lines.find('\n');
    LIMPID_ASSIGN_OR_RETURN(NoteSignature signature,
                            ParseSignatureLine(lines.substr(0, end)));
    parsed.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return parsed;
}

std::string FormatNote(const Note& note) {
  std::string text = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    text += SignatureLine(signature);
  }
  return text;
}

NoteVerifier::NoteVerifier(std::string name, NoteAlgorithm algorithm,
                           const crypto::Ed25519PublicKey& key)
    : name_(std::move(name)),
      algorithm_(algorithm),
      key_(key),
      key_id_(KeyId(name_, algorithm, key)) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Create(
    std::string_view name, NoteAlgorithm algorithm,
    const crypto::Ed25519PublicKey& key) {
  if (!IsKeyName(name)) {
    return absl::InvalidArgumentError("not a name for a note key");
  }
  return NoteVerifier(std::string(name), algorithm, key);
}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(std::string_view vkey) {
  // Base64 has '+' too: only the first two separate.
  const std::size_t first = vkey.find('+');
  const std::size_t second =
      first == std::string_view::npos ? first : vkey.find('+', first + 1);
  if (second == std::string_view::npos) return BadVkey("not three parts");
  const auto data = base::Base64Decode(vkey.substr(second + 1));
  if (!data.ok() || data->empty()) return BadVkey("not base64");
  LIMPID_ASSIGN_OR_RETURN(const NoteAlgorithm algorithm,
                          ParseAlgorithm(data->front()));
  const auto key =
      crypto::Ed25519PublicKey::FromBytes(ByteView(*data).subspan(1));
  if (!key.ok()) return BadVkey("wrong key length");
  LIMPID_ASSIGN_OR_RETURN(NoteVerifier verifier,
                          Create(vkey.substr(0, first), algorithm, *key));
  if (KeyIdHex(verifier.key_id_) !=
      vkey.substr(first + 1, second - first - 1)) {
    return BadVkey("the key id is not that of the name and key");
  }
  return verifier;
}

std::string NoteVerifier::Vkey() const {
  const base::Bytes data = base::ByteWriter()
                               .U8(static_cast<std::uint8_t>(algorithm_))
                               .Raw(key_.bytes)
                               .Take();
  return absl::StrCat(name_, "+", KeyIdHex(key_id_), "+",
                      base::Base64Encode(data));
}

bool NoteVerifier::Verify(std::string_view text, ByteView signature) const {
  if (algorithm_ == NoteAlgorithm::kEd25519) {
    return key_.Verify(AsBytes(text), signature);
  }
  if (signature.size() != kTimeBytes + crypto::kEd25519SignatureBytes) {
    return false;
  }
  base::ByteReader reader(signature);
  const std::uint64_t time = reader.U64();
  return key_.Verify(AsBytes(CosignedMessage(text, time)), reader.rest());
}

absl::StatusOr<std::vector<VerifiedSignature>> VerifyNote(
    const Note& note, std::span<const NoteVerifier> known) {
  std::vector<VerifiedSignature> verified;
  std::set<const NoteVerifier*> counted;
  for (const NoteSignature& signature : note.signatures) {
    const auto verifier =
        std::find_if(known.begin(), known.end(), [&](const NoteVerifier& v) {
          return v.key_id() == signature.key_id && v.name() == signature.name;
        });
    if (verifier == known.end()) continue;
    if (!verifier->Verify(note.text, signature.signature)) {
      return absl::DataLossError("a signature by a known key does not verify");
    }
    if (!counted.insert(&*verifier).second) continue;
    VerifiedSignature good{verifier->name(), verifier->key_id(),
                           verifier->algorithm(), std::nullopt};
    if (good.algorithm == NoteAlgorithm::kCosignatureV1) {
      base::ByteReader reader(signature.signature);
      const std::uint64_t seconds = reader.U64();
      if (seconds > static_cast<std::uint64_t>(INT64_MAX)) {
        return absl::DataLossError("a cosignature has no possible time");
      }
      good.time = absl::FromUnixSeconds(static_cast<std::int64_t>(seconds));
    }
    verified.push_back(std::move(good));
  }
  if (verified.empty()) {
    return absl::DataLossError("no signature by a known key");
  }
  return verified;
}

NoteSigner::NoteSigner(NoteVerifier verifier, crypto::Ed25519PrivateKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

absl::StatusOr<NoteSigner> NoteSigner::Create(std::string_view name,
                                              crypto::Ed25519PrivateKey key) {
  LIMPID_ASSIGN_OR_RETURN(
      NoteVerifier verifier,
      NoteVerifier::Create(name, NoteAlgorithm::kEd25519, key.PublicKey()));
  return NoteSigner(std::move(verifier), std::move(key));
}

absl::StatusOr<std::string> NoteSigner::Sign(std::string_view text) const {
  if (!text.ends_with('\n') || !IsNoteText(text)) {
    return BadNote("not a text to sign");
  }
  const crypto::Ed25519Signature signature = key_.Sign(AsBytes(text));
  Note note;
  note.text = std::string(text);
  note.signatures.push_back(
      {verifier_.name(), verifier_.key_id(), base::ToBytes(signature)});
  return FormatNote(note);
}

}  // namespace limpid::tlog
