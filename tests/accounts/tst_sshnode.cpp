// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>
class TestSshNode : public QObject
{
    Q_OBJECT
};
QTEST_GUILESS_MAIN(TestSshNode)
#include "tst_sshnode.moc"
