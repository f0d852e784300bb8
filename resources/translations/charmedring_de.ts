<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>cring::app::ServiceStarter</name>
    <message>
        <source>The service was started and does not answer. What it says is in %1</source>
        <translation>Der Dienst wurde gestartet und antwortet nicht. Was er meldet, steht in %1</translation>
    </message>
    <message>
        <source>The program cring is neither beside this one nor on your PATH. Install it, or start the service yourself</source>
        <translation>Das Programm cring liegt weder neben diesem noch in Ihrem PATH. Installieren Sie es, oder starten Sie den Dienst selbst</translation>
    </message>
    <message>
        <source>%1 could not be started: %2</source>
        <translation>%1 konnte nicht gestartet werden: %2</translation>
    </message>
    <message>
        <source>The service ended as soon as it was started, without a word</source>
        <translation>Der Dienst endete gleich nach dem Start, ohne ein Wort</translation>
    </message>
    <message>
        <source>The service could not start: %1</source>
        <translation>Der Dienst konnte nicht starten: %1</translation>
    </message>
</context>
<context>
    <name>cring::models::BackupsModel</name>
    <message>
        <source>%1 ago</source>
        <translation>vor %1</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>werden behalten</translation>
    </message>
    <message>
        <source>suspended</source>
        <translation>ausgesetzt</translation>
    </message>
    <message>
        <source>not kept</source>
        <translation>werden nicht behalten</translation>
    </message>
    <message>
        <source>not known yet</source>
        <translation>noch nicht bekannt</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Aktuell</translation>
    </message>
    <message>
        <source>Not all stored</source>
        <translation>Nicht alles gesichert</translation>
    </message>
    <message>
        <source>Storing</source>
        <translation>Sichert</translation>
    </message>
    <message>
        <source>Waiting for the next try</source>
        <translation>Wartet auf den nächsten Versuch</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Outside its hours</source>
        <translation>Außerhalb ihrer Zeiten</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>Gesperrt</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Last verified</source>
        <translation>Zuletzt geprüft</translation>
    </message>
    <message>
        <source>Objects</source>
        <translation>Objekte</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>Wartend</translation>
    </message>
    <message>
        <source>Oldest</source>
        <translation>Älteste</translation>
    </message>
    <message>
        <source>Older versions</source>
        <translation>Ältere Versionen</translation>
    </message>
    <message>
        <source>Accounts saved</source>
        <translation>Konten gesichert</translation>
    </message>
    <message>
        <source>%1, bucket “%2”</source>
        <translation>%1, Bucket „%2“</translation>
    </message>
</context>
<context>
    <name>cring::models::Condition</name>
    <message>
        <source>Looking for the service</source>
        <translation>Der Dienst wird gesucht</translation>
    </message>
    <message>
        <source>The service is not running. Start it</source>
        <translation>Der Dienst läuft nicht. Starten Sie ihn</translation>
    </message>
    <message>
        <source>The service does not answer. It may be stopped or overloaded</source>
        <translation>Der Dienst antwortet nicht. Vielleicht ist er angehalten oder überlastet</translation>
    </message>
    <message>
        <source>The service is another version than this window. Restart it</source>
        <translation>Der Dienst hat eine andere Version als dieses Fenster. Starten Sie es neu</translation>
    </message>
    <message>
        <source>The service cannot be used: %1</source>
        <translation>Der Dienst kann nicht benutzt werden: %1</translation>
    </message>
    <message>
        <source>The service is stopping: it finishes what is under way</source>
        <translation>Der Dienst hält an: Er bringt zu Ende, was im Gang ist</translation>
    </message>
    <message>
        <source>No servers yet. Add two to start protecting files</source>
        <translation>Noch keine Server. Fügen Sie zwei hinzu, um Dateien zu schützen</translation>
    </message>
    <message>
        <source>Uploads and deletes are refused: %1</source>
        <translation>Hochladen und Löschen werden abgelehnt: %1</translation>
    </message>
    <message numerus="yes">
        <source>None of %n server(s) can be used: uploads and downloads fail</source>
        <translation>
            <numerusform>Der einzige Server ist nicht nutzbar: Hochladen und Herunterladen schlagen fehl</numerusform>
            <numerusform>Keiner von %n Servern ist nutzbar: Hochladen und Herunterladen schlagen fehl</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n server(s) up: uploads fail</source>
        <translation>
            <numerusform>%1 von %n Server nutzbar: Hochladen schlägt fehl</numerusform>
            <numerusform>%1 von %n Servern nutzbar: Hochladen schlägt fehl</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is no copy of the others: %2</source>
        <translation>%1 gleicht den anderen nicht: %2</translation>
    </message>
    <message>
        <source>%1 down for %2</source>
        <translation>%1 seit %2 ausgefallen</translation>
    </message>
    <message>
        <source>%1 fails requests</source>
        <translation>%1 beantwortet Anfragen mit Fehlern</translation>
    </message>
    <message>
        <source>%1. Uploads go on</source>
        <translation>%1. Hochladen geht weiter</translation>
    </message>
    <message numerus="yes">
        <source>%1 does not know %n account(s)</source>
        <translation>
            <numerusform>%1 kennt %n Konto nicht</numerusform>
            <numerusform>%1 kennt %n Konten nicht</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Looking at %n server(s) for the first time</source>
        <translation>
            <numerusform>%n Server wird zum ersten Mal geprüft</numerusform>
            <numerusform>%n Server werden zum ersten Mal geprüft</numerusform>
        </translation>
    </message>
    <message>
        <source>The backup %1 waits for its keys: %2</source>
        <translation>Die Sicherung %1 wartet auf ihre Schlüssel: %2</translation>
    </message>
    <message>
        <source>No backup to %1 for %2</source>
        <translation>Keine Sicherung in %1 seit %2</translation>
    </message>
    <message numerus="yes">
        <source>The backup %1 holds %n delete(s) back until you decide</source>
        <translation>
            <numerusform>Die Sicherung %1 hält %n Löschung zurück, bis Sie entscheiden</numerusform>
            <numerusform>Die Sicherung %1 hält %n Löschungen zurück, bis Sie entscheiden</numerusform>
        </translation>
    </message>
    <message>
        <source>No backup to %1 for %2: %3</source>
        <translation>Keine Sicherung in %1 seit %2: %3</translation>
    </message>
    <message>
        <source>Not everything is backed up to %1: %2</source>
        <translation>In %1 ist nicht alles gesichert: %2</translation>
    </message>
    <message numerus="yes">
        <source>%n finding(s) of the last check wait for you</source>
        <translation>
            <numerusform>%n Befund der letzten Prüfung wartet auf Sie</numerusform>
            <numerusform>%n Befunde der letzten Prüfung warten auf Sie</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n clash(es) of accounts wait for you</source>
        <translation>
            <numerusform>%n Widerspruch zwischen Konten wartet auf Sie</numerusform>
            <numerusform>%n Widersprüche zwischen Konten warten auf Sie</numerusform>
        </translation>
    </message>
    <message>
        <source>Paused until you resume</source>
        <translation>Angehalten, bis Sie fortsetzen</translation>
    </message>
    <message>
        <source>Paused while the network is metered</source>
        <translation>Angehalten, solange die Verbindung getaktet ist</translation>
    </message>
    <message>
        <source>Paused until %1</source>
        <translation>Angehalten bis %1</translation>
    </message>
    <message>
        <source>%1; backup behind by %2</source>
        <translation>%1; Sicherung im Rückstand um %2</translation>
    </message>
    <message>
        <source>Bringing %1 to %2</source>
        <translation>%1 unterwegs zu %2</translation>
    </message>
    <message>
        <source>Backing up %1 to %2</source>
        <translation>Sichert %1 in %2</translation>
    </message>
    <message>
        <source>%1: %2 done</source>
        <translation>%1: %2 erledigt</translation>
    </message>
    <message>
        <source>%1: %2 of %3</source>
        <translation>%1: %2 von %3</translation>
    </message>
    <message>
        <source>%1, about %2</source>
        <translation>%1, noch etwa %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %n server(s)</source>
        <translation>
            <numerusform>%1 von %n Server</numerusform>
            <numerusform>%1 von %n Servern</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, every file on %2</source>
        <translation>%1, jede Datei auf %2</translation>
    </message>
    <message>
        <source>%1, each upload goes to %2</source>
        <translation>%1, jede Datei geht an %2</translation>
    </message>
    <message>
        <source>%1. Backup verified %2 ago</source>
        <translation>%1. Sicherung vor %2 geprüft</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>The last restore drill of %1 failed: %2</source>
        <translation>Die letzte Wiederherstellungsprobe von %1 misslang: %2</translation>
    </message>
</context>
<context>
    <name>cring::models::CringCommand</name>
    <message>
        <source>it is neither beside this program nor on your PATH</source>
        <translation>es liegt weder neben diesem Programm noch in Ihrem PATH</translation>
    </message>
    <message>
        <source>It was called off</source>
        <translation>Es wurde abgebrochen</translation>
    </message>
    <message>
        <source>It took too long, and was called off</source>
        <translation>Es dauerte zu lange und wurde abgebrochen</translation>
    </message>
    <message>
        <source>The program cring has crashed</source>
        <translation>Das Programm cring ist abgestürzt</translation>
    </message>
    <message>
        <source>The program cring ended with code %1, without a word</source>
        <translation>Das Programm cring endete mit Code %1, ohne ein Wort</translation>
    </message>
    <message>
        <source>The program cring could not be started: %1</source>
        <translation>Das Programm cring konnte nicht gestartet werden: %1</translation>
    </message>
</context>
<context>
    <name>cring::models::EventsModel</name>
    <message>
        <source>Detail</source>
        <translation>Einzelheit</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Information</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Hochladen</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>Anmeldung</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>Dienst</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparatur</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Betrifft</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Was geschehen ist</translation>
    </message>
</context>
<context>
    <name>cring::models::FileWhere</name>
    <message>
        <source>has it</source>
        <translation>hat sie</translation>
    </message>
    <message>
        <source>has it, and need not</source>
        <translation>hat sie und braucht sie nicht</translation>
    </message>
    <message>
        <source>should have it, and has not</source>
        <translation>sollte sie haben und hat sie nicht</translation>
    </message>
    <message>
        <source>missed a change</source>
        <translation>hat eine Änderung verpasst</translation>
    </message>
    <message>
        <source>may have got a change half</source>
        <translation>hat eine Änderung vielleicht nur halb</translation>
    </message>
    <message>
        <source>is to be looked at</source>
        <translation>muss geprüft werden</translation>
    </message>
    <message>
        <source>has another version, which is kept aside first</source>
        <translation>hat eine andere Version, die zuerst aufgehoben wird</translation>
    </message>
    <message>
        <source>has deleted it</source>
        <translation>hat sie gelöscht</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <comment>a server, and what its copy is</comment>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>%1, since %2</source>
        <translation>%1, seit %2</translation>
    </message>
    <message>
        <source>The service itself holds %1 for those that still lack it</source>
        <translation>Der Dienst selbst hält %1 für die bereit, denen sie noch fehlen</translation>
    </message>
</context>
<context>
    <name>cring::models::FilesModel</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>Copies</source>
        <translation>Kopien</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>Warum</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>in the bucket</source>
        <translation>im Bucket</translation>
    </message>
    <message>
        <source>waiting since %1</source>
        <translation>wartet seit %1</translation>
    </message>
    <message>
        <source>not wanted</source>
        <translation>nicht gewünscht</translation>
    </message>
    <message>
        <source>owed to %1</source>
        <translation>steht aus für %1</translation>
    </message>
    <message>
        <source>missing on %1</source>
        <translation>fehlt auf %1</translation>
    </message>
    <message>
        <source>more copies than wanted</source>
        <translation>mehr Kopien als nötig</translation>
    </message>
    <message>
        <source>too few servers</source>
        <translation>zu wenige Server</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message>
        <source>The name is hidden: your Charm identity does not unlock it.
%1</source>
        <translation>Der Name ist verborgen: Ihre Charm-Identität entschlüsselt ihn nicht.
%1</translation>
    </message>
    <message>
        <source>No server has a good copy</source>
        <translation>Kein Server hat eine gute Kopie</translation>
    </message>
    <message>
        <source>Good copies on %1</source>
        <translation>Gute Kopien auf %1</translation>
    </message>
    <message>
        <source>Path</source>
        <translation>Pfad</translation>
    </message>
</context>
<context>
    <name>cring::models::FindingsModel</name>
    <message>
        <source>Nobody recorded it</source>
        <translation>Niemand hat sie verzeichnet</translation>
    </message>
    <message>
        <source>Gone without a delete</source>
        <translation>Verschwunden, ohne gelöscht zu sein</translation>
    </message>
    <message>
        <source>Its bytes are damaged</source>
        <translation>Ihre Bytes sind beschädigt</translation>
    </message>
    <message>
        <source>Several versions, none by a quorum</source>
        <translation>Mehrere Versionen, keine mit Quorum</translation>
    </message>
    <message>
        <source>A file here, a folder there</source>
        <translation>Hier eine Datei, dort ein Ordner</translation>
    </message>
    <message>
        <source>No good copy is left</source>
        <translation>Keine gute Kopie ist übrig</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>%1
of the account %2</source>
        <translation>%1
des Kontos %2</translation>
    </message>
</context>
<context>
    <name>cring::models::HealthSpan</name>
    <message>
        <source>%1 %</source>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>down from %1 for %2</source>
        <translation>ausgefallen ab %1 für %2</translation>
    </message>
    <message>
        <source>no copy from %1 for %2</source>
        <translation>abweichend ab %1 für %2</translation>
    </message>
    <message>
        <source>up all the time, as far as is known</source>
        <translation>durchgehend in Betrieb, soweit bekannt</translation>
    </message>
</context>
<context>
    <name>cring::models::JobsModel</name>
    <message>
        <source>Check of all files</source>
        <translation>Prüfung aller Dateien</translation>
    </message>
    <message>
        <source>Taking in of files</source>
        <translation>Aufnahme von Dateien</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Reparatur</translation>
    </message>
    <message>
        <source>Check of the backup</source>
        <translation>Prüfung der Sicherung</translation>
    </message>
    <message>
        <source>Restore drill</source>
        <translation>Wiederherstellungsprobe</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>Rebalance</source>
        <translation>Neuverteilung</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Läuft</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message numerus="yes">
        <source>Done, %n finding(s)</source>
        <translation>
            <numerusform>Fertig, %n Befund</numerusform>
            <numerusform>Fertig, %n Befunde</numerusform>
        </translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>Fehlgeschlagen</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>Abgebrochen</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was sie tut</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>Restzeit</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Begonnen</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>etwa %1</translation>
    </message>
</context>
<context>
    <name>cring::models::KeptVersionsModel</name>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>Version</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Holds: it is deleted</source>
        <translation>Gilt: Sie ist gelöscht</translation>
    </message>
    <message>
        <source>Holds now</source>
        <translation>Gilt jetzt</translation>
    </message>
    <message>
        <source>Kept aside</source>
        <translation>Aufgehoben</translation>
    </message>
    <message>
        <source>%1
of the account %2</source>
        <translation>%1
des Kontos %2</translation>
    </message>
    <message>
        <source>%1
digest %2…</source>
        <translation>%1
Prüfsumme %2…</translation>
    </message>
    <message>
        <source>that there is no such file (deleted %1 ago)</source>
        <translation>dass es keine solche Datei gibt (gelöscht vor %1)</translation>
    </message>
    <message>
        <source>unknown size</source>
        <translation>unbekannte Größe</translation>
    </message>
    <message>
        <source>%1, written %2 ago</source>
        <translation>%1, geschrieben vor %2</translation>
    </message>
    <message>
        <source>%1 on %2, written %3 ago</source>
        <translation>%1 auf %2, geschrieben vor %3</translation>
    </message>
    <message>
        <source>%1 from %2, kept aside %3 ago</source>
        <translation>%1 von %2, aufgehoben vor %3</translation>
    </message>
</context>
<context>
    <name>cring::models::KitMaker</name>
    <message>
        <source>There is no room for the kit: %1</source>
        <translation>Für das Kit ist kein Platz: %1</translation>
    </message>
    <message>
        <source>The kit was made and cannot be read. Make another one</source>
        <translation>Das Kit wurde erstellt und lässt sich nicht lesen. Erstellen Sie ein anderes</translation>
    </message>
</context>
<context>
    <name>cring::models::Notice</name>
    <message>
        <source>Uploads fail</source>
        <translation>Hochladen schlägt fehl</translation>
    </message>
    <message>
        <source>The ring needs attention</source>
        <translation>Der Ring braucht Aufmerksamkeit</translation>
    </message>
    <message>
        <source>The backup is overdue</source>
        <translation>Die Sicherung ist überfällig</translation>
    </message>
    <message>
        <source>A check found something</source>
        <translation>Eine Prüfung hat etwas gefunden</translation>
    </message>
    <message>
        <source>Unlock the keychain</source>
        <translation>Entsperren Sie den Schlüsselbund</translation>
    </message>
    <message>
        <source>Uploads work again</source>
        <translation>Hochladen geht wieder</translation>
    </message>
    <message>
        <source>The ring is whole again</source>
        <translation>Der Ring ist wieder heil</translation>
    </message>
    <message>
        <source>The backup has caught up</source>
        <translation>Die Sicherung ist wieder aktuell</translation>
    </message>
    <message>
        <source>Nothing is left of what a check found</source>
        <translation>Von den Befunden einer Prüfung ist nichts mehr offen</translation>
    </message>
    <message>
        <source>The backup has its keys again</source>
        <translation>Die Sicherung hat ihre Schlüssel wieder</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::models::NotificationChoices</name>
    <message>
        <source>&amp;Uploads are refused</source>
        <translation>Hochladen &amp;wird abgelehnt</translation>
    </message>
    <message>
        <source>&amp;Something is wrong for a while</source>
        <translation>&amp;Etwas ist seit einer Weile gestört</translation>
    </message>
    <message>
        <source>The &amp;backup is overdue</source>
        <translation>Die Sicherung ist &amp;überfällig</translation>
    </message>
    <message>
        <source>A &amp;check found something</source>
        <translation>Eine Prüf&amp;ung hat etwas gefunden</translation>
    </message>
    <message>
        <source>The &amp;keychain is locked</source>
        <translation>Der Schlüssel&amp;bund ist gesperrt</translation>
    </message>
</context>
<context>
    <name>cring::models::ServersModel</name>
    <message>
        <source>&lt; 1 ms</source>
        <translation>&lt; 1 ms</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
    <message>
        <source>Well</source>
        <translation>Gut</translation>
    </message>
    <message>
        <source>Failing</source>
        <translation>Fehlerhaft</translation>
    </message>
    <message>
        <source>Down</source>
        <translation>Ausgefallen</translation>
    </message>
    <message>
        <source>Misconfigured</source>
        <translation>Falsch eingerichtet</translation>
    </message>
    <message>
        <source>Not looked at yet</source>
        <translation>Noch nicht geprüft</translation>
    </message>
    <message>
        <source>accounts</source>
        <translation>Konten</translation>
    </message>
    <message>
        <source>draining</source>
        <translation>wird geleert</translation>
    </message>
    <message>
        <source>back, being checked</source>
        <translation>wieder da, wird geprüft</translation>
    </message>
    <message>
        <source>new, being checked</source>
        <translation>neu, wird geprüft</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Latenz</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>Fehlend</translation>
    </message>
    <message>
        <source>Owed</source>
        <translation>Ausstehend</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>Rolle</translation>
    </message>
    <message>
        <source>Up in 24 h</source>
        <translation>Bereit in 24 h</translation>
    </message>
    <message>
        <source>%1 of %2 requests since the service started</source>
        <translation>%1 von %2 Anfragen seit dem Start des Dienstes</translation>
    </message>
</context>
<context>
    <name>cring::models::ServiceCommands</name>
    <message>
        <source>%1 (%2)</source>
        <comment>a sentence, and the code of the error</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>Background work rests. Clients are served as ever</source>
        <translation>Die Hintergrundarbeit ruht. Clients werden bedient wie immer</translation>
    </message>
    <message>
        <source>Background work goes on</source>
        <translation>Die Hintergrundarbeit geht weiter</translation>
    </message>
    <message>
        <source>The check of all files has begun</source>
        <translation>Die Prüfung aller Dateien hat begonnen</translation>
    </message>
    <message>
        <source>The repair of the file has begun</source>
        <translation>Die Reparatur der Datei hat begonnen</translation>
    </message>
    <message>
        <source>Everything that waits for the backup is tried now</source>
        <translation>Alles, was auf die Sicherung wartet, wird jetzt versucht</translation>
    </message>
    <message>
        <source>The check of the backup has begun</source>
        <translation>Die Prüfung der Sicherung hat begonnen</translation>
    </message>
    <message>
        <source>The job rests</source>
        <translation>Die Aufgabe ruht</translation>
    </message>
    <message>
        <source>The job goes on</source>
        <translation>Die Aufgabe geht weiter</translation>
    </message>
    <message>
        <source>The job ends; what is done stays done</source>
        <translation>Die Aufgabe endet; was getan ist, bleibt getan</translation>
    </message>
    <message>
        <source>Accounts and logins go to %1 from now on</source>
        <translation>Konten und Anmeldungen gehen ab jetzt an %1</translation>
    </message>
    <message>
        <source>The version that you chose holds</source>
        <translation>Die gewählte Version gilt</translation>
    </message>
    <message>
        <source>The version is gone</source>
        <translation>Die Version ist gelöscht</translation>
    </message>
    <message>
        <source>The repair has begun: see Jobs</source>
        <translation>Die Reparatur hat begonnen: siehe Aufgaben</translation>
    </message>
    <message>
        <source>The service finishes what is under way, and ends</source>
        <translation>Der Dienst bringt zu Ende, was im Gang ist, und endet</translation>
    </message>
    <message>
        <source>What %1 holds is brought to the other servers</source>
        <translation>Was %1 hat, wird auf die anderen Server gebracht</translation>
    </message>
    <message>
        <source>%1 is a server like the others again</source>
        <translation>%1 ist wieder ein Server wie die anderen</translation>
    </message>
</context>
<context>
    <name>cring::models::ServiceSentences</name>
    <message>
        <source>is up</source>
        <translation>ist in Betrieb</translation>
    </message>
    <message>
        <source>is down: %1</source>
        <translation>ist ausgefallen: %1</translation>
    </message>
    <message>
        <source>is the primary now: a person said so</source>
        <translation>ist jetzt der primäre Server: ein Mensch hat es so bestimmt</translation>
    </message>
    <message>
        <source>gets no traffic: %1</source>
        <translation>bekommt keine Anfragen: %1</translation>
    </message>
    <message>
        <source>is being left alone for a moment: it %1</source>
        <translation>wird einen Augenblick in Ruhe gelassen: er %1</translation>
    </message>
    <message>
        <source>refused the connection</source>
        <translation>hat die Verbindung abgelehnt</translation>
    </message>
    <message>
        <source>closed the connection at once</source>
        <translation>hat die Verbindung sofort geschlossen</translation>
    </message>
    <message>
        <source>closed the connection</source>
        <translation>hat die Verbindung geschlossen</translation>
    </message>
    <message>
        <source>closed the connection without an answer</source>
        <translation>hat die Verbindung ohne Antwort geschlossen</translation>
    </message>
    <message>
        <source>cut its answer short</source>
        <translation>hat seine Antwort abgeschnitten</translation>
    </message>
    <message>
        <source>did not accept the connection in time</source>
        <translation>hat die Verbindung nicht rechtzeitig angenommen</translation>
    </message>
    <message>
        <source>did not accept a connection within %1 ms</source>
        <translation>hat binnen %1 ms keine Verbindung angenommen</translation>
    </message>
    <message>
        <source>did not answer within %1 ms</source>
        <translation>hat binnen %1 ms nicht geantwortet</translation>
    </message>
    <message>
        <source>did not answer within %1 s</source>
        <translation>hat binnen %1 s nicht geantwortet</translation>
    </message>
    <message>
        <source>did not answer</source>
        <translation>hat nicht geantwortet</translation>
    </message>
    <message>
        <source>stopped in the middle of its answer for %1 ms</source>
        <translation>hielt mitten in seiner Antwort für %1 ms inne</translation>
    </message>
    <message>
        <source>stopped in the middle of its answer</source>
        <translation>hielt mitten in seiner Antwort inne</translation>
    </message>
    <message>
        <source>stopped taking what was sent</source>
        <translation>nahm nicht weiter an, was gesendet wurde</translation>
    </message>
    <message>
        <source>sent an answer larger than %1 bytes</source>
        <translation>hat eine Antwort mit mehr als %1 Bytes gesendet</translation>
    </message>
    <message>
        <source>its host name cannot be resolved</source>
        <translation>sein Hostname lässt sich nicht auflösen</translation>
    </message>
    <message>
        <source>cannot be found: no such host</source>
        <translation>ist nicht zu finden: diesen Host gibt es nicht</translation>
    </message>
    <message>
        <source>cannot be reached: no route to it</source>
        <translation>ist nicht erreichbar: kein Weg führt dorthin</translation>
    </message>
    <message>
        <source>cannot be reached: %1</source>
        <translation>ist nicht erreichbar: %1</translation>
    </message>
    <message>
        <source>TLS failed: %1</source>
        <translation>TLS schlug fehl: %1</translation>
    </message>
    <message>
        <source>answered %1 when asked for %2</source>
        <translation>hat auf die Frage nach %2 mit %1 geantwortet</translation>
    </message>
    <message>
        <source>its signing keys</source>
        <translation>seinen Signaturschlüsseln</translation>
    </message>
    <message>
        <source>its issuer</source>
        <translation>seinem Aussteller</translation>
    </message>
    <message>
        <source>sent no signing key that can be read</source>
        <translation>hat keinen lesbaren Signaturschlüssel gesendet</translation>
    </message>
    <message>
        <source>sent no issuer that can be read</source>
        <translation>hat keinen lesbaren Aussteller gesendet</translation>
    </message>
    <message>
        <source>its clock is %1 ahead of this machine&apos;s</source>
        <translation>seine Uhr geht %1 vor der dieses Rechners</translation>
    </message>
    <message>
        <source>its clock is %1 behind this machine&apos;s</source>
        <translation>seine Uhr geht %1 hinter der dieses Rechners</translation>
    </message>
    <message>
        <source>its signing key differs from %1&apos;s (%2)</source>
        <translation>sein Signaturschlüssel ist ein anderer als der von %1 (%2)</translation>
    </message>
    <message>
        <source>its issuer %1 differs from %2&apos;s, %3 (%4)</source>
        <translation>sein Aussteller %1 ist ein anderer als der von %2, %3 (%4)</translation>
    </message>
    <message>
        <source>answered %1</source>
        <translation>hat mit %1 geantwortet</translation>
    </message>
    <message>
        <source>answered %1: %2</source>
        <translation>hat mit %1 geantwortet: %2</translation>
    </message>
    <message>
        <source>answered %1 instead of a listing</source>
        <translation>hat mit %1 statt einer Liste geantwortet</translation>
    </message>
    <message>
        <source>answered before the body was sent</source>
        <translation>hat geantwortet, bevor der Inhalt gesendet war</translation>
    </message>
    <message>
        <source>does not know this account</source>
        <translation>kennt dieses Konto nicht</translation>
    </message>
    <message>
        <source>has no room left for this account (user storage limit exceeded)</source>
        <translation>hat für dieses Konto keinen Platz mehr (user storage limit exceeded)</translation>
    </message>
    <message>
        <source>was too slow to take the file</source>
        <translation>war zu langsam, um die Datei anzunehmen</translation>
    </message>
    <message>
        <source>would have taken it</source>
        <translation>hätte sie angenommen</translation>
    </message>
    <message>
        <source>had not answered yet</source>
        <translation>hatte noch nicht geantwortet</translation>
    </message>
    <message>
        <source>has not answered</source>
        <translation>hat nicht geantwortet</translation>
    </message>
    <message>
        <source>has not answered an earlier change yet</source>
        <translation>hat eine frühere Änderung noch nicht beantwortet</translation>
    </message>
    <message>
        <source>has not answered an earlier change of the path yet</source>
        <translation>hat eine frühere Änderung des Pfads noch nicht beantwortet</translation>
    </message>
    <message>
        <source>has not got the last version</source>
        <translation>hat die letzte Version nicht</translation>
    </message>
    <message>
        <source>has another version of the file</source>
        <translation>hat eine andere Version der Datei</translation>
    </message>
    <message>
        <source>has another version</source>
        <translation>hat eine andere Version</translation>
    </message>
    <message>
        <source>has a file of another length</source>
        <translation>hat eine Datei anderer Länge</translation>
    </message>
    <message>
        <source>has a shorter file</source>
        <translation>hat eine kürzere Datei</translation>
    </message>
    <message>
        <source>has a folder where the others have a file</source>
        <translation>hat einen Ordner, wo die anderen eine Datei haben</translation>
    </message>
    <message>
        <source>has a file where the others have a folder</source>
        <translation>hat eine Datei, wo die anderen einen Ordner haben</translation>
    </message>
    <message>
        <source>sent something else than what was stored</source>
        <translation>hat etwas anderes gesendet, als gespeichert war</translation>
    </message>
    <message>
        <source>sent more than the file holds</source>
        <translation>hat mehr gesendet, als die Datei enthält</translation>
    </message>
    <message>
        <source>was let go of</source>
        <translation>wurde losgelassen</translation>
    </message>
    <message>
        <source>refused a folder</source>
        <translation>hat einen Ordner abgelehnt</translation>
    </message>
    <message>
        <source>is not in the ring</source>
        <translation>ist nicht im Ring</translation>
    </message>
    <message>
        <source>the disk was too slow</source>
        <translation>die Platte war zu langsam</translation>
    </message>
    <message>
        <source>the disk is too slow</source>
        <translation>die Platte ist zu langsam</translation>
    </message>
    <message>
        <source>in doubt</source>
        <translation>zweifelhaft</translation>
    </message>
    <message>
        <source>stored on %1 of %2 servers, need %3: %4</source>
        <translation>auf %1 von %2 Servern gespeichert, nötig sind %3: %4</translation>
    </message>
    <message>
        <source>nothing was deleted: %1 of %2 servers can be reached, need %3: %4</source>
        <translation>nichts wurde gelöscht: %1 von %2 Servern sind erreichbar, nötig sind %3: %4</translation>
    </message>
    <message>
        <source>nothing was deleted: %1</source>
        <translation>nichts wurde gelöscht: %1</translation>
    </message>
    <message>
        <source>the delete was sent and will be carried through, but only %1 of %2 servers have confirmed it, need %3: %4</source>
        <translation>die Löschung wurde gesendet und wird ausgeführt, aber erst %1 von %2 Servern haben sie bestätigt, nötig sind %3: %4</translation>
    </message>
    <message>
        <source>the delete was sent and will be carried through, but the disk is too slow</source>
        <translation>die Löschung wurde gesendet und wird ausgeführt, aber die Platte ist zu langsam</translation>
    </message>
    <message>
        <source>the folder was made on %1 of %2 servers, need %3: %4</source>
        <translation>der Ordner wurde auf %1 von %2 Servern angelegt, nötig sind %3: %4</translation>
    </message>
    <message>
        <source>the client went away in the middle of an upload; nothing was stored</source>
        <translation>der Client ging mitten im Hochladen weg; nichts wurde gespeichert</translation>
    </message>
    <message>
        <source>no server has said in time what is at the path now</source>
        <translation>kein Server hat rechtzeitig gesagt, was jetzt an dem Pfad ist</translation>
    </message>
    <message>
        <source>an earlier change of the path has not ended</source>
        <translation>eine frühere Änderung des Pfads ist noch nicht zu Ende</translation>
    </message>
    <message>
        <source>the folders above the file were not made in time</source>
        <translation>die Ordner über der Datei wurden nicht rechtzeitig angelegt</translation>
    </message>
    <message>
        <source>the file was changed meanwhile</source>
        <translation>die Datei wurde inzwischen geändert</translation>
    </message>
    <message>
        <source>the file was changed while it was read</source>
        <translation>die Datei wurde beim Lesen geändert</translation>
    </message>
    <message>
        <source>a folder stands where the file should go</source>
        <translation>ein Ordner steht, wo die Datei hin soll</translation>
    </message>
    <message>
        <source>a file stands where the folder should go</source>
        <translation>eine Datei steht, wo der Ordner hin soll</translation>
    </message>
    <message>
        <source>the servers cannot have a folder at this path: it lies below a file</source>
        <translation>an diesem Pfad können die Server keinen Ordner haben: er liegt unter einer Datei</translation>
    </message>
    <message>
        <source>the servers cannot have a file at this path: it lies below a file, or in a folder that cannot be entered</source>
        <translation>an diesem Pfad können die Server keine Datei haben: er liegt unter einer Datei oder in einem Ordner, den man nicht betreten kann</translation>
    </message>
    <message>
        <source>file not found</source>
        <translation>Datei nicht gefunden</translation>
    </message>
    <message>
        <source>no server can give the file: %1</source>
        <translation>kein Server kann die Datei liefern: %1</translation>
    </message>
    <message>
        <source>a download was cut off: %1</source>
        <translation>ein Herunterladen wurde abgeschnitten: %1</translation>
    </message>
    <message>
        <source>missed a file that the others have: %1</source>
        <translation>hat eine Datei verpasst, die die anderen haben: %1</translation>
    </message>
    <message>
        <source>no server answers: %1</source>
        <translation>kein Server antwortet: %1</translation>
    </message>
    <message>
        <source>the folder&apos;s listing would not be complete: %1 of %2 servers answered, need %3: %4</source>
        <translation>die Liste des Ordners wäre nicht vollständig: %1 von %2 Servern haben geantwortet, nötig sind %3: %4</translation>
    </message>
    <message>
        <source>no server is configured: nothing can be stored or deleted before there are some</source>
        <translation>kein Server ist eingerichtet: vorher lässt sich nichts speichern oder löschen</translation>
    </message>
    <message>
        <source>too much account data waits for servers; some was not passed on</source>
        <translation>zu viele Kontodaten warten auf Server; einige wurden nicht weitergegeben</translation>
    </message>
    <message>
        <source>the ring cannot write down what it stores: %1</source>
        <translation>der Ring kann nicht verzeichnen, was er speichert: %1</translation>
    </message>
    <message>
        <source>one copy was put right</source>
        <translation>eine Kopie wurde in Ordnung gebracht</translation>
    </message>
    <message>
        <source>%1 copies were put right</source>
        <translation>%1 Kopien wurden in Ordnung gebracht</translation>
    </message>
    <message>
        <source>was put right, and is looked at again before it is read</source>
        <translation>wurde in Ordnung gebracht und wird vor dem Lesen noch einmal geprüft</translation>
    </message>
    <message>
        <source>had another version of a file, which is kept aside (cring conflicts list)</source>
        <translation>hatte eine andere Version einer Datei; sie ist aufgehoben (cring conflicts list)</translation>
    </message>
    <message>
        <source>a file was changed past the ring on %1 servers: their version holds now</source>
        <translation>eine Datei wurde am Ring vorbei auf %1 Servern geändert: Ihre Version gilt jetzt</translation>
    </message>
    <message>
        <source>a body in the spool is damaged</source>
        <translation>ein Inhalt im Spool ist beschädigt</translation>
    </message>
    <message>
        <source>a version that was kept aside holds again</source>
        <translation>eine aufgehobene Version gilt wieder</translation>
    </message>
    <message>
        <source>one of several versions of a file could not be kept aside, and stays where it is: %1</source>
        <translation>eine von mehreren Versionen einer Datei konnte nicht aufgehoben werden und bleibt, wo sie ist: %1</translation>
    </message>
    <message>
        <source>lacks files that it had: everything is gone through</source>
        <translation>ihm fehlen Dateien, die er hatte: alles wird durchgesehen</translation>
    </message>
    <message>
        <source>has not got an account&apos;s new name, key or number yet: %1</source>
        <translation>hat den neuen Namen, Schlüssel oder die neue Nummer eines Kontos noch nicht: %1</translation>
    </message>
    <message>
        <source>was gone through: what it holds counts from now on</source>
        <translation>wurde durchgesehen: was er hat, zählt ab jetzt</translation>
    </message>
    <message>
        <source>holds nothing any more that is needed: it can be removed</source>
        <translation>hat nichts mehr, was gebraucht wird: er kann entfernt werden</translation>
    </message>
    <message>
        <source>gone through %1 paths: %2</source>
        <translation>%1 Pfade durchgesehen: %2</translation>
    </message>
    <message>
        <source>%1 copies were missing</source>
        <translation>%1 Kopien fehlten</translation>
    </message>
    <message>
        <source>%1 are looked into</source>
        <translation>%1 werden untersucht</translation>
    </message>
    <message>
        <source>%1 were something else</source>
        <translation>%1 waren etwas anderes</translation>
    </message>
    <message>
        <source>%1 had been deleted</source>
        <translation>%1 waren gelöscht</translation>
    </message>
    <message>
        <source>%1 are not needed</source>
        <translation>%1 werden nicht gebraucht</translation>
    </message>
    <message>
        <source>%1 paths were taken into the catalogue</source>
        <translation>%1 Pfade wurden in den Katalog aufgenommen</translation>
    </message>
    <message>
        <source>%1 findings</source>
        <translation>%1 Befunde</translation>
    </message>
    <message>
        <source>no server is configured: there is nothing to go through</source>
        <translation>kein Server ist eingerichtet: es gibt nichts durchzusehen</translation>
    </message>
    <message>
        <source>a folder that was being made when the service ended was made after all</source>
        <translation>ein Ordner, der beim Ende des Dienstes angelegt wurde, ist doch angelegt</translation>
    </message>
    <message>
        <source>a folder that was being made when the service ended was not made</source>
        <translation>ein Ordner, der beim Ende des Dienstes angelegt wurde, ist nicht angelegt</translation>
    </message>
    <message>
        <source>an upload that was cut off when the service ended was stored after all</source>
        <translation>ein Hochladen, das beim Ende des Dienstes abbrach, ist doch gespeichert</translation>
    </message>
    <message>
        <source>an upload that was cut off when the service ended was not stored</source>
        <translation>ein Hochladen, das beim Ende des Dienstes abbrach, ist nicht gespeichert</translation>
    </message>
    <message>
        <source>no version %1 is kept aside; it may have been chosen or discarded already (cring conflicts list)</source>
        <translation>keine Version %1 ist aufgehoben; vielleicht wurde sie schon gewählt oder weggeworfen (cring conflicts list)</translation>
    </message>
    <message>
        <source>the version was not chosen, and is still kept: %1</source>
        <translation>die Version wurde nicht gewählt und ist weiter aufgehoben: %1</translation>
    </message>
    <message>
        <source>no server that has it can be reached</source>
        <translation>kein Server, der sie hat, ist erreichbar</translation>
    </message>
    <message>
        <source>has something else above the folder</source>
        <translation>hat über dem Ordner etwas anderes</translation>
    </message>
    <message>
        <source>reading every copy</source>
        <translation>jede Kopie wird gelesen</translation>
    </message>
    <message>
        <source>reading every copy, and mending %1 of them</source>
        <translation>jede Kopie wird gelesen, %1 davon repariert</translation>
    </message>
    <message>
        <source>taking in what the servers hold</source>
        <translation>was die Server haben, wird aufgenommen</translation>
    </message>
    <message>
        <source>comparing the servers with the catalogue</source>
        <translation>die Server werden mit dem Katalog verglichen</translation>
    </message>
    <message>
        <source>moving files</source>
        <translation>Dateien werden verschoben</translation>
    </message>
    <message>
        <source>waiting for %1</source>
        <translation>wartet auf %1</translation>
    </message>
    <message>
        <source>counting</source>
        <translation>wird gezählt</translation>
    </message>
    <message>
        <source>bringing back</source>
        <translation>wird zurückgeholt</translation>
    </message>
    <message>
        <source>listing the bucket</source>
        <translation>der Bucket wird aufgelistet</translation>
    </message>
    <message>
        <source>looking for what is missing</source>
        <translation>Fehlendes wird gesucht</translation>
    </message>
    <message>
        <source>reading every object</source>
        <translation>jedes Objekt wird gelesen</translation>
    </message>
    <message>
        <source>choosing files</source>
        <translation>Dateien werden gewählt</translation>
    </message>
    <message>
        <source>looking at the accounts</source>
        <translation>die Konten werden geprüft</translation>
    </message>
    <message>
        <source>placing the keys</source>
        <translation>die Schlüssel werden abgelegt</translation>
    </message>
    <message>
        <source>copying the accounts</source>
        <translation>die Konten werden kopiert</translation>
    </message>
    <message>
        <source>placing the accounts</source>
        <translation>die Konten werden abgelegt</translation>
    </message>
    <message>
        <source>writing the settings</source>
        <translation>die Einstellungen werden geschrieben</translation>
    </message>
    <message>
        <source>serving %1 servers: HTTP on %2, SSH on %3</source>
        <translation>bedient %1 Server: HTTP auf %2, SSH auf %3</translation>
    </message>
    <message>
        <source>metrics on %1</source>
        <translation>Metriken auf %1</translation>
    </message>
    <message>
        <source>there are no metrics; %1; &quot;&quot; turns them off</source>
        <translation>es gibt keine Metriken; %1; &quot;&quot; schaltet sie ab</translation>
    </message>
    <message>
        <source>background work rests until %1</source>
        <translation>die Hintergrundarbeit ruht bis %1</translation>
    </message>
    <message>
        <source>background work goes on</source>
        <translation>die Hintergrundarbeit geht weiter</translation>
    </message>
    <message>
        <source>the network is no metered one</source>
        <translation>die Verbindung nicht mehr getaktet ist</translation>
    </message>
    <message>
        <source>draining: no new connections</source>
        <translation>hält an: keine neuen Verbindungen</translation>
    </message>
    <message>
        <source>nothing has changed</source>
        <translation>nichts hat sich geändert</translation>
    </message>
    <message>
        <source>the new settings hold for every new request</source>
        <translation>die neuen Einstellungen gelten für jede neue Anfrage</translation>
    </message>
    <message>
        <source>%1 takes effect when the service is started again</source>
        <translation>%1 wirkt, wenn der Dienst neu gestartet wird</translation>
    </message>
    <message>
        <source>the servers are in another order</source>
        <translation>die Server stehen in anderer Reihenfolge</translation>
    </message>
    <message>
        <source>the settings of %1 are new</source>
        <translation>die Einstellungen von %1 sind neu</translation>
    </message>
    <message>
        <source>%1 now, %2 before</source>
        <translation>jetzt %1, vorher %2</translation>
    </message>
    <message>
        <source>the new configuration is bad, the old one stays: %1</source>
        <translation>die neue Konfiguration ist fehlerhaft, die alte bleibt: %1</translation>
    </message>
    <message>
        <source>no server took a session: %1</source>
        <translation>kein Server hat eine Sitzung angenommen: %1</translation>
    </message>
    <message>
        <source>no server takes sessions, the service answers in their place: %1</source>
        <translation>kein Server nimmt Sitzungen an, der Dienst antwortet an ihrer Stelle: %1</translation>
    </message>
    <message>
        <source>a server takes sessions again</source>
        <translation>ein Server nimmt wieder Sitzungen an</translation>
    </message>
    <message>
        <source>the database can be written again</source>
        <translation>die Datenbank ist wieder beschreibbar</translation>
    </message>
    <message>
        <source>the database cannot be written: uploads and deletes are refused. %1</source>
        <translation>die Datenbank ist nicht beschreibbar: Hochladen und Löschen werden abgelehnt. %1</translation>
    </message>
    <message>
        <source>the database was damaged (%1) and set aside as %2; what it knew is rebuilt from the servers</source>
        <translation>die Datenbank war beschädigt (%1) und ist als %2 aufgehoben; was sie wusste, wird aus den Servern neu aufgebaut</translation>
    </message>
    <message>
        <source>the machine stopped without ending the service: all files on all servers are gone through</source>
        <translation>der Rechner ging aus, ohne den Dienst zu beenden: alle Dateien auf allen Servern werden durchgesehen</translation>
    </message>
    <message>
        <source>the service was killed the last time: what it was doing then is looked at</source>
        <translation>der Dienst wurde beim letzten Mal abgebrochen: was er gerade tat, wird geprüft</translation>
    </message>
    <message>
        <source>the disk is full (%1). What happens is kept in memory until there is room again: make some, and leave the service running meanwhile</source>
        <translation>die Platte ist voll (%1). Was geschieht, bleibt im Speicher, bis wieder Platz ist: Schaffen Sie welchen, und lassen Sie den Dienst solange laufen</translation>
    </message>
    <message>
        <source>the database cannot be written (%1). What happens is kept in memory and tried again: check the disk</source>
        <translation>die Datenbank ist nicht beschreibbar (%1). Was geschieht, bleibt im Speicher und wird wieder versucht: Prüfen Sie die Platte</translation>
    </message>
    <message>
        <source>another program holds the database (%1). Close it; what happens is kept in memory until then</source>
        <translation>ein anderes Programm hält die Datenbank fest (%1). Schließen Sie es; bis dahin bleibt im Speicher, was geschieht</translation>
    </message>
    <message>
        <source>the database is damaged (%1). Restart the service: it sets the file aside and rebuilds it from the servers</source>
        <translation>die Datenbank ist beschädigt (%1). Starten Sie den Dienst neu: Er hebt die Datei auf und baut sie aus den Servern neu auf</translation>
    </message>
    <message>
        <source>the spool has no room left: bring servers back, or raise spool.disk_budget</source>
        <translation>der Spool hat keinen Platz mehr: Bringen Sie Server zurück, oder erhöhen Sie spool.disk_budget</translation>
    </message>
    <message>
        <source>the service is not running: nobody listens at %1. Start it with `cring serve`</source>
        <translation>der Dienst läuft nicht: niemand lauscht an %1. Starten Sie ihn mit `cring serve`</translation>
    </message>
    <message>
        <source>the connection to the service was closed</source>
        <translation>die Verbindung zum Dienst wurde geschlossen</translation>
    </message>
    <message>
        <source>the service hung up; its log may say why</source>
        <translation>der Dienst hat aufgelegt; sein Protokoll sagt vielleicht, warum</translation>
    </message>
    <message>
        <source>not connected to the service</source>
        <translation>nicht mit dem Dienst verbunden</translation>
    </message>
    <message>
        <source>the service did not answer &quot;%1&quot; within %2 s; is it stopped or overloaded?</source>
        <translation>der Dienst hat „%1“ nicht binnen %2 s beantwortet; ist er angehalten oder überlastet?</translation>
    </message>
    <message>
        <source>no permission for the service at %1. Run this as the user it belongs to, or join its group (usually charmedring) and log in again</source>
        <translation>keine Berechtigung für den Dienst an %1. Starten Sie dies als der Benutzer, dem er gehört, oder treten Sie seiner Gruppe bei (gewöhnlich charmedring) und melden Sie sich neu an</translation>
    </message>
    <message>
        <source>the service dropped the request; its log may say why</source>
        <translation>der Dienst hat die Anfrage fallen gelassen; sein Protokoll sagt vielleicht, warum</translation>
    </message>
    <message>
        <source>the service is about to stop</source>
        <translation>der Dienst hält gleich an</translation>
    </message>
    <message>
        <source>job %1 (%2) is under way: wait for it, or cancel it</source>
        <translation>Aufgabe %1 (%2) ist im Gang: Warten Sie sie ab, oder brechen Sie sie ab</translation>
    </message>
    <message>
        <source>job %1 is over (%2)</source>
        <translation>Aufgabe %1 ist zu Ende (%2)</translation>
    </message>
    <message>
        <source>there is no job %1</source>
        <translation>es gibt keine Aufgabe %1</translation>
    </message>
    <message>
        <source>%1 is being drained already</source>
        <translation>%1 wird schon geleert</translation>
    </message>
    <message>
        <source>%1 is not being drained</source>
        <translation>%1 wird nicht geleert</translation>
    </message>
    <message>
        <source>without %1 fewer than %2 servers would keep files; add a server first</source>
        <translation>ohne %1 hätten weniger als %2 Server Dateien; fügen Sie zuerst einen Server hinzu</translation>
    </message>
    <message>
        <source>%1 was left out for a while, and its files have not been gone through yet: what it holds cannot be given to others. Try again when that is done</source>
        <translation>%1 war eine Weile ausgelassen, und seine Dateien sind noch nicht durchgesehen: was er hat, kann nicht an andere gehen. Versuchen Sie es danach noch einmal</translation>
    </message>
    <message>
        <source>%1 is new, and what it held before has not been gone through yet: it could be taken for something that is not needed. Try again when that is done</source>
        <translation>%1 ist neu, und was er vorher hatte, ist noch nicht durchgesehen: es könnte für entbehrlich gehalten werden. Versuchen Sie es danach noch einmal</translation>
    </message>
    <message>
        <source>the servers&apos; files are being gone through (%1), and the test&apos;s could be taken for yours. Test again when `cring jobs list` shows none</source>
        <translation>die Dateien der Server werden gerade durchgesehen (%1), und die des Tests könnten für Ihre gehalten werden. Testen Sie wieder, wenn `cring jobs list` nichts mehr zeigt</translation>
    </message>
    <message>
        <source>the identity of %1 brings tokens</source>
        <translation>die Identität von %1 bringt Tokens</translation>
    </message>
    <message>
        <source>no token with the identity of %1: %2</source>
        <translation>kein Token mit der Identität von %1: %2</translation>
    </message>
    <message>
        <source>the server key brings tokens for every account</source>
        <translation>der Serverschlüssel bringt Tokens für jedes Konto</translation>
    </message>
    <message>
        <source>waits for a token of the account, which any request of it brings: %1</source>
        <translation>wartet auf ein Token des Kontos, das jede seiner Anfragen bringt: %1</translation>
    </message>
    <message>
        <source>no Charm identity of yours was found</source>
        <translation>keine Charm-Identität von Ihnen wurde gefunden</translation>
    </message>
    <message>
        <source>identity.server_key names no server key</source>
        <translation>identity.server_key nennt keinen Serverschlüssel</translation>
    </message>
    <message>
        <source>nothing in [identity] brings one</source>
        <translation>nichts in [identity] bringt eines</translation>
    </message>
    <message>
        <source>the service is starting</source>
        <translation>der Dienst startet gerade</translation>
    </message>
    <message>
        <source>the identity&apos;s key is being read</source>
        <translation>der Schlüssel der Identität wird gelesen</translation>
    </message>
    <message>
        <source>the server key is being read</source>
        <translation>der Serverschlüssel wird gelesen</translation>
    </message>
    <message>
        <source>the key of %1 is not known yet</source>
        <translation>der Schlüssel von %1 ist noch nicht bekannt</translation>
    </message>
    <message>
        <source>the identity of %1 cannot log in: %2</source>
        <translation>die Identität von %1 kann sich nicht anmelden: %2</translation>
    </message>
    <message>
        <source>%1 (%2); the next try is in %3</source>
        <translation>%1 (%2); der nächste Versuch ist in %3</translation>
    </message>
    <message>
        <source>does not let the identity&apos;s key in</source>
        <translation>lässt den Schlüssel der Identität nicht ein</translation>
    </message>
    <message>
        <source>did not accept the SSH connection in time</source>
        <translation>hat die SSH-Verbindung nicht rechtzeitig angenommen</translation>
    </message>
    <message>
        <source>did not answer by SSH within %1</source>
        <translation>hat über SSH nicht binnen %1 geantwortet</translation>
    </message>
    <message>
        <source>got what others know of accounts: %1</source>
        <translation>hat bekommen, was andere über Konten wissen: %1</translation>
    </message>
    <message>
        <source>its accounts could not be brought up to date: %1</source>
        <translation>seine Konten konnten nicht aktualisiert werden: %1</translation>
    </message>
    <message>
        <source>its data directory is not known: its accounts are not kept equal</source>
        <translation>sein Datenverzeichnis ist nicht bekannt: seine Konten werden nicht angeglichen</translation>
    </message>
    <message>
        <source>nobody has stored a file with your Charm identity yet</source>
        <translation>noch niemand hat mit Ihrer Charm-Identität eine Datei gespeichert</translation>
    </message>
    <message>
        <source>the service runs for the whole machine, and shows names to nobody</source>
        <translation>der Dienst läuft für den ganzen Rechner und zeigt niemandem Namen</translation>
    </message>
    <message>
        <source>the account was disabled</source>
        <translation>das Konto wurde gesperrt</translation>
    </message>
    <message>
        <source>the name %1 belongs to account %2, and on %3 to another one (%4): rename one of them with `charm name`</source>
        <translation>der Name %1 gehört dem Konto %2 und auf %3 einem anderen (%4): Benennen Sie eines davon mit `charm name` um</translation>
    </message>
    <message>
        <source>the %1 of account %2 was changed on each of %3, differently: set it once more</source>
        <translation>%1 des Kontos %2 wurde auf %3 jeweils anders geändert: Setzen Sie es noch einmal</translation>
    </message>
    <message>
        <source>the key %1 opens account %2, and on %3 another one that has been used (%4): make one of both with `charm link`, or unlink the key from one</source>
        <translation>der Schlüssel %1 öffnet das Konto %2 und auf %3 ein anderes, das benutzt wurde (%4): Machen Sie mit `charm link` eines aus beiden, oder lösen Sie den Schlüssel von einem</translation>
    </message>
    <message>
        <source>%1 has another SSH host key than it signs tokens with: port %2 is another server&apos;s, or something stands between. Check its ssh_port; `cring backends test %1` looks again</source>
        <translation>%1 hat einen anderen SSH-Hostschlüssel als den, mit dem er Tokens signiert: Port %2 gehört einem anderen Server, oder etwas steht dazwischen. Prüfen Sie seinen ssh_port; `cring backends test %1` prüft noch einmal</translation>
    </message>
    <message>
        <source>no answer about the name %1; check the network and the name servers</source>
        <translation>keine Auskunft über den Namen %1; prüfen Sie das Netz und die Nameserver</translation>
    </message>
    <message>
        <source>the name %1 is not known (%2); check its spelling in url</source>
        <translation>der Name %1 ist nicht bekannt (%2); prüfen Sie seine Schreibweise in url</translation>
    </message>
    <message>
        <source>port %1 accepts connections</source>
        <translation>Port %1 nimmt Verbindungen an</translation>
    </message>
    <message>
        <source>port %1 cannot be reached (%2); is `charm serve` running there, and does a firewall let us through?</source>
        <translation>Port %1 ist nicht erreichbar (%2); läuft dort `charm serve`, und lässt eine Firewall uns durch?</translation>
    </message>
    <message>
        <source>port %1 accepts, but no SSH banner came (%2); if the server hangs, restart it, else check ssh_port</source>
        <translation>Port %1 nimmt an, aber keine SSH-Begrüßung kam (%2); hängt der Server, starten Sie ihn neu, sonst prüfen Sie ssh_port</translation>
    </message>
    <message>
        <source>port %1 cannot be reached (%2); check ssh_port, CHARM_SERVER_SSH_PORT and the firewall</source>
        <translation>Port %1 ist nicht erreichbar (%2); prüfen Sie ssh_port, CHARM_SERVER_SSH_PORT und die Firewall</translation>
    </message>
    <message>
        <source>nothing within %1 ms</source>
        <translation>nichts binnen %1 ms</translation>
    </message>
    <message>
        <source>signs with key %1…, as the others do</source>
        <translation>signiert mit dem Schlüssel %1…, wie die anderen</translation>
    </message>
    <message>
        <source>its issuer is not known; is /.well-known/openid-configuration answered?</source>
        <translation>sein Aussteller ist nicht bekannt; wird /.well-known/openid-configuration beantwortet?</translation>
    </message>
    <message>
        <source>its tokens say %1</source>
        <translation>seine Tokens nennen %1</translation>
    </message>
    <message>
        <source>clients speak %1 to the ring, and so does it</source>
        <translation>Clients sprechen %1 mit dem Ring, und er auch</translation>
    </message>
    <message>
        <source>clients will speak https to the ring, as the issuer has it, and the ring speaks http: set service.tls_cert and service.tls_key, unless something before the ring does it</source>
        <translation>Clients werden https mit dem Ring sprechen, wie der Aussteller es nennt, und der Ring spricht http: Setzen Sie service.tls_cert und service.tls_key, wenn nicht etwas vor dem Ring das tut</translation>
    </message>
    <message>
        <source>agrees with ours</source>
        <translation>stimmt mit unserer überein</translation>
    </message>
    <message>
        <source>it does not tell its time</source>
        <translation>er nennt seine Zeit nicht</translation>
    </message>
    <message>
        <source>%1 ahead of ours</source>
        <translation>%1 vor unserer</translation>
    </message>
    <message>
        <source>%1 behind ours</source>
        <translation>%1 hinter unserer</translation>
    </message>
    <message>
        <source>greets with %1</source>
        <translation>begrüßt mit %1</translation>
    </message>
    <message>
        <source>port %1 does not speak SSH; check ssh_port</source>
        <translation>Port %1 spricht kein SSH; prüfen Sie ssh_port</translation>
    </message>
    <message>
        <source>its SSH host key is the key that it and the others sign with</source>
        <translation>sein SSH-Hostschlüssel ist der Schlüssel, mit dem er und die anderen signieren</translation>
    </message>
    <message>
        <source>its SSH host key is the key that it signs with</source>
        <translation>sein SSH-Hostschlüssel ist der Schlüssel, mit dem er signiert</translation>
    </message>
    <message>
        <source>its SSH host key is not the key that it signs tokens with: port %1 is another server&apos;s, or something stands between. Check ssh_port</source>
        <translation>sein SSH-Hostschlüssel ist nicht der Schlüssel, mit dem er Tokens signiert: Port %1 gehört einem anderen Server, oder etwas steht dazwischen. Prüfen Sie ssh_port</translation>
    </message>
    <message>
        <source>your identity brought no token, so nothing was written: %1</source>
        <translation>Ihre Identität brachte kein Token, darum wurde nichts geschrieben: %1</translation>
    </message>
    <message>
        <source>%1. Every server needs the same key and CHARM_SERVER_PUBLIC_URL: copy them from a server that works, then test again</source>
        <translation>%1. Jeder Server braucht denselben Schlüssel und dieselbe CHARM_SERVER_PUBLIC_URL: Kopieren Sie beides von einem Server, der funktioniert, und testen Sie dann wieder</translation>
    </message>
    <message>
        <source>knows your account, %1</source>
        <translation>kennt Ihr Konto, %1</translation>
    </message>
    <message>
        <source>your account (%1) is not known there, so uploads of yours fail on it. Give it the accounts of the other servers: `cring accounts sync`</source>
        <translation>Ihr Konto (%1) ist dort nicht bekannt, darum schlägt Ihr Hochladen dort fehl. Geben Sie ihm die Konten der anderen Server: `cring accounts sync`</translation>
    </message>
    <message>
        <source>stored %1 bytes</source>
        <translation>hat %1 Bytes gespeichert</translation>
    </message>
    <message>
        <source>gave back the same bytes</source>
        <translation>hat dieselben Bytes zurückgegeben</translation>
    </message>
    <message>
        <source>took it away again</source>
        <translation>hat sie wieder entfernt</translation>
    </message>
    <message>
        <source>a file could not be stored: %1; %2</source>
        <translation>eine Datei ließ sich nicht speichern: %1; %2</translation>
    </message>
    <message>
        <source>it gave back other bytes than were stored: look at its disk and its memory, and have all copies read with `cring verify --deep`</source>
        <translation>er gab andere Bytes zurück, als gespeichert wurden: Prüfen Sie seine Platte und seinen Arbeitsspeicher, und lassen Sie mit `cring verify --deep` alle Kopien lesen</translation>
    </message>
    <message>
        <source>%1 can be worked with: %2</source>
        <translation>mit %1 lässt sich arbeiten: %2</translation>
    </message>
    <message>
        <source>it answers with that key, and its tokens say %1</source>
        <translation>er antwortet mit diesem Schlüssel, und seine Tokens nennen %1</translation>
    </message>
    <message>
        <source>the server key is %1…</source>
        <translation>der Serverschlüssel ist %1…</translation>
    </message>
    <message>
        <source>%1 answers</source>
        <translation>%1 antwortet</translation>
    </message>
    <message>
        <source>“%1” is there</source>
        <translation>„%1“ ist da</translation>
    </message>
    <message>
        <source>what is in it can be listed</source>
        <translation>der Inhalt lässt sich auflisten</translation>
    </message>
    <message>
        <source>an object of %1 bytes is stored</source>
        <translation>ein Objekt von %1 Bytes ist gespeichert</translation>
    </message>
    <message>
        <source>it is read as it was written</source>
        <translation>es wird gelesen, wie es geschrieben wurde</translation>
    </message>
    <message>
        <source>it is deleted again</source>
        <translation>es ist wieder gelöscht</translation>
    </message>
    <message>
        <source>other bytes are read than were written a moment ago: something stands between, or the store is damaged</source>
        <translation>es werden andere Bytes gelesen als eben geschrieben: etwas steht dazwischen, oder der Speicher ist beschädigt</translation>
    </message>
    <message>
        <source>the server does not tell %1</source>
        <translation>der Server nennt %1 nicht</translation>
    </message>
    <message>
        <source>these keys may not ask %1: give them the right %2</source>
        <translation>diese Schlüssel dürfen %1 nicht abfragen: Geben Sie ihnen das Recht %2</translation>
    </message>
    <message>
        <source>on: what is overwritten or deleted can be brought back</source>
        <translation>an: Was überschrieben oder gelöscht ist, lässt sich zurückholen</translation>
    </message>
    <message>
        <source>%1: what is overwritten or deleted is gone for good, in the bucket too. `cring backup check --enable-versioning` switches it on</source>
        <translation>%1: Was überschrieben oder gelöscht ist, ist endgültig weg, auch im Bucket. `cring backup check --enable-versioning` schaltet es ein</translation>
    </message>
    <message>
        <source>no rule deletes or moves what is current</source>
        <translation>keine Regel löscht oder verschiebt, was aktuell ist</translation>
    </message>
    <message>
        <source>no rule takes old versions away: the bucket grows with every change. `cring backup check --keep-versions 90` sets one that does after 90 days</source>
        <translation>keine Regel entfernt alte Versionen: der Bucket wächst mit jeder Änderung. `cring backup check --keep-versions 90` setzt eine, die es nach 90 Tagen tut</translation>
    </message>
    <message>
        <source>old versions go %1: `cring backup restore --at` reaches back that far</source>
        <translation>alte Versionen gehen %1: so weit reicht `cring backup restore --at` zurück</translation>
    </message>
    <message>
        <source>off: whoever has these keys can delete old versions, too. `cring backup check --lock 30` keeps each for 30 days</source>
        <translation>aus: Wer diese Schlüssel hat, kann auch alte Versionen löschen. `cring backup check --lock 30` bewahrt jede 30 Tage</translation>
    </message>
    <message>
        <source>on, without a time for new objects: versions can be deleted unless each is locked</source>
        <translation>an, ohne Frist für neue Objekte: Versionen lassen sich löschen, wenn nicht jede gesperrt ist</translation>
    </message>
    <message>
        <source>after %1</source>
        <translation>nach %1</translation>
    </message>
    <message>
        <source>off</source>
        <translation>aus</translation>
    </message>
    <message>
        <source>versioning</source>
        <translation>Versionierung</translation>
    </message>
    <message>
        <source>lifecycle</source>
        <translation>Regeln, die löschen</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>Objektsperre</translation>
    </message>
    <message>
        <source>growth</source>
        <translation>Wachstum</translation>
    </message>
    <message>
        <source>suspended</source>
        <translation>ausgesetzt</translation>
    </message>
    <message>
        <source>backup %1 waits: %2</source>
        <translation>Sicherung %1 wartet: %2</translation>
    </message>
    <message>
        <source>backup %1: the bucket is as it should be</source>
        <translation>Sicherung %1: der Bucket ist, wie er sein soll</translation>
    </message>
    <message>
        <source>backup %1: %2 taken away that nobody went on with</source>
        <translation>Sicherung %1: %2 entfernt, die niemand fortgesetzt hat</translation>
    </message>
    <message>
        <source>backup %1 goes on</source>
        <translation>Sicherung %1 geht weiter</translation>
    </message>
    <message>
        <source>backup %1: %2</source>
        <translation>Sicherung %1: %2</translation>
    </message>
    <message>
        <source>its keys are being read</source>
        <translation>ihre Schlüssel werden gelesen</translation>
    </message>
    <message>
        <source>unlock the keychain to go on with the backup</source>
        <translation>entsperren Sie den Schlüsselbund, damit die Sicherung weitergeht</translation>
    </message>
    <message>
        <source>the keychain is locked, or does not let us in</source>
        <translation>der Schlüsselbund ist gesperrt oder lässt uns nicht ein</translation>
    </message>
    <message>
        <source>the keychain %1</source>
        <translation>der Schlüsselbund %1</translation>
    </message>
    <message>
        <source>did not answer in time</source>
        <translation>hat nicht rechtzeitig geantwortet</translation>
    </message>
    <message>
        <source>%1 cannot be stored: %2</source>
        <translation>%1 lässt sich nicht speichern: %2</translation>
    </message>
    <message>
        <source>%1 of %2 files did not come back as they were</source>
        <translation>%1 von %2 Dateien kamen nicht zurück, wie sie waren</translation>
    </message>
    <message>
        <source>other bytes came back than were stored</source>
        <translation>es kamen andere Bytes zurück, als gespeichert waren</translation>
    </message>
    <message>
        <source>nothing has been saved for this recovery kit yet</source>
        <translation>für dieses Wiederherstellungs-Kit wurde noch nichts gesichert</translation>
    </message>
    <message>
        <source>%1 were stored on %2, and %3 on a day before: look whether that is meant</source>
        <translation>%1 wurden am %2 gespeichert und an einem Tag davor %3: Prüfen Sie, ob das gewollt ist</translation>
    </message>
    <message>
        <source>the accounts could not be saved in %1: %2</source>
        <translation>die Konten konnten nicht in %1 gesichert werden: %2</translation>
    </message>
    <message>
        <source>snapshots of the accounts are sealed to the recovery kit %1 from now on</source>
        <translation>Sicherungen der Konten werden ab jetzt mit dem Wiederherstellungs-Kit %1 versiegelt</translation>
    </message>
    <message>
        <source>no recovery kit</source>
        <translation>kein Wiederherstellungs-Kit</translation>
    </message>
    <message>
        <source>without the servers&apos; key, which new servers would need: name it in identity.server_key</source>
        <translation>ohne den Schlüssel der Server, den neue Server bräuchten: Nennen Sie ihn in identity.server_key</translation>
    </message>
    <message>
        <source>your own account alone, and only for the key at hand: for all of them name a server&apos;s data directory with `data` in the configuration</source>
        <translation>nur Ihr eigenes Konto, und nur für den vorhandenen Schlüssel: Nennen Sie für alle das Datenverzeichnis eines Servers mit `data` in der Konfiguration</translation>
    </message>
    <message>
        <source>the accounts are not known here: name a server&apos;s data directory with `data` in the configuration (your own account: %1)</source>
        <translation>die Konten sind hier nicht bekannt: Nennen Sie das Datenverzeichnis eines Servers mit `data` in der Konfiguration (Ihr eigenes Konto: %1)</translation>
    </message>
    <message>
        <source>no server has said yet who issues its tokens</source>
        <translation>noch kein Server hat gesagt, wer seine Tokens ausstellt</translation>
    </message>
    <message>
        <source>a server is being asked</source>
        <translation>ein Server wird gefragt</translation>
    </message>
    <message>
        <source>no accounts have been read from the servers yet</source>
        <translation>von den Servern wurden noch keine Konten gelesen</translation>
    </message>
    <message>
        <source>there is no recovery kit: without one, the backup&apos;s files cannot be read any more when the servers are lost. Make it with `cring identity recovery-kit create`</source>
        <translation>es gibt kein Wiederherstellungs-Kit: Ohne eines lassen sich die Dateien der Sicherung nicht mehr lesen, wenn die Server verloren sind. Erstellen Sie es mit `cring identity recovery-kit create`</translation>
    </message>
    <message>
        <source>the bucket keeps no versions: only what is in it now can be brought back</source>
        <translation>der Bucket behält keine Versionen: nur was jetzt darin ist, lässt sich zurückholen</translation>
    </message>
    <message>
        <source>it was written to after the restore had begun, and is left as it is</source>
        <translation>sie wurde nach Beginn der Wiederherstellung geschrieben und bleibt, wie sie ist</translation>
    </message>
    <message>
        <source>a folder stands there now: move it away, or restore to a folder</source>
        <translation>dort steht jetzt ein Ordner: Verschieben Sie ihn, oder stellen Sie in einen Ordner wieder her</translation>
    </message>
    <message>
        <source>this is too long to be a recovery kit</source>
        <translation>das ist zu lang für ein Wiederherstellungs-Kit</translation>
    </message>
    <message>
        <source>it was made by a newer release</source>
        <translation>es stammt von einer neueren Ausgabe</translation>
    </message>
    <message>
        <source>each line is right by itself, and they do not belong together</source>
        <translation>jede Zeile stimmt für sich, aber sie gehören nicht zusammen</translation>
    </message>
    <message>
        <source>this is the kit %1, and snapshots are sealed to %2 now: it opens older ones at most</source>
        <translation>das ist das Kit %1, und versiegelt wird jetzt mit %2: Es öffnet höchstens ältere</translation>
    </message>
    <message>
        <source>this is the kit %1, and none has been made for this service</source>
        <translation>das ist das Kit %1, und für diesen Dienst wurde keines erstellt</translation>
    </message>
    <message>
        <source>there is a recovery kit already, %1</source>
        <translation>es gibt schon ein Wiederherstellungs-Kit, %1</translation>
    </message>
    <message>
        <source>the port must be a number from 0 to 65535</source>
        <translation>der Port muss eine Zahl von 0 bis 65535 sein</translation>
    </message>
    <message>
        <source>%1 is set and %2 is not: HTTPS needs both</source>
        <translation>%1 ist gesetzt und %2 nicht: HTTPS braucht beide</translation>
    </message>
    <message>
        <source>address and ssh_address are both %1: HTTP and SSH need a port each</source>
        <translation>address und ssh_address sind beide %1: HTTP und SSH brauchen je einen Port</translation>
    </message>
    <message>
        <source>&quot;%1&quot; is not an absolute path</source>
        <translation>„%1“ ist kein absoluter Pfad</translation>
    </message>
    <message>
        <source>two servers have the %1 &quot;%2&quot;; each needs its own</source>
        <translation>zwei Server haben denselben Wert „%2“ für %1; jeder braucht einen eigenen</translation>
    </message>
    <message>
        <source>two backups have the %1 &quot;%2&quot;; each needs its own</source>
        <translation>zwei Sicherungen haben denselben Wert „%2“ für %1; jede braucht einen eigenen</translation>
    </message>
    <message>
        <source>expected a duration with its unit, such as &quot;2s&quot; or &quot;1500ms&quot;; %1 alone does not say whether it is seconds or milliseconds</source>
        <translation>eine Dauer braucht ihre Einheit, etwa &quot;2s&quot; oder &quot;1500ms&quot;; %1 allein sagt nicht, ob es Sekunden oder Millisekunden sind</translation>
    </message>
    <message>
        <source>expected a duration such as &quot;2s&quot;, &quot;1500ms&quot; or &quot;10m&quot;, not &quot;%1&quot;</source>
        <translation>erwartet wird eine Dauer wie &quot;2s&quot;, &quot;1500ms&quot; oder &quot;10m&quot;, nicht „%1“</translation>
    </message>
    <message>
        <source>expected a size such as &quot;16KiB&quot;, &quot;1GiB&quot; or a number of bytes, not &quot;%1&quot;</source>
        <translation>erwartet wird eine Größe wie &quot;16KiB&quot;, &quot;1GiB&quot; oder eine Zahl von Bytes, nicht „%1“</translation>
    </message>
    <message>
        <source>expected %1, not %2</source>
        <translation>erwartet wird %1, nicht %2</translation>
    </message>
    <message>
        <source>expected an S3 endpoint, https://HOST or http://HOST:PORT, without a path, credentials or a query</source>
        <translation>erwartet wird ein S3-Endpunkt, https://HOST oder http://HOST:PORT, ohne Pfad, Zugangsdaten oder Abfrage</translation>
    </message>
    <message>
        <source>%1 leads to this service itself, which listens at %2; give the server %3, or the service with service.%4</source>
        <translation>%1 führt zu diesem Dienst selbst, der an %2 lauscht; geben Sie dem Server %3, oder dem Dienst mit service.%4</translation>
    </message>
    <message>
        <source>%1 is there twice; %2</source>
        <translation>%1 steht zweimal da; %2</translation>
    </message>
    <message>
        <source>two copies on one server are one copy</source>
        <translation>zwei Kopien auf einem Server sind eine Kopie</translation>
    </message>
    <message>
        <source>cannot write %1: %2</source>
        <translation>%1 ist nicht beschreibbar: %2</translation>
    </message>
    <message>
        <source>cannot read %1: %2</source>
        <translation>%1 ist nicht lesbar: %2</translation>
    </message>
    <message>
        <source>whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>from %1 to %2</source>
        <translation>von %1 bis %2</translation>
    </message>
    <message>
        <source>%1 file</source>
        <translation>%1 Datei</translation>
    </message>
    <message>
        <source>%1 files</source>
        <translation>%1 Dateien</translation>
    </message>
    <message>
        <source>%1 account</source>
        <translation>%1 Konto</translation>
    </message>
    <message>
        <source>%1 accounts</source>
        <translation>%1 Konten</translation>
    </message>
    <message>
        <source>%1 change</source>
        <translation>%1 Änderung</translation>
    </message>
    <message>
        <source>%1 changes</source>
        <translation>%1 Änderungen</translation>
    </message>
    <message>
        <source>%1 upload</source>
        <translation>%1 Upload</translation>
    </message>
    <message>
        <source>%1 uploads</source>
        <translation>%1 Uploads</translation>
    </message>
    <message>
        <source>%1 day</source>
        <translation>%1 Tag</translation>
    </message>
    <message>
        <source>%1 days</source>
        <translation>%1 Tagen</translation>
    </message>
    <message>
        <source>this machine</source>
        <translation>dieser Rechner</translation>
    </message>
    <message>
        <source>the spool</source>
        <translation>der Spool</translation>
    </message>
    <message>
        <source>Files that background work goes through in a second, a tenth of it while clients&apos; requests are under way. 0: as fast as it goes.</source>
        <translation>Dateien, die Hintergrundarbeit in einer Sekunde durchsieht, ein Zehntel davon, solange Anfragen von Clients laufen. 0: so schnell es geht.</translation>
    </message>
    <message>
        <source>Bytes of files that background work reads in a second, to compare them; a tenth of it while clients&apos; requests are under way. 0: as fast as it goes.</source>
        <translation>Bytes von Dateien, die Hintergrundarbeit in einer Sekunde zum Vergleichen liest; ein Zehntel davon, solange Anfragen von Clients laufen. 0: so schnell es geht.</translation>
    </message>
    <message>
        <source>From the end of one scrub, which compares names and sizes on all servers with the catalogue, to the next.</source>
        <translation>Vom Ende einer Prüfung, die Namen und Größen auf allen Servern mit dem Katalog vergleicht, bis zur nächsten.</translation>
    </message>
    <message>
        <source>From the end of one scrub that reads every copy to the next.</source>
        <translation>Vom Ende einer Prüfung, die jede Kopie liest, bis zur nächsten.</translation>
    </message>
    <message>
        <source>How long a delete is remembered: a server that was away for longer can bring its files back.</source>
        <translation>Wie lange eine Löschung im Gedächtnis bleibt: Ein Server, der länger weg war, kann seine Dateien zurückbringen.</translation>
    </message>
    <message>
        <source>Room in the state directory for versions of files that were written past the ring and are kept until a person chooses or discards them. When it is full, nothing more is written over.</source>
        <translation>Platz im Zustandsverzeichnis für Versionen von Dateien, die am Ring vorbei geschrieben wurden und aufgehoben sind, bis jemand sie wählt oder wegwirft. Ist er voll, wird nichts mehr überschrieben.</translation>
    </message>
    <message>
        <source>Room in the state directory for bodies of uploads that a server is still owed. A body that no quorum of servers has is never given up for another one: when it is full of these, uploads are refused unless a quorum of servers takes them.</source>
        <translation>Platz im Zustandsverzeichnis für Inhalte, die einem Server noch fehlen. Ein Inhalt, den kein Quorum der Server hat, wird nie für einen anderen aufgegeben: Ist der Platz voll davon, wird Hochladen abgelehnt, wenn nicht ein Quorum der Server es annimmt.</translation>
    </message>
    <message>
        <source>Request line and header fields of a request together; more is refused with 431.</source>
        <translation>Anfragezeile und Kopffelder einer Anfrage zusammen; mehr wird mit 431 abgelehnt.</translation>
    </message>
    <message>
        <source>Largest upload; more is refused with 413 before it is read. Charm servers take no more than 1GiB.</source>
        <translation>Größtes Hochladen; mehr wird mit 413 abgelehnt, bevor es gelesen ist. Charm-Server nehmen nicht mehr als 1GiB.</translation>
    </message>
    <message>
        <source>For a client to send its whole request header, from its first byte on; for a TLS handshake as well.</source>
        <translation>Für den ganzen Anfragekopf eines Clients ab seinem ersten Byte; auch für einen TLS-Handschlag.</translation>
    </message>
    <message>
        <source>For a client&apos;s connection without progress, within a request or between two.</source>
        <translation>Für die Verbindung eines Clients ohne Fortschritt, in einer Anfrage oder zwischen zweien.</translation>
    </message>
    <message>
        <source>Clients&apos; connections at the same time.</source>
        <translation>Gleichzeitige Verbindungen von Clients.</translation>
    </message>
    <message>
        <source>Of these, from one address.</source>
        <translation>Davon von einer Adresse.</translation>
    </message>
    <message>
        <source>For a connection to a server.</source>
        <translation>Für eine Verbindung zu einem Server.</translation>
    </message>
    <message>
        <source>For a server to agree to an upload (100 Continue) before it is left behind.</source>
        <translation>Für die Zustimmung eines Servers zum Hochladen (100 Continue), bevor er zurückgelassen wird.</translation>
    </message>
    <message>
        <source>Pauses in all that one slow server may cause in an upload while a quorum could go on.</source>
        <translation>Pausen, die ein langsamer Server beim Hochladen insgesamt verursachen darf, während ein Quorum weiter könnte.</translation>
    </message>
    <message>
        <source>For a server&apos;s answer after the last byte was sent; then its copy is in doubt.</source>
        <translation>Für die Antwort eines Servers nach dem letzten gesendeten Byte; danach ist seine Kopie zweifelhaft.</translation>
    </message>
    <message>
        <source>For the head of a download and between two pieces of it, before another server is asked.</source>
        <translation>Für den Kopf eines Herunterladens und zwischen zwei Stücken davon, bevor ein anderer Server gefragt wird.</translation>
    </message>
    <message>
        <source>For the remaining servers once one has answered a listing.</source>
        <translation>Für die übrigen Server, sobald einer eine Liste beantwortet hat.</translation>
    </message>
    <message>
        <source>For a server&apos;s SSH banner before the next server gets the session.</source>
        <translation>Für die SSH-Begrüßung eines Servers, bevor der nächste die Sitzung bekommt.</translation>
    </message>
    <message>
        <source>For an SSH session without a byte either way. At least 3m: `charm link` waits for a person.</source>
        <translation>Für eine SSH-Sitzung ohne ein Byte in beide Richtungen. Mindestens 3m: `charm link` wartet auf einen Menschen.</translation>
    </message>
    <message>
        <source>Between two health checks of a server.</source>
        <translation>Zwischen zwei Zustandsprüfungen eines Servers.</translation>
    </message>
    <message>
        <source>For a server&apos;s answer to a health check.</source>
        <translation>Für die Antwort eines Servers auf eine Zustandsprüfung.</translation>
    </message>
    <message>
        <source>After a copy in doubt was mended, before it is read again: a server that was stopped may act late.</source>
        <translation>Nachdem eine zweifelhafte Kopie repariert wurde, bevor sie wieder gelesen wird: Ein angehaltener Server kann verspätet handeln.</translation>
    </message>
    <message>
        <source>For requests under way to end when the service is asked to stop.</source>
        <translation>Für laufende Anfragen, um zu enden, wenn der Dienst anhalten soll.</translation>
    </message>
    <message>
        <source>is it a Charm server?</source>
        <translation>ist das ein Charm-Server?</translation>
    </message>
    <message>
        <source>is misconfigured</source>
        <translation>ist falsch eingerichtet</translation>
    </message>
    <message>
        <source>is unknown</source>
        <translation>ist noch nicht geprüft</translation>
    </message>
    <message>
        <source>tokens expire by the clock, without leeway</source>
        <translation>Tokens laufen nach der Uhr ab, ohne Spielraum</translation>
    </message>
    <message>
        <source>nobody gets the metrics: service.metrics_token: %1</source>
        <translation>niemand bekommt die Metriken: service.metrics_token: %1</translation>
    </message>
    <message>
        <source>notices by %1 have not gone out for %2: %3</source>
        <translation>Benachrichtigungen per %1 gehen seit %2 nicht hinaus: %3</translation>
    </message>
    <message>
        <source>notices by %1 do not go out, and are tried again: %2</source>
        <translation>Benachrichtigungen per %1 gehen nicht hinaus und werden wieder versucht: %2</translation>
    </message>
    <message>
        <source>notices by %1 go out again</source>
        <translation>Benachrichtigungen per %1 gehen wieder hinaus</translation>
    </message>
    <message>
        <source>the mail server %1 did not answer in time</source>
        <translation>der Mailserver %1 hat nicht rechtzeitig geantwortet</translation>
    </message>
    <message>
        <source>the mail server %1 cannot be reached</source>
        <translation>der Mailserver %1 ist nicht zu erreichen</translation>
    </message>
    <message>
        <source>the mail server %1 does not take the user and the password</source>
        <translation>der Mailserver %1 nimmt Benutzer und Passwort nicht an</translation>
    </message>
    <message>
        <source>no trusted TLS connection to the mail server %1: %2</source>
        <translation>keine vertrauenswürdige TLS-Verbindung zum Mailserver %1: %2</translation>
    </message>
    <message>
        <source>the certificate of %1 is not trusted: %2</source>
        <translation>dem Zertifikat von %1 wird nicht vertraut: %2</translation>
    </message>
    <message>
        <source>the name %1 cannot be resolved</source>
        <translation>der Name %1 lässt sich nicht auflösen</translation>
    </message>
    <message>
        <source>%1 stands for %2</source>
        <translation>%1 steht für %2</translation>
    </message>
</context>
<context>
    <name>cring::models::ServiceWords</name>
    <message>
        <source>Charm clients that use the ring can then neither store nor fetch anything, until the service is started again.</source>
        <translation>Charm-Clients, die den Ring benutzen, können dann weder speichern noch holen, bis der Dienst wieder gestartet wird.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) lack a copy on %1, and stay without it.</source>
        <translation>
            <numerusform>%n Datei fehlt auf %1 und bleibt ohne diese Kopie.</numerusform>
            <numerusform>%n Dateien fehlen auf %1 und bleiben ohne diese Kopie.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) wait for the backup, and go on waiting.</source>
        <translation>
            <numerusform>%n Datei wartet auf die Sicherung und wartet weiter.</numerusform>
            <numerusform>%n Dateien warten auf die Sicherung und warten weiter.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n job(s) under way stop, and go on after the start.</source>
        <translation>
            <numerusform>%n laufende Aufgabe hält an und geht nach dem Start weiter.</numerusform>
            <numerusform>%n laufende Aufgaben halten an und gehen nach dem Start weiter.</numerusform>
        </translation>
    </message>
    <message>
        <source>What is stored stays where it is.</source>
        <translation>Was gespeichert ist, bleibt, wo es ist.</translation>
    </message>
</context>
<context>
    <name>cring::models::ShutdownSafety</name>
    <message>
        <source>Whether it is safe to shut down is not known</source>
        <translation>Ob Herunterfahren sicher ist, ist nicht bekannt</translation>
    </message>
    <message numerus="yes">
        <source>Not yet safe to shut down: %n upload(s) under way</source>
        <translation>
            <numerusform>Herunterfahren noch nicht sicher: %n Datei wird hochgeladen</numerusform>
            <numerusform>Herunterfahren noch nicht sicher: %n Dateien werden hochgeladen</numerusform>
        </translation>
    </message>
    <message>
        <source>Not yet safe to shut down: %1 on the way to %2</source>
        <translation>Herunterfahren noch nicht sicher: %1 unterwegs zu %2</translation>
    </message>
    <message numerus="yes">
        <source>Not safe to shut down: %n file(s) wait for %1</source>
        <translation>
            <numerusform>Herunterfahren nicht sicher: %n Datei wartet auf %1</numerusform>
            <numerusform>Herunterfahren nicht sicher: %n Dateien warten auf %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Not safe to shut down: %n file(s) lie on this machine&apos;s disk alone</source>
        <translation>
            <numerusform>Herunterfahren nicht sicher: %n Datei liegt nur auf diesem Rechner</numerusform>
            <numerusform>Herunterfahren nicht sicher: %n Dateien liegen nur auf diesem Rechner</numerusform>
        </translation>
    </message>
    <message>
        <source>Safe to shut down: every file has its copies</source>
        <translation>Herunterfahren ist sicher: Jede Datei hat ihre Kopien</translation>
    </message>
</context>
<context>
    <name>cring::models::TransfersModel</name>
    <message>
        <source>this machine</source>
        <translation>dieser Rechner</translation>
    </message>
    <message>
        <source>Upload failed</source>
        <translation>Hochladen fehlgeschlagen</translation>
    </message>
    <message>
        <source>Download failed</source>
        <translation>Herunterladen fehlgeschlagen</translation>
    </message>
    <message>
        <source>Upload given up</source>
        <translation>Hochladen abgebrochen</translation>
    </message>
    <message>
        <source>Download given up</source>
        <translation>Herunterladen abgebrochen</translation>
    </message>
    <message>
        <source>Uploaded</source>
        <translation>Hochgeladen</translation>
    </message>
    <message>
        <source>Downloaded</source>
        <translation>Heruntergeladen</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Hochladen</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>From %1</source>
        <translation>Von %1</translation>
    </message>
    <message>
        <source>stored on %1</source>
        <translation>gespeichert auf %1</translation>
    </message>
    <message>
        <source>on the way to %1</source>
        <translation>unterwegs zu %1</translation>
    </message>
    <message>
        <source>not on %1</source>
        <translation>nicht auf %1</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message>
        <source>Transfer</source>
        <translation>Übertragung</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Tempo</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>Restzeit</translation>
    </message>
    <message>
        <source>Where it stands</source>
        <translation>Wo sie steht</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1/s</source>
        <translation>%1/s</translation>
    </message>
    <message>
        <source>about %1</source>
        <translation>etwa %1</translation>
    </message>
    <message>
        <source>%1
of the account %2</source>
        <translation>%1
des Kontos %2</translation>
    </message>
</context>
<context>
    <name>cring::models::Tray</name>
    <message>
        <source>Just woken up: looking at the servers</source>
        <translation>Gerade aufgewacht: Die Server werden geprüft</translation>
    </message>
</context>
<context>
    <name>cring::models::VersionsModel</name>
    <message>
        <source>Stored</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>deleted</source>
        <translation>gelöscht</translation>
    </message>
    <message>
        <source>as it is now</source>
        <translation>wie sie jetzt ist</translation>
    </message>
    <message>
        <source>an older version</source>
        <translation>eine ältere Version</translation>
    </message>
</context>
<context>
    <name>cring::models::Wording</name>
    <message>
        <source>%1 s</source>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <translation>%1 h</translation>
    </message>
    <message>
        <source>%1 d</source>
        <translation>%1 d</translation>
    </message>
    <message numerus="yes">
        <source>%1 files</source>
        <translation>
            <numerusform>%1 Datei</numerusform>
            <numerusform>%1 Dateien</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 and %2</source>
        <comment>the last two of a list</comment>
        <translation>%1 und %2</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>–</source>
        <comment>no value</comment>
        <translation>–</translation>
    </message>
</context>
<context>
    <name>cring::ui::ActivityPage</name>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>&amp;Copy details</source>
        <translation>Details &amp;kopieren</translation>
    </message>
    <message>
        <source>Nothing to show</source>
        <translation>Nichts anzuzeigen</translation>
    </message>
    <message>
        <source>Nothing of that kind has happened yet, or no event holds these words.</source>
        <translation>Von dieser Art ist noch nichts geschehen, oder kein Ereignis enthält diese Wörter.</translation>
    </message>
    <message>
        <source>Search…</source>
        <translation>Suchen…</translation>
    </message>
    <message>
        <source>Search the activity</source>
        <translation>Aktivität durchsuchen</translation>
    </message>
    <message>
        <source>Least level</source>
        <translation>Niedrigste Stufe</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>No details</source>
        <translation>Keine Einzelheiten</translation>
    </message>
    <message>
        <source>Trouble</source>
        <translation>Störungen</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>&amp;Find:</source>
        <translation>S&amp;uchen:</translation>
    </message>
    <message>
        <source>Sho&amp;w:</source>
        <translation>An&amp;zeigen:</translation>
    </message>
    <message>
        <source>&amp;Export…</source>
        <translation>&amp;Exportieren…</translation>
    </message>
    <message>
        <source>Export what is shown</source>
        <translation>Exportieren, was angezeigt wird</translation>
    </message>
    <message>
        <source>Export the activity</source>
        <translation>Aktivität exportieren</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>The activity is in %1</source>
        <translation>Die Aktivität steht in %1</translation>
    </message>
    <message>
        <source>%1 could not be written: %2</source>
        <translation>%1 konnte nicht geschrieben werden: %2</translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupChart</name>
    <message>
        <source>How much waited for the bucket</source>
        <translation>Wie viel auf den Bucket gewartet hat</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>minutes</source>
        <translation>Minuten</translation>
    </message>
    <message>
        <source>The window has not looked yet.</source>
        <translation>Das Fenster hat noch nicht nachgesehen.</translation>
    </message>
    <message>
        <source>Nothing had to wait for more than a moment in the last %1.</source>
        <translation>In den letzten %1 musste nichts länger als einen Augenblick warten.</translation>
    </message>
    <message>
        <source>In the last %1 at most %2 waited at once (%3, the line), and none longer than %4 (dashed).</source>
        <translation>In den letzten %1 warteten höchstens %2 gleichzeitig (%3, die Linie) und keine länger als %4 (gestrichelt).</translation>
    </message>
    <message>
        <source>Nothing waits.</source>
        <translation>Nichts wartet.</translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupDialog</name>
    <message>
        <source>Add a backup</source>
        <translation>Sicherung hinzufügen</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>%1 ändern</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>Sa&amp;ve</source>
        <translation>S&amp;peichern</translation>
    </message>
    <message>
        <source>Looks at the bucket step by step, and writes, reads and deletes a small object</source>
        <translation>Prüft den Bucket Schritt für Schritt und schreibt, liest und löscht ein kleines Objekt</translation>
    </message>
    <message>
        <source>%1 gets every file from now on</source>
        <translation>%1 bekommt ab jetzt jede Datei</translation>
    </message>
    <message>
        <source>%1 was changed</source>
        <translation>%1 wurde geändert</translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupForm</name>
    <message>
        <source>Na&amp;me:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>What it is called here, for example offsite.</source>
        <translation>Wie sie hier heißt, zum Beispiel extern.</translation>
    </message>
    <message>
        <source>&amp;URL:</source>
        <translation>&amp;URL:</translation>
    </message>
    <message>
        <source>The address of the S3 service, for example https://s3.example.org.</source>
        <translation>Die Adresse des S3-Dienstes, zum Beispiel https://s3.example.org.</translation>
    </message>
    <message>
        <source>Buck&amp;et:</source>
        <translation>Buck&amp;et:</translation>
    </message>
    <message>
        <source>One that is there, and is for this alone.</source>
        <translation>Einer, den es gibt und der nur dafür da ist.</translation>
    </message>
    <message>
        <source>Re&amp;gion:</source>
        <translation>&amp;Region:</translation>
    </message>
    <message>
        <source>As the service calls it.</source>
        <translation>Wie der Dienst sie nennt.</translation>
    </message>
    <message>
        <source>A&amp;ccess key:</source>
        <translation>Zu&amp;griffsschlüssel:</translation>
    </message>
    <message>
        <source>&amp;Secret key:</source>
        <translation>Gehei&amp;mer Schlüssel:</translation>
    </message>
    <message>
        <source>In the desktop’s keychain</source>
        <translation>Im Schlüsselbund des Desktops</translation>
    </message>
    <message>
        <source>In files that only you can read (not encrypted)</source>
        <translation>In Dateien, die nur Sie lesen können (unverschlüsselt)</translation>
    </message>
    <message>
        <source>In the service’s environment (AWS_ACCESS_KEY_ID)</source>
        <translation>In der Umgebung des Dienstes (AWS_ACCESS_KEY_ID)</translation>
    </message>
    <message>
        <source>Keys are ke&amp;pt:</source>
        <translation>Au&amp;fbewahrung:</translation>
    </message>
    <message>
        <source>As it is (%1)</source>
        <translation>Wie bisher (%1)</translation>
    </message>
    <message>
        <source>Unchanged</source>
        <translation>Unverändert</translation>
    </message>
    <message>
        <source>Whoever can read the files of your account can read the keys: in %1.</source>
        <translation>Wer die Dateien Ihres Benutzerkontos lesen kann, kann die Schlüssel lesen: in %1.</translation>
    </message>
    <message>
        <source>The service has to be started with both variables set.</source>
        <translation>Der Dienst muss mit beiden Variablen gestartet werden.</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihr einen Namen.</translation>
    </message>
    <message>
        <source>Say where it is: https://, a host and perhaps a port.</source>
        <translation>Sagen Sie, wo sie liegt: https://, ein Host und vielleicht ein Port.</translation>
    </message>
    <message>
        <source>Say which bucket.</source>
        <translation>Sagen Sie, welcher Bucket.</translation>
    </message>
    <message>
        <source>Say which region; us-east-1 does for most services.</source>
        <translation>Sagen Sie, welche Region; us-east-1 passt für die meisten Dienste.</translation>
    </message>
    <message>
        <source>The access key is missing.</source>
        <translation>Der Zugriffsschlüssel fehlt.</translation>
    </message>
    <message>
        <source>The secret key is missing.</source>
        <translation>Der geheime Schlüssel fehlt.</translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupPage</name>
    <message>
        <source>Buckets</source>
        <translation>Buckets</translation>
    </message>
    <message>
        <source>What waited in the last 24 hours</source>
        <translation>Was in den letzten 24 Stunden wartete</translation>
    </message>
    <message>
        <source>&amp;Set up a backup…</source>
        <translation>Sicherung &amp;einrichten…</translation>
    </message>
    <message>
        <source>No backup yet</source>
        <translation>Noch keine Sicherung</translation>
    </message>
    <message>
        <source>A bucket at any S3-compatible store gets every file as well, seconds after it was stored.</source>
        <translation>Ein Bucket bei einem S3-kompatiblen Dienst bekommt jede Datei ebenfalls, Sekunden nachdem sie gespeichert wurde.</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>&amp;Back up now</source>
        <translation>&amp;Jetzt sichern</translation>
    </message>
    <message>
        <source>Everything that waits is tried at once</source>
        <translation>Alles, was wartet, wird sofort versucht</translation>
    </message>
    <message>
        <source>Chec&amp;k the bucket</source>
        <translation>Bucket &amp;prüfen</translation>
    </message>
    <message>
        <source>Compares what is in it with what should be, both ways</source>
        <translation>Vergleicht seinen Inhalt mit dem, was da sein sollte, in beide Richtungen</translation>
    </message>
    <message>
        <source>&amp;Recovery kit…</source>
        <translation>&amp;Wiederherstellungs-Kit…</translation>
    </message>
    <message>
        <source>The key on paper that opens the saved accounts</source>
        <translation>Der Schlüssel auf Papier, der die gesicherten Konten öffnet</translation>
    </message>
    <message>
        <source>There is no recovery kit: without one the accounts are not saved, and the files in the bucket are of no use when everything else is lost. Make one: it takes a sheet of paper.</source>
        <translation>Es gibt kein Wiederherstellungs-Kit: Ohne eines werden die Konten nicht gesichert, und die Dateien im Bucket nützen nichts, wenn alles andere verloren ist. Erstellen Sie eines: Es braucht ein Blatt Papier.</translation>
    </message>
    <message>
        <source>The recovery kit %1 was never checked: type it in from the paper once.</source>
        <translation>Das Wiederherstellungs-Kit %1 wurde nie geprüft: Tippen Sie es einmal vom Papier ab.</translation>
    </message>
    <message>
        <source>The bucket keeps no older versions, as far as is known: what is deleted or overwritten is gone.</source>
        <translation>Der Bucket behält keine älteren Versionen, soweit bekannt: Was gelöscht oder überschrieben wird, ist weg.</translation>
    </message>
    <message numerus="yes">
        <source>%n delete(s) are held back: decide with `cring backup release` or `cring backup discard`</source>
        <translation>
            <numerusform>%n Löschung wird zurückgehalten: Entscheiden Sie mit `cring backup release` oder `cring backup discard`</numerusform>
            <numerusform>%n Löschungen werden zurückgehalten: Entscheiden Sie mit `cring backup release` oder `cring backup discard`</numerusform>
        </translation>
    </message>
    <message>
        <source>%1, bucket “%2”</source>
        <translation>%1, Bucket „%2“</translation>
    </message>
    <message>
        <source>Restore drill %1 ago: %2 came back as they were (%3)</source>
        <translation>Wiederherstellungsprobe vor %1: %2 kamen zurück, wie sie waren (%3)</translation>
    </message>
    <message>
        <source>%1 objects stored (%2) and %3 taken away since the service started; %4 failed tries</source>
        <translation>%1 Objekte gespeichert (%2) und %3 entfernt seit dem Start des Dienstes; %4 fehlgeschlagene Versuche</translation>
    </message>
</context>
<context>
    <name>cring::ui::BackupsPage</name>
    <message>
        <source>Backups</source>
        <translation>Sicherungen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Bucket</source>
        <translation>Bucket</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Every file goes to each of these S3 buckets as well, as the servers store it.</source>
        <translation>Jede Datei geht auch in jeden dieser S3-Buckets, so wie die Server sie speichern.</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Bearbeiten…</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>Ent&amp;fernen…</translation>
    </message>
    <message>
        <source>in the keychain</source>
        <translation>im Schlüsselbund</translation>
    </message>
    <message>
        <source>in the environment</source>
        <translation>in der Umgebung</translation>
    </message>
    <message>
        <source>in files</source>
        <translation>in Dateien</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>Stop backing up to %1?</source>
        <translation>Nicht mehr in %1 sichern?</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>Nothing more is stored in %1</source>
        <translation>In %1 wird nichts mehr gesichert</translation>
    </message>
    <message>
        <source>What is in the bucket stays there. Files that change from now on are not in it. There is no way back but to add it again.</source>
        <translation>Was im Bucket ist, bleibt dort. Dateien, die sich ab jetzt ändern, kommen nicht mehr hinein. Zurück geht es nur, indem sie neu hinzugefügt wird.</translation>
    </message>
    <message>
        <source>Its keys stay in the desktop’s keychain, unless they are deleted, too.</source>
        <translation>Ihre Schlüssel bleiben im Schlüsselbund des Desktops, wenn sie nicht mit gelöscht werden.</translation>
    </message>
    <message>
        <source>Its keys stay in their files, unless they are deleted, too: %1</source>
        <translation>Ihre Schlüssel bleiben in ihren Dateien, wenn sie nicht mit gelöscht werden: %1</translation>
    </message>
    <message>
        <source>Its keys are kept outside of Charmed Ring, and stay there.</source>
        <translation>Ihre Schlüssel werden außerhalb von Charmed Ring aufbewahrt und bleiben dort.</translation>
    </message>
    <message>
        <source>&amp;Delete its keys, too</source>
        <translation>Auch ihre &amp;Schlüssel löschen</translation>
    </message>
    <message>
        <source>Delete its keys, too</source>
        <translation>Auch ihre Schlüssel löschen</translation>
    </message>
    <message>
        <source>Nothing more is stored in %1; its keys are deleted</source>
        <translation>In %1 wird nichts mehr gesichert; ihre Schlüssel sind gelöscht</translation>
    </message>
</context>
<context>
    <name>cring::ui::BucketPage</name>
    <message>
        <source>A backup</source>
        <translation>Eine Sicherung</translation>
    </message>
    <message>
        <source>A bucket at any S3-compatible store gets every file as well, seconds after it was stored: should all servers be lost at once.</source>
        <translation>Ein Bucket bei einem S3-kompatiblen Dienst bekommt jede Datei ebenfalls, Sekunden nachdem sie gespeichert wurde: für den Fall, dass alle Server auf einmal verloren gehen.</translation>
    </message>
    <message>
        <source>Bac&amp;k up to an S3 bucket</source>
        <translation>In einen &amp;S3-Bucket sichern</translation>
    </message>
    <message>
        <source>Back up to an S3 bucket</source>
        <translation>In einen S3-Bucket sichern</translation>
    </message>
    <message>
        <source>&amp;Test…</source>
        <translation>&amp;Testen…</translation>
    </message>
    <message>
        <source>Looks at the bucket step by step, and writes, reads and deletes an object</source>
        <translation>Prüft den Bucket Schritt für Schritt und schreibt, liest und löscht ein Objekt</translation>
    </message>
    <message>
        <source>With one server, the bucket is the other place for your files.</source>
        <translation>Bei einem einzigen Server ist der Bucket der andere Ort für Ihre Dateien.</translation>
    </message>
</context>
<context>
    <name>cring::ui::CarryOut</name>
    <message>
        <source>In the desktop’s keychain</source>
        <translation>Im Schlüsselbund des Desktops</translation>
    </message>
    <message>
        <source>In files that only you can read</source>
        <translation>In Dateien, die nur Sie lesen können</translation>
    </message>
    <message>
        <source>The client uses it with the ring, too</source>
        <translation>Der Client benutzt ihn auch mit dem Ring</translation>
    </message>
    <message>
        <source>The icon comes when you log in</source>
        <translation>Das Symbol erscheint, wenn Sie sich anmelden</translation>
    </message>
    <message>
        <source>The icon does not come by itself</source>
        <translation>Das Symbol erscheint nicht von selbst</translation>
    </message>
</context>
<context>
    <name>cring::ui::ChangeDialog</name>
    <message>
        <source>&amp;Test…</source>
        <translation>&amp;Testen…</translation>
    </message>
</context>
<context>
    <name>cring::ui::ChoicesPage</name>
    <message>
        <source>Tell me when</source>
        <translation>Melden, wenn</translation>
    </message>
    <message>
        <source> min</source>
        <translation> min</translation>
    </message>
    <message>
        <source>at once</source>
        <translation>sofort</translation>
    </message>
    <message>
        <source>How long something has to be wrong</source>
        <translation>Wie lange etwas gestört sein muss</translation>
    </message>
    <message>
        <source>Something has to be &amp;wrong for</source>
        <translation>Etwas muss so lange &amp;gestört sein</translation>
    </message>
    <message>
        <source>Told once, again after 1, 10 and 60 minutes, and when it is over.</source>
        <translation>Einmal gemeldet, wieder nach 1, 10 und 60 Minuten und wenn es vorbei ist.</translation>
    </message>
    <message>
        <source>This desktop</source>
        <translation>Dieser Desktop</translation>
    </message>
    <message>
        <source>Rest on a &amp;metered network</source>
        <translation>Bei getakteter &amp;Verbindung ruhen</translation>
    </message>
    <message>
        <source>Copies and backups wait while the network costs by what goes through it. Clients are served as ever.</source>
        <translation>Kopien und Sicherungen warten, solange die Verbindung nach Verbrauch kostet. Clients werden bedient wie immer.</translation>
    </message>
    <message>
        <source>Have a shut&amp;down wait a moment</source>
        <translation>&amp;Herunterfahren kurz warten lassen</translation>
    </message>
    <message>
        <source>For copies that are on their way: some seconds at most.</source>
        <translation>Für Kopien, die unterwegs sind: höchstens einige Sekunden.</translation>
    </message>
    <message>
        <source>Asks</source>
        <translation>Fragt nach</translation>
    </message>
    <message>
        <source>Quits</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>Goes on in the background</source>
        <translation>Läuft im Hintergrund weiter</translation>
    </message>
    <message>
        <source>Without a tray icon, closing the window</source>
        <translation>Schließen des Fensters ohne Symbol in der Leiste</translation>
    </message>
    <message>
        <source>Without a tray icon, closin&amp;g the window</source>
        <translation>&amp;Schließen des Fensters ohne Symbol in der Leiste</translation>
    </message>
</context>
<context>
    <name>cring::ui::DecisionsPage</name>
    <message>
        <source>Nothing waits for you</source>
        <translation>Nichts wartet auf Sie</translation>
    </message>
    <message>
        <source>Versions of a file that differ without a quorum, files that nobody recorded, and accounts that the servers have differently would be shown here: what only a person can decide.</source>
        <translation>Versionen einer Datei, die sich ohne Quorum unterscheiden, Dateien, die niemand verzeichnet hat, und Konten, die auf den Servern verschieden sind, würden hier stehen: was nur ein Mensch entscheiden kann.</translation>
    </message>
    <message>
        <source>To decide</source>
        <translation>Zu entscheiden</translation>
    </message>
    <message>
        <source>Versions of files</source>
        <translation>Versionen von Dateien</translation>
    </message>
    <message>
        <source>Versions are kept aside before something else is written over them. One of them can be made the file again; nothing has to be done.</source>
        <translation>Versionen werden aufgehoben, bevor etwas anderes darübergeschrieben wird. Eine davon kann wieder zur Datei werden; getan werden muss nichts.</translation>
    </message>
    <message>
        <source>Make it &amp;hold…</source>
        <translation>&amp;Gelten lassen…</translation>
    </message>
    <message>
        <source>All clients get the chosen version from then on</source>
        <translation>Alle Clients bekommen von da an die gewählte Version</translation>
    </message>
    <message>
        <source>Thro&amp;w away…</source>
        <translation>&amp;Wegwerfen…</translation>
    </message>
    <message>
        <source>The chosen version is deleted for good</source>
        <translation>Die gewählte Version wird endgültig gelöscht</translation>
    </message>
    <message>
        <source>&amp;Undo the choice</source>
        <translation>Wahl &amp;rückgängig machen</translation>
    </message>
    <message>
        <source>What held before the last choice holds again</source>
        <translation>Was vor der letzten Wahl galt, gilt wieder</translation>
    </message>
    <message>
        <source>What the checks have found</source>
        <translation>Was die Prüfungen gefunden haben</translation>
    </message>
    <message>
        <source>Accounts that the servers have differently</source>
        <translation>Konten, die auf den Servern verschieden sind</translation>
    </message>
    <message numerus="yes">
        <source>%n more are not shown: they come up once some of these are decided.</source>
        <translation>
            <numerusform>%n weiteres wird nicht angezeigt: Es folgt, wenn einige davon entschieden sind.</numerusform>
            <numerusform>%n weitere werden nicht angezeigt: Sie folgen, wenn einige davon entschieden sind.</numerusform>
        </translation>
    </message>
    <message>
        <source>unknown size</source>
        <translation>unbekannte Größe</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, %2, on %3</source>
        <translation>%1, %2, auf %3</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>What holds now, %1, is kept aside: it can be chosen again.</source>
        <translation>Was jetzt gilt, %1, wird aufgehoben: Es kann wieder gewählt werden.</translation>
    </message>
    <message>
        <source>What the servers have now is kept aside: it can be chosen again.</source>
        <translation>Was die Server jetzt haben, wird aufgehoben: Es kann wieder gewählt werden.</translation>
    </message>
    <message>
        <source>Choose a version</source>
        <translation>Version wählen</translation>
    </message>
    <message>
        <source>Make this the version that holds?</source>
        <translation>Soll diese Version gelten?</translation>
    </message>
    <message>
        <source>All clients get the version of %1, and every server of the file gets it. %2</source>
        <translation>Alle Clients bekommen die Version von %1, und jeder Server der Datei bekommt sie. %2</translation>
    </message>
    <message>
        <source>Make it &amp;hold</source>
        <translation>&amp;Gelten lassen</translation>
    </message>
    <message>
        <source>Throw a version away</source>
        <translation>Version wegwerfen</translation>
    </message>
    <message>
        <source>Throw this version away for good?</source>
        <translation>Diese Version endgültig wegwerfen?</translation>
    </message>
    <message>
        <source>The version of %1 is deleted from where it is kept aside. The file itself stays as it is. This cannot be undone.</source>
        <translation>Die aufgehobene Version von %1 wird gelöscht. Die Datei selbst bleibt, wie sie ist. Das lässt sich nicht rückgängig machen.</translation>
    </message>
    <message>
        <source>&amp;Throw away</source>
        <translation>&amp;Wegwerfen</translation>
    </message>
    <message>
        <source>Take over files</source>
        <translation>Dateien übernehmen</translation>
    </message>
    <message>
        <source>Take over %1?</source>
        <translation>%1 übernehmen?</translation>
    </message>
    <message>
        <source>Clients see them from then on, and every server that should have a copy gets one. Nothing is written over.

%1</source>
        <translation>Clients sehen sie von da an, und jeder Server, der eine Kopie haben sollte, bekommt eine. Überschrieben wird nichts.

%1</translation>
    </message>
    <message>
        <source>&amp;Take over</source>
        <translation>Ü&amp;bernehmen</translation>
    </message>
    <message>
        <source>Bring files back</source>
        <translation>Dateien zurückholen</translation>
    </message>
    <message>
        <source>Bring back %1?</source>
        <translation>%1 zurückholen?</translation>
    </message>
    <message>
        <source>They are brought back from the best copy that is left, on a server, on this machine or in a bucket.

%1</source>
        <translation>Sie werden aus der besten Kopie zurückgeholt, die übrig ist, auf einem Server, auf diesem Rechner oder in einem Bucket.

%1</translation>
    </message>
    <message>
        <source>&amp;Bring back</source>
        <translation>&amp;Zurückholen</translation>
    </message>
    <message>
        <source>Record a delete</source>
        <translation>Löschung verzeichnen</translation>
    </message>
    <message>
        <source>Were %1 deleted?</source>
        <translation>Gelöscht: %1?</translation>
    </message>
    <message>
        <source>They count as deleted from then on: copies that are left on few servers are kept aside and taken away. What a quorum of servers has is left alone.

%1</source>
        <translation>Sie gelten von da an als gelöscht: Kopien, die noch auf wenigen Servern liegen, werden aufgehoben und dort entfernt. Was ein Quorum der Server hat, bleibt unberührt.

%1</translation>
    </message>
    <message>
        <source>&amp;They were deleted</source>
        <translation>&amp;Sie wurden gelöscht</translation>
    </message>
    <message>
        <source>Ta&amp;ke over…</source>
        <translation>Übern&amp;ehmen…</translation>
    </message>
    <message>
        <source>&amp;Bring back…</source>
        <translation>&amp;Zurückholen…</translation>
    </message>
    <message>
        <source>It was &amp;deleted…</source>
        <translation>Wurde gelös&amp;cht…</translation>
    </message>
    <message>
        <source>C&amp;hoose a version</source>
        <translation>&amp;Version wählen</translation>
    </message>
</context>
<context>
    <name>cring::ui::EntryDialog</name>
    <message>
        <source>Another server is called so.</source>
        <translation>Ein anderer Server heißt schon so.</translation>
    </message>
</context>
<context>
    <name>cring::ui::FilesPage</name>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>Noch keine Dateien</translation>
    </message>
    <message>
        <source>What clients store through the ring is listed here. What was on the servers before is taken in by the check of all files (Jobs).</source>
        <translation>Was Clients durch den Ring speichern, steht hier. Was vorher auf den Servern war, nimmt die Prüfung aller Dateien auf (Aufgaben).</translation>
    </message>
    <message>
        <source>No file is like that</source>
        <translation>Keine Datei ist so</translation>
    </message>
    <message>
        <source>Nothing matches what is searched for, the account, the server and the choice of those at risk together.</source>
        <translation>Nichts passt zugleich zur Suche, zum Konto, zum Server und zur Auswahl der gefährdeten.</translation>
    </message>
    <message>
        <source>The files cannot be listed</source>
        <translation>Die Dateien lassen sich nicht auflisten</translation>
    </message>
    <message>
        <source>The service that runs does not say which files there are.</source>
        <translation>Der laufende Dienst sagt nicht, welche Dateien es gibt.</translation>
    </message>
    <message>
        <source>&amp;Repair this</source>
        <translation>&amp;Reparieren</translation>
    </message>
    <message>
        <source>Looks at every copy of the file and puts it right</source>
        <translation>Prüft jede Kopie der Datei und bringt sie in Ordnung</translation>
    </message>
    <message>
        <source>&amp;Versions…</source>
        <translation>&amp;Versionen…</translation>
    </message>
    <message>
        <source>What the backup has and had of the file</source>
        <translation>Was die Sicherung von der Datei hat und hatte</translation>
    </message>
    <message>
        <source>Search names…</source>
        <translation>Namen suchen…</translation>
    </message>
    <message>
        <source>Search the files</source>
        <translation>Dateien durchsuchen</translation>
    </message>
    <message>
        <source>&amp;Find:</source>
        <translation>&amp;Suchen:</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Only at ris&amp;k</source>
        <translation>Nur &amp;gefährdete</translation>
    </message>
    <message>
        <source>Only at risk</source>
        <translation>Nur gefährdete</translation>
    </message>
    <message>
        <source>Fewer copies than wanted, still owed to a server, or not yet in the backup</source>
        <translation>Weniger Kopien als gewünscht, für einen Server noch ausstehend oder noch nicht gesichert</translation>
    </message>
    <message>
        <source>Where the copies are</source>
        <translation>Wo die Kopien sind</translation>
    </message>
    <message>
        <source>How safe</source>
        <translation>Wie sicher</translation>
    </message>
    <message>
        <source>&amp;Copy path</source>
        <translation>&amp;Pfad kopieren</translation>
    </message>
    <message>
        <source>Copy &amp;details</source>
        <translation>&amp;Details kopieren</translation>
    </message>
    <message>
        <source>All servers</source>
        <translation>Alle Server</translation>
    </message>
    <message>
        <source>All accounts</source>
        <translation>Alle Konten</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>Reading the list: %1 so far</source>
        <translation>Die Liste wird gelesen: bisher %1</translation>
    </message>
    <message>
        <source>names are shown with your own Charm identity; others stay hidden</source>
        <translation>Namen zeigt Ihre eigene Charm-Identität; andere bleiben verborgen</translation>
    </message>
    <message>
        <source>names are hidden</source>
        <translation>Namen sind verborgen</translation>
    </message>
    <message>
        <source>names are hidden: %1</source>
        <translation>Namen sind verborgen: %1</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>%1 (on the servers: %2)</source>
        <translation>%1 (auf den Servern: %2)</translation>
    </message>
</context>
<context>
    <name>cring::ui::FinishPage</name>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Until now nothing was changed. This is what will be set up.</source>
        <translation>Bis jetzt wurde nichts geändert. Das wird eingerichtet.</translation>
    </message>
    <message>
        <source>Show the &amp;icon when I log in</source>
        <translation>&amp;Symbol beim Anmelden anzeigen</translation>
    </message>
    <message>
        <source>&amp;Replace the configuration that is there; it is kept beside the new one</source>
        <translation>Vorhandene Konfiguration &amp;ersetzen; sie wird neben der neuen aufgehoben</translation>
    </message>
    <message>
        <source>Set &amp;up</source>
        <translation>Ein&amp;richten</translation>
    </message>
    <message numerus="yes">
        <source>Files are stored on %1, %n copies each.</source>
        <translation>
            <numerusform>Dateien werden auf %1 gespeichert, je %n Kopie.</numerusform>
            <numerusform>Dateien werden auf %1 gespeichert, je %n Kopien.</numerusform>
        </translation>
    </message>
    <message>
        <source>Each of them goes to the bucket %1 as well.</source>
        <translation>Jede davon geht auch in den Bucket %1.</translation>
    </message>
    <message>
        <source>Clients connect at %1 and, to log in, at %2.</source>
        <translation>Clients verbinden sich mit %1 und zum Anmelden mit %2.</translation>
    </message>
    <message>
        <source>The charm client uses the key that it has for your server with the ring, too.</source>
        <translation>Der Charm-Client benutzt den Schlüssel, den er für Ihren Server hat, auch mit dem Ring.</translation>
    </message>
    <message>
        <source>The service is started, and goes on when this window is closed.</source>
        <translation>Der Dienst wird gestartet und läuft weiter, wenn dieses Fenster geschlossen ist.</translation>
    </message>
    <message>
        <source>Setting up…</source>
        <translation>Wird eingerichtet…</translation>
    </message>
    <message>
        <source>%1. Nothing was changed</source>
        <translation>%1. Nichts wurde geändert</translation>
    </message>
    <message>
        <source>Set up</source>
        <translation>Eingerichtet</translation>
    </message>
</context>
<context>
    <name>cring::ui::IdentityPage</name>
    <message>
        <source>Your key</source>
        <translation>Ihr Schlüssel</translation>
    </message>
    <message>
        <source>The charm client has a key for each host that it talks to. It should use the same one with the ring, so that you are the same account and see your files.</source>
        <translation>Der Charm-Client hat einen Schlüssel für jeden Host, mit dem er spricht. Mit dem Ring sollte er denselben benutzen, damit Sie dasselbe Konto sind und Ihre Dateien sehen.</translation>
    </message>
    <message>
        <source>Keys on this machine</source>
        <translation>Schlüssel auf diesem Rechner</translation>
    </message>
    <message>
        <source>Host</source>
        <translation>Host</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>Konto</translation>
    </message>
    <message>
        <source>Known on</source>
        <translation>Bekannt auf</translation>
    </message>
    <message>
        <source>Asking the servers whose the keys are…</source>
        <translation>Die Server werden gefragt, wem die Schlüssel gehören…</translation>
    </message>
    <message>
        <source>The charm client has no key for these servers yet: it makes one when it is first used, and a new account with it.</source>
        <translation>Der Charm-Client hat für diese Server noch keinen Schlüssel: Er erstellt ihn beim ersten Gebrauch und damit ein neues Konto.</translation>
    </message>
    <message>
        <source>The client uses the same key with the ring already.</source>
        <translation>Der Client benutzt mit dem Ring schon denselben Schlüssel.</translation>
    </message>
    <message>
        <source>&amp;Use the key of %1 with the ring (%2), too</source>
        <translation>Den Schlüssel von %1 a&amp;uch mit dem Ring (%2) benutzen</translation>
    </message>
    <message>
        <source>It is copied to %1, when all is set up; nothing is taken away.</source>
        <translation>Er wird nach %1 kopiert, wenn alles eingerichtet wird; weggenommen wird nichts.</translation>
    </message>
</context>
<context>
    <name>cring::ui::JobsPage</name>
    <message>
        <source>Jobs</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>No jobs yet</source>
        <translation>Noch keine Aufgaben</translation>
    </message>
    <message>
        <source>All files are checked now and then by themselves; a check can be started here at any time.</source>
        <translation>Alle Dateien werden von Zeit zu Zeit von selbst geprüft; eine Prüfung kann hier jederzeit begonnen werden.</translation>
    </message>
    <message>
        <source>Chec&amp;k all files</source>
        <translation>Alle Dateien &amp;prüfen</translation>
    </message>
    <message>
        <source>&amp;Quickly: names, sizes and times</source>
        <translation>&amp;Schnell: Namen, Größen und Zeiten</translation>
    </message>
    <message>
        <source>&amp;Deeply: every byte of every copy</source>
        <translation>&amp;Gründlich: jedes Byte jeder Kopie</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>P&amp;ause</translation>
    </message>
    <message>
        <source>&amp;End…</source>
        <translation>&amp;Beenden…</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>End the job</source>
        <translation>Aufgabe beenden</translation>
    </message>
    <message>
        <source>End “%1”?</source>
        <translation>„%1“ beenden?</translation>
    </message>
    <message>
        <source>What is done stays done. A pause would let it go on later from where it is.</source>
        <translation>Was getan ist, bleibt getan. Nach einer Pause ginge sie später weiter, wo sie ist.</translation>
    </message>
    <message>
        <source>&amp;End it</source>
        <translation>&amp;Beenden</translation>
    </message>
</context>
<context>
    <name>cring::ui::KitDialog</name>
    <message>
        <source>Recovery kit</source>
        <translation>Wiederherstellungs-Kit</translation>
    </message>
    <message>
        <source>Files in a bucket are encrypted as the clients have sent them. What they are read with, the accounts and their keys, is saved beside them, sealed to a key that is nowhere but on paper: the recovery kit. Without it a bucket is of no use when everything else is lost.</source>
        <translation>Dateien in einem Bucket sind verschlüsselt, so wie die Clients sie gesendet haben. Womit sie gelesen werden, die Konten und ihre Schlüssel, wird daneben gesichert, versiegelt mit einem Schlüssel, der nur auf Papier steht: dem Wiederherstellungs-Kit. Ohne es nützt ein Bucket nichts, wenn alles andere verloren ist.</translation>
    </message>
    <message>
        <source>It is shown once, to be printed. Keep the paper away from the machines and from the bucket&apos;s keys.</source>
        <translation>Es wird einmal angezeigt, um gedruckt zu werden. Bewahren Sie das Papier fern von den Rechnern und von den Schlüsseln des Buckets auf.</translation>
    </message>
    <message>
        <source>some time ago</source>
        <translation>vor einiger Zeit</translation>
    </message>
    <message>
        <source>There is one already, %1, made %2. With a new one, what was saved until now is opened by the old one alone: keep both.</source>
        <translation>Es gibt schon eines, %1, erstellt %2. Mit einem neuen öffnet das, was bis jetzt gesichert wurde, nur das alte: Behalten Sie beide.</translation>
    </message>
    <message>
        <source>The kit</source>
        <translation>Das Kit</translation>
    </message>
    <message>
        <source>The kit as a QR code</source>
        <translation>Das Kit als QR-Code</translation>
    </message>
    <message>
        <source>Print it now: it cannot be shown again.</source>
        <translation>Drucken Sie es jetzt: Es kann nicht noch einmal angezeigt werden.</translation>
    </message>
    <message>
        <source>&amp;Type the two lines in from the paper: only so is it known that it can be read.</source>
        <translation>&amp;Tippen Sie die beiden Zeilen vom Papier ab: Nur so ist sicher, dass man sie lesen kann.</translation>
    </message>
    <message>
        <source>The two lines of the kit</source>
        <translation>Die beiden Zeilen des Kits</translation>
    </message>
    <message>
        <source>Blanks and small letters do not matter, nor do O for 0 and I or L for 1. A wrong letter is told with its line.</source>
        <translation>Leerzeichen und Kleinbuchstaben spielen keine Rolle, auch nicht O für 0 und I oder L für 1. Ein falscher Buchstabe wird mit seiner Zeile genannt.</translation>
    </message>
    <message>
        <source>&amp;Make a new kit</source>
        <translation>Neues Kit &amp;erstellen</translation>
    </message>
    <message>
        <source>&amp;Make the kit</source>
        <translation>Kit &amp;erstellen</translation>
    </message>
    <message>
        <source>&amp;Check the one there is</source>
        <translation>&amp;Vorhandenes prüfen</translation>
    </message>
    <message>
        <source>I &amp;have it on paper</source>
        <translation>Ich &amp;habe es auf Papier</translation>
    </message>
    <message>
        <source>&amp;Print…</source>
        <translation>&amp;Drucken…</translation>
    </message>
    <message>
        <source>&amp;Check</source>
        <translation>&amp;Prüfen</translation>
    </message>
    <message>
        <source>&amp;Show it again</source>
        <translation>&amp;Noch einmal anzeigen</translation>
    </message>
    <message>
        <source>&amp;Done</source>
        <translation>&amp;Fertig</translation>
    </message>
    <message>
        <source>This is the recovery kit %1, and it opens what is saved.</source>
        <translation>Das ist das Wiederherstellungs-Kit %1, und es öffnet, was gesichert ist.</translation>
    </message>
</context>
<context>
    <name>cring::ui::MainWindow</name>
    <message>
        <source>Charmed Ring</source>
        <translation>Charmed Ring</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Aufgaben</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>To decide</source>
        <translation>Zu entscheiden</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen…</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings (%1)</source>
        <translation>Einstellungen (%1)</translation>
    </message>
    <message numerus="yes">
        <source>%n running</source>
        <translation>
            <numerusform>%n läuft</numerusform>
            <numerusform>%n laufen</numerusform>
        </translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>Fenster schließen</translation>
    </message>
    <message>
        <source>Go on without the window?</source>
        <translation>Ohne das Fenster weiterlaufen?</translation>
    </message>
    <message>
        <source>This desktop shows no tray icon. In the background, Charmed Ring goes on telling you of trouble, and starting it again shows the window. The service protects your files either way. You are asked once.</source>
        <translation>Dieser Desktop zeigt keine Symbole in der Leiste. Im Hintergrund meldet Charmed Ring weiter Störungen, und ein neuer Start zeigt das Fenster. Der Dienst schützt Ihre Dateien so oder so. Sie werden nur einmal gefragt.</translation>
    </message>
    <message>
        <source>Go on in the &amp;background</source>
        <translation>Im &amp;Hintergrund weiter</translation>
    </message>
    <message>
        <source>&amp;Quit the window</source>
        <translation>&amp;Fenster beenden</translation>
    </message>
</context>
<context>
    <name>cring::ui::MessageBar</name>
    <message>
        <source>Outcome</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>C&amp;lose</source>
        <translation>Sch&amp;ließen</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Diese Meldung schließen</translation>
    </message>
</context>
<context>
    <name>cring::ui::ModePage</name>
    <message>
        <source>Welcome to Charmed Ring</source>
        <translation>Willkommen bei Charmed Ring</translation>
    </message>
    <message>
        <source>Every file that a charm client stores goes to several places, so that none of them can lose it. What do you have?</source>
        <translation>Jede Datei, die ein Charm-Client speichert, kommt an mehrere Orte, damit keiner von ihnen sie verlieren kann. Was haben Sie?</translation>
    </message>
    <message>
        <source>&amp;Several Charm servers that share their accounts</source>
        <translation>&amp;Mehrere Charm-Server, die ihre Konten teilen</translation>
    </message>
    <message>
        <source>Their keys are the same, and each knows your account.</source>
        <translation>Ihre Schlüssel sind gleich, und jeder kennt Ihr Konto.</translation>
    </message>
    <message>
        <source>&amp;One Charm server; I want to make more from it</source>
        <translation>&amp;Ein Charm-Server; ich möchte weitere daraus machen</translation>
    </message>
    <message>
        <source>On this machine, or on one that can be reached by SSH.</source>
        <translation>Auf diesem Rechner oder auf einem, der über SSH erreichbar ist.</translation>
    </message>
    <message>
        <source>Every file goes to the bucket as well.</source>
        <translation>Jede Datei geht auch in den Bucket.</translation>
    </message>
    <message>
        <source>One Charm server and an S3 buc&amp;ket</source>
        <translation>Ein Charm-Server und ein S3-Buc&amp;ket</translation>
    </message>
</context>
<context>
    <name>cring::ui::NetworkPage</name>
    <message>
        <source>Write a host and a port, for example localhost:35354.</source>
        <translation>Schreiben Sie einen Host und einen Port, zum Beispiel localhost:35354.</translation>
    </message>
    <message>
        <source>Another program has port %1, perhaps a Charm server on this machine.</source>
        <translation>Ein anderes Programm hat den Port %1, vielleicht ein Charm-Server auf diesem Rechner.</translation>
    </message>
    <message>
        <source>Nobody can listen there: %1.</source>
        <translation>Dort kann niemand lauschen: %1.</translation>
    </message>
    <message>
        <source>Where clients connect</source>
        <translation>Wo Clients sich verbinden</translation>
    </message>
    <message>
        <source>Charm clients talk to the ring as they talk to a Charm server. Only programs of this machine can, as long as the address is localhost.</source>
        <translation>Charm-Clients sprechen mit dem Ring wie mit einem Charm-Server. Das können nur Programme dieses Rechners, solange die Adresse localhost ist.</translation>
    </message>
    <message>
        <source>&amp;HTTP:</source>
        <translation>&amp;HTTP:</translation>
    </message>
    <message>
        <source>localhost:35354 as a Charm server has it; :35354 opens it to the network.</source>
        <translation>localhost:35354, wie ein Charm-Server es hat; :35354 öffnet ihn zum Netz.</translation>
    </message>
    <message>
        <source>&amp;SSH:</source>
        <translation>&amp;SSH:</translation>
    </message>
    <message>
        <source>Where clients log in.</source>
        <translation>Wo Clients sich anmelden.</translation>
    </message>
    <message>
        <source>&amp;Metrics:</source>
        <translation>&amp;Metriken:</translation>
    </message>
    <message>
        <source>For Prometheus and health checks. Empty: none.</source>
        <translation>Für Prometheus und Bereitschaftsprüfungen. Leer: keine.</translation>
    </message>
    <message>
        <source>Say where.</source>
        <translation>Sagen Sie, wo.</translation>
    </message>
    <message>
        <source>Each needs a port of its own.</source>
        <translation>Jede braucht einen eigenen Port.</translation>
    </message>
    <message>
        <source>%1 is free.</source>
        <translation>%1 ist frei.</translation>
    </message>
    <message>
        <source>Other ports are entered where yours were taken. Clients then have to be told.</source>
        <translation>Wo Ihre Ports belegt waren, sind andere eingetragen. Den Clients muss man sie dann sagen.</translation>
    </message>
</context>
<context>
    <name>cring::ui::Notifier</name>
    <message>
        <source>Open Charmed Ring</source>
        <translation>Charmed Ring öffnen</translation>
    </message>
    <message>
        <source>Start the service</source>
        <translation>Dienst starten</translation>
    </message>
    <message>
        <source>Remind me no more</source>
        <translation>Nicht mehr erinnern</translation>
    </message>
    <message>
        <source>Charmed Ring</source>
        <translation>Charmed Ring</translation>
    </message>
</context>
<context>
    <name>cring::ui::OverviewPage</name>
    <message>
        <source>The ring</source>
        <translation>Der Ring</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Copies</source>
        <translation>Kopien</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>&amp;Start the service</source>
        <translation>Dienst &amp;starten</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
    <message>
        <source>&amp;Decide…</source>
        <translation>&amp;Entscheiden…</translation>
    </message>
    <message>
        <source>&amp;Test %1…</source>
        <translation>%1 &amp;testen…</translation>
    </message>
    <message>
        <source>Until it answers, clients of the ring may wait in vain.</source>
        <translation>Bis er antwortet, warten Clients des Rings vielleicht vergeblich.</translation>
    </message>
    <message>
        <source>Until it runs, clients of the ring reach no server, and nothing is backed up.</source>
        <translation>Bis er läuft, erreichen Clients des Rings keinen Server, und nichts wird gesichert.</translation>
    </message>
    <message>
        <source>%1 What follows is what was known last.</source>
        <translation>%1 Was folgt, ist der letzte bekannte Stand.</translation>
    </message>
    <message>
        <source>none is without a copy</source>
        <translation>keine ist ohne Kopie</translation>
    </message>
    <message>
        <source>%1 without a good copy</source>
        <translation>%1 ohne gute Kopie</translation>
    </message>
    <message numerus="yes">
        <source>%1 with %n copies</source>
        <translation>
            <numerusform>%1 mit %n Kopie</numerusform>
            <numerusform>%1 mit %n Kopien</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing waits</source>
        <translation>nichts wartet</translation>
    </message>
    <message>
        <source>%1 waiting, the oldest for %2</source>
        <translation>%1 wartend, am längsten seit %2</translation>
    </message>
    <message>
        <source>%1 waiting</source>
        <translation>%1 wartend</translation>
    </message>
    <message numerus="yes">
        <source>%n object(s) stored</source>
        <translation>
            <numerusform>%n Objekt gespeichert</numerusform>
            <numerusform>%n Objekte gespeichert</numerusform>
        </translation>
    </message>
    <message>
        <source>recovery kit %1</source>
        <translation>Wiederherstellungs-Kit %1</translation>
    </message>
    <message>
        <source>no recovery kit: the accounts are not saved</source>
        <translation>kein Wiederherstellungs-Kit: Die Konten werden nicht gesichert</translation>
    </message>
    <message>
        <source>%1 wait for it on the other servers and are delivered when it is back.</source>
        <translation>Auf den anderen Servern warten %1 auf ihn; sie werden zugestellt, sobald er wieder da ist.</translation>
    </message>
    <message>
        <source>not counted yet</source>
        <translation>noch nicht gezählt</translation>
    </message>
    <message>
        <source>The files are counted after the first check of the servers.</source>
        <translation>Die Dateien werden nach der ersten Prüfung der Server gezählt.</translation>
    </message>
    <message>
        <source>files yet</source>
        <translation>Dateien bisher</translation>
    </message>
    <message>
        <source>Point a charm client at the ring; its first upload shows up here.</source>
        <translation>Richten Sie einen Charm-Client auf den Ring; was er zuerst hochlädt, erscheint hier.</translation>
    </message>
    <message numerus="yes">
        <source>of %1 have all %n copies</source>
        <translation>
            <numerusform>von %1 haben %n Kopie</numerusform>
            <numerusform>von %1 haben alle %n Kopien</numerusform>
        </translation>
    </message>
    <message>
        <source>Every file is where it should be</source>
        <translation>Jede Datei ist, wo sie sein sollte</translation>
    </message>
    <message>
        <source>%1 · counted %2 ago</source>
        <translation>%1 · gezählt vor %2</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keine</translation>
    </message>
    <message>
        <source>is set up</source>
        <translation>ist eingerichtet</translation>
    </message>
    <message>
        <source>The servers are the only places of your files. A bucket at any S3-compatible store would be one more.</source>
        <translation>Die Server sind die einzigen Orte Ihrer Dateien. Ein Bucket bei einem S3-kompatiblen Dienst wäre einer mehr.</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>since the last verified copy in “%1”</source>
        <translation>seit der letzten geprüften Kopie in „%1“</translation>
    </message>
    <message>
        <source>verified: “%1”</source>
        <translation>geprüft: „%1“</translation>
    </message>
    <message>
        <source>It %1.</source>
        <comment>%1: a reason such as: refused the connection</comment>
        <translation>Er %1.</translation>
    </message>
    <message>
        <source>Clients come in at %1</source>
        <translation>Clients kommen über %1</translation>
    </message>
    <message numerus="yes">
        <source>%n upload(s) under way</source>
        <translation>
            <numerusform>%n Upload läuft</numerusform>
            <numerusform>%n Uploads laufen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n download(s) under way</source>
        <translation>
            <numerusform>%n Download läuft</numerusform>
            <numerusform>%n Downloads laufen</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::PlacementBars</name>
    <message>
        <source>Where the copies are</source>
        <translation>Wo die Kopien sind</translation>
    </message>
    <message>
        <source>not counted yet</source>
        <translation>noch nicht gezählt</translation>
    </message>
    <message>
        <source>%1: not counted yet</source>
        <translation>%1: noch nicht gezählt</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>%1, %2 missing</source>
        <translation>%1, %2 fehlen</translation>
    </message>
    <message>
        <source>%1, %2 extra</source>
        <translation>%1, %2 zu viel</translation>
    </message>
    <message>
        <source>%1 should have %2: %3 are there, %4 missing. Besides, it has %5 that it need not have</source>
        <translation>%1 sollte %2 haben: %3 sind da, %4 fehlen. Außerdem hat er %5, die er nicht braucht</translation>
    </message>
</context>
<context>
    <name>cring::ui::ReplicaPage</name>
    <message>
        <source>Looking at both places…</source>
        <translation>Beide Orte werden geprüft…</translation>
    </message>
    <message>
        <source>Copying the keys…</source>
        <translation>Die Schlüssel werden kopiert…</translation>
    </message>
    <message>
        <source>Copying the accounts…</source>
        <translation>Die Konten werden kopiert…</translation>
    </message>
    <message>
        <source>Sending the accounts…</source>
        <translation>Die Konten werden gesendet…</translation>
    </message>
    <message>
        <source>Writing its settings…</source>
        <translation>Die Einstellungen werden geschrieben…</translation>
    </message>
    <message>
        <source>Finishing…</source>
        <translation>Wird abgeschlossen…</translation>
    </message>
    <message>
        <source>Make more servers</source>
        <translation>Weitere Server erstellen</translation>
    </message>
    <message>
        <source>A new server gets the keys and accounts of the one that you have, which may go on running. Its files come by themselves once it is in the ring. Nothing that is there is changed.</source>
        <translation>Ein neuer Server bekommt die Schlüssel und Konten von dem, den Sie haben; der darf dabei weiterlaufen. Seine Dateien kommen von selbst, sobald er im Ring ist. Nichts Vorhandenes wird geändert.</translation>
    </message>
    <message>
        <source>&amp;From:</source>
        <translation>&amp;Von:</translation>
    </message>
    <message>
        <source>The data directory of the server that you have: a folder of this machine, or ssh://user@host/path.</source>
        <translation>Das Datenverzeichnis des Servers, den Sie haben: ein Ordner dieses Rechners oder ssh://benutzer@host/pfad.</translation>
    </message>
    <message>
        <source>Na&amp;me:</source>
        <translation>Na&amp;me:</translation>
    </message>
    <message>
        <source>What the new one is called here.</source>
        <translation>Wie der neue hier heißt.</translation>
    </message>
    <message>
        <source>&amp;To:</source>
        <translation>Nac&amp;h:</translation>
    </message>
    <message>
        <source>An empty folder, or one that is not there yet: /path, or ssh://user@host/path.</source>
        <translation>Ein leerer Ordner oder einer, den es noch nicht gibt: /pfad oder ssh://benutzer@host/pfad.</translation>
    </message>
    <message>
        <source>H&amp;ost:</source>
        <translation>H&amp;ost:</translation>
    </message>
    <message>
        <source>Under which it will answer.</source>
        <translation>Unter dem er antworten wird.</translation>
    </message>
    <message>
        <source>&amp;HTTP port:</source>
        <translation>HTTP-&amp;Port:</translation>
    </message>
    <message>
        <source>&amp;SSH port:</source>
        <translation>&amp;SSH-Port:</translation>
    </message>
    <message>
        <source>Each server on a machine has ports of its own.</source>
        <translation>Jeder Server auf einem Rechner hat eigene Ports.</translation>
    </message>
    <message>
        <source>Ma&amp;ke it</source>
        <translation>Ers&amp;tellen</translation>
    </message>
    <message>
        <source>Sto&amp;p</source>
        <translation>A&amp;nhalten</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>How to start it</source>
        <translation>Wie er gestartet wird</translation>
    </message>
    <message>
        <source>Say where its data are.</source>
        <translation>Sagen Sie, wo seine Daten sind.</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihm einen Namen.</translation>
    </message>
    <message>
        <source>Say where to put it.</source>
        <translation>Sagen Sie, wohin er soll.</translation>
    </message>
    <message>
        <source>Say under which host it will answer.</source>
        <translation>Sagen Sie, unter welchem Host er antworten wird.</translation>
    </message>
    <message>
        <source>A port is a number from 1 to %1.</source>
        <translation>Ein Port ist eine Zahl von 1 bis %1.</translation>
    </message>
    <message>
        <source>Another server is called so.</source>
        <translation>Ein anderer Server heißt schon so.</translation>
    </message>
    <message>
        <source>It was stopped. Making it again goes on where it was.</source>
        <translation>Es wurde angehalten. Erneut erstellen macht dort weiter.</translation>
    </message>
    <message numerus="yes">
        <source>%1 is made, with %n account(s). Start it now:</source>
        <translation>
            <numerusform>%1 ist erstellt, mit %n Konto. Starten Sie ihn jetzt:</numerusform>
            <numerusform>%1 ist erstellt, mit %n Konten. Starten Sie ihn jetzt:</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::RestorePage</name>
    <message>
        <source>No backup yet</source>
        <translation>Noch keine Sicherung</translation>
    </message>
    <message>
        <source>There is no bucket to bring anything back from. What the servers hold is repaired from each other: see Files.</source>
        <translation>Es gibt keinen Bucket, aus dem sich etwas zurückholen ließe. Was die Server haben, wird untereinander repariert: siehe Dateien.</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Pre&amp;view</source>
        <translation>&amp;Vorschau</translation>
    </message>
    <message>
        <source>Counts what would be brought back, and changes nothing</source>
        <translation>Zählt, was zurückgeholt würde, und ändert nichts</translation>
    </message>
    <message>
        <source>&amp;Restore…</source>
        <translation>&amp;Wiederherstellen…</translation>
    </message>
    <message>
        <source>&amp;End</source>
        <translation>B&amp;eenden</translation>
    </message>
    <message>
        <source>What is brought back stays</source>
        <translation>Was zurückgeholt ist, bleibt</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>&amp;File or folder:</source>
        <translation>&amp;Datei oder Ordner:</translation>
    </message>
    <message>
        <source>File or folder</source>
        <translation>Datei oder Ordner</translation>
    </message>
    <message>
        <source>everything</source>
        <translation>alles</translation>
    </message>
    <message>
        <source>As Files shows it on the servers: the account&apos;s id, a slash, and the path</source>
        <translation>Wie Dateien es auf den Servern zeigt: die Kennung des Kontos, ein Schrägstrich und der Pfad</translation>
    </message>
    <message>
        <source>Loo&amp;k in Files…</source>
        <translation>In Dateien &amp;suchen…</translation>
    </message>
    <message>
        <source>Look in Files</source>
        <translation>In Dateien suchen</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>Versionen</translation>
    </message>
    <message>
        <source>As of when</source>
        <translation>Von wann</translation>
    </message>
    <message>
        <source>As the backup has it &amp;now</source>
        <translation>Wie die Sicherung es &amp;jetzt hat</translation>
    </message>
    <message>
        <source>As the backup has it now</source>
        <translation>Wie die Sicherung es jetzt hat</translation>
    </message>
    <message>
        <source>As it was &amp;on</source>
        <translation>Wie es wa&amp;r, am</translation>
    </message>
    <message>
        <source>As it was on</source>
        <translation>Wie es war, am</translation>
    </message>
    <message>
        <source>Date and time</source>
        <translation>Datum und Uhrzeit</translation>
    </message>
    <message>
        <source>Where to</source>
        <translation>Wohin</translation>
    </message>
    <message>
        <source>To the &amp;servers, in its place</source>
        <translation>&amp;Auf die Server, an ihren Platz</translation>
    </message>
    <message>
        <source>To the servers, in its place</source>
        <translation>Auf die Server, an ihren Platz</translation>
    </message>
    <message>
        <source>To a fol&amp;der</source>
        <translation>In einen &amp;Ordner</translation>
    </message>
    <message>
        <source>To a folder</source>
        <translation>In einen Ordner</translation>
    </message>
    <message>
        <source>As the servers have it: names and contents stay encrypted</source>
        <translation>Wie die Server sie haben: Namen und Inhalte bleiben verschlüsselt</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>C&amp;hoose…</source>
        <translation>A&amp;uswählen…</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner auswählen</translation>
    </message>
    <message>
        <source>What it means</source>
        <translation>Was das bedeutet</translation>
    </message>
    <message>
        <source>Progress of the restore</source>
        <translation>Fortschritt der Wiederherstellung</translation>
    </message>
    <message>
        <source>Asking the backup…</source>
        <translation>Die Sicherung wird gefragt…</translation>
    </message>
    <message>
        <source>All files of all accounts. For the versions of one file, look for it in Files.</source>
        <translation>Alle Dateien aller Konten. Die Versionen einer einzelnen finden Sie über Dateien.</translation>
    </message>
    <message>
        <source>The backup has no version of a file there. If it is a folder, Preview counts what is in it.</source>
        <translation>Die Sicherung hat dort keine Version einer Datei. Ist es ein Ordner, zählt die Vorschau, was darin ist.</translation>
    </message>
    <message>
        <source>Choose a version to bring the file back as it was then.</source>
        <translation>Wählen Sie eine Version, um die Datei zurückzuholen, wie sie damals war.</translation>
    </message>
    <message>
        <source>The folder has to be written whole, from / on.</source>
        <translation>Der Ordner muss ganz angegeben werden, ab dem ersten /.</translation>
    </message>
    <message>
        <source>Look at the preview first</source>
        <translation>Sehen Sie zuerst die Vorschau an</translation>
    </message>
    <message>
        <source>Bring back %1?</source>
        <translation>%1 zurückholen?</translation>
    </message>
    <message>
        <source>&amp;Bring back</source>
        <translation>&amp;Zurückholen</translation>
    </message>
</context>
<context>
    <name>cring::ui::RestoreWords</name>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>The backup has nothing of that at that time.</source>
        <translation>Davon hat die Sicherung zu diesem Zeitpunkt nichts.</translation>
    </message>
    <message>
        <source>%1 would be brought to the servers. What is there and is as it should be is left alone, and so is what clients write meanwhile; another version is written over.</source>
        <translation>%1 würden auf die Server gebracht. Was da ist und stimmt, bleibt unberührt, ebenso was Clients währenddessen schreiben; eine andere Version wird überschrieben.</translation>
    </message>
    <message>
        <source>%1 would be brought to %2. Names and contents stay as the servers have them: encrypted.</source>
        <translation>%1 würden nach %2 gebracht. Namen und Inhalte bleiben, wie die Server sie haben: verschlüsselt.</translation>
    </message>
    <message>
        <source>Ended before it was done; what was brought back stays.</source>
        <translation>Beendet, bevor es fertig war; was zurückgeholt ist, bleibt.</translation>
    </message>
    <message>
        <source>Brought back: %1, %2. %3 were there already.</source>
        <translation>Zurückgeholt: %1, %2. %3 waren schon da.</translation>
    </message>
    <message>
        <source>Not brought back: %1.</source>
        <translation>Nicht zurückgeholt: %1.</translation>
    </message>
    <message>
        <source>Preview counts what would be brought back, and changes nothing.</source>
        <translation>Die Vorschau zählt, was zurückgeholt würde, und ändert nichts.</translation>
    </message>
    <message>
        <source>Counting: %1 so far</source>
        <translation>Wird gezählt: bisher %1</translation>
    </message>
    <message>
        <source>Bringing back: %1, %2 so far</source>
        <translation>Wird zurückgeholt: bisher %1, %2</translation>
    </message>
</context>
<context>
    <name>cring::ui::RingLegend</name>
    <message>
        <source>What the colours of the ring mean</source>
        <translation>Was die Farben des Rings bedeuten</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>on its way</source>
        <translation>unterwegs</translation>
    </message>
</context>
<context>
    <name>cring::ui::RingView</name>
    <message>
        <source>The ring</source>
        <translation>Der Ring</translation>
    </message>
    <message>
        <source>%1: %2 of %3, %4 owed</source>
        <translation>%1: %2 von %3, %4 ausstehend</translation>
    </message>
    <message>
        <source>%1: not counted yet</source>
        <translation>%1: noch nicht gezählt</translation>
    </message>
    <message>
        <source>. It cannot be used now</source>
        <translation>. Er ist gerade nicht nutzbar</translation>
    </message>
    <message>
        <source>not counted yet</source>
        <translation>noch nicht gezählt</translation>
    </message>
    <message numerus="yes">
        <source>files, %n copies each</source>
        <translation>
            <numerusform>Dateien, je %n Kopie</numerusform>
            <numerusform>Dateien, je %n Kopien</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 % of the first copies</source>
        <translation>%1 % der ersten Kopien</translation>
    </message>
    <message>
        <source>%1 % of the second copies</source>
        <translation>%1 % der zweiten Kopien</translation>
    </message>
    <message>
        <source>%1 % of the third copies</source>
        <translation>%1 % der dritten Kopien</translation>
    </message>
</context>
<context>
    <name>cring::ui::SafetyColumns</name>
    <message>
        <source>How safe</source>
        <translation>Wie sicher</translation>
    </message>
    <message numerus="yes">
        <source>%1 with %n copies</source>
        <translation>
            <numerusform>%1 mit %n Kopie</numerusform>
            <numerusform>%1 mit %n Kopien</numerusform>
        </translation>
    </message>
    <message>
        <source>not counted yet</source>
        <translation>noch nicht gezählt</translation>
    </message>
    <message>
        <source>no copy</source>
        <translation>keine Kopie</translation>
    </message>
    <message numerus="yes">
        <source>%n copies</source>
        <translation>
            <numerusform>%n Kopie</numerusform>
            <numerusform>%n Kopien</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::ServerActions</name>
    <message>
        <source>%1 is not in the configuration file %2</source>
        <translation>%1 steht nicht in der Konfigurationsdatei %2</translation>
    </message>
    <message>
        <source>Remove %1</source>
        <translation>%1 entfernen</translation>
    </message>
    <message>
        <source>Remove %1 from the ring?</source>
        <translation>%1 aus dem Ring entfernen?</translation>
    </message>
    <message>
        <source>The only good copy of %1 (%2) is there: these would be lost.</source>
        <translation>Die einzige gute Kopie von %1 (%2) liegt dort: Sie wären verloren.</translation>
    </message>
    <message>
        <source>%1 (%2) would have one copy less until the others have made up for it.</source>
        <translation>%1 (%2) hätten eine Kopie weniger, bis die anderen es ausgeglichen haben.</translation>
    </message>
    <message>
        <source>No file of the ring has a copy on it.</source>
        <translation>Keine Datei des Rings hat dort eine Kopie.</translation>
    </message>
    <message>
        <source>Draining is the safe way: what it holds is brought to the other servers first, and it can be removed afterwards.</source>
        <translation>Sicher geht es mit Leeren: Was er hat, wird zuerst auf die anderen Server gebracht, und danach kann er entfernt werden.</translation>
    </message>
    <message>
        <source>The server itself is not touched.</source>
        <translation>Der Server selbst wird nicht angerührt.</translation>
    </message>
    <message>
        <source>&amp;Remove and lose %1</source>
        <translation>Entfernen und %1 &amp;verlieren</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>&amp;Drain first</source>
        <translation>Zuerst l&amp;eeren</translation>
    </message>
    <message>
        <source>%1 is no server of the ring any more</source>
        <translation>%1 ist kein Server des Rings mehr</translation>
    </message>
    <message>
        <source>Add it a&amp;gain</source>
        <translation>W&amp;ieder hinzufügen</translation>
    </message>
    <message>
        <source>%1 is a server of the ring again</source>
        <translation>%1 ist wieder ein Server des Rings</translation>
    </message>
</context>
<context>
    <name>cring::ui::ServerDialog</name>
    <message>
        <source>Add a server</source>
        <translation>Server hinzufügen</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>%1 ändern</translation>
    </message>
    <message>
        <source>&amp;Add</source>
        <translation>&amp;Hinzufügen</translation>
    </message>
    <message>
        <source>&amp;Save</source>
        <translation>S&amp;peichern</translation>
    </message>
    <message>
        <source>Tries what is entered step by step, before anything is changed</source>
        <translation>Prüft die Eingaben Schritt für Schritt, bevor etwas geändert wird</translation>
    </message>
    <message>
        <source>%1 is a server of the ring. It gets its share of the files from now on</source>
        <translation>%1 ist ein Server des Rings. Er bekommt ab jetzt seinen Anteil der Dateien</translation>
    </message>
    <message>
        <source>%1 was changed</source>
        <translation>%1 wurde geändert</translation>
    </message>
</context>
<context>
    <name>cring::ui::ServerForm</name>
    <message>
        <source>&amp;Name:</source>
        <translation>&amp;Name:</translation>
    </message>
    <message>
        <source>What it is called here, for example charm4.</source>
        <translation>Wie er hier heißt, zum Beispiel charm4.</translation>
    </message>
    <message>
        <source>&amp;URL:</source>
        <translation>&amp;URL:</translation>
    </message>
    <message>
        <source>Where its HTTP side answers, for example http://charm4:35354.</source>
        <translation>Wo seine HTTP-Seite antwortet, zum Beispiel http://charm4:35354.</translation>
    </message>
    <message>
        <source>SSH &amp;port:</source>
        <translation>SSH-P&amp;ort:</translation>
    </message>
    <message>
        <source>On the same host. Charm’s own is 35353.</source>
        <translation>Auf demselben Host. Charm selbst nimmt 35353.</translation>
    </message>
    <message>
        <source>&amp;Weight:</source>
        <translation>&amp;Gewicht:</translation>
    </message>
    <message>
        <source>Its share of the files relative to the other servers, for example its disk in TB.</source>
        <translation>Sein Anteil der Dateien im Verhältnis zu den anderen Servern, zum Beispiel seine Platte in TB.</translation>
    </message>
    <message>
        <source>&amp;Data directory:</source>
        <translation>&amp;Datenverzeichnis:</translation>
    </message>
    <message>
        <source>A folder of this machine, or ssh://user@host/path. With it accounts are kept in step and new servers can be made. May be left empty.</source>
        <translation>Ein Ordner dieses Rechners oder ssh://benutzer@host/pfad. Damit bleiben die Konten im Gleichschritt, und neue Server lassen sich erstellen. Darf leer bleiben.</translation>
    </message>
    <message>
        <source>Give it a name.</source>
        <translation>Geben Sie ihm einen Namen.</translation>
    </message>
    <message>
        <source>A name does not begin with a dash.</source>
        <translation>Ein Name beginnt nicht mit einem Strich.</translation>
    </message>
    <message>
        <source>Say where it is.</source>
        <translation>Sagen Sie, wo er ist.</translation>
    </message>
    <message>
        <source>That is no address of a server: write http:// or https://, a host and perhaps a port.</source>
        <translation>Das ist keine Adresse eines Servers: Schreiben Sie http:// oder https://, einen Host und vielleicht einen Port.</translation>
    </message>
    <message>
        <source>A port is a number from 1 to %1.</source>
        <translation>Ein Port ist eine Zahl von 1 bis %1.</translation>
    </message>
    <message>
        <source>A weight is a number above 0, for example 1 or 2.5.</source>
        <translation>Ein Gewicht ist eine Zahl über 0, zum Beispiel 1 oder 2.5.</translation>
    </message>
</context>
<context>
    <name>cring::ui::ServerListPage</name>
    <message>
        <source>Your servers</source>
        <translation>Ihre Server</translation>
    </message>
    <message>
        <source>Each is tried as soon as it is entered: whether it answers, has the same keys as the others, and stores a file.</source>
        <translation>Jeder wird geprüft, sobald er eingegeben ist: ob er antwortet, dieselben Schlüssel hat wie die anderen und eine Datei speichert.</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Bearbeiten…</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>Ent&amp;fernen</translation>
    </message>
    <message>
        <source>Test &amp;steps…</source>
        <translation>Test&amp;schritte…</translation>
    </message>
    <message>
        <source>Tries it again, and shows each step</source>
        <translation>Prüft ihn noch einmal und zeigt jeden Schritt</translation>
    </message>
    <message>
        <source>Being tested…</source>
        <translation>Wird geprüft…</translation>
    </message>
    <message>
        <source>Passed every step</source>
        <translation>Hat jeden Schritt bestanden</translation>
    </message>
    <message>
        <source>The charm client on this machine has been used with %1.</source>
        <translation>Der Charm-Client auf diesem Rechner wurde schon mit %1 benutzt.</translation>
    </message>
    <message>
        <source>Add a server</source>
        <translation>Server hinzufügen</translation>
    </message>
    <message>
        <source>Change %1</source>
        <translation>%1 ändern</translation>
    </message>
    <message>
        <source>%1 is there twice.</source>
        <translation>%1 steht zweimal da.</translation>
    </message>
</context>
<context>
    <name>cring::ui::ServersPage</name>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Add a &amp;server…</source>
        <translation>&amp;Server hinzufügen…</translation>
    </message>
    <message>
        <source>No servers yet</source>
        <translation>Noch keine Server</translation>
    </message>
    <message>
        <source>Add two to start protecting files.</source>
        <translation>Fügen Sie zwei hinzu, um Dateien zu schützen.</translation>
    </message>
    <message>
        <source>&amp;Add…</source>
        <translation>&amp;Hinzufügen…</translation>
    </message>
    <message>
        <source>Takes one more server into the ring</source>
        <translation>Nimmt einen weiteren Server in den Ring auf</translation>
    </message>
    <message>
        <source>&amp;Test…</source>
        <translation>&amp;Testen…</translation>
    </message>
    <message>
        <source>Goes through name, connection, keys, clock and a real file, step by step</source>
        <translation>Prüft Name, Verbindung, Schlüssel, Uhr und eine echte Datei, Schritt für Schritt</translation>
    </message>
    <message>
        <source>&amp;Edit…</source>
        <translation>&amp;Bearbeiten…</translation>
    </message>
    <message>
        <source>Changes its name, its place or its share</source>
        <translation>Ändert seinen Namen, seinen Ort oder seinen Anteil</translation>
    </message>
    <message>
        <source>Send acco&amp;unts here</source>
        <translation>&amp;Konten hierher</translation>
    </message>
    <message>
        <source>Accounts and logins go to this server first</source>
        <translation>Konten und Anmeldungen gehen zuerst an diesen Server</translation>
    </message>
    <message>
        <source>&amp;Drain…</source>
        <translation>L&amp;eeren…</translation>
    </message>
    <message>
        <source>Brings everything that it holds to the other servers</source>
        <translation>Bringt alles, was er hat, auf die anderen Server</translation>
    </message>
    <message>
        <source>&amp;Remove…</source>
        <translation>Ent&amp;fernen…</translation>
    </message>
    <message>
        <source>Says first what that costs</source>
        <translation>Sagt zuerst, was das kostet</translation>
    </message>
    <message>
        <source>Take &amp;back</source>
        <translation>&amp;Zurücknehmen</translation>
    </message>
    <message>
        <source>Take back the draining</source>
        <translation>Leeren zurücknehmen</translation>
    </message>
    <message>
        <source>Drain</source>
        <translation>Leeren</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation>%1: %2</translation>
    </message>
    <message>
        <source>%1 · SSH port %2 · weight %3</source>
        <translation>%1 · SSH-Port %2 · Gewicht %3</translation>
    </message>
    <message>
        <source>%1 sent to it, %2 received from it since the service started</source>
        <translation>%1 an ihn gesendet, %2 von ihm empfangen seit dem Start des Dienstes</translation>
    </message>
    <message>
        <source>Drain %1</source>
        <translation>%1 leeren</translation>
    </message>
    <message>
        <source>Bring everything that %1 holds to the other servers?</source>
        <translation>Alles, was %1 hat, auf die anderen Server bringen?</translation>
    </message>
    <message>
        <source>To be copied: %1.</source>
        <translation>Zu kopieren: %1.</translation>
    </message>
    <message>
        <source>%1 It goes on serving what it has, gets nothing new, and can be removed afterwards. You can take this back at any time.</source>
        <translation>%1 Er liefert weiter, was er hat, bekommt nichts Neues und kann danach entfernt werden. Sie können das jederzeit zurücknehmen.</translation>
    </message>
    <message>
        <source>&amp;Drain</source>
        <translation>L&amp;eeren</translation>
    </message>
</context>
<context>
    <name>cring::ui::SettingsDialog</name>
    <message>
        <source>Sa&amp;ve</source>
        <translation>S&amp;peichern</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Subjects</source>
        <translation>Themen</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Servers</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Backup</source>
        <translation>Sicherung</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netzwerk</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>Erweitert</translation>
    </message>
    <message>
        <source>Show the &amp;icon when I log in</source>
        <translation>&amp;Symbol beim Anmelden anzeigen</translation>
    </message>
    <message>
        <source>Show the icon when I log in</source>
        <translation>Symbol beim Anmelden anzeigen</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>Nothing was changed</source>
        <translation>Nichts wurde geändert</translation>
    </message>
    <message>
        <source>Saved. The service takes some of it when it is started again</source>
        <translation>Gespeichert. Manches übernimmt der Dienst erst, wenn er neu gestartet wird</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gespeichert</translation>
    </message>
    <message>
        <source>&amp;Copies of each file:</source>
        <translation>&amp;Kopien jeder Datei:</translation>
    </message>
    <message>
        <source>On as many servers. With three, one server may be lost and uploads go on.</source>
        <translation>Auf ebenso vielen Servern. Mit dreien darf einer verloren gehen, und Hochladen geht weiter.</translation>
    </message>
    <message>
        <source>Count a copy on this &amp;machine:</source>
        <translation>Kopie auf &amp;diesem Rechner zählen:</translation>
    </message>
    <message>
        <source>While too few servers can be reached, a copy on this machine’s disk counts as one, and the servers get the file when they are back. A disk that is lost before that takes such files with it.</source>
        <translation>Solange zu wenige Server erreichbar sind, zählt eine Kopie auf der Platte dieses Rechners als eine, und die Server bekommen die Datei, sobald sie wieder da sind. Geht die Platte vorher verloren, sind solche Dateien mit verloren.</translation>
    </message>
    <message>
        <source>The least that is written.</source>
        <translation>Das Mindeste, was geschrieben wird.</translation>
    </message>
    <message>
        <source>&amp;Accounts are answered by:</source>
        <translation>K&amp;onten beantwortet:</translation>
    </message>
    <message>
        <source>forward: a Charm server. standby: this service while no server answers. closed: always this service, and nobody makes an account. The latter two need the servers’ key.</source>
        <translation>forward: ein Charm-Server. standby: dieser Dienst, solange kein Server antwortet. closed: immer dieser Dienst, und niemand legt ein Konto an. Die letzten beiden brauchen den Schlüssel der Server.</translation>
    </message>
    <message>
        <source>Your own &amp;key:</source>
        <translation>Ihr eigener &amp;Schlüssel:</translation>
    </message>
    <message>
        <source>auto finds it as the charm client does. Otherwise keychain or file:/path.</source>
        <translation>auto findet ihn, wie der Charm-Client es tut. Sonst keychain oder file:/pfad.</translation>
    </message>
    <message>
        <source>The servers’ si&amp;gning key:</source>
        <translation>Si&amp;gnaturschlüssel der Server:</translation>
    </message>
    <message>
        <source>file:/path of charm_server_ed25519 from a server’s data directory, or keychain. With it files of every account can be mended at any time. Whoever can read it can sign for anybody.</source>
        <translation>file:/pfad von charm_server_ed25519 aus dem Datenverzeichnis eines Servers, oder keychain. Damit lassen sich Dateien jedes Kontos jederzeit reparieren. Wer ihn lesen kann, kann für jeden unterschreiben.</translation>
    </message>
    <message>
        <source>Clients connect by &amp;HTTP at:</source>
        <translation>&amp;HTTP-Adresse für Clients:</translation>
    </message>
    <message>
        <source>localhost:35354 is for this machine alone; :35354 opens it to the network.</source>
        <translation>localhost:35354 gilt nur für diesen Rechner; :35354 öffnet ihn zum Netz.</translation>
    </message>
    <message>
        <source>Clients connect by &amp;SSH at:</source>
        <translation>&amp;SSH-Adresse für Clients:</translation>
    </message>
    <message>
        <source>Where the charm client logs in.</source>
        <translation>Wo der Charm-Client sich anmeldet.</translation>
    </message>
    <message>
        <source>&amp;Metrics at:</source>
        <translation>&amp;Metriken unter:</translation>
    </message>
    <message>
        <source>For Prometheus and health checks, without a password. Empty: none.</source>
        <translation>Für Prometheus und Bereitschaftsprüfungen, ohne Passwort. Leer: keine.</translation>
    </message>
    <message>
        <source>&amp;Certificate:</source>
        <translation>&amp;Zertifikat:</translation>
    </message>
    <message>
        <source>A PEM file. With it and its key, clients connect by HTTPS; needed when the servers’ public URL is https.</source>
        <translation>Eine PEM-Datei. Damit und mit ihrem Schlüssel verbinden sich Clients über HTTPS; nötig, wenn die öffentliche URL der Server https ist.</translation>
    </message>
    <message>
        <source>Certificate’s &amp;key:</source>
        <translation>Ze&amp;rtifikatsschlüssel:</translation>
    </message>
    <message>
        <source>Its private key, a PEM file.</source>
        <translation>Der private Schlüssel dazu, eine PEM-Datei.</translation>
    </message>
    <message>
        <source>Trusted &amp;authorities:</source>
        <translation>&amp;Vertraute Stellen:</translation>
    </message>
    <message>
        <source>A PEM file with those that may sign the servers’ certificates, instead of the system’s.</source>
        <translation>Eine PEM-Datei mit denen, die Zertifikate der Server ausstellen dürfen, statt denen des Systems.</translation>
    </message>
    <message>
        <source>Res&amp;tart the service</source>
        <translation>Dienst &amp;neu starten</translation>
    </message>
    <message>
        <source>L&amp;og:</source>
        <translation>Pr&amp;otokoll:</translation>
    </message>
</context>
<context>
    <name>cring::ui::SettingsForm</name>
    <message>
        <source>Set by an environment variable, which comes before the file.</source>
        <translation>Von einer Umgebungsvariable gesetzt, die Vorrang vor der Datei hat.</translation>
    </message>
    <message>
        <source>By default empty.</source>
        <translation>Normalerweise leer.</translation>
    </message>
    <message>
        <source>By default %1.</source>
        <translation>Normalerweise %1.</translation>
    </message>
    <message>
        <source>Takes effect when the service is started again.</source>
        <translation>Wirkt, wenn der Dienst neu gestartet wird.</translation>
    </message>
</context>
<context>
    <name>cring::ui::SetupWizard</name>
    <message>
        <source>Set up Charmed Ring</source>
        <translation>Charmed Ring einrichten</translation>
    </message>
    <message>
        <source>Stop setting up?</source>
        <translation>Einrichtung abbrechen?</translation>
    </message>
    <message>
        <source>What you have entered is forgotten. Nothing was changed.</source>
        <translation>Ihre Eingaben werden vergessen. Nichts wurde geändert.</translation>
    </message>
    <message>
        <source>&amp;Stop</source>
        <translation>&amp;Abbrechen</translation>
    </message>
    <message>
        <source>&amp;Go on</source>
        <translation>&amp;Fortsetzen</translation>
    </message>
</context>
<context>
    <name>cring::ui::ShutdownDelay</name>
    <message>
        <source>Charmed Ring</source>
        <translation>Charmed Ring</translation>
    </message>
    <message>
        <source>Copies of files are on their way</source>
        <translation>Kopien von Dateien sind unterwegs</translation>
    </message>
</context>
<context>
    <name>cring::ui::Sidebar</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
</context>
<context>
    <name>cring::ui::StepsDialog</name>
    <message>
        <source>Test &amp;again</source>
        <translation>&amp;Erneut testen</translation>
    </message>
    <message>
        <source>Test of %1</source>
        <translation>Test von %1</translation>
    </message>
    <message>
        <source>Testing %1…</source>
        <translation>%1 wird getestet…</translation>
    </message>
    <message>
        <source>%1 passed every step</source>
        <translation>%1 hat jeden Schritt bestanden</translation>
    </message>
    <message numerus="yes">
        <source>%1 failed %n step(s)</source>
        <translation>
            <numerusform>%1 hat %n Schritt nicht bestanden</numerusform>
            <numerusform>%1 hat %n Schritte nicht bestanden</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cring::ui::StepsView</name>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Signing key</source>
        <translation>Signaturschlüssel</translation>
    </message>
    <message>
        <source>Issuer</source>
        <translation>Aussteller</translation>
    </message>
    <message>
        <source>Encryption</source>
        <translation>Verschlüsselung</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>Uhr</translation>
    </message>
    <message>
        <source>SSH</source>
        <translation>SSH</translation>
    </message>
    <message>
        <source>SSH host key</source>
        <translation>SSH-Hostschlüssel</translation>
    </message>
    <message>
        <source>Your account</source>
        <translation>Ihr Konto</translation>
    </message>
    <message>
        <source>Write a file</source>
        <translation>Eine Datei schreiben</translation>
    </message>
    <message>
        <source>Read it back</source>
        <translation>Sie zurücklesen</translation>
    </message>
    <message>
        <source>Delete it</source>
        <translation>Sie löschen</translation>
    </message>
    <message>
        <source>Data directory</source>
        <translation>Datenverzeichnis</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Schlüssel</translation>
    </message>
    <message>
        <source>Bucket</source>
        <translation>Bucket</translation>
    </message>
    <message>
        <source>List what is in it</source>
        <translation>Inhalt auflisten</translation>
    </message>
    <message>
        <source>Older versions</source>
        <translation>Ältere Versionen</translation>
    </message>
    <message>
        <source>Rules that delete</source>
        <translation>Regeln, die löschen</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>Konfiguration</translation>
    </message>
    <message>
        <source>Your key</source>
        <translation>Ihr Schlüssel</translation>
    </message>
    <message>
        <source>At login</source>
        <translation>Beim Anmelden</translation>
    </message>
    <message>
        <source>Object lock</source>
        <translation>Objektsperre</translation>
    </message>
    <message>
        <source>%1: not known</source>
        <translation>%1: nicht bekannt</translation>
    </message>
    <message>
        <source>%1: a danger</source>
        <translation>%1: eine Gefahr</translation>
    </message>
    <message>
        <source>%1: failed</source>
        <translation>%1: fehlgeschlagen</translation>
    </message>
    <message>
        <source>%1: well</source>
        <translation>%1: gut</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>%1 ms</source>
        <translation>%1 ms</translation>
    </message>
</context>
<context>
    <name>cring::ui::StopQuestion</name>
    <message>
        <source>Stop the service</source>
        <translation>Dienst beenden</translation>
    </message>
    <message>
        <source>Stop protecting files?</source>
        <translation>Dateien nicht mehr schützen?</translation>
    </message>
    <message>
        <source>Quitting the window instead leaves the service running.</source>
        <translation>Wenn Sie stattdessen nur das Fenster beenden, läuft der Dienst weiter.</translation>
    </message>
    <message>
        <source>&amp;Stop the service</source>
        <translation>Dienst &amp;beenden</translation>
    </message>
    <message>
        <source>&amp;Keep it running</source>
        <translation>&amp;Weiterlaufen lassen</translation>
    </message>
</context>
<context>
    <name>cring::ui::TransfersCard</name>
    <message>
        <source>Transfers under way</source>
        <translation>Laufende Übertragungen</translation>
    </message>
    <message>
        <source>No client brings or fetches anything now.</source>
        <translation>Gerade bringt oder holt kein Client etwas.</translation>
    </message>
</context>
<context>
    <name>cring::ui::TrayIcon</name>
    <message>
        <source>&amp;Start the service</source>
        <translation>Dienst &amp;starten</translation>
    </message>
    <message>
        <source>&amp;Open Charmed Ring</source>
        <translation>Charmed Ring ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Back up now</source>
        <translation>&amp;Jetzt sichern</translation>
    </message>
    <message>
        <source>Check all &amp;files now</source>
        <translation>&amp;Alle Dateien jetzt prüfen</translation>
    </message>
    <message>
        <source>&amp;Copy client settings</source>
        <translation>&amp;Client-Einstellungen kopieren</translation>
    </message>
    <message>
        <source>What a terminal is told so that its charm client uses the ring</source>
        <translation>Was man einem Terminal sagt, damit sein Charm-Client den Ring benutzt</translation>
    </message>
    <message>
        <source>S&amp;ettings…</source>
        <translation>&amp;Einstellungen…</translation>
    </message>
    <message>
        <source>&amp;Quit the window</source>
        <translation>Fenster &amp;beenden</translation>
    </message>
    <message>
        <source>The service goes on, and so does the protection of your files</source>
        <translation>Der Dienst läuft weiter und mit ihm der Schutz Ihrer Dateien</translation>
    </message>
    <message>
        <source>S&amp;top the service…</source>
        <translation>&amp;Dienst beenden…</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>For &amp;1 hour</source>
        <translation>Für &amp;1 Stunde</translation>
    </message>
    <message>
        <source>For &amp;4 hours</source>
        <translation>Für &amp;4 Stunden</translation>
    </message>
    <message>
        <source>For &amp;24 hours</source>
        <translation>Für &amp;24 Stunden</translation>
    </message>
    <message>
        <source>Until &amp;tomorrow</source>
        <translation>Bis &amp;morgen</translation>
    </message>
    <message>
        <source>Until I &amp;resume</source>
        <translation>Bis ich &amp;fortsetze</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>Fo&amp;rtsetzen</translation>
    </message>
    <message>
        <source>Copied. Paste it into a terminal: %1</source>
        <translation>Kopiert. Fügen Sie es in ein Terminal ein: %1</translation>
    </message>
</context>
<context>
    <name>cring::ui::TryPage</name>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>In a terminal, have the charm client use the ring, and store a file. It is told here.</source>
        <translation>Lassen Sie den Charm-Client in einem Terminal den Ring benutzen und eine Datei speichern. Hier wird es gemeldet.</translation>
    </message>
    <message>
        <source>Fi&amp;rst:</source>
        <translation>Zue&amp;rst:</translation>
    </message>
    <message>
        <source>&amp;Then:</source>
        <translation>&amp;Dann:</translation>
    </message>
    <message>
        <source>&amp;Copy the first line</source>
        <translation>Erste Zeile &amp;kopieren</translation>
    </message>
    <message>
        <source>The service is being started…</source>
        <translation>Der Dienst wird gestartet…</translation>
    </message>
    <message>
        <source>Your first file is stored. %1 of %2 servers are there to keep it.</source>
        <translation>Ihre erste Datei ist gespeichert. %1 von %2 Servern sind da, um sie zu bewahren.</translation>
    </message>
    <message>
        <source>The service runs. Waiting for the first file…</source>
        <translation>Der Dienst läuft. Er wartet auf die erste Datei…</translation>
    </message>
    <message>
        <source>The service runs, and looks at the servers…</source>
        <translation>Der Dienst läuft und prüft die Server…</translation>
    </message>
</context>
<context>
    <name>cring::ui::VerdictBanner</name>
    <message>
        <source>How it stands</source>
        <translation>Wie es steht</translation>
    </message>
</context>
<context>
    <name>main</name>
    <message>
        <source>it is running already, and does not answer</source>
        <translation>es läuft schon und antwortet nicht</translation>
    </message>
    <message>
        <source>The window and the tray icon of Charmed Ring.</source>
        <translation>Das Fenster und das Leistensymbol von Charmed Ring.</translation>
    </message>
    <message>
        <source>Show the tray icon only.</source>
        <translation>Nur das Symbol in der Leiste zeigen.</translation>
    </message>
    <message>
        <source>Colours: system, light or dark.</source>
        <translation>Farben: system, light oder dark.</translation>
    </message>
    <message>
        <source>Where the service listens.</source>
        <translation>Wo der Dienst lauscht.</translation>
    </message>
    <message>
        <source>The configuration file of a service that is started here.</source>
        <translation>Die Konfigurationsdatei eines Dienstes, der hier gestartet wird.</translation>
    </message>
</context>
</TS>
