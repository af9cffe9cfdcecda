#include "common/storage/postgres_values.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"
#include "libpq-fe.h"

namespace limpid::storage {
namespace {

// Fixed in every server (its catalog/pg_type.dat).
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;

constexpr int kBinary = 1;
constexpr unsigned kBitsPerByte = 8;
// A field is at most 1 GB in the server.
constexpr std::size_t kMaxValueBytes = (std::size_t{1} << 30) - 8192;

using Number = std::array<char, sizeof(std::int64_t)>;

// Network order.
Number ToWire(std::int64_t value) {
  Number out{};
  const auto bits = static_cast<std::uint64_t>(value);
  std::size_t shift = out.size() * kBitsPerByte;
  for (char& byte : out) {
    shift -= kBitsPerByte;
    byte = static_cast<char>(static_cast<unsigned char>(bits >> shift));
  }
  return out;
}

std::string_view CharactersOf(const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
  if (const auto* bytes = std::get_if<base::ByteView>(&value)) {
    const void* data = bytes->data();
    return {static_cast<const char*>(data), bytes->size()};
  }
  return {};
}

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

  [[nodiscard]] bool IsNull(int column) const override {
    if (column < 0 || column >= PQnfields(result_)) {
      mismatch_ = true;
      return true;
    }
    return PQgetisnull(result_, row_, column) != 0;
  }
  [[nodiscard]] std::int64_t Int(int column) const override {
    if (IsNull(column)) return 0;
    const Oid type = PQftype(result_, column);
    if (type != kInt8 && type != kInt4 && type != kInt2 && type != kBool) {
      mismatch_ = true;
      return 0;
    }
    return FromWire(Characters(column));
  }
  [[nodiscard]] std::string_view Text(int column) const override {
    return Holds(column, kText) ? Characters(column) : std::string_view();
  }
  [[nodiscard]] base::ByteView Blob(int column) const override {
    if (!Holds(column, kBytea)) return {};
    return base::AsBytes(Characters(column));
  }
  // A callback asked for a column as something it is not.
  [[nodiscard]] bool mismatch() const { return mismatch_; }

 private:
  void CopyExact(int column, std::span<std::uint8_t> out) const override {
    const base::ByteView bytes = Blob(column);
    if (bytes.size() == out.size()) {
      std::copy(bytes.begin(), bytes.end(), out.begin());
    } else if (!IsNull(column)) {
      mismatch_ = true;
    }
  }
  [[nodiscard]] bool Holds(int column, Oid type) const {
    if (IsNull(column)) return false;
    if (PQftype(result_, column) == type) return true;
    mismatch_ = true;
    return false;
  }
  [[nodiscard]] std::string_view Characters(int column) const {
    return {PQgetvalue(result_, row_, column),
            static_cast<std::size_t>(PQgetlength(result_, row_, column))};
  }
  // Network order, two's complement, 1 to 8 bytes. A truth value has one byte.
  [[nodiscard]] static std::int64_t FromWire(std::string_view characters) {
    constexpr unsigned char kSign = 0x80;
    const bool negative =
        characters.size() > 1 &&
        (static_cast<unsigned char>(characters.front()) & kSign) != 0;
    std::uint64_t bits = negative ? ~std::uint64_t{0} : 0;
    for (const char c : characters) {
      bits = bits << kBitsPerByte | static_cast<unsigned char>(c);
    }
    return static_cast<std::int64_t>(bits);
  }

  const PGresult* result_;
  int row_;
  mutable bool mismatch_ = false;
};

Oid TypeOf(const Value& value) {
  if (std::holds_alternative<std::int64_t>(value)) return kInt8;
  if (std::holds_alternative<std::string_view>(value)) return kText;
  if (std::holds_alternative<base::ByteView>(value)) return kBytea;
  return 0;
}

}  // namespace

PostgresParameters::PostgresParameters(std::span<const Value> values) {
  // Pointers into it must stay.
  numbers_.reserve(values.size());
  for (const Value& value : values) {
    types_.push_back(TypeOf(value));
    formats_.push_back(kBinary);
    if (std::holds_alternative<std::monostate>(value)) {
      data_.push_back(nullptr);
      sizes_.push_back(0);
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      data_.push_back(numbers_.emplace_back(ToWire(*number)).data());
      sizes_.push_back(sizeof(std::int64_t));
    } else {
      const std::string_view characters = CharactersOf(value);
      // A null pointer would be NULL instead of empty.
      data_.push_back(characters.data() == nullptr ? "" : characters.data());
      sizes_.push_back(static_cast<int>(characters.size()));
    }
  }
}

absl::Status CheckValues(std::span<const Value> values) {
  for (const Value& value : values) {
    const auto* text = std::get_if<std::string_view>(&value);
    if (text != nullptr && text->find('\0') != std::string_view::npos) {
      return absl::InvalidArgumentError(
          "a text holds a NUL byte, which this database cannot store");
    }
    if (CharactersOf(value).size() > kMaxValueBytes) {
      return absl::InvalidArgumentError("a value is too large to store");
    }
  }
  return absl::OkStatus();
}

std::string KindsOf(std::span<const Value> values) {
  constexpr std::string_view kLetters = "nitb";
  static_assert(std::variant_size_v<Value> == kLetters.size());
  std::string kinds;
  for (const Value& value : values) kinds += kLetters[value.index()];
  return kinds;
}

absl::Status ForEachRow(const pg_result* result, RowCallback row) {
  const int count = PQntuples(result);
  for (int at = 0; at < count; ++at) {
    const PostgresRow current(result, at);
    LIMPID_RETURN_IF_ERROR(row(current));
    if (current.mismatch()) {
      return absl::DataLossError("a column holds another type than expected");
    }
  }
  return absl::OkStatus();
}

}  // namespace limpid::storage
