// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cring/filescommand.h"
#include "app/cring/plaindownload.h"
#include "app/cring/sealedupload.h"
#include "core/charm/listing.h"

#include <QHash>

namespace cring::app {

/// `cring import DIR [--into FOLDER] [--overwrite] [--dry-run] [--identity HOST]`: a plain folder of this
/// machine into the person's account, names and contents encrypted here as the charm client does it. One file
/// at a time; what is in the ring already and is the same stays.
class ImportCommand final : public FilesCommand
{
    Q_OBJECT

public:
    struct Options
    {
        QString folder;
        QString into; ///< In the ring, in plaintext; "" = the root.
        QString host; ///< Whose key; "" = as the configuration says.
        bool overwrite = false;
        bool dryRun = false;
    };

    ImportCommand(ServiceCommandContext context, config::Config configured, Options options);

protected:
    void begin() override;
    void step() override;
    void drop() override;

private:
    /// What lies in a folder here.
    struct Local
    {
        QByteArray name;
        enum class Kind { File, Folder, Other } kind = Kind::Other;
        qint64 size = 0;
        quint32 mode = 0; ///< Permissions.
        QString problem;  ///< Why it cannot be taken; empty: it can.
    };

    struct Level
    {
        QByteArray path;                       ///< In the ring, as the servers have it; "" is the root.
        QByteArrayList names;                  ///< Below the folder here.
        QHash<QByteArray, charm::Entry> there; ///< In the ring, by plain name.
        std::vector<Local> items;
        std::size_t next = 0;
    };

    static Result<std::vector<Local>> read(const QByteArray &folder);
    void descend(qsizetype part, QByteArray path, bool exists);
    void enter(QByteArrayList names, QByteArray path, bool exists);
    QHash<QByteArray, charm::Entry> byName(const charm::Listing &listing) const;
    Result<QByteArray> pathFor(const Level &level, const QByteArray &name) const;
    void takeFolder(const Local &item, const QByteArray &path, const charm::Entry *there);
    void takeFile(const Local &item, const QByteArray &path, const charm::Entry *there);
    void compare(const Local &item, const QByteArray &path, const std::shared_ptr<backup::Descriptor> &file);
    void checkEnd(const Local &item, const QByteArray &path, const std::shared_ptr<backup::Descriptor> &file);
    void handleDifference(const Local &item, const QByteArray &path,
                          const std::shared_ptr<backup::Descriptor> &file);
    void upload(const Local &item, const QByteArray &path, const std::shared_ptr<backup::Descriptor> &file);
    void makeFolder(const QByteArray &path, quint32 mode, std::function<void(const Status &)> then);
    QByteArray localPath(const QByteArrayList &names) const;
    QByteArrayList namesOf(const Local &item) const;

    const Options m_options;
    const QByteArray m_folder; ///< Absolute.
    const QByteArrayList m_into;
    std::unique_ptr<PlainDownload, void (*)(PlainDownload *)> m_download;
    std::unique_ptr<SealedUpload, void (*)(SealedUpload *)> m_upload;
    std::vector<Level> m_levels;
};

} // namespace cring::app
