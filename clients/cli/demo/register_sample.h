// Two small lists of our own in the shape of the Dutch register, for where the
// real ones are not at hand. Invented; compiled in from the JSON files here.

#ifndef LIMPID_CLIENTS_CLI_DEMO_REGISTER_SAMPLE_H_
#define LIMPID_CLIENTS_CLI_DEMO_REGISTER_SAMPLE_H_

#include <string_view>

namespace limpid::cli {

extern const std::string_view kRegisterSample;
// The same some weeks later: one deployment went into use.
extern const std::string_view kRegisterSampleLater;

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_DEMO_REGISTER_SAMPLE_H_
