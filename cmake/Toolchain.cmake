# Language, warnings, sanitizers: the same for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(QUORUMOR_CCACHE ccache)
if(QUORUMOR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUORUMOR_CCACHE})
endif()

add_library(quorumor_flags INTERFACE)
target_compile_features(quorumor_flags INTERFACE cxx_std_20)
# No fused multiply-add: thresholds must agree between nodes of different builds.
target_compile_options(quorumor_flags INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wconversion;-Wshadow;-ffp-contract=off>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 warns falsely at -O3 about std::string's operator+ (its bug 105651).
  target_compile_options(quorumor_flags INTERFACE $<BUILD_INTERFACE:-Wno-restrict>)
endif()
if(QUORUMOR_WERROR)
  target_compile_options(quorumor_flags INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()

if(QUORUMOR_SANITIZE)
  set(QUORUMOR_STATIC OFF)
  target_compile_options(quorumor_flags INTERFACE
    $<BUILD_INTERFACE:-fsanitize=${QUORUMOR_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>)
  target_link_options(quorumor_flags INTERFACE $<BUILD_INTERFACE:-fsanitize=${QUORUMOR_SANITIZE}>)
  if(QUORUMOR_FUZZ)
    # Every room is instrumented, not only the target's own file: a fuzzer that sees no coverage is blind.
    target_compile_options(quorumor_flags INTERFACE $<BUILD_INTERFACE:-fsanitize=fuzzer-no-link>)
  endif()
  if(QUORUMOR_SANITIZE MATCHES thread AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Asio uses fences, which g++'s TSan does not model; it warns in every unit.
    target_compile_options(quorumor_flags INTERFACE $<BUILD_INTERFACE:-Wno-tsan>)
  endif()
elseif(QUORUMOR_STATIC)
  # An idle agent is held under 11 MB resident; dynamic relocation and PIE cost a fifth of that, and so does code that
  # nobody calls: the kernel maps text in large pieces around each fault.
  add_link_options(-no-pie)
  string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
  string(APPEND CMAKE_CXX_FLAGS_RELEASE " -ffunction-sections -fdata-sections")
  add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections>)
endif()
