# quorumor_room(<dir> [NAME <target suffix>] SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
#
# One library a room: target quorumor_<name>. Its headers are reachable as "<dir>/file.h", but only by targets
# that link it: each room is staged behind an include directory of its own, so a wrong include fails to build.
function(quorumor_room dir)
  cmake_parse_arguments(ROOM "" "NAME" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  if(NOT ROOM_NAME)
    string(REPLACE "/" "_" ROOM_NAME ${dir})
  endif()
  set(stage ${CMAKE_BINARY_DIR}/rooms/${ROOM_NAME})
  get_filename_component(parent ${stage}/${dir} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${dir} ${stage}/${dir} SYMBOLIC)

  set(target quorumor_${ROOM_NAME})
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(quorumor::${ROOM_NAME} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${ROOM_NAME})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${stage}>)
  target_link_libraries(${target} PUBLIC quorumor_flags ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
  set_property(GLOBAL APPEND PROPERTY QUORUMOR_ROOM_TARGETS ${target})
endfunction()

# A program of the project; links the C++ runtime statically where QUORUMOR_STATIC holds.
function(quorumor_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_link_libraries(${name} PRIVATE ${PROGRAM_LINKS})
  if(QUORUMOR_STATIC)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
