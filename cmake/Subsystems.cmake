# The layers of the system, lowest first. A subsystem may include the private header of what stands to its left; the
# `layering` test holds that. Each becomes an object library; together they are what `ndiskit` and every test link.
set(NDISKIT_LAYERS
  ntoskrnl/arch ntoskrnl/rtl ntoskrnl/ke ntoskrnl/ex ntoskrnl/mm ntoskrnl/ob ntoskrnl/ps ntoskrnl/cm ntoskrnl/io
  ntoskrnl/ldr ntoskrnl/pnp ntoskrnl/po ntoskrnl/wmi usb ndis wdf gadget upper setup system)

add_library(ndiskit_options INTERFACE)
target_include_directories(ndiskit_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(ndiskit_options INTERFACE
  -Wall -Wextra -Werror -Wno-multichar -fshort-wchar -fno-strict-aliasing -fvisibility=hidden -fno-omit-frame-pointer
  -isystem ${PROJECT_SOURCE_DIR}/include/km)
target_compile_definitions(ndiskit_options INTERFACE _GNU_SOURCE)
target_link_libraries(ndiskit_options INTERFACE Threads::Threads PkgConfig::SLIRP PkgConfig::LIBDW PkgConfig::JANSSON
  PkgConfig::PCAP PkgConfig::CRYPTO PkgConfig::LIBUSB ${LWIP_LINK_LIBRARIES} ${ZYDIS_LIBRARY} ${CMAKE_DL_LIBS})
if(NDISKIT_SANITIZE)
  target_compile_options(ndiskit_options INTERFACE -fsanitize=${NDISKIT_SANITIZE})
  if(NDISKIT_SANITIZE MATCHES undefined)
    # Not pointer-overflow: for clang, NULL + 0 is one, and WDK macros such as MmGetMdlVirtualAddress do that by design.
    target_compile_options(ndiskit_options INTERFACE -fno-sanitize-recover=undefined -fno-sanitize=pointer-overflow)
  endif()
  target_link_options(ndiskit_options INTERFACE -fsanitize=${NDISKIT_SANITIZE})
endif()

set(NDISKIT_OBJECTS)
foreach(layer ${NDISKIT_LAYERS})
  get_filename_component(name ${layer} NAME)
  file(GLOB sources CONFIGURE_DEPENDS ${layer}/*.c ${layer}/*.S)
  if(NOT sources)
    continue()
  endif()
  add_library(nk_${name} OBJECT ${sources})
  target_link_libraries(nk_${name} PRIVATE ndiskit_options)
  if(layer STREQUAL "upper")
    # Behind the system's own folders, because lwIP has headers named errno.h and sys.h.
    foreach(folder ${LWIP_INCLUDE_DIRS})
      target_compile_options(nk_${name} PRIVATE -idirafter ${folder})
    endforeach()
  endif()
  # The image whose export table the NT_EXPORT lines of this folder fill.
  if(layer STREQUAL "ndis")
    target_compile_definitions(nk_${name} PRIVATE NT_IMAGE="ndis.sys" _NDIS_SYS_=1)
  elseif(layer STREQUAL "usb")
    target_compile_definitions(nk_${name} PRIVATE NT_IMAGE="usbd.sys")
  elseif(layer STREQUAL "wdf")
    target_compile_definitions(nk_${name} PRIVATE NT_IMAGE="wdfldr.sys")
  else()
    target_compile_definitions(nk_${name} PRIVATE NT_IMAGE="ntoskrnl.exe" _NTOSKRNL_=1)
  endif()
  list(APPEND NDISKIT_OBJECTS $<TARGET_OBJECTS:nk_${name}>)
endforeach()

# add_ndiskit_executable(NAME SOURCES...): a program with the whole system in it. Its dynamic symbols are what drivers in
# ELF form bind to.
function(add_ndiskit_executable name)
  add_executable(${name} ${ARGN} ${NDISKIT_OBJECTS})
  target_link_libraries(${name} PRIVATE ndiskit_options)
  set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
endfunction()

file(GLOB tool_sources CONFIGURE_DEPENDS tool/*.c)
if(tool_sources)
  add_ndiskit_executable(ndiskit ${tool_sources})
  target_compile_definitions(ndiskit PRIVATE NDISKIT_VERSION="${PROJECT_VERSION}")
endif()
