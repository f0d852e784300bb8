// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>

/// Manual pages, as man(7) and man-pages(7) have them.
namespace cring::roff {

/// Text in which nothing is taken for a request, and hyphens are those of a keyboard; what stands between
/// backquotes is bold.
QString text(const QString &plain);
QString bold(const QString &plain);
/// What is filled in by a person.
QString italic(const QString &plain);

/// The page's first lines. `name`: "cring"; `summary`: what it is, in a few words.
QString head(const QString &name, int section, const QString &version, const QString &summary);
QString section(const QString &title);
QString subsection(const QString &title);
QString paragraph(const QString &plain);
/// A term, in roff already, and below it what it means.
QString entry(const QString &term, const QString &plain);
/// Lines that stay as they are.
QString verbatim(const QString &lines);

} // namespace cring::roff
