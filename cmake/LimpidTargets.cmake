# How this project declares targets: one interface target with our warnings and
# hardening, one function per kind of target. Generated code and third-party
# code never link limpid_options.

add_library(limpid_options INTERFACE)
target_compile_features(limpid_options INTERFACE cxx_std_20)
target_compile_options(
  limpid_options
  INTERFACE -Wall
            -Wextra
            # g++ 12 warns at designated initializers that leave defaults alone.
            -Wno-missing-field-initializers
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wnon-virtual-dtor
            -Wold-style-cast
            -Wimplicit-fallthrough
            -Wswitch-enum
            -Werror
            -Werror=unused-result
            -fstack-protector-strong
            $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# FORTIFY needs optimisation; the sanitizers bring their own checks.
target_compile_definitions(
  limpid_options
  INTERFACE $<$<AND:$<CONFIG:Release,RelWithDebInfo>,$<NOT:$<BOOL:${LIMPID_SANITIZE}>>>:_FORTIFY_SOURCE=2>)
target_link_options(limpid_options INTERFACE -Wl,-z,relro,-z,now)
target_include_directories(limpid_options INTERFACE ${PROJECT_SOURCE_DIR})

# limpid_library(<name> HEADERS h... SOURCES cc... DEPS public... PRIVATE_DEPS private...)
# Makes static library limpid_<name> with alias limpid::<name>. Headers are a
# verified file set: CMake compiles each alone.
function(limpid_library name)
  cmake_parse_arguments(ARG "" "" "HEADERS;SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target limpid_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE limpid_options ${ARG_PRIVATE_DEPS})
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
  add_library(limpid::${name} ALIAS ${target})
  target_link_libraries(${target} ${scope} ${ARG_DEPS})
  if(ARG_HEADERS)
    target_sources(
      ${target} ${scope} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
      FILES ${ARG_HEADERS})
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  endif()
endfunction()

# limpid_binary(<name> SOURCES cc... DEPS libs...): an executable in bin/.
function(limpid_binary name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE limpid_options ${ARG_DEPS})
  target_link_options(${name} PRIVATE -pie)
  set_target_properties(
    ${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin
                       POSITION_INDEPENDENT_CODE ON)
endfunction()

# limpid_test(<name> LABELS l... SOURCES cc... DEPS libs... [TIMEOUT seconds])
# One GoogleTest binary, one ctest entry. LIMPID_SHARED points at the outside
# material (vectors, registers); a test without it says SKIPPED.
function(limpid_test name)
  if(NOT LIMPID_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE limpid_options ${ARG_DEPS}
                                        limpid::testing GTest::gmock
                                        GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                           ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(
    ${name}
    PROPERTIES
      LABELS "${ARG_LABELS}"
      TIMEOUT ${ARG_TIMEOUT}
      ENVIRONMENT
      "LIMPID_SHARED=$<IF:$<BOOL:$ENV{LIMPID_SHARED}>,$ENV{LIMPID_SHARED},${PROJECT_SOURCE_DIR}/../shared>;LIMPID_SOURCE_DIR=${PROJECT_SOURCE_DIR};LIMPID_BIN_DIR=${CMAKE_BINARY_DIR}/bin"
  )
endfunction()
