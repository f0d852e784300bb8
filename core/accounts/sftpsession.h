// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/ssh/libsshhandles.h"

#include <libssh/sftp.h>

#include <memory>

/// What libssh's SFTP client hands out, with an owner. For .cpp files.
namespace cring::accounts::sftp {

struct Free
{
    void operator()(sftp_session session) const { sftp_free(session); }
    void operator()(sftp_attributes attributes) const { sftp_attributes_free(attributes); }
    void operator()(sftp_dir folder) const { sftp_closedir(folder); }
    void operator()(sftp_file file) const { sftp_close(file); }
    void operator()(sftp_statvfs_t info) const { sftp_statvfs_free(info); }
};

using SessionPtr = std::unique_ptr<sftp_session_struct, Free>;
using AttributesPtr = std::unique_ptr<sftp_attributes_struct, Free>;
using FolderPtr = std::unique_ptr<sftp_dir_struct, Free>;
using FilePtr = std::unique_ptr<sftp_file_struct, Free>;
using FileSystemPtr = std::unique_ptr<sftp_statvfs_struct, Free>;

} // namespace cring::accounts::sftp
