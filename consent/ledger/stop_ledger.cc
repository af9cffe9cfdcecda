#include "consent/ledger/stop_ledger.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/chained_file.h"

namespace limpid::consent {
namespace {

constexpr crypto::ChainedFormat kFormat = {
    "limpid/stop-ledger/1",
    "limpid/stop-entry/1",
    // sequence, kind, subject, revision, time.
    8 + 1 + 16 + 4 + 8,
    "the stop ledger",
    "what was withdrawn",
};

base::Bytes EncodeBody(const StopEntry& entry) {
  base::ByteWriter out;
  out.U64(entry.sequence)
      .U8(static_cast<std::uint8_t>(entry.kind))
      .Raw(entry.subject)
      .U32(entry.revision)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(entry.time)));
  return out.Take();
}

StopEntry DecodeBody(base::ByteView body) {
  base::ByteReader reader(body);
  StopEntry out;
  out.sequence = reader.U64();
  out.kind = static_cast<StopKind>(reader.U8());
  out.subject = reader.Array<16>();
  out.revision = reader.U32();
  out.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  return out;
}

class FileStopLedger final : public StopLedger {
 public:
  absl::Status Open(const std::filesystem::path& path, base::SecretBytes key) {
    LIMPID_ASSIGN_OR_RETURN(
        file_, crypto::ChainedFile::Open(
                   path, std::move(key), kFormat, [this](base::ByteView body) {
                     const StopEntry entry = DecodeBody(body);
                     if (entry.sequence != last_ + 1) {
                       return absl::DataLossError("");
                     }
                     Note(entry);
                     return absl::OkStatus();
                   }));
    return absl::OkStatus();
  }

  [[nodiscard]] std::uint64_t last() const override { return last_; }
  [[nodiscard]] bool fresh() const override { return file_->fresh(); }
  absl::Status Settle() override { return file_->Settle(); }

  absl::Status ForEach(std::uint64_t after,
                       absl::FunctionRef<absl::Status(const StopEntry& entry)>
                           visit) const override {
    if (after >= last_) return absl::OkStatus();
    return file_->ReadAgain([&](base::ByteView body) {
      const StopEntry entry = DecodeBody(body);
      return entry.sequence > after ? visit(entry) : absl::OkStatus();
    });
  }
  [[nodiscard]] bool MovedIn(const base::ByteArray<16>& move) const override {
    return moves_.contains(move);
  }

  absl::Status Append(std::span<const StopEntry> entries) override {
    std::vector<base::Bytes> bodies;
    bodies.reserve(entries.size());
    std::uint64_t expected = last_ + 1;
    for (const StopEntry& entry : entries) {
      if (entry.sequence != expected++) {
        return absl::InvalidArgumentError("the stop ledger would have a gap");
      }
      bodies.push_back(EncodeBody(entry));
    }
    LIMPID_RETURN_IF_ERROR(file_->Append(bodies));
    for (const StopEntry& entry : entries) Note(entry);
    return absl::OkStatus();
  }

 private:
  void Note(const StopEntry& entry) {
    last_ = entry.sequence;
    if (entry.kind == StopKind::kMovedIn) moves_.insert(entry.subject);
  }

  std::unique_ptr<crypto::ChainedFile> file_;
  std::uint64_t last_ = 0;
  std::set<base::ByteArray<16>> moves_;
};

}  // namespace

absl::StatusOr<std::vector<StopEntry>> StopsAfter(const StopLedger& ledger,
                                                  std::uint64_t after) {
  std::vector<StopEntry> out;
  LIMPID_RETURN_IF_ERROR(ledger.ForEach(after, [&](const StopEntry& entry) {
    out.push_back(entry);
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::unique_ptr<StopLedger>> OpenStopLedger(
    const std::filesystem::path& path, base::SecretBytes key) {
  auto out = std::make_unique<FileStopLedger>();
  LIMPID_RETURN_IF_ERROR(out->Open(path, std::move(key)));
  return out;
}

}  // namespace limpid::consent
