#include "clients/cli/id_kind.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::cli {
namespace {

struct Kind {
  std::string_view prefix;
  std::string_view name;
  // The command that prints such ids; empty where none does.
  std::string_view printed_by;
};

constexpr std::string_view kRegister = "limpid register list";

constexpr std::array kKinds = {
    Kind{"acc", "an access", "limpid person accesses"},
    Kind{"agr", "an agreement",
         "limpid service agreements or limpid person show"},
    Kind{"asm", "an assessment", kRegister},
    Kind{"chg", "a change of a service", "limpid admin list-changes"},
    Kind{"crt", "a certification", kRegister},
    Kind{"dat", "a dataset", kRegister},
    Kind{"dcn", "a decision notice", "limpid person decision-notices"},
    Kind{"dep", "a deployment", kRegister},
    Kind{"dlg", "a delegation", "limpid person delegations"},
    Kind{"dty", "a deletion duty", "limpid service duties"},
    Kind{"evl", "an evaluation", kRegister},
    Kind{"hld", "a holder at a source", "limpid person holds"},
    Kind{"inc", "an incident", kRegister},
    Kind{"mdl", "a model", kRegister},
    Kind{"ntc", "a notice", "limpid person notices"},
    Kind{"org", "an organisation", kRegister},
    Kind{"per", "a person", "limpid person whoami"},
    Kind{"pub", "a publisher", ""},
    Kind{"rcp", "a receipt", ""},
    Kind{"rdr", "a reader", "limpid admin list-readers"},
    Kind{"rec", "a record", "limpid person records or limpid service status"},
    Kind{"shr", "a sharing agreement", "limpid admin list-sharing"},
    Kind{"slt", "a key slot", "limpid person device list"},
    Kind{"snp", "a snapshot", ""},
    Kind{"src", "a source", "limpid person sources"},
    Kind{"stp", "a standing permission", "limpid person standing list"},
    Kind{"svc", "a service", "limpid admin list-services"},
    Kind{"sys", "a system", kRegister},
    Kind{"tkt", "a ticket", "limpid register tickets"},
};

const Kind* KindOf(std::string_view prefix) {
  const auto found =
      std::find_if(kKinds.begin(), kKinds.end(),
                   [prefix](const Kind& one) { return one.prefix == prefix; });
  return found == kKinds.end() ? nullptr : &*found;
}

// The kind of a whole text, "rec_…"; null for none.
const Kind* KindOfText(std::string_view text) {
  const std::size_t end = text.find('_');
  return end == std::string_view::npos ? nullptr : KindOf(text.substr(0, end));
}

// "a record (rec_...), as limpid person records prints it"
std::string Named(const std::vector<std::string_view>& prefixes) {
  std::string out;
  for (const std::string_view prefix : prefixes) {
    const Kind* const kind = KindOf(prefix);
    if (kind == nullptr) continue;
    absl::StrAppend(&out, out.empty() ? "" : " or ", base::ToAbsl(kind->name),
                    " (", base::ToAbsl(prefix), "_...)");
  }
  if (const Kind* const first = KindOf(prefixes.front());
      first != nullptr && !first->printed_by.empty()) {
    absl::StrAppend(&out, ", as ", base::ToAbsl(first->printed_by),
                    " prints it");
  }
  return out;
}

CLI::Validator Refusing(std::vector<std::string_view> prefixes,
                        std::string wanted) {
  return {[prefixes = std::move(prefixes),
           wanted = std::move(wanted)](std::string& text) -> std::string {
            const Kind* const kind = KindOfText(text);
            if (kind == nullptr || std::find(prefixes.begin(), prefixes.end(),
                                             kind->prefix) != prefixes.end()) {
              return {};
            }
            return absl::StrCat(text, " is ", base::ToAbsl(kind->name),
                                "; this takes ", wanted);
          },
          ""};
}

}  // namespace

CLI::Validator OfKind(std::vector<std::string_view> prefixes) {
  std::string wanted = Named(prefixes);
  return Refusing(std::move(prefixes), std::move(wanted));
}

CLI::Validator RegistrationId() {
  std::vector<std::string_view> prefixes;
  for (const Kind& one : kKinds) {
    if (one.printed_by == kRegister) prefixes.push_back(one.prefix);
  }
  return Refusing(std::move(prefixes),
                  absl::StrCat("a registration, as ", base::ToAbsl(kRegister),
                               " prints it"));
}

}  // namespace limpid::cli
