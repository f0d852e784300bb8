// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/control/snapshot.h"

#include <QJsonArray>

#include <array>

namespace cring::control {

namespace {

constexpr std::array healthNames{"well", "degraded", "refusing"};

/// Visits each field once, so that writing and reading cannot drift apart.
template <typename Backend, typename Visit>
void visitFields(Backend &backend, Visit visit)
{
    visit("name", backend.name);
    visit("id", backend.id);
    visit("url", backend.url);
    visit("sshPort", backend.sshPort);
    visit("weight", backend.weight);
    visit("state", backend.state);
    visit("reason", backend.reason);
    visit("warning", backend.warning);
    visit("sinceMs", backend.sinceMs);
    visit("latencyMs", backend.latencyMs);
    visit("clockSkewMs", backend.clockSkewMs);
    visit("breaker", backend.breaker);
    visit("primary", backend.primary);
    visit("outstanding", backend.outstanding);
    visit("requests", backend.requests);
    visit("errors", backend.errors);
    visit("bytesSent", backend.bytesSent);
    visit("bytesReceived", backend.bytesReceived);
    visit("membership", backend.membership);
    visit("owed", backend.owed);
    visit("setAside", backend.setAside);
    visit("unknownAccounts", backend.unknownAccounts);
    visit("files", backend.files);
    visit("missing", backend.missing);
    visit("extra", backend.extra);
    visit("needed", backend.needed);
}

template <typename Requests, typename Visit>
void visitRequestFields(Requests &requests, Visit visit)
{
    visit("kind", requests.kind);
    visit("done", requests.done);
    visit("refused", requests.refused);
    visit("failed", requests.failed);
    visit("abandoned", requests.abandoned);
    visit("inFlight", requests.inFlight);
}

template <typename Job, typename Visit>
void visitJobFields(Job &job, Visit visit)
{
    visit("id", job.id);
    visit("kind", job.kind);
    visit("state", job.state);
    visit("phase", job.phase);
    visit("done", job.done);
    visit("total", job.total);
}

template <typename Backup, typename Visit>
void visitBackupFields(Backup &backup, Visit visit)
{
    visit("name", backup.name);
    visit("id", backup.id);
    visit("url", backup.url);
    visit("bucket", backup.bucket);
    visit("state", backup.state);
    visit("reason", backup.reason);
    visit("reasonSinceMs", backup.reasonSinceMs);
    visit("objectsProblem", backup.objectsProblem);
    visit("versioning", backup.versioning);
    visit("objects", backup.objects);
    visit("owed", backup.owed);
    visit("owedDeletes", backup.owedDeletes);
    visit("owedBytes", backup.owedBytes);
    visit("oldestMs", backup.oldestMs);
    visit("heldDeletes", backup.heldDeletes);
    visit("stored", backup.stored);
    visit("storedBytes", backup.storedBytes);
    visit("removed", backup.removed);
    visit("failed", backup.failed);
    visit("lastMs", backup.lastMs);
    visit("verifiedMs", backup.verifiedMs);
    visit("deepVerifiedMs", backup.deepVerifiedMs);
    visit("accountsMs", backup.accountsMs);
    visit("accountsProblem", backup.accountsProblem);
    visit("accountsPending", backup.accountsPending);
    visit("checkedMs", backup.checkedMs);
    visit("checkFindings", backup.checkFindings);
    visit("growthWarning", backup.growthWarning);
}

template <typename Drill, typename Visit>
void visitDrillFields(Drill &drill, Visit visit)
{
    visit("atMs", drill.atMs);
    visit("tookMs", drill.tookMs);
    visit("restored", drill.restored);
    visit("bytes", drill.bytes);
    visit("unrestored", drill.unrestored);
    visit("problem", drill.problem);
    visit("failures", drill.failures);
    visit("accounts", drill.accounts);
}

template <typename Kit, typename Visit>
void visitKitFields(Kit &kit, Visit visit)
{
    visit("name", kit.name);
    visit("madeMs", kit.madeMs);
    visit("checkedMs", kit.checkedMs);
}

template <typename Outlet, typename Visit>
void visitOutletFields(Outlet &outlet, Visit visit)
{
    visit("name", outlet.name);
    visit("target", outlet.target);
    visit("problem", outlet.problem);
    visit("problemSinceMs", outlet.problemSinceMs);
    visit("lastMs", outlet.lastMs);
    visit("waiting", outlet.waiting);
    visit("sent", outlet.sent);
    visit("failed", outlet.failed);
}

template <typename Standby, typename Visit>
void visitStandbyFields(Standby &standby, Visit visit)
{
    visit("mode", standby.mode);
    visit("problem", standby.problem);
    visit("standingIn", standby.standingIn);
    visit("sessions", standby.sessions);
    visit("logins", standby.logins);
    visit("turnedAway", standby.turnedAway);
    visit("overLimit", standby.overLimit);
    visit("commands", standby.commands);
    visit("tokens", standby.tokens);
}

template <typename Whole, typename Visit>
void visitSnapshotFields(Whole &snapshot, Visit visit)
{
    visit("verdict", snapshot.verdict);
    visit("mode", snapshot.mode);
    visit("version", snapshot.version);
    visit("pid", snapshot.pid);
    visit("startedMs", snapshot.startedMs);
    visit("takenMs", snapshot.takenMs);
    visit("httpAddress", snapshot.httpAddress);
    visit("sshAddress", snapshot.sshAddress);
    visit("metricsAddress", snapshot.metricsAddress);
    visit("replicas", snapshot.replicas);
    visit("quorum", snapshot.quorum);
    visit("writesPossible", snapshot.writesPossible);
    visit("draining", snapshot.draining);
    visit("paused", snapshot.paused);
    visit("pausedUntilMs", snapshot.pausedUntilMs);
    visit("pausedBy", snapshot.pausedBy);
    visit("bytesIn", snapshot.bytesIn);
    visit("bytesOut", snapshot.bytesOut);
    visit("failovers", snapshot.failovers);
    visit("rollbacks", snapshot.rollbacks);
    visit("inDoubt", snapshot.inDoubt);
    visit("conflicts", snapshot.conflicts);
    visit("findings", snapshot.findings);
    visit("recordsProblem", snapshot.recordsProblem);
    visit("localCopy", snapshot.localCopy);
    visit("localCopies", snapshot.localCopies);
    visit("spoolFiles", snapshot.spoolFiles);
    visit("spoolBytes", snapshot.spoolBytes);
    visit("spoolBudget", snapshot.spoolBudget);
    visit("copies", snapshot.copies);
    visit("countedMs", snapshot.countedMs);
}

/// Appends fields to an object.
struct Writer
{
    QJsonObject &object;

    template <typename T>
    void operator()(const char *key, const T &value) const
    {
        object.insert(QLatin1String(key), value);
    }

    void operator()(const char *key, const std::optional<qint64> &value) const
    {
        if (value)
            object.insert(QLatin1String(key), *value);
    }

    void operator()(const char *key, const QStringList &values) const
    {
        object.insert(QLatin1String(key), QJsonArray::fromStringList(values));
    }

    void operator()(const char *key, const QList<qint64> &values) const
    {
        QJsonArray array;
        for (const qint64 value : values)
            array.append(value);
        object.insert(QLatin1String(key), array);
    }
};

/// Takes fields from an object; what is missing or of another type keeps its default.
struct Reader
{
    const QJsonObject &object;

    QJsonValue value(const char *key) const { return object.value(QLatin1String(key)); }

    void operator()(const char *key, QString &to) const { to = value(key).toString(to); }

    void operator()(const char *key, QStringList &to) const
    {
        for (const QJsonValue entry : value(key).toArray())
            to.append(entry.toString());
    }

    void operator()(const char *key, bool &to) const { to = value(key).toBool(to); }

    void operator()(const char *key, double &to) const { to = value(key).toDouble(to); }

    void operator()(const char *key, qint64 &to) const { to = value(key).toInteger(to); }

    void operator()(const char *key, int &to) const { to = value(key).toInt(to); }

    void operator()(const char *key, quint16 &to) const { to = static_cast<quint16>(value(key).toInt(to)); }

    void operator()(const char *key, std::optional<qint64> &to) const
    {
        if (value(key).isDouble())
            to = value(key).toInteger();
    }

    void operator()(const char *key, QList<qint64> &to) const
    {
        const QJsonArray array = value(key).toArray();
        for (const QJsonValue entry : array)
            to.append(entry.toInteger());
    }
};

std::optional<Health> healthFromName(const QString &name)
{
    for (size_t i = 0; i < healthNames.size(); ++i) {
        if (name == QLatin1String(healthNames.at(i)))
            return static_cast<Health>(i);
    }
    return std::nullopt;
}

QJsonObject standbyJson(const StandbyStatus &standby)
{
    QJsonObject object;
    visitStandbyFields(standby, Writer{object});
    return object;
}

StandbyStatus standbyFromJson(const QJsonObject &object)
{
    StandbyStatus standby;
    visitStandbyFields(standby, Reader{object});
    return standby;
}

QJsonObject accountsJson(const AccountsStatus &accounts)
{
    QJsonArray leftOut;
    for (const LeftOut &one : accounts.leftOut)
        leftOut.append(
            QJsonObject{{QStringLiteral("server"), one.server}, {QStringLiteral("reason"), one.reason}});
    QJsonObject object{{QStringLiteral("count"), accounts.count},
                       {QStringLiteral("leftOut"), leftOut},
                       {QStringLiteral("clashes"), QJsonArray::fromStringList(accounts.clashes)}};
    Writer{object}("roundMs", accounts.roundMs);
    return object;
}

AccountsStatus accountsFromJson(const QJsonObject &object)
{
    AccountsStatus accounts;
    const Reader read{object};
    read("count", accounts.count);
    read("roundMs", accounts.roundMs);
    for (const QJsonValue value : object.value(QLatin1String("leftOut")).toArray()) {
        const QJsonObject one = value.toObject();
        accounts.leftOut.append(
            {one.value(QLatin1String("server")).toString(), one.value(QLatin1String("reason")).toString()});
    }
    for (const QJsonValue clash : object.value(QLatin1String("clashes")).toArray())
        accounts.clashes.append(clash.toString());
    return accounts;
}

} // namespace

QString healthName(Health health)
{
    return QString::fromLatin1(healthNames.at(static_cast<size_t>(health)));
}

QJsonObject toJson(const BackendStatus &backend)
{
    QJsonObject object;
    visitFields(backend, Writer{object});
    return object;
}

BackendStatus backendFromJson(const QJsonObject &object)
{
    BackendStatus backend;
    visitFields(backend, Reader{object});
    return backend;
}

QJsonObject Snapshot::toJson() const
{
    QJsonObject object{{QStringLiteral("health"), healthName(health)}};
    visitSnapshotFields(*this, Writer{object});
    QJsonArray backendArray;
    for (const BackendStatus &backend : backends)
        backendArray.append(control::toJson(backend));
    object.insert(QStringLiteral("backends"), backendArray);
    QJsonArray requestArray;
    for (const RequestStatus &status : requests) {
        QJsonObject entry;
        visitRequestFields(status, Writer{entry});
        requestArray.append(entry);
    }
    object.insert(QStringLiteral("requests"), requestArray);
    QJsonArray jobArray;
    for (const JobStatus &job : jobs) {
        QJsonObject entry;
        visitJobFields(job, Writer{entry});
        jobArray.append(entry);
    }
    object.insert(QStringLiteral("jobs"), jobArray);
    QJsonArray backupArray;
    for (const BackupStatus &backup : backups) {
        QJsonObject entry;
        visitBackupFields(backup, Writer{entry});
        QJsonObject drill;
        visitDrillFields(backup.drill, Writer{drill});
        entry.insert(QStringLiteral("drill"), drill);
        backupArray.append(entry);
    }
    object.insert(QStringLiteral("backups"), backupArray);
    QJsonObject kit;
    visitKitFields(recoveryKit, Writer{kit});
    object.insert(QStringLiteral("recoveryKit"), kit);
    object.insert(QStringLiteral("standby"), standbyJson(standby));
    object.insert(QStringLiteral("accounts"), accountsJson(accounts));
    QJsonArray outletArray;
    for (const OutletStatus &outlet : outlets) {
        QJsonObject entry;
        visitOutletFields(outlet, Writer{entry});
        outletArray.append(entry);
    }
    object.insert(QStringLiteral("outlets"), outletArray);
    object.insert(QStringLiteral("warnings"), QJsonArray::fromStringList(warnings));
    return object;
}

Result<Snapshot> Snapshot::fromJson(const QJsonObject &object)
{
    const std::optional<Health> health = healthFromName(object.value(QStringLiteral("health")).toString());
    const QJsonValue backends = object.value(QStringLiteral("backends"));
    if (!health || !backends.isArray()) {
        return Error{Code::ControlProtocol,
                     QStringLiteral("the service's status cannot be read; is it of another version?")};
    }
    Snapshot snapshot;
    snapshot.health = *health;
    visitSnapshotFields(snapshot, Reader{object});
    for (const QJsonValue entry : backends.toArray())
        snapshot.backends.append(backendFromJson(entry.toObject()));
    for (const QJsonValue entry : object.value(QStringLiteral("requests")).toArray()) {
        const QJsonObject fields = entry.toObject();
        visitRequestFields(snapshot.requests.emplaceBack(), Reader{fields});
    }
    for (const QJsonValue entry : object.value(QStringLiteral("jobs")).toArray()) {
        const QJsonObject fields = entry.toObject();
        visitJobFields(snapshot.jobs.emplaceBack(), Reader{fields});
    }
    for (const QJsonValue entry : object.value(QStringLiteral("backups")).toArray()) {
        const QJsonObject fields = entry.toObject();
        BackupStatus &backup = snapshot.backups.emplaceBack();
        visitBackupFields(backup, Reader{fields});
        const QJsonObject drill = fields.value(QStringLiteral("drill")).toObject();
        visitDrillFields(backup.drill, Reader{drill});
    }
    const QJsonObject kit = object.value(QStringLiteral("recoveryKit")).toObject();
    visitKitFields(snapshot.recoveryKit, Reader{kit});
    snapshot.standby = standbyFromJson(object.value(QStringLiteral("standby")).toObject());
    snapshot.accounts = accountsFromJson(object.value(QStringLiteral("accounts")).toObject());
    for (const QJsonValue entry : object.value(QStringLiteral("outlets")).toArray()) {
        const QJsonObject fields = entry.toObject();
        visitOutletFields(snapshot.outlets.emplaceBack(), Reader{fields});
    }
    for (const QJsonValue entry : object.value(QStringLiteral("warnings")).toArray())
        snapshot.warnings.append(entry.toString());
    return snapshot;
}

} // namespace cring::control
