<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>cring::models::Condition</name>
    <message numerus="yes">
        <source>None of %n server(s) can be used: uploads and downloads fail</source>
        <translation>
            <numerusform>The only server cannot be used: uploads and downloads fail</numerusform>
            <numerusform>None of %n servers can be used: uploads and downloads fail</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n server(s) up: uploads fail</source>
        <translation>
            <numerusform>%1 of %n server up: uploads fail</numerusform>
            <numerusform>%1 of %n servers up: uploads fail</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 does not know %n account(s)</source>
        <translation>
            <numerusform>%1 does not know %n account</numerusform>
            <numerusform>%1 does not know %n accounts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Looking at %n server(s) for the first time</source>
        <translation>
            <numerusform>Looking at %n server for the first time</numerusform>
            <numerusform>Looking at %n servers for the first time</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The backup %1 holds %n delete(s) back until you decide</source>
        <translation>
            <numerusform>The backup %1 holds %n delete back until you decide</numerusform>
            <numerusform>The backup %1 holds %n deletes back until you decide</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n finding(s) of the last check wait for you</source>
        <translation>
            <numerusform>%n finding of the last check waits for you</numerusform>
            <numerusform>%n findings of the last check wait for you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n clash(es) of accounts wait for you</source>
        <translation>
            <numerusform>%n clash of accounts waits for you</numerusform>
            <numerusform>%n clashes of accounts wait for you</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n server(s)</source>
        <translation>
            <numerusform>%1 of %n server</numerusform>
            <numerusform>%1 of %n servers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::JobsModel</name>
    <message numerus="yes">
        <source>Done, %n finding(s)</source>
        <translation>
            <numerusform>Done, %n finding</numerusform>
            <numerusform>Done, %n findings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::Notice</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::ServiceWords</name>
    <message numerus="yes">
        <source>%n file(s) lack a copy on %1, and stay without it.</source>
        <translation>
            <numerusform>%n file lacks a copy on %1, and stays without it.</numerusform>
            <numerusform>%n files lack a copy on %1, and stay without it.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) wait for the backup, and go on waiting.</source>
        <translation>
            <numerusform>%n file waits for the backup, and goes on waiting.</numerusform>
            <numerusform>%n files wait for the backup, and go on waiting.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) under way stop, and go on after the start.</source>
        <translation>
            <numerusform>%n job under way stops, and goes on after the start.</numerusform>
            <numerusform>%n jobs under way stop, and go on after the start.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::ShutdownSafety</name>
    <message numerus="yes">
        <source>Not yet safe to shut down: %n upload(s) under way</source>
        <translation>
            <numerusform>Not yet safe to shut down: %n upload under way</numerusform>
            <numerusform>Not yet safe to shut down: %n uploads under way</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not safe to shut down: %n file(s) wait for %1</source>
        <translation>
            <numerusform>Not safe to shut down: %n file waits for %1</numerusform>
            <numerusform>Not safe to shut down: %n files wait for %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not safe to shut down: %n file(s) lie on this machine&apos;s disk alone</source>
        <translation>
            <numerusform>Not safe to shut down: %n file lies on this machine&apos;s disk alone</numerusform>
            <numerusform>Not safe to shut down: %n files lie on this machine&apos;s disk alone</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::Wording</name>
    <message numerus="yes">
        <source>%1 files</source>
        <translation>
            <numerusform>%1 file</numerusform>
            <numerusform>%1 files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupPage</name>
    <message numerus="yes">
        <source>%n delete(s) are held back: decide with `cring backup release` or `cring backup discard`</source>
        <translation>
            <numerusform>%n delete is held back: decide with `cring backup release` or `cring backup discard`</numerusform>
            <numerusform>%n deletes are held back: decide with `cring backup release` or `cring backup discard`</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::DecisionsPage</name>
    <message numerus="yes">
        <source>%n more are not shown: they come up once some of these are decided.</source>
        <translation>
            <numerusform>%n more is not shown: it comes up once some of these are decided.</numerusform>
            <numerusform>%n more are not shown: they come up once some of these are decided.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::FinishPage</name>
    <message numerus="yes">
        <source>Files are stored on %1, %n copies each.</source>
        <translation>
            <numerusform>Files are stored on %1, one copy each.</numerusform>
            <numerusform>Files are stored on %1, %n copies each.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::MainWindow</name>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n running</numerusform>
            <numerusform>%n running</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::OverviewPage</name>
    <message numerus="yes">
        <source>%1 with %n copies</source>
        <translation>
            <numerusform>%1 with one copy</numerusform>
            <numerusform>%1 with %n copies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n object(s) stored</source>
        <translation>
            <numerusform>%n object stored</numerusform>
            <numerusform>%n objects stored</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>of %1 have all %n copies</source>
        <translation>
            <numerusform>of %1 have their copy</numerusform>
            <numerusform>of %1 have all %n copies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n upload(s) under way</source>
        <translation>
            <numerusform>%n upload under way</numerusform>
            <numerusform>%n uploads under way</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n download(s) under way</source>
        <translation>
            <numerusform>%n download under way</numerusform>
            <numerusform>%n downloads under way</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::ReplicaPage</name>
    <message numerus="yes">
        <source>%1 is made, with %n account(s). Start it now:</source>
        <translation>
            <numerusform>%1 is made, with %n account. Start it now:</numerusform>
            <numerusform>%1 is made, with %n accounts. Start it now:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::RingView</name>
    <message numerus="yes">
        <source>files, %n copies each</source>
        <translation>
            <numerusform>files, one copy each</numerusform>
            <numerusform>files, %n copies each</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::SafetyColumns</name>
    <message numerus="yes">
        <source>%1 with %n copies</source>
        <translation>
            <numerusform>%1 with one copy</numerusform>
            <numerusform>%1 with %n copies</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n copies</source>
        <translation>
            <numerusform>%n copy</numerusform>
            <numerusform>%n copies</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::StepsDialog</name>
    <message numerus="yes">
        <source>%1 failed %n step(s)</source>
        <translation>
            <numerusform>%1 failed %n step</numerusform>
            <numerusform>%1 failed %n steps</numerusform>
        </translation>
    </message>
</context>
</TS>
