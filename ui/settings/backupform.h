// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/cringcommand.h"
#include "ui/widgets/form.h"

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace cring::ui {

/// What a person says of a bucket, as text.
struct BackupEntry
{
    QString name;
    QString url;
    QString bucket;
    QString region = QStringLiteral("us-east-1");
    QString accessPlace = QStringLiteral("keychain"); ///< Where the keys are kept.
    QString secretPlace = QStringLiteral("keychain");

    /// Of `cring config show`.
    static BackupEntry of(const QJsonObject &backup);

    bool operator==(const BackupEntry &) const = default;
};

/// The fields of a bucket and its keys. Keys that are typed go to cring by its standard input, and nowhere
/// else.
class BackupForm : public Form
{
    Q_OBJECT

public:
    /// `keyFolder`: for keys that are to be kept in files.
    explicit BackupForm(QString keyFolder, QWidget *parent = nullptr);

    /// Of one that is there: keys that are left empty stay as they are.
    void setEntry(const BackupEntry &entry);
    BackupEntry entry() const;
    /// Whether it can be used; otherwise it says why, beside the fields.
    bool check();
    bool showComplaint(const models::Complaint &complaint);

    bool hasKeys() const;
    /// As --secret-stdin takes them.
    Secret keys() const;
    /// `cring backup check --url …` of what is entered, not started yet.
    models::CringCommand *trial(const models::Cring &cring, QObject *context) const;

private:
    enum Place { InKeychain, InFiles, InEnvironment, AsItIs };

    void handlePlaceChosen();

    const QString m_keyFolder;
    bool m_isThere = false;
    BackupEntry m_before;
    QLineEdit *m_name;
    QLineEdit *m_url;
    QLineEdit *m_bucket;
    QLineEdit *m_region;
    QLineEdit *m_access;
    QLineEdit *m_secret;
    QComboBox *m_place;
};

/// "--url", "https://s3.example.org" and so on, of what `now` has otherwise than `before`.
QStringList backupFlags(const BackupEntry &now, const BackupEntry &before);

} // namespace cring::ui
