// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFile>
#include <QTemporaryDir>

#include <openssl/evp.h>

namespace cring::test {

/// Files that are mostly holes, so that they cost little; no two pieces of 16 MiB are alike.
class LargeFiles
{
public:
    /// Empty when it could not be made.
    QString make(qint64 size, char mark = 'm')
    {
        constexpr qint64 kStep = 16LL * 1024 * 1024;
        QFile file(m_folder.filePath(QString::number(++m_made)));
        bool made = file.open(QIODevice::WriteOnly) && file.resize(size);
        for (qint64 at = 0; made && at < size; at += kStep) {
            const QByteArray bytes = (mark + QByteArray::number(at)).left(size - at);
            made = file.seek(at) && file.write(bytes) == bytes.size();
        }
        return made ? file.fileName() : QString();
    }

private:
    QTemporaryDir m_folder;
    int m_made = 0;
};

inline QByteArray sha256Of(const QString &name)
{
    QFile file(name);
    QByteArray digest(32, '\0');
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const uchar *bytes = file.map(0, file.size());
    EVP_Digest(bytes, static_cast<size_t>(file.size()), reinterpret_cast<uchar *>(digest.data()), nullptr,
               EVP_sha256(), nullptr);
    return digest;
}

/// The most memory that this process has had, in KiB; starts anew with reset.
inline qint64 peakMemory(bool reset)
{
    if (reset) {
        QFile clear(QStringLiteral("/proc/self/clear_refs"));
        if (clear.open(QIODevice::WriteOnly))
            clear.write("5");
    }
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return -1;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmHWM:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return -1;
}

} // namespace cring::test
