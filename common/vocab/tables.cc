// The compiled tables, apart from the code that reads them.

#include <array>
#include <cstdint>
#include <string_view>

#include "common/vocab/taxonomy.h"

namespace limpid::vocab {
namespace {

// The .inc files are generated and hold constants only.
#include "common/vocab/personal_data_table.inc"
#include "common/vocab/purposes_table.inc"

}  // namespace

static_assert(kPurposesRelease == kPersonalDataRelease);

std::string_view Taxonomy::release() { return kPurposesRelease; }

Purposes::Purposes()
    : Taxonomy(kPurposesTerms, kPurposesParents, kPurposesSha256) {}

PersonalData::PersonalData()
    : Taxonomy(kPersonalDataTerms, kPersonalDataParents, kPersonalDataSha256) {}

}  // namespace limpid::vocab
