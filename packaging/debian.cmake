# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages, by CPack (scripts/package): what they are called, what they need, what is in no other part of them.

set(CRING_MAINTAINER "Charmed Ring maintainers <maintainers@charmedring.example>" CACHE STRING
    "Who answers for the Debian packages that are built here: NAME <ADDRESS>")

# A changelog's date is written out; that of this version, at noon.
string(REPLACE "-" ";" date "${CRING_RELEASE_DATE}")
list(GET date 0 year)
list(GET date 1 month)
list(GET date 2 day)
set(names "Jan;Feb;Mar;Apr;May;Jun;Jul;Aug;Sep;Oct;Nov;Dec")
math(EXPR index "${month} - 1")
list(GET names ${index} name)
# Zeller, for the day of the week: January and February are the year before's.
set(shifted_year ${year})
set(shifted_month ${month})
if(month LESS 3)
    math(EXPR shifted_year "${year} - 1")
    math(EXPR shifted_month "${month} + 12")
endif()
math(EXPR weekday "(${day} + 13 * (${shifted_month} + 1) / 5 + ${shifted_year} + ${shifted_year} / 4
    - ${shifted_year} / 100 + ${shifted_year} / 400) % 7")
set(weekdays "Sat;Sun;Mon;Tue;Wed;Thu;Fri")
list(GET weekdays ${weekday} weekday)
set(CRING_CHANGELOG_DATE "${weekday}, ${day} ${name} ${year} 12:00:00 +0000")

set(debian "${CMAKE_CURRENT_BINARY_DIR}/debian")
file(MAKE_DIRECTORY "${debian}/plain" "${debian}/cring")
configure_file(debian/changelog.in "${debian}/plain/changelog" @ONLY)
cring_compressed("${debian}/plain/changelog" "${debian}/changelog.gz")
cring_compressed("${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${debian}/CHANGELOG.md.gz")
foreach(package IN ITEMS cring charmedring charmedring-common)
    set(component ${package})
    if(package STREQUAL "charmedring-common")
        set(component common)
    endif()
    if(package STREQUAL "charmedring" AND NOT CRING_GUI)
        continue()
    endif()
    set(doc "${CMAKE_INSTALL_DATADIR}/doc/${package}")
    install(FILES debian/copyright "${debian}/changelog.gz" DESTINATION "${doc}" COMPONENT ${component})
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/debian/${package}.lintian-overrides")
        install(FILES debian/${package}.lintian-overrides DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides"
            RENAME ${package} COMPONENT ${component})
    endif()
endforeach()
install(FILES "${debian}/CHANGELOG.md.gz" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/charmedring-common" COMPONENT common)

file(WRITE "${debian}/cring/conffiles" "${CRING_CONFIG_DIR}/config.toml\n")
foreach(script IN ITEMS postinst prerm postrm)
    configure_file(debian/cring.${script} "${debian}/cring/${script}" COPYONLY)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME charmedring)
set(CPACK_PACKAGE_VENDOR "Charmed Ring")
set(CPACK_PACKAGE_CONTACT "${CRING_MAINTAINER}")
set(CPACK_PACKAGE_HOMEPAGE_URL "${CRING_REPOSITORY_URL}")
set(CPACK_SET_DESTDIR ON) # The unit's and the configuration's places are not below the prefix.
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL cring common)
if(CRING_GUI)
    list(APPEND CPACK_COMPONENTS_ALL charmedring)
endif()
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

# CPack puts the blanks before the lines of a description, and the dots where they are empty.
set(CPACK_DEBIAN_CRING_PACKAGE_NAME cring)
set(CPACK_DEBIAN_CRING_PACKAGE_SHLIBDEPS ON)
# What is loaded while it runs is seen by nobody who looks at the program.
set(CPACK_DEBIAN_CRING_PACKAGE_DEPENDS
    "charmedring-common (= ${PROJECT_VERSION}), libqt6sql6-sqlite, libcurl4 (>= 7.87) | libcurl4t64, adduser, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_CRING_PACKAGE_RECOMMENDS "ca-certificates, libsecret-1-0")
set(CPACK_DEBIAN_CRING_PACKAGE_SUGGESTS "charmedring, sqlite3, bash-completion")
set(CPACK_DEBIAN_CRING_PACKAGE_CONTROL_EXTRA "${debian}/cring/conffiles" "${debian}/cring/postinst"
    "${debian}/cring/prerm" "${debian}/cring/postrm")
set(CPACK_COMPONENT_CRING_DESCRIPTION "one Charm server that keeps every file on several
A local proxy that looks like one Charm server, over HTTP and SSH, and keeps
the files of Charm accounts on several real ones at once: a write is
acknowledged when more than half of them have it, what a server has missed is
brought to it when it is back, and a bucket of an S3-compatible store may have
everything as well.

This package has the service, for a person or for the whole machine, and the
command line that looks at it and steers it.")

set(CPACK_DEBIAN_COMMON_PACKAGE_NAME charmedring-common)
set(CPACK_DEBIAN_COMMON_PACKAGE_ARCHITECTURE all)
set(CPACK_COMPONENT_COMMON_DESCRIPTION "one Charm server that keeps every file on several - shared files
Charmed Ring is a local proxy that looks like one Charm server and keeps every
file on several real ones.

This package has its documentation and its icons.")

set(CPACK_DEBIAN_CHARMEDRING_PACKAGE_NAME charmedring)
set(CPACK_DEBIAN_CHARMEDRING_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_CHARMEDRING_PACKAGE_DEPENDS
    "cring (= ${PROJECT_VERSION}), charmedring-common (= ${PROJECT_VERSION}), qt6-qpa-plugins, libqt6svg6")
set(CPACK_DEBIAN_CHARMEDRING_PACKAGE_RECOMMENDS "qt6-translations-l10n, qt6-wayland, gnome-keyring | kwalletmanager")
set(CPACK_COMPONENT_CHARMEDRING_DESCRIPTION "one Charm server that keeps every file on several - window
Charmed Ring is a local proxy that looks like one Charm server and keeps every
file on several real ones.

This package has the icon for the panel and the window: servers, files, backup
and restoring, jobs and what has happened, and a wizard for the first start.")

include(CPack)
