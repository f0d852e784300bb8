// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backup/recoverykit.h"

#include <QStringList>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace cring::backup {

namespace {

static_assert(RecoveryKit::kKeyBytes == crypto_box_SECRETKEYBYTES);
static_assert(RecoveryKit::kKeyBytes == crypto_box_PUBLICKEYBYTES);

/// The last five stand for check symbols alone.
constexpr QByteArrayView kSymbols("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U");
constexpr int kBase = 32;
constexpr int kCheckBase = 37;
constexpr qsizetype kGroup = 4;
constexpr char kFormat = 1;
constexpr qsizetype kChecksumBytes = 2;
/// Format, key and checksum: 280 bits, so 56 symbols.
constexpr qsizetype kWholeBytes = 1 + RecoveryKit::kKeyBytes + kChecksumBytes;
constexpr std::array<qsizetype, 2> kLineLengths{32, 24};
static_assert((kLineLengths[0] + kLineLengths[1]) * 5 == kWholeBytes * 8);

Error invalid(const QString &why)
{
    return {Code::RecoveryKitInvalid, why};
}

const unsigned char *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

unsigned char *bytesOf(Secret &secret)
{
    return reinterpret_cast<unsigned char *>(secret.data());
}

void prepare()
{
    // Not being able to is having no random numbers: nobody can go on.
    if (sodium_init() < 0)
        qFatal("libsodium cannot be used");
}

/// As a person may have written it. -1: no symbol.
int valueOf(char c)
{
    if (c >= 'a' && c <= 'z')
        c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    return static_cast<int>(kSymbols.indexOf(c));
}

/// Of a line's symbols; with the line's number, so that two lines cannot change places.
int checkOf(QByteArrayView symbols, size_t line)
{
    int check = static_cast<int>(line) + 1;
    for (const char c : symbols)
        check = (check * kBase + valueOf(c)) % kCheckBase;
    return check;
}

void checksum(QByteArrayView formatAndKey, unsigned char *into)
{
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(), bytesOf(formatAndKey),
                       static_cast<unsigned long long>(formatAndKey.size()), nullptr, 0);
    std::copy_n(hash.begin(), kChecksumBytes, into);
}

Secret encode(QByteArrayView bytes)
{
    Secret symbols((bytes.size() * 8 + 4) / 5);
    char *at = symbols.data();
    quint32 bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(byte);
        for (count += 8; count >= 5; count -= 5)
            *at++ = kSymbols[bits >> (count - 5) & 31U];
    }
    if (count > 0)
        *at = kSymbols[bits << (5 - count) & 31U];
    return symbols;
}

Secret decode(QByteArrayView symbols)
{
    Secret bytes(symbols.size() * 5 / 8);
    char *at = bytes.data();
    quint32 bits = 0;
    int count = 0;
    for (const char c : symbols) {
        bits = bits << 5 | static_cast<quint32>(valueOf(c));
        count += 5;
        if (count >= 8) {
            count -= 8;
            *at++ = static_cast<char>(bits >> count & 0xffU);
        }
    }
    return bytes;
}

/// Without what stands there for the eye.
Secret bare(QByteArrayView line)
{
    Secret kept(line.size());
    const char *end = std::copy_if(line.begin(), line.end(), kept.data(), [](char c) {
        return !(c == ' ' || c == '\t' || c == '-' || c == '\r' || c == '\n');
    });
    kept.truncate(end - kept.text());
    return kept;
}

struct Lines
{
    std::array<std::optional<Secret>, 2> of;
    qsizetype others = 0;
};

/// "1: …", "2) …" is a numbered line of the key.
std::optional<size_t> numberOf(QByteArrayView line)
{
    if (line.size() < 2 || (line[0] != '1' && line[0] != '2') ||
        (line[1] != ':' && line[1] != '.' && line[1] != ')'))
        return std::nullopt;
    return line[0] == '1' ? 0 : 1;
}

std::vector<QByteArrayView> linesOf(QByteArrayView text)
{
    std::vector<QByteArrayView> lines;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('\n');
        const QByteArrayView line = (end < 0 ? text : text.first(end)).trimmed();
        text = end < 0 ? QByteArrayView() : text.sliced(end + 1);
        if (!line.isEmpty())
            lines.push_back(line);
    }
    return lines;
}

Lines find(QByteArrayView text)
{
    Lines found;
    const std::vector<QByteArrayView> lines = linesOf(text);
    const bool numbered =
        std::ranges::any_of(lines, [](QByteArrayView line) { return numberOf(line).has_value(); });
    if (!numbered && lines.size() == 1) {
        // Typed in one go.
        Secret whole = bare(lines.front());
        const qsizetype first = std::min(whole.size(), kLineLengths[0] + 1);
        found.of[0] = bare(whole.view().first(first));
        found.of[1] = bare(whole.view().sliced(first));
        return found;
    }
    size_t next = 0;
    for (const QByteArrayView line : lines) {
        const std::optional<size_t> number = numberOf(line);
        if (numbered && number && !found.of[*number])
            found.of[*number] = bare(line.sliced(2));
        else if (!numbered && next < found.of.size())
            found.of[next++] = bare(line);
        else if (!numbered)
            ++found.others;
    }
    return found;
}

/// What is wrong with a line; "" when nothing is. Never says what it should be.
QString problemOf(QByteArrayView line, size_t index)
{
    const QString name = QStringLiteral("line %1").arg(index + 1);
    const qsizetype length = kLineLengths.at(index) + 1;
    if (line.isEmpty())
        return name + QStringLiteral(" is missing");
    for (qsizetype at = 0; at < line.size(); ++at) {
        const int value = valueOf(line[at]);
        if (value < 0 || (value >= kBase && at + 1 < line.size()))
            return name + QStringLiteral(" has something at place %1 that no kit has there").arg(at + 1);
    }
    if (line.size() != length)
        return name + QStringLiteral(" has %1 letters, and %2 are right").arg(line.size()).arg(length);
    if (checkOf(line.chopped(1), index) != valueOf(line.back()))
        return name + QStringLiteral(" has a wrong letter, or two that changed places");
    return {};
}

} // namespace

RecoveryKit::RecoveryKit(Secret privateHalf)
    : m_privateHalf(std::move(privateHalf))
    , m_publicHalf(kKeyBytes, '\0')
{
    crypto_scalarmult_base(reinterpret_cast<unsigned char *>(m_publicHalf.data()),
                           bytesOf(m_privateHalf.view()));
}

RecoveryKit RecoveryKit::make()
{
    prepare();
    Secret key(kKeyBytes);
    randombytes_buf(key.data(), kKeyBytes);
    return RecoveryKit(std::move(key));
}

Result<RecoveryKit> RecoveryKit::parse(QByteArrayView text)
{
    prepare();
    if (text.size() > kLongestText)
        return invalid(QStringLiteral("this is too long to be a recovery kit"));
    Lines lines = find(text);
    QStringList problems;
    for (size_t i = 0; i < lines.of.size(); ++i) {
        if (!lines.of[i])
            lines.of[i] = Secret();
        if (const QString problem = problemOf(lines.of[i]->view(), i); !problem.isEmpty())
            problems << problem;
    }
    if (lines.others > 0)
        problems = {QStringLiteral("there are more lines than the two of a kit: type these alone, or "
                                   "their numbers before them (\"1:\", \"2:\")")};
    if (!problems.isEmpty())
        return invalid(problems.join(QStringLiteral("; ")));
    Secret symbols(kLineLengths[0] + kLineLengths[1]);
    char *at = symbols.data();
    for (size_t i = 0; i < lines.of.size(); ++i) {
        const QByteArrayView line = lines.of[i]->view().chopped(1);
        at = std::copy(line.begin(), line.end(), at);
    }
    const Secret whole = decode(symbols.view());
    if (whole.view().front() != kFormat)
        return invalid(QStringLiteral("it was made by a newer release"));
    std::array<unsigned char, kChecksumBytes> sum{};
    checksum(whole.view().chopped(kChecksumBytes), sum.data());
    if (!std::equal(sum.begin(), sum.end(), bytesOf(whole.view().last(kChecksumBytes))))
        return invalid(QStringLiteral("each line is right by itself, and they do not belong together"));
    Secret key(kKeyBytes);
    std::copy_n(whole.text() + 1, kKeyBytes, key.data());
    return RecoveryKit(std::move(key));
}

Secret RecoveryKit::lines(bool grouped) const
{
    Secret whole(kWholeBytes);
    whole.data()[0] = kFormat;
    std::copy_n(m_privateHalf.text(), kKeyBytes, whole.data() + 1);
    checksum(whole.view().chopped(kChecksumBytes), bytesOf(whole) + kWholeBytes - kChecksumBytes);
    const Secret symbols = encode(whole.view());
    QByteArray text;
    text.reserve(256); // grown, it would leave a copy behind
    QByteArrayView rest = symbols.view();
    for (size_t i = 0; i < kLineLengths.size(); ++i) {
        const QByteArrayView line = rest.first(kLineLengths[i]);
        rest = rest.sliced(kLineLengths[i]);
        text += static_cast<char>('1' + i);
        text += ':';
        for (qsizetype at = 0; at < line.size(); ++at) {
            if (grouped && at % kGroup == 0)
                text += ' ';
            text += line[at];
        }
        if (grouped)
            text += "  ";
        text += kSymbols[checkOf(line, i)];
        text += '\n';
    }
    return Secret(std::move(text));
}

Result<Secret> RecoveryKit::open(QByteArrayView sealed) const
{
    const auto size = static_cast<qsizetype>(sealed.size() - qsizetype(crypto_box_SEALBYTES));
    Secret plain(std::max<qsizetype>(size, 0));
    if (size < 0 ||
        crypto_box_seal_open(bytesOf(plain), bytesOf(sealed), static_cast<unsigned long long>(sealed.size()),
                             bytesOf(m_publicHalf), bytesOf(m_privateHalf.view())) != 0)
        return Error{Code::SnapshotInvalid,
                     QStringLiteral("it was changed or cut off, or made for another kit")};
    return plain;
}

QByteArray kitName(const QByteArray &publicHalf)
{
    const QByteArray symbols = encode(publicHalf.left(5)).view().toByteArray();
    return symbols.left(kGroup) + '-' + symbols.mid(kGroup);
}

Result<QByteArray> sealTo(const QByteArray &publicHalf, QByteArrayView plain)
{
    prepare();
    QByteArray sealed(plain.size() + qsizetype(crypto_box_SEALBYTES), '\0');
    if (publicHalf.size() != RecoveryKit::kKeyBytes ||
        crypto_box_seal(reinterpret_cast<unsigned char *>(sealed.data()), bytesOf(plain),
                        static_cast<unsigned long long>(plain.size()), bytesOf(publicHalf)) != 0)
        return invalid(QStringLiteral("the recovery kit's public half is no key"));
    return sealed;
}

} // namespace cring::backup
