// How the disclosures of one version lie in one TEXT column: canonical JSON
// [{"p": pointer, "s": base64url salt, "v": value}, ...], so that erasing a
// field rewrites one row.

#ifndef LIMPID_ALGOREGISTER_STORE_FIELD_CODEC_H_
#define LIMPID_ALGOREGISTER_STORE_FIELD_CODEC_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

std::string EncodeFields(const std::vector<FieldDisclosure>& fields);
// Errors:
//   kDataLoss  not what EncodeFields wrote.
absl::StatusOr<std::vector<FieldDisclosure>> DecodeFields(
    std::string_view text);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_FIELD_CODEC_H_
