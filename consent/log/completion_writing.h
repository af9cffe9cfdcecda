// Writes what sources said into the persons' logs: one entry for all that one
// record completed in the meantime, in commits of its own and never on the way
// of a read.

#ifndef LIMPID_CONSENT_LOG_COMPLETION_WRITING_H_
#define LIMPID_CONSENT_LOG_COMPLETION_WRITING_H_

#include "consent/consent_state.h"

namespace limpid::consent {

// Writes what is due, or all, and waits for it. What cannot be written is lost:
// a commit whose answer is not known must not be tried twice, and the access
// stays unfinished.
void WriteCompletions(Consent::State& state, bool all);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_COMPLETION_WRITING_H_
