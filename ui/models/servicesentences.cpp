// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/servicesentences.h"

#include "ui/models/servicephrases.h"

#include <QCache>
#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <vector>

namespace cring::models {

namespace {

/// Sentences in sentences: a reason in a refusal in an event.
constexpr int kDeepest = 6;
/// Longer texts are no sentences of the service.
constexpr qsizetype kLongest = 4'000;
/// Snapshots say the same each second.
constexpr int kRemembered = 500;
/// With fewer letters of its own a phrase that begins with something else could be found in anything.
constexpr int kTelling = 12;

/// A phrase of the service as what to look for, and what it is in the window's language.
struct Phrase
{
    QString literal; ///< The longest part that does not differ: a quick look before the slow one.
    QRegularExpression form;
    QList<int> order; ///< Of the placeholders in the form: 1 to 9.
    QString words;
    qsizetype letters = 0;
};

QString translated(const char *phrase)
{
    return QCoreApplication::translate("cring::models::ServiceSentences", phrase);
}

Phrase phraseOf(const QString &source)
{
    static const QRegularExpression place(QStringLiteral("%([1-9])"));
    Phrase phrase;
    QString form = QStringLiteral("\\A");
    qsizetype from = 0;
    const auto take = [&](const QString &part) {
        form += QRegularExpression::escape(part);
        phrase.letters += part.size();
        if (part.size() > phrase.literal.size())
            phrase.literal = part;
    };
    QStringList parts;
    for (auto it = place.globalMatch(source); it.hasNext();) {
        const QRegularExpressionMatch match = it.next();
        parts.append(source.mid(from, match.capturedStart() - from));
        phrase.order.append(match.captured(1).toInt());
        from = match.capturedEnd();
    }
    parts.append(source.mid(from));
    const auto letters = std::ranges::count_if(source, [](QChar c) { return c.isLetter(); });
    for (qsizetype i = 0; i < parts.size(); ++i) {
        take(parts.at(i));
        if (i + 1 < parts.size())
            form += i == 0 && parts.at(0).isEmpty() && letters < kTelling ? QStringLiteral("(\\S+)")
                                                                          : QStringLiteral("(.+?)");
    }
    phrase.form =
        QRegularExpression(form + QStringLiteral("\\z"), QRegularExpression::DotMatchesEverythingOption);
    return phrase;
}

/// The phrases of one language; none where the window speaks the service's own.
class Phrasebook
{
public:
    QString say(const QString &text)
    {
        learn();
        if (m_phrases.empty() || text.isEmpty() || text.size() > kLongest)
            return text;
        if (const QString *known = m_said.object(text))
            return *known;
        const QString words = say(text, kDeepest);
        m_said.insert(text, new QString(words));
        return words;
    }

private:
    /// Anew where the program has been given another language.
    void learn()
    {
        const QString sample = translated(servicePhrases().front());
        if (sample == m_sample)
            return;
        m_sample = sample;
        m_said.clear();
        m_phrases.clear();
        for (const char *source : servicePhrases()) {
            const QString words = translated(source);
            if (words == QString::fromUtf8(source))
                continue;
            m_phrases.push_back(phraseOf(QString::fromUtf8(source)));
            m_phrases.back().words = words;
        }
        // What says more is tried before what would be found in it, too.
        std::ranges::stable_sort(m_phrases, std::ranges::greater(), &Phrase::letters);
    }

    std::optional<QString> whole(const QString &text, int depth) const
    {
        for (const Phrase &phrase : m_phrases) {
            if (!text.contains(phrase.literal))
                continue;
            const QRegularExpressionMatch match = phrase.form.match(text);
            if (!match.hasMatch())
                continue;
            QStringList inner(9);
            for (qsizetype i = 0; i < phrase.order.size(); ++i)
                inner[phrase.order.at(i) - 1] = say(match.captured(static_cast<int>(i) + 1), depth - 1);
            return filled(phrase.words, inner);
        }
        return std::nullopt;
    }

    /// Unlike QString::arg() it takes a % in what is put in for what it is.
    static QString filled(const QString &words, const QStringList &inner)
    {
        QString text;
        for (qsizetype i = 0; i < words.size(); ++i) {
            const int digit = i + 1 < words.size() && words.at(i) == u'%' ? words.at(i + 1).digitValue() : -1;
            if (digit < 1) {
                text += words.at(i);
                continue;
            }
            text += inner.at(digit - 1);
            ++i;
        }
        return text;
    }

    QString say(const QString &text, int depth) const
    {
        if (depth == 0 || text.isEmpty())
            return text;
        static const QRegularExpression coded(QStringLiteral("\\A(.+)( \\(CR-[0-9]{4}\\))\\z"),
                                              QRegularExpression::DotMatchesEverythingOption);
        if (const QRegularExpressionMatch match = coded.match(text); match.hasMatch())
            return say(match.captured(1), depth) + match.captured(2);
        if (const std::optional<QString> words = whole(text, depth))
            return *words;
        // Parts that the service has put together.
        static const std::array joints{QStringLiteral("; "), QStringLiteral(". "), QStringLiteral(": "),
                                       QStringLiteral(", ")};
        for (const QString &joint : joints) {
            const qsizetype at = text.indexOf(joint);
            if (at <= 0)
                continue;
            const QString left = text.left(at);
            const QString right = text.mid(at + joint.size());
            const QString words = say(left, depth - 1) + joint + say(right, depth - 1);
            if (words != text)
                return words;
            break; // Trying the others, too, would take a time that grows with their number's power.
        }
        // "charm2 refused the connection"
        if (const qsizetype at = text.indexOf(u' '); at > 0) {
            if (const std::optional<QString> words = whole(text.mid(at + 1), depth - 1))
                return text.left(at + 1) + *words;
        }
        return text;
    }

    QString m_sample;
    std::vector<Phrase> m_phrases;
    QCache<QString, QString> m_said{kRemembered};
};

void put(QString &text)
{
    text = serviceSentence(text);
}

void put(QStringList &texts)
{
    for (QString &text : texts)
        put(text);
}

} // namespace

QString serviceSentence(const QString &text)
{
    static Phrasebook book;
    return book.say(text);
}

QString serviceSentenceAlone(const QString &text)
{
    QString words = serviceSentence(text);
    // What begins with a name keeps it as it is written.
    if (!words.isEmpty() && !text.isEmpty() && words.at(0) != text.at(0))
        words[0] = words.at(0).toUpper();
    return words;
}

control::Snapshot inWindowsLanguage(control::Snapshot snapshot)
{
    put(snapshot.verdict);
    put(snapshot.recordsProblem);
    put(snapshot.standby.problem);
    put(snapshot.warnings);
    put(snapshot.accounts.clashes);
    for (control::LeftOut &one : snapshot.accounts.leftOut)
        put(one.reason);
    for (control::JobStatus &job : snapshot.jobs)
        put(job.phase);
    for (control::BackupStatus &backup : snapshot.backups) {
        for (QString *text : {&backup.reason, &backup.objectsProblem, &backup.accountsProblem,
                              &backup.growthWarning, &backup.drill.problem, &backup.drill.accounts})
            put(*text);
        put(backup.checkFindings);
        put(backup.drill.failures);
    }
    for (control::BackendStatus &backend : snapshot.backends) {
        put(backend.reason);
        put(backend.warning);
    }
    return snapshot;
}

} // namespace cring::models
