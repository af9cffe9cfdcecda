#include "common/receipt/receipt_id.h"

#include <cstdint>
#include <numeric>

#include "gtest/gtest.h"

namespace limpid::receipt {
namespace {

// docs/formats/receipt.md; computed with Python's hashlib and base64.
TEST(ReceiptId, IsTheOneOfTheFormat) {
  base::ByteArray<16> access{};
  std::iota(access.begin(), access.end(), std::uint8_t{0});
  EXPECT_EQ(ReceiptIdText(access), "rcp_3oo5acpq5lresvbwjtl5zlaoha");
}

}  // namespace
}  // namespace limpid::receipt
