// The JSON Schemas of MIM5 documents and the default rules, as docs/schemas has
// them.

#ifndef LIMPID_COMMON_MIM5_SCHEMA_TEXTS_H_
#define LIMPID_COMMON_MIM5_SCHEMA_TEXTS_H_

#include <string_view>

namespace limpid::mim5 {

extern const std::string_view kAdmSchema;
extern const std::string_view kAlgorithmsSchema;
extern const std::string_view kCertificationsSchema;
extern const std::string_view kIndexSchema;
extern const std::string_view kRulesSchema;
extern const std::string_view kDefaultRules;

}  // namespace limpid::mim5

#endif  // LIMPID_COMMON_MIM5_SCHEMA_TEXTS_H_
