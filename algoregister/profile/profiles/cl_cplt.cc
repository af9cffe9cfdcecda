// cl-cplt: what the Chilean transparency council recommends bodies to publish
// of automated decision systems (resolution 372 of 2024). The council has three
// sheets that share an internal id; the file form is ours, one CSV line per
// system with the columns of all three and the name of the body.

#include <array>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/profiles/all.h"
#include "algoregister/profile/profiles/columns.h"
#include "algoregister/registration/ids.h"

namespace limpid::algoregister::profiles {
namespace {

constexpr auto kYesNo = std::to_array<CodePair>({
    {"Sí", "yes"},
    {"Si", "yes"},
    {"No", "no"},
});
constexpr auto kChannel = std::to_array<CodePair>({
    {"Sí", "own"},
    {"Si", "own"},
    {"No", "none"},
    {"aplican las reglas generales del organismo", "general"},
});
constexpr auto kOwner = std::to_array<CodePair>({
    {"Titularidad del organismo o del Estado", "own"},
    {"Licenciado", "licensed"},
});
constexpr auto kColumns = std::to_array<Column>({
    OrganisationName("organismo"),
    // The first sheet: the systems.
    Required(Text("nombre_sda", "title")),
    ForeignId("identificador_interno"),
    Plain("version_sda", "system_version"),
    Date("fecha_version_sda", "system_version_date"),
    Coded("existe_canal", "complaint_channel", kChannel),
    Text("acceso_canal", "appeal"),
    Coded("derecho_oposicion", "right_to_object", kYesNo),
    Coded("titularidad", "ownership", kOwner, "ownership_note"),
    SingleMember("nombre_proveedor", "suppliers", "name"),
    SingleMember("rut_proveedor", "suppliers", "identifier"),
    Url("enlace_sda", "documentation_url", "documentation_note"),
    // The second: the services they serve.
    Text("nombre_servicio", "service"),
    Text("descripcion_servicio", "process"),
    Plain("enlace_chileatiende", "service_page"),
    Plain("unidad", "department"),
    Plain("enlace_servicio", "service_page_more"),
    SingleMember("acto_tipo", "founding_act", "kind"),
    SingleMember("acto_denominacion", "founding_act", "title"),
    SingleMember("acto_numero", "founding_act", "number"),
    SingleMember("acto_fecha", "founding_act", "date"),
    SingleMember("acto_enlace", "founding_act", "text"),
    // The third: how they work.
    Text("proposito", "goal"),
    Text("funcionamiento", "methods"),
    Coded("perfila_individuos", "profiles_people", kYesNo),
    Text("perfil_categorias", "profile_categories"),
    Text("perfil_motivos", "profile_reasons"),
    Text("perfil_metodologia", "profile_method"),
    Text("perfil_efecto_variables", "profile_variables"),
    Text("consecuencias_previstas", "impact"),
    Text("factores_decision_negativa", "negative_outcome_factors"),
    Text("metodo_modelo", "model_types"),
    Coded("datos_personales", "personal_data", kYesNo),
    Coded("datos_sensibles", "sensitive_data", kYesNo),
    Text("categorias_datos_personales", "personal_data_categories"),
    Text("evaluacion_proteccion_datos", "dpia_summary"),
    Text("otras_evaluaciones", "other_assessments"),
    Text("conjuntos_datos", "training_data"),
    Plain("politica_privacidad", "privacy_policy"),
});
constexpr Profile kProfile = {.name = "cl-cplt",
                              .title =
                                  "Chile, recommendations of the "
                                  "transparency council",
                              .organisation_scheme = "cl-cplt:organisation",
                              .layout = Layout::kCsv,
                              .language = "es",
                              .kind = RegistrationKind::kDeployment,
                              .columns = kColumns,
                              .missing = kNoSystem,
                              .ids_may_be_blank = true};

}  // namespace

const Profile& ClCplt() { return kProfile; }

}  // namespace limpid::algoregister::profiles
