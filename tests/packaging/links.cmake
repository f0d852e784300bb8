# SPDX-License-Identifier: GPL-3.0-or-later
# What packaging/screenshots.cmake makes, into the file OUT.
cmake_minimum_required(VERSION 3.22)
include("${PROJECT_SOURCE_DIR}/packaging/screenshots.cmake")
file(WRITE "${OUT}" "${CRING_METAINFO_LINKS}")
