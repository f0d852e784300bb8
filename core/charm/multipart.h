// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace cring::charm {

/// Watches a multipart/form-data body stream by, for two things: the closing delimiter, so that the body's
/// tail can be held back until a quorum is ready (a Charm server stores the file the moment it has read that
/// delimiter), and the bytes of the one part "data", which are what the server stores. Keeps no bytes but a
/// part's header: O(1) memory.
///
/// Takes at most what Go's mime/multipart reads and Charm's handler accepts, in the same sense; what Go would
/// read as something else, or only perhaps, is refused: two file parts, a boundary inside the data, folded
/// part headers, quoted-printable (Go decodes it). So an upload that passes is understood alike on both
/// sides.
///
/// Errors carry nothing of the body: the file name in it is the plaintext path (P10). Used on one thread.
class MultipartScanner
{
public:
    /// Reads the boundary from a request's Content-Type. RequestMalformed when it is no multipart/form-data.
    static Result<MultipartScanner> forContentType(QByteArrayView contentType);

    /// Takes the next bytes of the body and says how many of all bytes fed so far may be passed on: an
    /// absolute offset that never falls, before which nothing is part of the closing delimiter. After an
    /// error it stands still. The rest, from tailOffset() on, may go once finish() is content.
    qint64 feed(QByteArrayView chunk);

    /// What the latest feed() found to be file content: first the end of earlier chunks that had looked like
    /// a boundary, then a piece of the chunk. Views: valid until the next feed() and as long as that chunk.
    struct Payload
    {
        QByteArrayView carried;
        QByteArrayView fresh;
    };

    Payload payload() const { return m_payload; }

    qint64 payloadSize() const { return m_payloadSize; } ///< Bytes in all so far.

    /// The closing delimiter has been seen, and a file before it.
    bool closed() const { return m_tail >= 0; }

    /// Where the closing delimiter begins: its line break, if it has one of its own. Only when closed.
    qint64 tailOffset() const { return m_tail; }

    bool failed() const { return m_error.has_value(); }

    const Error &error() const { return *m_error; }

    /// The body has ended. An error when it was not whole.
    Status finish();

private:
    enum class State {
        Preamble,      ///< Before the first boundary: lines that Go skips.
        AfterBoundary, ///< "--boundary" at the start of a line; what follows decides what it is.
        BoundaryCr,    ///< A part's boundary line, up to its CR.
        Headers,       ///< A part's header, kept in m_header.
        Body,          ///< A part's content.
        AfterDash,     ///< "--boundary-".
        Final,         ///< Closed: white space behind "--boundary--".
        FinalCr,
        Epilogue, ///< Closed, and the line ended.
    };

    explicit MultipartScanner(const QByteArray &boundary);

    void step(QByteArrayView chunk, qsizetype &at);
    void scanText(QByteArrayView chunk, qsizetype &at);
    void searchLine(QByteArrayView chunk, qsizetype &at);
    void boundaryMatched();
    void mismatch();
    void afterBoundary(char c);
    void close();
    void readHeaders(QByteArrayView chunk, qsizetype &at);
    void beginPart();
    void expectBoundary(qint64 offset);
    void noteText(qsizetype from, qsizetype to, QByteArrayView chunk);
    void fail(const char *detail);

    QByteArray m_pattern; ///< CR LF "--" boundary
    QByteArray m_header;
    Payload m_payload;
    std::optional<Error> m_error;
    qint64 m_base = 0; ///< Offset of the chunk in hand.
    qint64 m_released = 0;
    qint64 m_payloadSize = 0;
    qint64 m_fieldBytes = 0; ///< Content of parts that are no files.
    qint64 m_tail = -1;
    State m_state = State::Preamble;
    int m_parts = 0;
    qsizetype m_blanks = 0;    ///< White space on the boundary line in hand.
    qsizetype m_lineStart = 0; ///< In m_header.
    /// What may be a boundary: m_pattern[m_from, m_to) has been seen, from offset m_candidate on. m_from is 0
    /// with CR LF, 1 with LF alone, 2 where the line break belongs to what was before (a body's start, the
    /// end of a header).
    bool m_matching = true;
    qsizetype m_from = 2;
    qsizetype m_to = 2;
    qint64 m_candidate = 0;
    bool m_lineFeedOnly =
        false; ///< The first boundary line ended in LF alone: so must all others, as Go has it.
    bool m_inData = false;
    bool m_dataSeen = false;
};

/// The frame of an upload that the ring makes itself: head, the file's bytes, tail.
struct Envelope
{
    QByteArray contentType;
    QByteArray head;
    QByteArray tail;
};

/// boundary: 1 to 70 letters and digits, random enough that no file holds it. The file name within says
/// nothing.
Envelope makeEnvelope(QByteArrayView boundary);

} // namespace cring::charm
