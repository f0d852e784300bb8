// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/textarchive.h"

#include <QFile>
#include <QFileInfo>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace cring::app {

namespace {

using Archive = std::unique_ptr<archive, int (*)(archive *)>;
using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry *)>;

bool addFile(archive *to, const QByteArray &name, const QByteArray &text, qint64 nowSeconds)
{
    constexpr int kOwnerOnly = 0600;
    const Entry entry(archive_entry_new(), &archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.constData());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), kOwnerOnly);
    archive_entry_set_size(entry.get(), text.size());
    archive_entry_set_mtime(entry.get(), nowSeconds, 0);
    return archive_write_header(to, entry.get()) == ARCHIVE_OK &&
           archive_write_data(to, text.constData(), static_cast<size_t>(text.size())) == text.size();
}

Error failure(const QString &path, const char *why)
{
    return {Code::StateFile,
            QStringLiteral("%1 cannot be written: %2").arg(path, QString::fromLocal8Bit(why))};
}

} // namespace

Status writeTextArchive(const QString &path, const QList<TextFile> &files, qint64 nowSeconds)
{
    const QByteArray native = QFile::encodeName(path);
    const int file = ::open(native.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST)
        return Error{Code::KeyExists,
                     QStringLiteral("%1 is there already, and is not written over").arg(path)};
    if (file < 0)
        return failure(path, std::strerror(errno));
    const Archive to(archive_write_new(), &archive_write_free);
    // A name that begins with a dot would leave nothing, and make the paths absolute.
    const QString name = QFileInfo(path).fileName().section(u'.', 0, 0);
    const QByteArray folder = (name.isEmpty() ? QStringLiteral("cring-diagnosis") : name).toUtf8() + '/';
    bool done = archive_write_add_filter_gzip(to.get()) == ARCHIVE_OK &&
                archive_write_set_format_pax_restricted(to.get()) == ARCHIVE_OK &&
                archive_write_open_fd(to.get(), file) == ARCHIVE_OK;
    for (const TextFile &one : files)
        done = done && addFile(to.get(), folder + one.name.toUtf8(), one.text, nowSeconds);
    done = archive_write_close(to.get()) == ARCHIVE_OK && done;
    const Status status = done ? Status() : failure(path, archive_error_string(to.get()));
    ::close(file);
    if (!status)
        ::unlink(native.constData());
    return status;
}

} // namespace cring::app
