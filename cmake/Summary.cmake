# What was found, with versions: the first question of every bug report.

function(limpid_show what value)
  string(LENGTH "${what}" length)
  math(EXPR pad "18 - ${length}")
  string(REPEAT " " ${pad} spaces)
  message(STATUS "  ${what}${spaces}${value}")
endfunction()

# The version in a file, by a pattern with one group; "unknown" without it.
function(limpid_version_in out file pattern)
  set(${out} "unknown" PARENT_SCOPE)
  if(EXISTS "${file}")
    file(STRINGS "${file}" lines REGEX "${pattern}")
    if(lines MATCHES "${pattern}")
      set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
    endif()
  endif()
endfunction()

get_filename_component(valijson_root
                       "${LIMPID_VALIJSON_INCLUDE_DIR}/../.." ABSOLUTE)
limpid_version_in(valijson_VERSION "${valijson_root}/version" "(.+)")
limpid_version_in(
  sqlcipher_VERSION
  "${PROJECT_SOURCE_DIR}/third_party/sqlcipher/package-lock.json"
  "\"version\": \"([0-9.]+)\"")

message(STATUS "Limpid ${PROJECT_VERSION}, ${CMAKE_BUILD_TYPE}")
limpid_show("compiler" "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
limpid_show("CMake" "${CMAKE_VERSION}")
limpid_show("ccache" "${CCACHE_PROGRAM}")
limpid_show("mold" "${MOLD_PROGRAM}")
limpid_show("sanitizers" "${LIMPID_SANITIZE}")
limpid_show("gRPC" "${gRPC_VERSION}")
limpid_show("protobuf" "${Protobuf_VERSION}")
limpid_show("Abseil" "${absl_VERSION}")
limpid_show("OpenSSL" "${OPENSSL_VERSION}")
limpid_show("libsodium" "${SODIUM_VERSION}")
limpid_show("PKCS#11 header" "p11-kit ${P11_KIT_VERSION}")
limpid_show("libpq" "${LIBPQ_VERSION}")
limpid_show("SQLCipher (npm)" "${sqlcipher_VERSION}")
limpid_show("nlohmann/json" "${nlohmann_json_VERSION}")
limpid_show("valijson" "${valijson_VERSION}")
limpid_show("Boost" "${Boost_VERSION}")
limpid_show("CLI11" "${CLI11_VERSION}")
limpid_show("spdlog" "${spdlog_VERSION}")
limpid_show("toml++" "${tomlplusplus_VERSION}")
if(LIMPID_BUILD_TESTS)
  limpid_show("GoogleTest" "${GTest_VERSION}")
  limpid_show("Benchmark" "${benchmark_VERSION}")
  limpid_show("rapidcheck" "found")
endif()
message(STATUS "end of summary")
