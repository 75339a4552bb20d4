# Third-party libraries, all from Debian 12. docs/adr says why each is here.
if(QUORUMOR_STATIC)
  set(OPENSSL_USE_STATIC_LIBS ON)  # before CapnProto's package, which looks for OpenSSL itself
endif()
find_package(Boost 1.81 REQUIRED)
if(QUORUMOR_STATIC)
  # The package prefers the shared libraries unless it is told where the archives are.
  foreach(library capnp kj)
    find_library(CapnProto_${library}_IMPORTED_LOCATION NAMES lib${library}.a)
  endforeach()
endif()
find_package(CapnProto REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
# toml++ as headers: its package would link the shared library, which has exceptions.
find_path(QUORUMOR_TOML_INCLUDE_DIR toml++/toml.h REQUIRED)
mark_as_advanced(QUORUMOR_TOML_INCLUDE_DIR)
find_package(Sodium REQUIRED)
