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
if(NOT LIMPID_SANITIZE)
  target_compile_definitions(
    limpid_options
    INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
endif()
target_link_options(limpid_options INTERFACE -Wl,-z,relro,-z,now)
target_include_directories(limpid_options INTERFACE ${PROJECT_SOURCE_DIR})

# Compiles the sources of a target in groups, where LIMPID_JOIN asks for it: what
# is read again and again, headers and their templates, is read once a group.
# tools/dev/joined_plan.py; not for what ships.
function(limpid_join target)
  if(NOT LIMPID_JOIN)
    return()
  endif()
  set(files)
  foreach(source IN LISTS ARGN)
    get_filename_component(file ${source} ABSOLUTE)
    get_source_file_property(taken ${file} UNITY_GROUP)
    # What is generated is not there yet. A source in two targets has a group in
    # one of them: CMake keeps it with the source.
    if(EXISTS ${file} AND NOT taken)
      list(APPEND files ${file})
    endif()
  endforeach()
  execute_process(
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/dev/joined_plan.py
            ${files}
    OUTPUT_VARIABLE plan
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set_property(
    DIRECTORY APPEND
    PROPERTY CMAKE_CONFIGURE_DEPENDS
             ${PROJECT_SOURCE_DIR}/tools/dev/joined_plan.py
             ${PROJECT_SOURCE_DIR}/tools/lint/tidy_batch.py)
  string(REPLACE "\n" ";" plan "${plan}")
  foreach(line IN LISTS plan)
    string(REPLACE "|" ";" line "${line}")
    list(GET line 0 group)
    list(GET line 1 file)
    set_source_files_properties(${file} PROPERTIES UNITY_GROUP "${target}_g${group}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE
                                             GROUP)
endfunction()

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
    limpid_join(${target} ${ARG_SOURCES})
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

# Where tests find outside material (vectors, registers), our sources and what
# was built. A test without the outside material says SKIPPED.
if(DEFINED ENV{LIMPID_SHARED})
  set(LIMPID_SHARED_DEFAULT $ENV{LIMPID_SHARED})
else()
  set(LIMPID_SHARED_DEFAULT ${PROJECT_SOURCE_DIR}/../shared)
endif()
set(LIMPID_SHARED ${LIMPID_SHARED_DEFAULT} CACHE PATH "Outside test material")
set(LIMPID_TEST_ENVIRONMENT
    "LIMPID_SHARED=${LIMPID_SHARED}"
    "LIMPID_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
    "LIMPID_BIN_DIR=${CMAKE_BINARY_DIR}/bin")

# Sets `out` to whether a link line reaches gRPC, which Debian does not
# instrument: the thread sanitizer needs to know (./dev test --all).
function(limpid_reaches_grpc out)
  set(todo ${ARGN})
  set(seen)
  set(${out} FALSE PARENT_SCOPE)
  while(todo)
    list(POP_FRONT todo library)
    if(library MATCHES "^gRPC::")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
    if(NOT TARGET ${library} OR library IN_LIST seen)
      continue()
    endif()
    list(APPEND seen ${library})
    get_target_property(next ${library} INTERFACE_LINK_LIBRARIES)
    if(next)
      # A static library names its private ones as $<LINK_ONLY:...>.
      list(TRANSFORM next REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1")
      list(APPEND todo ${next})
    endif()
  endwhile()
endfunction()

# Registers a test whatever its program is.
# limpid_add_test(<name> COMMAND c... LABELS l... DEPS libs... [TIMEOUT s])
function(limpid_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "COMMAND;LABELS;DEPS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(LIMPID_SANITIZE)
    # Sanitizers cost up to ten times.
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 10")
  endif()
  limpid_reaches_grpc(grpc ${ARG_DEPS})
  if(grpc)
    list(APPEND ARG_LABELS grpc)
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND})
  set_tests_properties(
    ${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
                       ENVIRONMENT "${LIMPID_TEST_ENVIRONMENT}")
endfunction()

# limpid_test(<name> LABELS l... SOURCES cc... DEPS libs... [TIMEOUT seconds])
# One GoogleTest binary, one ctest entry.
function(limpid_test name)
  if(NOT LIMPID_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE limpid_options ${ARG_DEPS}
                                        limpid::testing GTest::gmock
                                        GTest::gtest_main)
  if(LIMPID_SANITIZE)
    # What is looked at are the libraries; optimising a program of tests costs
    # as much again as reading it.
    target_compile_options(${name} PRIVATE -O0)
  endif()
  limpid_join(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                           ${CMAKE_BINARY_DIR}/tests)
  limpid_add_test(
    ${name}
    COMMAND ${name}
    LABELS ${ARG_LABELS}
    DEPS ${ARG_DEPS}
    TIMEOUT ${ARG_TIMEOUT})
endfunction()

# limpid_bench(<name> SOURCES cc... DEPS libs...): build/release/bench/bench_<name>,
# run by ./dev bench <name>, which passes --json FILE and the rest on.
function(limpid_bench name)
  if(NOT LIMPID_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_link_libraries(bench_${name} PRIVATE limpid_options ${ARG_DEPS})
  set_target_properties(bench_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                                 ${CMAKE_BINARY_DIR}/bench)
endfunction()

# limpid_fuzz_target(<name> SOURCES cc... DEPS libs...): a parser of outside
# bytes behind LLVMFuzzerTestOneInput. With LIMPID_FUZZ (Clang) libFuzzer drives
# it; without, a driver of ours replays tests/fuzz/corpus/<name> as a plain test.
function(limpid_fuzz_target name)
  if(NOT LIMPID_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  set(target fuzz_${name})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE limpid_options ${ARG_DEPS})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                                             ${CMAKE_BINARY_DIR}/fuzz)
  if(LIMPID_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
  limpid_add_test(
    ${target}
    COMMAND ${target} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}
    LABELS fuzz
    DEPS ${ARG_DEPS})
endfunction()
