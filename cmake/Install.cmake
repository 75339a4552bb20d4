# What `cmake --install` puts where: the program, the public headers, the archives behind them, and a CMake package
# with one target for users: quorumor::quorumor.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/quorumor)

# What a target links of ours, itself included. Tools (the agent, the command line, the simulator) stay out: they would
# make an embedding program's package need their libraries too.
function(quorumor_closure target result)
  set(found ${${result}})
  if(NOT target IN_LIST found)
    list(APPEND found ${target})
    get_target_property(links ${target} LINK_LIBRARIES)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL INTERFACE_LIBRARY)
      get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
    endif()
    foreach(link IN LISTS links)
      if(link MATCHES "^quorumor_" AND TARGET ${link})
        quorumor_closure(${link} found)
      endif()
    endforeach()
  endif()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

add_library(quorumor_quorumor INTERFACE)
add_library(quorumor::quorumor ALIAS quorumor_quorumor)
target_link_libraries(quorumor_quorumor INTERFACE quorumor_node_driver)
set_target_properties(quorumor_quorumor PROPERTIES EXPORT_NAME quorumor)
set_target_properties(quorumor_flags PROPERTIES EXPORT_NAME flags)

set(quorumor_targets "")
quorumor_closure(quorumor_quorumor quorumor_targets)

install(TARGETS ${quorumor_targets} EXPORT quorumorTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY include/quorumor DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
  FILES_MATCHING PATTERN "*.h")
install(EXPORT quorumorTargets NAMESPACE quorumor:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/quorumorConfig.cmake.in
  ${CMAKE_BINARY_DIR}/quorumorConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change anything.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/quorumorConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_BINARY_DIR}/quorumorConfig.cmake
  ${CMAKE_BINARY_DIR}/quorumorConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindSodium.cmake
  DESTINATION ${package_dir} COMPONENT development)

if(TARGET quorumor)
  install(FILES examples/agent.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/quorumor/examples COMPONENT runtime)
  install(TARGETS quorumor RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
endif()
