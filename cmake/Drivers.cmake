# Building drivers from Linux: the PE image that ships to Windows and, from the same sources, an ELF object for
# sanitizers, fuzzers and gdb.
#
#   add_driver(NAME SOURCES a.c b.c [INF name.inf] [LIBRARIES ntoskrnl ndis usbd] [DEFINITIONS NDIS630_MINIPORT=1 ...]
#              [PACKAGE dir-name] [FOLDER dir] [PE_ONLY] [NO_IMPORT_TEST] [KMDF] [LINK_OPTIONS ...] [COMPILE_OPTIONS ...])
# KMDF links the framework's start-up code (wdf/entry) into the driver, which is then entered there; the definition
# KMDF_VERSION_MINOR=n selects the version (1.15 unless given).
#   add_test_driver(NAME [...])    of all *.c and the *.inf of the current folder; the same options
#
# leaves build/drivers/NAME/NAME.sys, NAME.pdb, NAME.so and NAME.inf (a test driver: build/tests/drivers/NAME/...) and
# makes the target driver-NAME. Import libraries are made from the export lines of ndiskit itself (see export-defs), so
# that a driver can only import what ndiskit exports. A test for each .sys checks that Windows exports it too.
set(NDISKIT_IMAGES ntoskrnl.exe hal.dll ndis.sys usbd.sys wmilib.sys netio.sys wdfldr.sys)

add_ndiskit_executable(export-defs ${PROJECT_SOURCE_DIR}/cmake/export_defs.c)
set(NDISKIT_IMPORT_DIR ${PROJECT_BINARY_DIR}/lib)
set(NDISKIT_IMPORT_LIBRARIES)
foreach(image ${NDISKIT_IMAGES})
  get_filename_component(base ${image} NAME_WE)
  set(def ${NDISKIT_IMPORT_DIR}/${base}.def)
  set(lib ${NDISKIT_IMPORT_DIR}/${base}.lib)
  # The .def is rewritten only when its content changes (and Ninja then looks at its time again), so that drivers are not
  # relinked for every edit of ndiskit.
  add_custom_command(OUTPUT ${def}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${NDISKIT_IMPORT_DIR}
    COMMAND $<TARGET_FILE:export-defs> ${image} ${def}.new
    COMMAND ${CMAKE_COMMAND} -E copy_if_different ${def}.new ${def}
    DEPENDS export-defs VERBATIM COMMENT "Listing the exports of ${image}")
  add_custom_command(OUTPUT ${lib}
    COMMAND ${LLVM_DLLTOOL} -m i386:x86-64 -d ${def} -l ${lib}
    DEPENDS ${def} VERBATIM COMMENT "Making import library ${base}.lib")
  list(APPEND NDISKIT_IMPORT_LIBRARIES ${lib})
endforeach()
add_custom_target(import-libraries DEPENDS ${NDISKIT_IMPORT_LIBRARIES})

set(NDISKIT_DRIVER_FLAGS -O2 -Wall -Wextra -Werror -fms-extensions -isystem ${PROJECT_SOURCE_DIR}/include/km
  -D_AMD64_=1 -D_WIN64=1 -DKERNEL_MODE=1 -D_WIN32_WINNT=0x0A00 -DNTDDI_VERSION=0x0A000000)
set(NDISKIT_PE_FLAGS --target=x86_64-pc-windows-msvc -std=c17 -g -gcodeview -nostdlibinc -fno-builtin-wcslen
  -mno-stack-arg-probe -fno-stack-protector -Wno-unused-command-line-argument ${NDISKIT_DRIVER_FLAGS}
  -isystem ${PROJECT_SOURCE_DIR}/include/km/crt)
set(NDISKIT_ELF_FLAGS -std=gnu17 -g -fshort-wchar -fno-strict-aliasing -fPIC -fno-omit-frame-pointer
  -Wno-microsoft-anon-tag ${NDISKIT_DRIVER_FLAGS})
set(NDISKIT_ELF_LINK -shared -Wl,-Bsymbolic -Wl,-z,now -Wl,--build-id
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/driver.map)
if(NDISKIT_SANITIZE)
  list(APPEND NDISKIT_ELF_FLAGS -fsanitize=${NDISKIT_SANITIZE} -fno-sanitize=pointer-overflow)
  list(APPEND NDISKIT_ELF_LINK -fsanitize=${NDISKIT_SANITIZE})
endif()

# compile_driver_source(OBJECTS-VARIABLE COMPILER-FLAGS-LIST OBJECT SOURCE KIND)
function(compile_driver_source objects flags object source kind)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CLANG} ${flags} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
    DEPENDS ${source} DEPFILE ${object}.d VERBATIM COMMENT "Building ${kind} object ${object}")
  set(${objects} ${${objects}} ${object} PARENT_SCOPE)
endfunction()

# usbdex.lib: the part of the USB library that Windows links into drivers instead of exporting it. ndiskit holds the same source
# for drivers in ELF form.
find_program(LLVM_LIB NAMES llvm-lib llvm-lib-14 REQUIRED)
set(usbdex_objects)
compile_driver_source(usbdex_objects "${NDISKIT_PE_FLAGS}" ${NDISKIT_IMPORT_DIR}/usbdex.obj ${PROJECT_SOURCE_DIR}/usb/usbdex.c PE)
file(MAKE_DIRECTORY ${NDISKIT_IMPORT_DIR})
add_custom_command(OUTPUT ${NDISKIT_IMPORT_DIR}/usbdex.lib
  COMMAND ${LLVM_LIB} /nologo /out:${NDISKIT_IMPORT_DIR}/usbdex.lib ${usbdex_objects}
  DEPENDS ${usbdex_objects} VERBATIM COMMENT "Making usbdex.lib")
add_custom_target(usbdex-library ALL DEPENDS ${NDISKIT_IMPORT_DIR}/usbdex.lib)

function(add_driver name)
  cmake_parse_arguments(D "PE_ONLY;NO_IMPORT_TEST;KMDF" "INF;PACKAGE;FOLDER"
    "SOURCES;LIBRARIES;DEFINITIONS;COMPILE_OPTIONS;LINK_OPTIONS" ${ARGN})
  if(NOT D_PACKAGE)
    set(D_PACKAGE ${name})
  endif()
  if(NOT D_FOLDER)
    set(D_FOLDER drivers)
  endif()
  if(NOT D_LIBRARIES)
    set(D_LIBRARIES ntoskrnl ndis)
  endif()
  set(entry DriverEntry)
  if(D_KMDF)
    set(entry FxDriverEntry)
    list(APPEND D_SOURCES ${PROJECT_SOURCE_DIR}/wdf/entry/driver_entry.c)
    list(APPEND D_LIBRARIES wdfldr)
  endif()
  set(out ${PROJECT_BINARY_DIR}/${D_FOLDER}/${D_PACKAGE})
  set(obj ${CMAKE_CURRENT_BINARY_DIR}/${name}.dir)
  file(MAKE_DIRECTORY ${out} ${obj})
  set(defines ${D_COMPILE_OPTIONS})
  foreach(d ${D_DEFINITIONS})
    list(APPEND defines -D${d})
  endforeach()
  set(pe_flags ${NDISKIT_PE_FLAGS} ${defines})
  set(elf_flags ${NDISKIT_ELF_FLAGS} ${defines})
  set(pe_objects)
  set(elf_objects)
  foreach(source ${D_SOURCES})
    get_filename_component(path ${source} ABSOLUTE)
    get_filename_component(stem ${source} NAME_WE)
    compile_driver_source(pe_objects "${pe_flags}" ${obj}/${stem}.obj ${path} PE)
    if(NOT D_PE_ONLY)
      compile_driver_source(elf_objects "${elf_flags}" ${obj}/${stem}.o ${path} ELF)
    endif()
  endforeach()

  set(libs)
  foreach(l ${D_LIBRARIES})
    if(IS_ABSOLUTE ${l})
      list(APPEND libs ${l})
    else()
      list(APPEND libs ${NDISKIT_IMPORT_DIR}/${l}.lib)
    endif()
  endforeach()
  # Floating-point code refers to _fltused, which the WDK's libraries define; nothing reads it.
  add_custom_command(OUTPUT ${out}/${name}.sys BYPRODUCTS ${out}/${name}.pdb
    COMMAND ${LLD_LINK} /nologo /driver /subsystem:native /entry:${entry} /nodefaultlib /dynamicbase /nxcompat
            /alternatename:_fltused=DriverEntry /debug /pdb:${out}/${name}.pdb /pdbaltpath:${name}.pdb /out:${out}/${name}.sys ${D_LINK_OPTIONS}
            ${pe_objects} ${libs}
    DEPENDS ${pe_objects} ${libs} VERBATIM COMMENT "Linking PE driver ${name}.sys")
  set(products ${out}/${name}.sys)
  if(NOT D_PE_ONLY)
    add_custom_command(OUTPUT ${out}/${name}.so
      COMMAND ${CLANG} ${NDISKIT_ELF_LINK} -o ${out}/${name}.so ${elf_objects}
      DEPENDS ${elf_objects} ${PROJECT_SOURCE_DIR}/cmake/driver.map VERBATIM COMMENT "Linking ELF driver ${name}.so")
    list(APPEND products ${out}/${name}.so)
  endif()
  if(D_INF)
    get_filename_component(inf ${D_INF} ABSOLUTE)
    get_filename_component(inf_name ${D_INF} NAME)
    add_custom_command(OUTPUT ${out}/${inf_name} COMMAND ${CMAKE_COMMAND} -E copy ${inf} ${out}/${inf_name}
      DEPENDS ${inf} VERBATIM)
    list(APPEND products ${out}/${inf_name})
  endif()
  add_custom_target(driver-${name} ALL DEPENDS ${products})
  if(NOT D_NO_IMPORT_TEST)
    add_test(NAME imports-${name} COMMAND ${PROJECT_SOURCE_DIR}/cmake/check-driver-imports ${out}/${name}.sys)
  endif()
endfunction()

function(add_test_driver name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  file(GLOB infs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.inf)
  set(inf)
  if(infs)
    list(GET infs 0 first)
    set(inf INF ${first})
  endif()
  add_driver(${name} SOURCES ${sources} ${inf} FOLDER tests/drivers ${ARGN})
endfunction()
