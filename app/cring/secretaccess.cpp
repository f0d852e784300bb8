// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cring/secretaccess.h"

#include "app/cring/standardinput.h"

#include <QCoreApplication>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <optional>

namespace cring::app {

namespace {

constexpr qsizetype kLongestPassphrase = 1'024;

Error noAnswer()
{
    return {Code::KeychainUnavailable, QStringLiteral("the keychain did not answer")};
}

/// What `begin` tells its argument. A file answers at once, and the loop would not hear of it.
template <typename Outcome, typename Begin>
Outcome awaited(const Begin &begin)
{
    std::optional<Outcome> outcome;
    QObject context;
    begin(&context, [&outcome](Outcome answer) {
        outcome.emplace(std::move(answer));
        QCoreApplication::quit();
    });
    if (!outcome)
        QCoreApplication::exec();
    return outcome ? std::move(*outcome) : Outcome(noAnswer());
}

Secret firstLine(Secret text)
{
    const qsizetype end = text.view().indexOf('\n');
    if (end >= 0)
        text.truncate(end);
    if (text.view().endsWith('\r'))
        text.truncate(text.size() - 1);
    return text;
}

/// A terminal that shows nothing of what is typed, as long as this lives.
class SilentTerminal
{
public:
    explicit SilentTerminal(int terminal)
        : m_terminal(terminal)
    {
        if (::tcgetattr(terminal, &m_before) != 0)
            return;
        termios silent = m_before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        m_isSilent = ::tcsetattr(terminal, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal()
    {
        if (m_isSilent)
            ::tcsetattr(m_terminal, TCSAFLUSH, &m_before);
    }
    Q_DISABLE_COPY_MOVE(SilentTerminal)

private:
    const int m_terminal;
    termios m_before = {};
    bool m_isSilent = false;
};

Result<Secret> asked(int terminal, const char *question)
{
    const SilentTerminal silent(terminal);
    if (::write(terminal, question, qstrlen(question)) < 0)
        return Error{Code::SecretUnreadable, QStringLiteral("the terminal cannot be written to")};
    Secret line(kLongestPassphrase);
    const ssize_t size = ::read(terminal, line.data(), static_cast<size_t>(line.size()));
    if (size <= 0)
        return Error{Code::SecretUnreadable, QStringLiteral("no passphrase was typed")};
    line.truncate(size);
    return firstLine(std::move(line));
}

} // namespace

Result<Secret> readSecret(const config::SecretPlace &place)
{
    config::SecretPlaces places(QProcessEnvironment::systemEnvironment());
    return awaited<Result<Secret>>(
        [&](QObject *context, auto done) { places.read(place, context, std::move(done)); });
}

Status storeSecret(const config::SecretPlace &place, Secret secret)
{
    config::SecretPlaces places(QProcessEnvironment::systemEnvironment());
    return awaited<Status>([&](QObject *context, auto done) {
        places.write(place, std::move(secret), context, [done](const Status &status) { done(status); });
    });
}

Status removeSecret(const config::SecretPlace &place)
{
    config::SecretPlaces places(QProcessEnvironment::systemEnvironment());
    return awaited<Status>([&](QObject *context, auto done) {
        places.remove(place, context, [done](const Status &status) { done(status); });
    });
}

Result<Secret> readPassphrase(bool fromInput, bool twice)
{
    if (fromInput) {
        Result<Secret> text = readStandardInput(kLongestPassphrase);
        if (!text)
            return text.error();
        return firstLine(std::move(*text));
    }
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0)
        return Error{Code::SecretUnreadable,
                     QStringLiteral("there is no terminal to ask for the passphrase: give it on standard "
                                    "input, with --passphrase-stdin")};
    Result<Secret> passphrase = asked(terminal, "Passphrase: ");
    Result<Secret> again = passphrase && twice ? asked(terminal, "And again: ") : Result<Secret>(Secret());
    ::close(terminal);
    if (!passphrase)
        return passphrase.error();
    if (twice && (!again || again->view() != passphrase->view()))
        return Error{Code::SecretUnreadable, QStringLiteral("the two are not the same")};
    return passphrase;
}

} // namespace cring::app
