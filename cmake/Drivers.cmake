# Building drivers from Linux: the PE image that ships to Windows and, from the same sources, an ELF object for
# sanitizers, fuzzers and gdb.
#
#   add_driver(NAME SOURCES a.c b.c [INF name.inf] [LIBRARIES ntoskrnl ndis usbd] [DEFINITIONS NDIS630_MINIPORT=1 ...]
#              [PACKAGE dir-name])
#
# leaves build/drivers/NAME/NAME.sys, NAME.pdb, NAME.so and NAME.inf. Import libraries are made from the export lines of
# ndiskit itself (see export-defs), so that a driver can only import what ndiskit exports.
set(NDISKIT_IMAGES ntoskrnl.exe hal.dll ndis.sys usbd.sys wmilib.sys netio.sys)

add_ndiskit_executable(export-defs ${PROJECT_SOURCE_DIR}/cmake/export_defs.c)
set(NDISKIT_IMPORT_DIR ${PROJECT_BINARY_DIR}/lib)
set(NDISKIT_IMPORT_LIBRARIES)
foreach(image ${NDISKIT_IMAGES})
  get_filename_component(base ${image} NAME_WE)
  set(def ${NDISKIT_IMPORT_DIR}/${base}.def)
  set(lib ${NDISKIT_IMPORT_DIR}/${base}.lib)
  # The .def is rewritten only when its content changes, so that drivers are not relinked for every edit of ndiskit.
  add_custom_command(OUTPUT ${def}.stamp BYPRODUCTS ${def}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${NDISKIT_IMPORT_DIR}
    COMMAND $<TARGET_FILE:export-defs> ${image} ${def}.new
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${def}.new ${def}
    COMMAND ${CMAKE_COMMAND} -E touch ${def}.stamp
    DEPENDS export-defs VERBATIM)
  add_custom_command(OUTPUT ${lib}
    COMMAND ${LLVM_DLLTOOL} -m i386:x86-64 -d ${def} -l ${lib}
    DEPENDS ${def}.stamp ${def} VERBATIM)
  list(APPEND NDISKIT_IMPORT_LIBRARIES ${lib})
endforeach()
add_custom_target(import-libraries DEPENDS ${NDISKIT_IMPORT_LIBRARIES})

set(NDISKIT_PE_FLAGS --target=x86_64-pc-windows-msvc -std=c17 -O2 -gcodeview -Wall -Wextra -Werror
  -Wno-unused-command-line-argument -nostdlibinc -fno-builtin-wcslen -mno-stack-arg-probe -fms-extensions
  -isystem ${PROJECT_SOURCE_DIR}/include/km -isystem ${PROJECT_SOURCE_DIR}/include/km/crt -D_AMD64_=1 -D_WIN64=1 -DKERNEL_MODE=1
  -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000000)

set(NDISKIT_ELF_FLAGS -std=gnu17 -O2 -g -Wall -Wextra -Werror -fshort-wchar -fno-strict-aliasing -fPIC
  -fvisibility=hidden -fno-omit-frame-pointer -fms-extensions -Wno-microsoft-anon-tag
  -isystem ${PROJECT_SOURCE_DIR}/include/km -D_AMD64_=1 -D_WIN64=1 -DKERNEL_MODE=1
  -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000000)
if(NDISKIT_SANITIZE)
  list(APPEND NDISKIT_ELF_FLAGS -fsanitize=${NDISKIT_SANITIZE})
endif()

function(add_driver name)
  cmake_parse_arguments(D "" "INF;PACKAGE" "SOURCES;LIBRARIES;DEFINITIONS" ${ARGN})
  if(NOT D_PACKAGE)
    set(D_PACKAGE ${name})
  endif()
  if(NOT D_LIBRARIES)
    set(D_LIBRARIES ntoskrnl ndis)
  endif()
  set(out ${PROJECT_BINARY_DIR}/drivers/${D_PACKAGE})
  set(obj ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir)
  file(MAKE_DIRECTORY ${out} ${obj})
  set(defines)
  foreach(d ${D_DEFINITIONS})
    list(APPEND defines -D${d})
  endforeach()
  set(pe_objects)
  set(elf_objects)
  foreach(source ${D_SOURCES})
    get_filename_component(path ${source} ABSOLUTE)
    get_filename_component(stem ${source} NAME_WE)
    add_custom_command(OUTPUT ${obj}/${stem}.obj
      COMMAND ${CLANG} ${NDISKIT_PE_FLAGS} ${defines} -MD -MF ${obj}/${stem}.obj.d -MT ${obj}/${stem}.obj
              -c ${path} -o ${obj}/${stem}.obj
      DEPENDS ${path} DEPFILE ${obj}/${stem}.obj.d VERBATIM COMMENT "Building PE object ${name}/${stem}.obj")
    add_custom_command(OUTPUT ${obj}/${stem}.o
      COMMAND ${CLANG} ${NDISKIT_ELF_FLAGS} ${defines} -MD -MF ${obj}/${stem}.o.d -MT ${obj}/${stem}.o
              -c ${path} -o ${obj}/${stem}.o
      DEPENDS ${path} DEPFILE ${obj}/${stem}.o.d VERBATIM COMMENT "Building ELF object ${name}/${stem}.o")
    list(APPEND pe_objects ${obj}/${stem}.obj)
    list(APPEND elf_objects ${obj}/${stem}.o)
  endforeach()
  set(libs)
  foreach(l ${D_LIBRARIES})
    list(APPEND libs ${NDISKIT_IMPORT_DIR}/${l}.lib)
  endforeach()
  add_custom_command(OUTPUT ${out}/${name}.sys BYPRODUCTS ${out}/${name}.pdb
    COMMAND ${LLD_LINK} /nologo /driver /subsystem:native /entry:DriverEntry /nodefaultlib /dynamicbase /nxcompat
            /release /debug /pdb:${out}/${name}.pdb /pdbaltpath:${name}.pdb /out:${out}/${name}.sys
            ${pe_objects} ${libs}
    DEPENDS ${pe_objects} ${libs} VERBATIM COMMENT "Linking PE driver ${name}.sys")
  set(elf_link -shared -Wl,-Bsymbolic -Wl,-z,now)
  if(NDISKIT_SANITIZE)
    list(APPEND elf_link -fsanitize=${NDISKIT_SANITIZE})
  endif()
  add_custom_command(OUTPUT ${out}/${name}.so
    COMMAND ${CLANG} ${elf_link} -o ${out}/${name}.so ${elf_objects}
    DEPENDS ${elf_objects} VERBATIM COMMENT "Linking ELF driver ${name}.so")
  set(products ${out}/${name}.sys ${out}/${name}.so)
  if(D_INF)
    get_filename_component(inf ${D_INF} ABSOLUTE)
    get_filename_component(inf_name ${D_INF} NAME)
    add_custom_command(OUTPUT ${out}/${inf_name} COMMAND ${CMAKE_COMMAND} -E copy ${inf} ${out}/${inf_name}
      DEPENDS ${inf} VERBATIM)
    list(APPEND products ${out}/${inf_name})
  endif()
  add_custom_target(driver-${name} ALL DEPENDS ${products})
endfunction()
