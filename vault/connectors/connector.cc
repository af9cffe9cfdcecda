#include "vault/connectors/connector.h"

#include <algorithm>
#include <array>

namespace limpid::vault {
namespace {

// One row per ground. Rows are added, never changed.
struct Row {
  RectificationGround ground;
  std::string_view code;
  std::string_view law;
};

constexpr std::array kRows = {
    Row{RectificationGround::kAccurate, "accurate", "GDPR Art. 16"},
    Row{RectificationGround::kLaw, "law", "GDPR Art. 23(1)"},
    Row{RectificationGround::kArchive, "archive", "GDPR Art. 89(3)"},
    Row{RectificationGround::kResearch, "research", "GDPR Art. 89(2)"},
    Row{RectificationGround::kExpression, "expression",
        "GDPR Art. 85(2), 17(3)(a)"},
    Row{RectificationGround::kLegalClaims, "legal_claims",
        "GDPR Art. 17(3)(e), 18(2)"},
    Row{RectificationGround::kElsewhere, "elsewhere", "GDPR Art. 12(2)"},
};

const Row* Find(RectificationGround ground) {
  const auto* const at =
      std::find_if(kRows.begin(), kRows.end(),
                   [&](const Row& row) { return row.ground == ground; });
  return at == kRows.end() ? nullptr : at;
}

}  // namespace

std::string_view LawOf(RectificationGround ground) {
  const Row* const row = Find(ground);
  return row == nullptr ? std::string_view() : row->law;
}

std::string_view CodeOf(RectificationGround ground) {
  const Row* const row = Find(ground);
  return row == nullptr ? std::string_view() : row->code;
}

RectificationGround GroundOf(std::string_view code) {
  const auto* const at =
      std::find_if(kRows.begin(), kRows.end(),
                   [&](const Row& row) { return row.code == code; });
  return at == kRows.end() ? RectificationGround::kNone : at->ground;
}

}  // namespace limpid::vault
