#include "common/receipt/permit.h"

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"

namespace limpid::receipt {
namespace {

using base::ByteReader;
using base::ByteView;
using base::ByteWriter;

constexpr std::string_view kPermitLabel = "limpid/permit/1";
// With days. Who knows the first label alone refuses it.
constexpr std::string_view kDaysPermitLabel = "limpid/permit/2";
constexpr std::string_view kRequestLabel = "limpid/release-request/1";

constexpr std::array kFormNames = {
    std::pair{Form::kFull, std::string_view("full")},
    std::pair{Form::kDerived, std::string_view("derived")},
    std::pair{Form::kPseudonymous, std::string_view("pseudonymous")},
    std::pair{Form::kAggregate, std::string_view("aggregate")},
    std::pair{Form::kAttested, std::string_view("attested")},
};

bool IsForm(std::uint8_t number) {
  return number >= static_cast<std::uint8_t>(Form::kFull) &&
         number <= static_cast<std::uint8_t>(Form::kAttested);
}

PermitLine ReadLine(ByteReader& reader, bool& known_forms) {
  PermitLine line;
  line.attribute = reader.LpText();
  const std::uint8_t form = reader.U8();
  if (!IsForm(form)) known_forms = false;
  line.form = static_cast<Form>(form);
  line.derivation = reader.LpText();
  line.parameters = reader.LpText();
  return line;
}

// Past the label, whichever of the two it is.
ByteReader PastLabel(ByteView bytes, bool& with_days) {
  ByteReader first(bytes);
  first.Label(kPermitLabel);
  with_days = first.failed();
  if (!with_days) return first;
  ByteReader second(bytes);
  second.Label(kDaysPermitLabel);
  return second;
}

}  // namespace

std::string_view FormName(Form form) {
  for (const auto& [value, name] : kFormNames) {
    if (value == form) return name;
  }
  return "unknown";
}

absl::StatusOr<Form> ParseForm(std::string_view name) {
  for (const auto& [value, text] : kFormNames) {
    if (text == name) return value;
  }
  return absl::InvalidArgumentError(
      "a form is one of full, derived, pseudonymous, aggregate, attested");
}

base::Bytes Permit::Encode() const {
  // One spelling for each permit: without days it is the first.
  ByteWriter writer(days.open() ? kPermitLabel : kDaysPermitLabel);
  writer.Raw(source)
      .Raw(service_key)
      .Raw(holder)
      .Raw(pseudonym)
      .Raw(request_hash)
      .Raw(nonce)
      .Raw(record)
      .U64(revision)
      .U64(epoch)
      .Raw(access)
      .U32(static_cast<std::uint32_t>(absl::ToInt64Milliseconds(lease)))
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(not_after)));
  if (!days.open()) writer.U32(days.from).U32(days.to);
  writer.U16(static_cast<std::uint16_t>(lines.size()));
  for (const PermitLine& line : lines) {
    writer.Lp(line.attribute)
        .U8(static_cast<std::uint8_t>(line.form))
        .Lp(line.derivation)
        .Lp(line.parameters);
  }
  return writer.Take();
}

absl::StatusOr<Permit> Permit::Decode(ByteView bytes) {
  bool with_days = false;
  ByteReader reader = PastLabel(bytes, with_days);
  Permit permit;
  permit.source = reader.Array<16>();
  permit.service_key = reader.Array<32>();
  permit.holder = reader.Array<16>();
  permit.pseudonym = reader.Array<16>();
  permit.request_hash = reader.Array<32>();
  permit.nonce = reader.Array<16>();
  permit.record = reader.Array<16>();
  permit.revision = reader.U64();
  permit.epoch = reader.U64();
  permit.access = reader.Array<16>();
  permit.lease = absl::Milliseconds(reader.U32());
  const std::uint64_t not_after = reader.U64();
  if (with_days) permit.days = {reader.U32(), reader.U32()};
  const std::uint16_t count = reader.U16();
  if (count == 0 || count > kMaxLines || permit.lease <= absl::ZeroDuration() ||
      permit.lease > kMaxLease || permit.days.open() == with_days ||
      !permit.days.valid() ||
      not_after > static_cast<std::uint64_t>(
                      std::numeric_limits<std::int64_t>::max())) {
    return absl::InvalidArgumentError("not a permit");
  }
  permit.not_after = absl::FromUnixMillis(static_cast<std::int64_t>(not_after));
  bool known_forms = true;
  for (std::uint16_t i = 0; i < count; ++i) {
    permit.lines.push_back(ReadLine(reader, known_forms));
  }
  if (!reader.Finish().ok() || !known_forms) {
    return absl::InvalidArgumentError("not a permit");
  }
  return permit;
}

base::Digest32 ReleaseRequestHash(const ReleaseRequestFields& request) {
  ByteWriter writer(kRequestLabel);
  writer.Lp(request.record)
      .Lp(request.purpose)
      .U16(static_cast<std::uint16_t>(request.attributes.size()));
  for (const std::string& attribute : request.attributes) writer.Lp(attribute);
  writer.Lp(request.system).Lp(request.snapshot).Raw(request.nonce);
  return crypto::Sha256(writer.bytes());
}

}  // namespace limpid::receipt
