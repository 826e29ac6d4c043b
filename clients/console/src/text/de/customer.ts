/* SPDX-License-Identifier: Apache-2.0 */
import type { customer as english } from '../en/customer';
import type { Text } from '../types';

export const customer: Text<typeof english> = {
  title: 'Ihre Support-Sitzung',
  oldBrowser:
    'Dieser Browser ist zu alt für einen Chat auf dieser Seite. Aktualisieren Sie ihn (Chrome oder Edge ab 137, ' +
    'Firefox ab 129 und Safari ab 17), oder verwenden Sie stattdessen das Programm.',
  youEnded: 'Sie haben die Sitzung beendet.',

  state: {
    entering: 'Verbindung wird aufgebaut…',
    connecting: 'Verbindung wird aufgebaut…',
    waiting: (name) => (name === '' ? 'Sie warten auf Unterstützung.' : `Sie warten auf ${name}.`),
    with: (names) => `In einer Sitzung mit ${names}.`,
    reconnecting: 'Die Verbindung ist abgerissen. Sie wird wiederhergestellt…',
    ended: 'Die Sitzung ist beendet.',
    replaced: 'Die Sitzung geht an anderer Stelle weiter.',
    failed: 'Die Sitzung konnte nicht beginnen.',
  },
  controlAway: 'Die Appliance ist gerade beschäftigt: Nachrichten werden zugestellt, sobald sie wieder da ist.',
  goesOnInClient: 'Die Sitzung geht im Programm weiter. Sie können diese Seite schließen.',
  goesOnElsewhere: 'Diese Sitzung wurde in einem anderen Fenster noch einmal geöffnet.',
  takeBack: 'Hier weitermachen',

  recordingTitle: 'Bevor wir beginnen',
  recordingAgree: 'Zustimmen und weiter',
  recordingLeave: 'Chat nicht beginnen',
  recordingDeclined: 'Der Chat wurde nicht begonnen, weil Sie einer Aufzeichnung der Sitzung nicht zugestimmt haben.',

  chat: {
    title: 'Chat',
    log: 'Nachrichten',
    empty: 'Noch keine Nachrichten. Schreiben Sie, wobei Sie Hilfe brauchen.',
    input: 'Nachricht',
    hint: 'Eingabetaste sendet, Umschalt+Eingabetaste beginnt eine neue Zeile.',
    send: 'Senden',
    you: 'Sie',
    unsent: 'Noch nicht zugestellt',
    tooLong: 'Diese Nachricht ist zu lang. Kürzen Sie sie, oder senden Sie sie in Teilen.',
  },

  share: 'Bildschirm zeigen…',
  sharePicking: 'Wählen Sie im Fenster des Browsers…',
  shareHint: 'Sie wählen einen Bildschirm, ein Fenster oder einen Tab. Er ist nur zu sehen; niemand kann ihn steuern.',
  shareUnsupported: 'Dieser Browser kann keinen Bildschirm zeigen. Am Computer können es Chrome, Edge, Firefox und Safari.',
  stopSharing: 'Nicht mehr zeigen',
  sharing: (what, names) =>
    (names === '' ? `Sie zeigen ${what}. Noch sieht es niemand.` : `Sie zeigen ${what}. Zu sehen für: ${names}.`),
  surface: {
    monitor: 'Ihren Bildschirm',
    window: 'ein Fenster',
    browser: 'einen Browser-Tab',
    unknown: 'Ihren Bildschirm',
  },
  shareFailed: {
    cancelled: 'Es wird nichts gezeigt. Wählen Sie „Bildschirm zeigen…“ noch einmal, und suchen Sie aus, was zu sehen sein soll.',
    forbidden:
      'Das System oder seine Verwaltung erlaubt diesem Browser nicht, den Bildschirm zu zeigen. Erlauben Sie es in den ' +
      'Datenschutzeinstellungen des Systems, oder verwenden Sie das Programm.',
    unsupported: 'Dieser Browser kann keinen Bildschirm zeigen. Am Computer können es Chrome, Edge, Firefox und Safari.',
    unreadable:
      'Der Browser konnte nicht lesen, was Sie gewählt haben. Wählen Sie etwas anderes, oder schließen Sie andere ' +
      'Programme, die es aufzeichnen.',
    load: 'Der Kodierer konnte nicht geladen werden. Prüfen Sie die Netzwerkverbindung, und beginnen Sie noch einmal.',
    size: 'Was Sie gewählt haben, ist größer als 7680 × 4320 Pixel. Zeigen Sie stattdessen ein Fenster oder einen Tab.',
    encoder: 'Das Bild ließ sich nicht kodieren; es wird nichts mehr gezeigt. Beginnen Sie noch einmal.',
  },
  shareFailedChat: 'Mein Bildschirm wird nicht mehr gezeigt: Dieser Browser konnte nicht weitermachen.',

  ask: {
    title: (name) => `${name} möchte Ihren Bildschirm sehen`,
    lead:
      'Sie wählen, was zu sehen ist: der ganze Bildschirm, ein Fenster oder ein Tab. Es ist nur zu sehen und nicht zu ' +
      'steuern, und Sie können jederzeit damit aufhören.',
    choose: 'Auswählen, was zu sehen ist…',
    no: 'Jetzt nicht',
    moreTitle: (name) => `${name} ist dazugekommen`,
    moreLead: (name) => `Darf ${name} auch sehen, was Sie zeigen?`,
    moreYes: 'Ja, zeigen',
    moreNo: 'Nein',
  },
  tool: {
    title: 'Eine Frage',
    yes: 'Erlauben',
    no: 'Nicht erlauben',
    seconds: (seconds, yes) =>
      `Ohne Antwort gilt es nach ${seconds} Sekunden als ${yes ? 'erlaubt' : 'nicht erlaubt'}.`,
  },

  offer: {
    title: (name) => `${name} bittet Sie, das Programm zu verwenden`,
    lead:
      'Mit dem Programm kann Ihr Computer auch gesteuert werden, wenn Sie es erlauben. Die Sitzung geht dort von ' +
      'selbst weiter; bis dahin bleibt diese Seite verbunden.',
    download: 'Programm herunterladen',
    noDownload: 'Diese Appliance bietet keinen Download an. Bitten Sie Ihre Ansprechperson um das Programm.',
    run: 'Erlauben Sie, dass es ausgeführt wird, und starten Sie es in einem Terminal im Ordner Ihrer Downloads:',
    copy: 'Befehl kopieren',
    until: (time) => `Der Befehl gilt einmal, bis ${time}.`,
    later: 'Jetzt nicht',
  },

  end: 'Sitzung beenden',
  endTitle: 'Sitzung beenden?',
  endText: 'Chat und gezeigter Bildschirm enden für alle.',
  endConfirm: 'Sitzung beenden',
  cancel: 'Abbrechen',
};
