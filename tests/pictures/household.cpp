// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/pictures/household.h"

#include <QDir>
#include <QFile>
#include <QRandomGenerator>

namespace cring::test {

namespace {

bool write(const QString &path, const QByteArray &bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

QByteArray noise(quint32 seed, qsizetype size)
{
    QRandomGenerator generator(seed);
    QByteArray bytes(size, Qt::Uninitialized);
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(generator()); });
    return bytes;
}

} // namespace

bool writeText(const QString &path, int lines)
{
    return write(path,
                 QByteArray("Sow the broad beans; prune the old pear tree; ask Anna about the ladder.\n")
                     .repeated(lines));
}

bool writeHousehold(const QString &folder)
{
    const auto at = [&](const QString &name) {
        return folder + u'/' + name;
    };
    bool well = true;
    for (int month = 1; month <= 11; ++month)
        well = writeText(at(QStringLiteral("notes/2026/%1.md").arg(month, 2, 10, QLatin1Char('0'))),
                         7 * month) &&
               well;
    for (quint32 photo = 1; photo <= 36; ++photo)
        well = write(at(QStringLiteral("photos/garden-%1.jpg").arg(photo, 3, 10, QLatin1Char('0'))),
                     noise(photo, 60'000 + 4'700 * static_cast<qsizetype>(photo * 7 % 19))) &&
               well;
    const QStringList papers{
        QStringLiteral("taxes/2025/return.pdf"), QStringLiteral("taxes/2025/receipts.zip"),
        QStringLiteral("taxes/2024/return.pdf"), QStringLiteral("recipes/plum-cake.txt"),
        QStringLiteral("recipes/bread.txt"),     QStringLiteral("dotfiles/vimrc"),
        QStringLiteral("dotfiles/gitconfig"),    QStringLiteral("letters/landlord.odt"),
        QStringLiteral("letters/insurance.odt"), QStringLiteral("music/lullaby.flac")};
    for (qsizetype i = 0; i < papers.size(); ++i)
        well = write(at(papers.at(i)), noise(static_cast<quint32>(100 + i), 900 + 130'000 * (i * 3 % 4))) &&
               well;
    return well;
}

} // namespace cring::test
