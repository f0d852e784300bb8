// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizard/networkpage.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QLineEdit>
#include <QTcpServer>
#include <QVBoxLayout>

namespace cring::ui {

using models::Tone;

namespace {

constexpr int kMostPort = 65535;
constexpr int kTries = 200;
constexpr int kStep = 10;

struct At
{
    QHostAddress host;
    int port = 0;
};

std::optional<At> parse(const QString &address)
{
    const qsizetype colon = address.lastIndexOf(u':');
    bool isNumber = false;
    const int port = address.mid(colon + 1).toInt(&isNumber);
    if (colon < 0 || !isNumber || port < 1 || port > kMostPort)
        return std::nullopt;
    QString host = address.left(colon);
    if (host.startsWith(u'[') && host.endsWith(u']'))
        host = host.mid(1, host.size() - 2);
    else if (host.contains(u':'))
        return std::nullopt;
    if (host.isEmpty())
        return At{QHostAddress(QHostAddress::Any), port};
    if (host == QStringLiteral("localhost"))
        return At{QHostAddress(QHostAddress::LocalHost), port};
    return At{QHostAddress(host), port};
}

class Words
{
    Q_DECLARE_TR_FUNCTIONS(cring::ui::NetworkPage)
};

} // namespace

QString whyNotAt(const QString &address)
{
    if (address.isEmpty())
        return {};
    const auto at = parse(address);
    if (!at)
        return Words::tr("Write a host and a port, for example localhost:35354.");
    if (at->host.isNull())
        return {}; // A name: the service finds out.
    QTcpServer server;
    if (server.listen(at->host, static_cast<quint16>(at->port)))
        return {};
    if (server.serverError() == QAbstractSocket::AddressInUseError)
        return Words::tr("Another program has port %1, perhaps a Charm server on this machine.")
            .arg(at->port);
    return Words::tr("Nobody can listen there: %1.").arg(server.errorString());
}

QString nextFree(const QString &address)
{
    const auto at = parse(address);
    for (int i = 1; at && i < kTries; ++i) {
        const QString next =
            QStringLiteral("%1:%2").arg(address.left(address.lastIndexOf(u':'))).arg(at->port + i * kStep);
        if (at->port + i * kStep <= kMostPort && whyNotAt(next).isEmpty())
            return next;
    }
    return address;
}

NetworkPage::NetworkPage(Setup &setup)
    : SetupPage(setup, tr("Where clients connect"),
                tr("Charm clients talk to the ring as they talk to a Charm server. Only programs of this "
                   "machine can, "
                   "as long as the address is localhost."))
    , m_form(new Form(this))
{
    const auto add = [this](const char *key, const QString &label, const QString &help,
                            QString Setup::*address) {
        const QString name = QLatin1String(key);
        m_places.append({name, m_form->addText(name, label, help), address});
    };
    add("address", tr("&HTTP:"),
        tr("localhost:35354 as a Charm server has it; :35354 opens it to the network."), &Setup::address);
    add("ssh_address", tr("&SSH:"), tr("Where clients log in."), &Setup::sshAddress);
    add("metrics_address", tr("&Metrics:"), tr("For Prometheus and health checks. Empty: none."),
        &Setup::metricsAddress);
    column()->addWidget(m_form);
    column()->addStretch(1);
}

void NetworkPage::initializePage()
{
    for (const Place &place : std::as_const(m_places)) {
        if (place.edit->text().isEmpty())
            place.edit->setText(setup().*place.address);
    }
    if (!std::exchange(m_offered, true))
        checkPorts();
}

bool NetworkPage::checkPorts()
{
    m_form->clearErrors();
    QStringList taken;
    for (const Place &place : std::as_const(m_places)) {
        const QString text = place.edit->text().trimmed();
        QString why = whyNotAt(text);
        if (text.isEmpty() && place.address != &Setup::metricsAddress)
            why = tr("Say where.");
        else if (why.isEmpty() && !text.isEmpty() && taken.contains(text))
            why = tr("Each needs a port of its own.");
        if (!text.isEmpty())
            taken.append(text);
        if (why.isEmpty())
            continue;
        if (const QString free = nextFree(text); !text.isEmpty() && free != text) {
            place.edit->setText(free);
            taken.last() = free;
            why += u' ' + tr("%1 is free.").arg(free);
        }
        m_form->setError(place.key, why);
    }
    if (m_form->hasErrors())
        say(Tone::Warning,
            tr("Other ports are entered where yours were taken. Clients then have to be told."));
    else
        say(Tone::Unknown, {});
    return !m_form->hasErrors();
}

bool NetworkPage::validatePage()
{
    if (!checkPorts())
        return false;
    for (const Place &place : std::as_const(m_places))
        setup().*place.address = place.edit->text().trimmed();
    return true;
}

} // namespace cring::ui
