# Finds libsodium; defines Sodium::sodium. Debian ships no CMake package for it.
include(FindPackageHandleStandardArgs)
find_path(Sodium_INCLUDE_DIR sodium.h)
if(QUORUMOR_STATIC)
  find_library(Sodium_LIBRARY NAMES libsodium.a sodium)
else()
  find_library(Sodium_LIBRARY NAMES sodium)
endif()
find_package_handle_standard_args(Sodium REQUIRED_VARS Sodium_LIBRARY Sodium_INCLUDE_DIR)
if(Sodium_FOUND AND NOT TARGET Sodium::sodium)
  add_library(Sodium::sodium UNKNOWN IMPORTED)
  set_target_properties(Sodium::sodium PROPERTIES
    IMPORTED_LOCATION "${Sodium_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Sodium_INCLUDE_DIR}")
endif()
mark_as_advanced(Sodium_INCLUDE_DIR Sodium_LIBRARY)
