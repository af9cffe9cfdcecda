// Signed notes of c2sp.org/signed-note: a text and signature lines over it.
// Speaks Ed25519 (type 0x01) and cosignature/v1 (type 0x04); other types are
// unknown keys and ignored. Knows nothing of what the text says.

#ifndef LIMPID_COMMON_TLOG_NOTE_H_
#define LIMPID_COMMON_TLOG_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::tlog {

// A note this long is refused unread: a checkpoint with a hundred post-quantum
// cosignatures has half a million bytes.
inline constexpr std::size_t kMaxNoteBytes = 1'000'000;
// The limit of the Go client; the specification asks for at least 16.
inline constexpr std::size_t kMaxNoteSignatures = 100;

// The signature types of the specification that this code can check.
enum class NoteAlgorithm : std::uint8_t { kEd25519 = 1, kCosignatureV1 = 4 };

// One "— name base64" line, decoded.
struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  // What follows the key id.
  base::Bytes signature;
};

struct Note {
  // Ends in a newline; what the signatures cover.
  std::string text;
  std::vector<NoteSignature> signatures;
};

// Whether `name` may name a key: not empty, UTF-8, no '+', no Unicode space,
// no control character.
[[nodiscard]] bool IsKeyName(std::string_view name);

// Errors:
//   kInvalidArgument  not a signed note. A wrong signature is not an error
//                     here: see VerifyNote.
absl::StatusOr<Note> ParseNote(std::string_view note);
// The inverse of ParseNote, byte for byte.
std::string FormatNote(const Note& note);

// A public key that signs notes, known by a vkey. Value.
class NoteVerifier {
 public:
  // Parses "name+hex key id+base64(type || public key)".
  //
  // Errors:
  //   kInvalidArgument  malformed, an unknown type, or the key id is not that
  //                     of the name and key.
  static absl::StatusOr<NoteVerifier> Parse(std::string_view vkey);
  static absl::StatusOr<NoteVerifier> Create(
      std::string_view name, NoteAlgorithm algorithm,
      const crypto::Ed25519PublicKey& key);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::uint32_t key_id() const { return key_id_; }
  [[nodiscard]] NoteAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] const crypto::Ed25519PublicKey& key() const { return key_; }
  [[nodiscard]] std::string Vkey() const;

  // Whether `signature` (the bytes after the key id) is this key's over `text`.
  [[nodiscard]] bool Verify(std::string_view text,
                            base::ByteView signature) const;

 private:
  NoteVerifier(std::string name, NoteAlgorithm algorithm,
               const crypto::Ed25519PublicKey& key);

  std::string name_;
  NoteAlgorithm algorithm_;
  crypto::Ed25519PublicKey key_;
  std::uint32_t key_id_ = 0;
};

// A signature that was checked.
struct VerifiedSignature {
  std::string name;
  std::uint32_t key_id = 0;
  NoteAlgorithm algorithm = NoteAlgorithm::kEd25519;
  // When the cosigner says it signed; only with kCosignatureV1.
  std::optional<absl::Time> time;
};

// Checks every signature by one of `known` and ignores the others. Each key
// counts once.
//
// Errors:
//   kDataLoss  a signature by a known key is wrong, or there is none by any.
absl::StatusOr<std::vector<VerifiedSignature>> VerifyNote(
    const Note& note, std::span<const NoteVerifier> known);

// Signs notes with type 0x01. Thread-safe once made.
class NoteSigner {
 public:
  // Errors:
  //   kInvalidArgument  `name` may not name a key.
  static absl::StatusOr<NoteSigner> Create(std::string_view name,
                                           crypto::Ed25519PrivateKey key);

  [[nodiscard]] const NoteVerifier& verifier() const { return verifier_; }
  // The signed note over `text`, which must be a note's text.
  //
  // Errors:
  //   kInvalidArgument  `text` does not end in a newline or has control
  //                     characters.
  [[nodiscard]] absl::StatusOr<std::string> Sign(std::string_view text) const;

 private:
  NoteSigner(NoteVerifier verifier, crypto::Ed25519PrivateKey key);

  NoteVerifier verifier_;
  crypto::Ed25519PrivateKey key_;
};

}  // namespace limpid::tlog

#endif  // LIMPID_COMMON_TLOG_NOTE_H_
