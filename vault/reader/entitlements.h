// Puts together what the lines of one release say of an entitlement.

#ifndef LIMPID_VAULT_READER_ENTITLEMENTS_H_
#define LIMPID_VAULT_READER_ENTITLEMENTS_H_

#include <vector>

#include "absl/functional/function_ref.h"
#include "common/json/value.h"
#include "vault/reader/reader.h"

namespace limpid::vault {

// False for a line of has_entitlement/1 when not all of its needs are among the
// lines with its form and parameters: then nothing has to be looked at, and no
// source asked. True for every other line.
bool MayConclude(const ReadLine& line, const std::vector<ReadLine>& lines);

// Calls `answer` for each line of has_entitlement/1 whose needs are all lines
// of its own form and parameters and were all tested (`met`), with the one
// answer. Every other such line gets the reason that the worst of its needs
// has, the same in all, so that nobody learns which of them fails: kForm when
// a line is missing or not of that kind, else kSourceUnavailable when a source
// did not answer, else what stands in the way of the value. To be called when
// nothing more comes.
void ConcludeEntitlements(
    std::vector<ReadLine>& lines,
    absl::FunctionRef<void(ReadLine&, const json::Value& parameters, bool)>
        answer);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_READER_ENTITLEMENTS_H_
