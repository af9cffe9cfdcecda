# Every library of others that we use, found once, by the names that Debian 12
# and 13, vcpkg and conan share. Each has a paragraph in docs/adr/.

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq>=15)
if(LIMPID_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
  find_package(rapidcheck CONFIG REQUIRED)
  find_package(benchmark CONFIG REQUIRED)
endif()

# PKCS#11 is a header; the module comes from the token's maker at run time.
pkg_check_modules(P11_KIT REQUIRED p11-kit-1)
find_path(LIMPID_PKCS11_INCLUDE_DIR p11-kit/pkcs11.h REQUIRED
          HINTS ${P11_KIT_INCLUDE_DIRS})
add_library(limpid_pkcs11 INTERFACE IMPORTED)
target_include_directories(limpid_pkcs11 SYSTEM
                           INTERFACE ${LIMPID_PKCS11_INCLUDE_DIR})
# Its plain C names, without a macro for every field.
target_compile_definitions(limpid_pkcs11 INTERFACE CRYPTOKI_GNU=1)

# Debian's Snowball stemmers come without a file for pkg-config.
find_path(LIMPID_STEMMER_INCLUDE_DIR libstemmer.h REQUIRED)
find_library(LIMPID_STEMMER_LIBRARY stemmer REQUIRED)
add_library(limpid_stemmer INTERFACE IMPORTED)
target_include_directories(limpid_stemmer SYSTEM
                           INTERFACE ${LIMPID_STEMMER_INCLUDE_DIR})
target_link_libraries(limpid_stemmer INTERFACE ${LIMPID_STEMMER_LIBRARY})

# valijson is a set of headers; its Debian package drags 170 others along, so
# ./dev unpacks it into build/deps instead of installing it.
find_path(
  LIMPID_VALIJSON_INCLUDE_DIR valijson/schema.hpp
  HINTS ${PROJECT_SOURCE_DIR}/build/deps/valijson/usr/include)
if(NOT LIMPID_VALIJSON_INCLUDE_DIR)
  execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/dev/valijson.sh
                  COMMAND_ERROR_IS_FATAL ANY)
  find_path(
    LIMPID_VALIJSON_INCLUDE_DIR valijson/schema.hpp REQUIRED
    HINTS ${PROJECT_SOURCE_DIR}/build/deps/valijson/usr/include)
endif()
add_library(limpid_valijson INTERFACE IMPORTED)
target_include_directories(limpid_valijson SYSTEM
                           INTERFACE ${LIMPID_VALIJSON_INCLUDE_DIR})
# Without it a bad schema calls abort().
target_compile_definitions(limpid_valijson INTERFACE VALIJSON_USE_EXCEPTIONS=1)
