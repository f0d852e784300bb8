// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/filescommand.h"
#include "app/cring/plaindownload.h"
#include "core/backup/fileplace.h"

#include <QSet>

namespace cring::app {

/// `cring export DIR [--path FOLDER] [--overwrite] [--dry-run] [--identity HOST]`: all files of the person's
/// account in plaintext, names and all, into a folder of this machine. One at a time; what is there already
/// and is the same stays. A file has its name when it is complete, and not before.
class ExportCommand final : public FilesCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString folder;
        QString path; ///< In the ring, in plaintext; "" = all.
        QString host; ///< Whose key; "" = as the configuration says.
        bool overwrite = false;
        bool dryRun = false;
    };

    ExportCommand(ServiceCommandContext context, config::Config configured, Options options);

protected:
    void begin() override;
    void step() override;
    void drop() override;

private:
    /// A file or folder with the name that it is to get.
    struct Item
    {
        charm::Entry entry;
        QByteArray name;      ///< "" when there is none for it.
        std::size_t key = 0;  ///< That its name is encrypted with.
        QString problem = {}; ///< Why there is none.
    };

    struct Level
    {
        QByteArray path; ///< As the servers have it; "" is the root.
        QByteArrayList names;
        quint32 mode = 0;
        QByteArray modTime;
        bool isNew = false; ///< It was not here before this run.
        std::vector<Item> items;
        std::size_t next = 0;
        QSet<std::pair<quint64, quint64>> there; ///< Device and inode of what got a name in this run.
    };

    void enter(QByteArray path, QByteArrayList names, const charm::Entry *folder, bool isNew = false);
    std::vector<Item> itemsOf(const charm::Listing &listing) const;
    bool isWanted(const QByteArrayList &names, bool folder) const;
    void takeItem(const Item &item);
    void enterFolder(const Item &item);
    void leaveFolder();
    void look(const Item &item);
    void handleSight(const Item &item, const backup::FilePlace::Sight &sight);
    void download(const Item &item, bool exists);
    void place(const Item &item, bool exists);
    void handleFailure(const Item &item, const Error &error);
    void refuseItem(const Item &item, const QString &why);
    QByteArrayList namesOf(const Item &item) const;

    const Options m_options;
    const QByteArray m_folder; ///< Absolute.
    const QByteArrayList m_wanted;
    std::unique_ptr<PlainDownload, void (*)(PlainDownload *)> m_download;
    std::shared_ptr<backup::FilePlace> m_place;
    std::vector<Level> m_levels;
    bool m_found = false; ///< What --path names.
};

} // namespace cring::app
