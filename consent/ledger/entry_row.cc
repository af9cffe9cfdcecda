#include "consent/ledger/entry_row.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/receipt/access_entry.h"

namespace limpid::consent {
namespace {

constexpr auto kSuite = crypto::Suite::kXChaCha20Poly1305;
constexpr std::string_view kLinkLabel = "limpid/consent-entry-link/1";
constexpr std::string_view kContentLabel = "limpid/consent-event/2";
constexpr std::string_view kErasureLabel = "limpid/consent-entry-erasure/1";
// Hides how many lines an entry has, a little.
constexpr std::size_t kPadBytes = 128;

base::Bytes Aad(std::string_view label, const RowKey& row) {
  base::ByteWriter out(label);
  out.Raw(row.person.bytes()).U64(row.sequence);
  return out.Take();
}

absl::Status Damaged() {
  return absl::DataLossError("an entry of a person's log is damaged");
}

base::Bytes SealLink(const base::SecretBytes& key, const RowKey& row,
                     const EntryLink& link) {
  base::ByteWriter plain;
  plain.U64(link.position).Raw(link.commitment).Raw(link.previous);
  return crypto::Seal(kSuite, key, row.person.bytes(), Aad(kLinkLabel, row),
                      plain.bytes());
}

absl::StatusOr<EntryLink> ReadLink(const base::SecretBytes& key,
                                   const RowKey& row, base::ByteView sealed) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes plain,
      crypto::Open(key, row.person.bytes(), Aad(kLinkLabel, row), sealed));
  base::ByteReader reader(plain);
  EntryLink out;
  out.position = reader.U64();
  out.commitment = reader.Array<32>();
  out.previous = reader.Array<32>();
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

absl::StatusOr<SealedEntry> ReadContent(const base::SecretBytes& entry_key,
                                        const RowKey& row,
                                        base::ByteView sealed) {
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes plain,
                          crypto::Open(entry_key, row.person.bytes(),
                                       Aad(kContentLabel, row), sealed));
  base::ByteReader reader(plain);
  SealedEntry out;
  out.opening = reader.Array<32>();
  out.entry = base::ToBytes(reader.Lp());
  const base::ByteView padding = reader.rest();
  const bool zero = std::all_of(padding.begin(), padding.end(),
                                [](std::uint8_t byte) { return byte == 0; });
  if (reader.failed() || !zero) return Damaged();
  return out;
}

absl::StatusOr<EntryErasure> ReadErasure(const base::SecretBytes& key,
                                         const RowKey& row,
                                         base::ByteView sealed) {
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes plain,
      crypto::Open(key, row.person.bytes(), Aad(kErasureLabel, row), sealed));
  base::ByteReader reader(plain);
  EntryErasure out;
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  out.told_in = reader.U64();
  out.request.canonical_json = reader.LpText();
  out.request.signature = reader.Array<64>();
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

// An entry as earlier versions kept it.
absl::StatusOr<OpenedEntryRow> OpenWrapped(const base::SecretBytes& key,
                                           const PersonalRow& row) {
  LIMPID_ASSIGN_OR_RETURN(
      SealedEntry content,
      OpenEntry(key, row.key.person, row.key.sequence, row.payload));
  LIMPID_ASSIGN_OR_RETURN(const auto entry,
                          receipt::AccessEntry::Decode(content.entry));
  OpenedEntryRow out;
  out.link.position = content.position;
  out.link.commitment =
      receipt::CommitAccessEntry(content.opening, content.entry);
  out.link.previous = entry.previous;
  out.content = std::move(content);
  return out;
}

struct Parts {
  base::ByteView link;
  base::ByteView rest;
};

absl::StatusOr<Parts> PartsOf(const PersonalRow& row) {
  base::ByteReader reader(row.payload);
  Parts out;
  out.link = reader.Lp();
  out.rest = reader.Lp();
  if (!reader.Finish().ok()) return Damaged();
  return out;
}

bool Is(const PersonalRow& row, EntryForm form) {
  return row.state == static_cast<std::uint8_t>(form);
}

}  // namespace

PersonalRow MakeEntryRow(const RowKey& row_key, absl::Time time,
                         const base::SecretBytes& key,
                         const base::SecretBytes* entry_key,
                         const EntryLink& link, const SealedEntry& content) {
  PersonalRow row;
  row.key = row_key;
  row.created_ms = absl::ToUnixMillis(time);
  if (entry_key == nullptr) {
    row.state = static_cast<std::uint8_t>(EntryForm::kWrapped);
    row.payload = SealEntry(key, row_key.person, row_key.sequence, content);
    return row;
  }
  row.state = static_cast<std::uint8_t>(EntryForm::kKeyed);
  base::ByteWriter plain;
  plain.Raw(content.opening).Lp(content.entry);
  base::Bytes plaintext = plain.Take();
  plaintext.resize((plaintext.size() + kPadBytes - 1) / kPadBytes * kPadBytes);
  base::ByteWriter out;
  out.Lp(SealLink(key, row_key, link))
      .Lp(crypto::Seal(kSuite, *entry_key, row_key.person.bytes(),
                       Aad(kContentLabel, row_key), plaintext));
  row.payload = out.Take();
  return row;
}

PersonalRow MakeErasedRow(const PersonalRow& row, const base::SecretBytes& key,
                          const EntryLink& link, const EntryErasure& erasure) {
  base::ByteWriter plain;
  plain.U64(static_cast<std::uint64_t>(absl::ToUnixMillis(erasure.time)))
      .U64(erasure.told_in)
      .Lp(erasure.request.canonical_json)
      .Raw(erasure.request.signature);
  PersonalRow out;
  out.key = row.key;
  out.state = static_cast<std::uint8_t>(EntryForm::kErased);
  out.created_ms = row.created_ms;
  base::ByteWriter payload;
  payload.Lp(SealLink(key, row.key, link))
      .Lp(crypto::Seal(kSuite, key, row.key.person.bytes(),
                       Aad(kErasureLabel, row.key), plain.bytes()));
  out.payload = payload.Take();
  return out;
}

absl::StatusOr<EntryLink> OpenLink(const base::SecretBytes& key,
                                   const PersonalRow& row) {
  if (Is(row, EntryForm::kWrapped)) {
    LIMPID_ASSIGN_OR_RETURN(const OpenedEntryRow opened, OpenWrapped(key, row));
    return opened.link;
  }
  LIMPID_ASSIGN_OR_RETURN(const Parts parts, PartsOf(row));
  return ReadLink(key, row.key, parts.link);
}

absl::StatusOr<OpenedEntryRow> OpenEntryRow(const base::SecretBytes& key,
                                            const LogKey* log_key,
                                            const PersonalRow& row) {
  if (Is(row, EntryForm::kWrapped)) return OpenWrapped(key, row);
  LIMPID_ASSIGN_OR_RETURN(const Parts parts, PartsOf(row));
  OpenedEntryRow out;
  LIMPID_ASSIGN_OR_RETURN(out.link, ReadLink(key, row.key, parts.link));
  if (Is(row, EntryForm::kErased)) {
    LIMPID_ASSIGN_OR_RETURN(out.erasure, ReadErasure(key, row.key, parts.rest));
    return out;
  }
  if (!Is(row, EntryForm::kKeyed)) return Damaged();
  if (log_key == nullptr || !log_key->Has(row.key.sequence)) return out;
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes entry_key,
                          log_key->KeyOf(row.key.sequence));
  LIMPID_ASSIGN_OR_RETURN(out.content,
                          ReadContent(entry_key, row.key, parts.rest));
  out.content->position = out.link.position;
  // The link is what the chain is checked by.
  if (receipt::CommitAccessEntry(out.content->opening, out.content->entry) !=
      out.link.commitment) {
    return Damaged();
  }
  return out;
}

}  // namespace limpid::consent
