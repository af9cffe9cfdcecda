#include "common/crypto/keyring.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/crypto/root_key.h"

namespace limpid::crypto {
namespace {

constexpr std::string_view kFirstLine = "limpid-keyring v1";
constexpr std::string_view kKekLabel = "limpid/keyring/kek/1";
constexpr std::string_view kKeyLabel = "limpid/keyring/key/1";
constexpr std::string_view kMacLabel = "limpid/keyring/mac/1";
constexpr std::size_t kMaxNameBytes = 64;
// A thousand keys are 300 kB; more means that persons' keys are put here.
constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20U;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

base::Bytes KekAad(std::string_view role, std::uint32_t epoch,
                   const KeyId& id) {
  return base::ByteWriter(kKekLabel).Lp(role).U32(epoch).Raw(id).Take();
}

base::Bytes KeyAad(std::string_view role, std::string_view name,
                   std::uint32_t epoch, std::size_t size) {
  return base::ByteWriter(kKeyLabel)
      .Lp(role)
      .Lp(name)
      .U32(epoch)
      .U32(static_cast<std::uint32_t>(size))
      .Take();
}

std::string MacOf(const base::SecretBytes& kek, std::string_view text) {
  return base::HexEncode(
      KeyedBlake2b256(kek, {base::ByteWriter(kMacLabel).Lp(text).Take()}));
}

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Decimal without sign or leading zeros, at least 1: one text per number.
absl::StatusOr<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t number = 0;
  if (!absl::SimpleAtoi(base::ToAbsl(text), &number) || number == 0 ||
      absl::StrCat(number) != text) {
    return absl::DataLossError("");
  }
  return number;
}

absl::Status Damaged(const std::filesystem::path& path) {
  return absl::DataLossError(
      absl::StrCat("the key ring ", path.string(), " is damaged or changed"));
}

// The first three lines say which version, role and root key it needs.
absl::Status CheckOpening(const std::filesystem::path& path,
                          const std::vector<std::string_view>& lines,
                          std::string_view role, const RootKey& root) {
  const auto refuse = [&path](std::string_view why) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key ring ", path.string(), base::ToAbsl(why)));
  };
  // Opening, role, root, one KEK, MAC, and the end after the last newline.
  constexpr std::size_t kLeastLines = 6;
  if (lines.size() < kLeastLines || !lines.back().empty()) {
    return Damaged(path);
  }
  if (lines[0] != kFirstLine) {
    if (!lines[0].starts_with("limpid-keyring ")) return Damaged(path);
    return refuse(" was written by a newer version of this program");
  }
  if (lines[1] != absl::StrCat("role ", base::ToAbsl(role))) {
    return refuse(" is not that of this role");
  }
  if (lines[2] != absl::StrCat("root ", base::HexEncode(root.id()))) {
    return refuse(" was made with another root key");
  }
  return absl::OkStatus();
}

}  // namespace

// Reads the lines of a file into `contents`. Every error means "damaged"; the
// caller has the sentence.
class KeyRing::Reader {
 public:
  Reader(std::string_view role, const RootKey& root, Contents& contents)
      : role_(role), root_(root), contents_(contents) {}

  absl::Status Line(std::string_view line) {
    const std::vector<std::string_view> words = SplitAt(line, ' ');
    if (words.size() == 4 && words[0] == "kek") {
      return AddKek(words[1], words[2], words[3]);
    }
    if (words.size() == 5 && words[0] == "key") {
      return AddKey(words[1], words[2], words[3], words[4]);
    }
    return absl::DataLossError("");
  }

 private:
  absl::Status AddKek(std::string_view epoch_text, std::string_view id_text,
                      std::string_view wrapped_text) {
    LIMPID_ASSIGN_OR_RETURN(const std::uint32_t epoch, ParseNumber(epoch_text));
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes id_bytes,
                            base::HexDecode(id_text));
    Epoch read;
    LIMPID_ASSIGN_OR_RETURN(read.id, base::ToArray<KeyId{}.size()>(id_bytes));
    LIMPID_ASSIGN_OR_RETURN(read.wrapped, base::Base64Decode(wrapped_text));
    LIMPID_ASSIGN_OR_RETURN(
        read.key, root_.Unwrap(read.wrapped, KekAad(role_, epoch, read.id)));
    return contents_.epochs.emplace(epoch, std::move(read)).second
               ? absl::OkStatus()
               : absl::DataLossError("");
  }

  absl::Status AddKey(std::string_view name, std::string_view epoch_text,
                      std::string_view size_text,
                      std::string_view wrapped_text) {
    LIMPID_ASSIGN_OR_RETURN(const std::uint32_t epoch, ParseNumber(epoch_text));
    LIMPID_ASSIGN_OR_RETURN(const std::uint32_t size, ParseNumber(size_text));
    const auto kek = contents_.epochs.find(epoch);
    if (!IsName(name) || kek == contents_.epochs.end()) {
      return absl::DataLossError("");
    }
    Named read;
    read.epoch = epoch;
    LIMPID_ASSIGN_OR_RETURN(read.wrapped, base::Base64Decode(wrapped_text));
    LIMPID_ASSIGN_OR_RETURN(
        read.key, OpenSecret(kek->second.key, kek->second.id,
                             KeyAad(role_, name, epoch, size), read.wrapped));
    const bool fits = read.key.size() == size;
    return fits && contents_.keys.emplace(name, std::move(read)).second
               ? absl::OkStatus()
               : absl::DataLossError("");
  }

  std::string_view role_;
  const RootKey& root_;
  Contents& contents_;
};

KeyRing::KeyRing(std::filesystem::path path, std::string role,
                 std::shared_ptr<const RootKey> root)
    : path_(std::move(path)), role_(std::move(role)), root_(std::move(root)) {}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Create(
    const std::filesystem::path& path, std::string_view role,
    std::shared_ptr<const RootKey> root) {
  if (!IsName(role)) {
    return absl::InvalidArgumentError("a role is 1 to 64 of a-z, 0-9 and '-'");
  }
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the key ring ", path.string(), " exists already"));
  }
  std::unique_ptr<KeyRing> ring(
      new KeyRing(path, std::string(role), std::move(root)));
  LIMPID_RETURN_IF_ERROR(ring->AddEpoch().status());
  return ring;
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(
    const std::filesystem::path& path, std::string_view role,
    std::shared_ptr<const RootKey> root) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes,
                          base::ReadFileBytes(path, kMaxFileBytes));
  const std::vector<std::string_view> lines =
      SplitAt(base::AsText(bytes), '\n');
  LIMPID_RETURN_IF_ERROR(CheckOpening(path, lines, role, *root));
  std::unique_ptr<KeyRing> ring(
      new KeyRing(path, std::string(role), std::move(root)));
  const base::MutexLock lock(ring->mutex_);
  Reader reader(role, *ring->root_, ring->contents_);
  for (std::size_t at = 3; at < lines.size() - 2; ++at) {
    const absl::Status read = reader.Line(lines[at]);
    if (absl::IsUnavailable(read)) return read;
    if (!read.ok()) return Damaged(path);
  }
  // Compares order, duplicates, spelling and the MAC in one go: the file must
  // be the one text that these contents have.
  if (ring->contents_.epochs.empty() ||
      !base::ConstantTimeEqual(base::AsBytes(ring->Text()), bytes)) {
    return Damaged(path);
  }
  return ring;
}

absl::StatusOr<base::SecretBytes> KeyRing::Get(std::string_view name) const {
  const base::MutexLock lock(mutex_);
  const auto found = contents_.keys.find(name);
  if (found == contents_.keys.end()) {
    return absl::NotFoundError("the key ring has no key of this name");
  }
  return found->second.key.Clone();
}

absl::StatusOr<base::SecretBytes> KeyRing::GetOrCreate(std::string_view name,
                                                       std::size_t size_bytes) {
  if (!IsName(name) || size_bytes < kMinKeyBytes || size_bytes > kMaxKeyBytes) {
    return absl::InvalidArgumentError(
        "a named key has 32 to 96 bytes and a name of a-z, 0-9 and '-'");
  }
  const base::MutexLock lock(mutex_);
  if (const auto found = contents_.keys.find(name);
      found != contents_.keys.end()) {
    if (found->second.key.size() == size_bytes) {
      return found->second.key.Clone();
    }
    return absl::FailedPreconditionError("the key exists with another size");
  }
  const auto& [epoch, kek] = *contents_.epochs.rbegin();
  Named made;
  made.epoch = epoch;
  made.key = RandomSecret(size_bytes);
  made.wrapped = SealSecret(Suite::kXChaCha20Poly1305, kek.key, kek.id,
                            KeyAad(role_, name, epoch, size_bytes), made.key);
  base::SecretBytes copy = made.key.Clone();
  const auto added = contents_.keys.emplace(name, std::move(made)).first;
  if (absl::Status saved = Save(); !saved.ok()) {
    contents_.keys.erase(added);
    return saved;
  }
  return copy;
}

std::uint32_t KeyRing::current_epoch() const {
  const base::MutexLock lock(mutex_);
  return contents_.epochs.rbegin()->first;
}

absl::StatusOr<KeyEncryptionKey> KeyRing::Kek(std::uint32_t epoch) const {
  const base::MutexLock lock(mutex_);
  const auto found = contents_.epochs.find(epoch);
  if (found == contents_.epochs.end()) {
    return absl::NotFoundError("the key ring has no such epoch");
  }
  return KeyEncryptionKey{epoch, found->second.id, found->second.key.Clone()};
}

absl::StatusOr<std::uint32_t> KeyRing::AddEpoch() {
  const base::MutexLock lock(mutex_);
  const std::uint32_t epoch =
      contents_.epochs.empty() ? 1 : contents_.epochs.rbegin()->first + 1;
  Epoch made;
  made.id = RandomArray<KeyId{}.size()>();
  made.key = RandomSecret(kAeadKeyBytes);
  LIMPID_ASSIGN_OR_RETURN(made.wrapped,
                          root_->Wrap(made.key, KekAad(role_, epoch, made.id)));
  contents_.epochs.emplace(epoch, std::move(made));
  if (absl::Status saved = Save(); !saved.ok()) {
    contents_.epochs.erase(epoch);
    return saved;
  }
  return epoch;
}

std::vector<std::uint32_t> KeyRing::epochs() const {
  const base::MutexLock lock(mutex_);
  std::vector<std::uint32_t> out;
  for (const auto& [epoch, kek] : contents_.epochs) out.push_back(epoch);
  return out;
}

absl::Status KeyRing::DestroyEpoch(std::uint32_t epoch) {
  const base::MutexLock lock(mutex_);
  const auto doomed = contents_.epochs.find(epoch);
  if (doomed == contents_.epochs.end()) {
    return absl::NotFoundError("the key ring has no such epoch");
  }
  const auto& [newest, kek] = *contents_.epochs.rbegin();
  if (epoch == newest) {
    return absl::FailedPreconditionError(
        "the newest key-encryption key is in use; start another epoch first");
  }
  // What is swapped in is swapped out again when it cannot be stored.
  std::map<std::string, std::pair<std::uint32_t, base::Bytes>, std::less<>>
      moved;
  for (const auto& [name, key] : contents_.keys) {
    if (key.epoch != epoch) continue;
    moved[name] = {
        newest,
        SealSecret(Suite::kXChaCha20Poly1305, kek.key, kek.id,
                   KeyAad(role_, name, newest, key.key.size()), key.key)};
  }
  const auto exchange = [&moved](Contents& contents) {
    for (auto& [name, wrap] : moved) {
      Named& key = contents.keys.find(name)->second;
      std::swap(key.epoch, wrap.first);
      std::swap(key.wrapped, wrap.second);
    }
  };
  exchange(contents_);
  auto taken = contents_.epochs.extract(doomed);
  absl::Status saved = Save();
  if (!saved.ok() && !IsStored()) {
    contents_.epochs.insert(std::move(taken));
    exchange(contents_);
  }
  return saved;
}

absl::Status KeyRing::ChangeRoot(std::shared_ptr<const RootKey> root) {
  const base::MutexLock lock(mutex_);
  std::map<std::uint32_t, base::Bytes> wraps;
  for (const auto& [epoch, kek] : contents_.epochs) {
    LIMPID_ASSIGN_OR_RETURN(wraps[epoch],
                            root->Wrap(kek.key, KekAad(role_, epoch, kek.id)));
  }
  Exchange(root, wraps);
  absl::Status saved = Save();
  if (!saved.ok() && !IsStored()) Exchange(root, wraps);
  return saved;
}

void KeyRing::Exchange(std::shared_ptr<const RootKey>& root,
                       std::map<std::uint32_t, base::Bytes>& wraps) {
  for (auto& [epoch, kek] : contents_.epochs) {
    std::swap(kek.wrapped, wraps[epoch]);
  }
  std::swap(root_, root);
}

std::string KeyRing::Text() const {
  std::string text =
      absl::StrCat(base::ToAbsl(kFirstLine), "\nrole ", role_, "\nroot ",
                   base::HexEncode(root_->id()), "\n");
  for (const auto& [epoch, kek] : contents_.epochs) {
    absl::StrAppend(&text, "kek ", epoch, " ", base::HexEncode(kek.id), " ",
                    base::Base64Encode(kek.wrapped), "\n");
  }
  for (const auto& [name, key] : contents_.keys) {
    absl::StrAppend(&text, "key ", name, " ", key.epoch, " ", key.key.size(),
                    " ", base::Base64Encode(key.wrapped), "\n");
  }
  absl::StrAppend(&text, "mac ",
                  MacOf(contents_.epochs.rbegin()->second.key, text), "\n");
  return text;
}

bool KeyRing::IsStored() const {
  const auto bytes = base::ReadFileBytes(path_, kMaxFileBytes);
  return bytes.ok() && base::ConstantTimeEqual(base::AsBytes(Text()), *bytes);
}

absl::Status KeyRing::Save() const {
  constexpr mode_t kOwnerOnly = 0600;
  return base::WriteFileAtomically(path_, base::AsBytes(Text()), kOwnerOnly);
}

}  // namespace limpid::crypto
