/* SPDX-License-Identifier: Apache-2.0 */
import type { common as english } from '../en/common';
import type { Text } from '../types';
import { CloseCode } from '../../wire/frame';
export const common: Text<typeof english> = {
  product: 'Causeway',
  skipToContent: 'Zum Inhalt springen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Das Kopieren wurde nicht erlaubt. Markieren Sie den Text, und kopieren Sie ihn von Hand.',
  close: 'Schließen',
  loading: 'Wird geladen…',
  tryAgain: 'Noch einmal versuchen',

  time: {
    justNow: 'gerade eben',
    hoursMinutes: (hours, minutes) => `${hours} Std. ${minutes} Min.`,
  },

  errors: {
    unreachable: 'Die Appliance ist nicht erreichbar. Prüfen Sie Ihr Netz, und versuchen Sie es noch einmal.',
    unavailable: 'Die Appliance kann gerade nicht antworten. Versuchen Sie es in Kürze noch einmal.',
    badReply: 'Die Appliance gab eine Antwort, die diese Seite nicht versteht. Laden Sie die Seite neu.',
    status: (status) => `Die Appliance hat dies abgelehnt (Status ${status}).`,
    unexpected: 'In dieser Seite ist etwas Unerwartetes schiefgegangen. Laden Sie sie neu, und versuchen Sie es noch einmal.',
    noEd25519:
      'Dieser Browser kann keine Ed25519-Schlüssel erzeugen, mit denen die Konsole sich ausweist. Aktualisieren Sie ' +
      'ihn: Chrome oder Edge ab 137, Firefox ab 129 und Safari ab 17 können es. Die Seite muss außerdem mit https geöffnet sein.',
    badData: 'Die Appliance hat Daten geschickt, die diese Seite nicht versteht. Laden Sie die Seite neu.',
    badTicket: 'Die Appliance hat ein Ticket ausgestellt, das diese Seite nicht versteht. Laden Sie die Seite neu.',
    noWasm: 'Der Bilddecoder konnte nicht geladen werden. Laden Sie die Seite neu; hilft das nicht, aktualisieren Sie den Browser.',
    unknownParticipant: 'Jemand',
  },

  connectionLost: 'Die Verbindung ist abgebrochen.',
  closed: {
    [CloseCode.OK]: 'Fertig.',
    [CloseCode.ENDED_BY_REPRESENTATIVE]: 'Der Supportmitarbeiter hat die Sitzung beendet.',
    [CloseCode.ENDED_BY_CUSTOMER]: 'Der Kunde hat die Sitzung beendet.',
    [CloseCode.ENDED_BY_OPERATOR]: 'Ein Betreiber der Appliance hat die Sitzung beendet.',
    [CloseCode.ENDED_NOBODY_LEFT]: 'Die Sitzung endete, weil niemand mehr mit ihr verbunden war.',
    [CloseCode.REPLACED]: 'Dieser Teilnehmer hat sich von anderswo neu verbunden.',
    [CloseCode.REMOVED]: 'Sie wurden aus der Sitzung entfernt.',
    [CloseCode.SHUTTING_DOWN]: 'Die Appliance wird heruntergefahren.',
    [CloseCode.RESTARTING]: 'Die Appliance wird aktualisiert; verbinden Sie sich jetzt neu.',
    [CloseCode.MALFORMED]: 'Die Appliance hat Daten erhalten, die das Protokoll verletzen.',
    [CloseCode.TOO_LARGE]: 'Die Appliance hat eine zu große Nachricht erhalten.',
    [CloseCode.NOT_NOW]: 'Die Appliance hat eine Nachricht erhalten, die an dieser Stelle nicht erlaubt ist.',
    [CloseCode.NOT_PERMITTED]: 'Das ist Ihnen nicht erlaubt.',
    [CloseCode.VERSION]: 'Dieses Programm spricht eine andere Protokollversion als die Appliance.',
    [CloseCode.CREDIT_EXCEEDED]: 'Die Appliance hat mehr Daten erhalten, als sie erlaubt hatte.',
    [CloseCode.STREAM_UNKNOWN]: 'Die Gegenseite kennt diese Übertragung nicht mehr.',
    [CloseCode.STREAM_REFUSED]: 'Die Gegenseite kann dies gerade nicht annehmen.',
    [CloseCode.TICKET_FORGED]: 'Das Ticket stammt nicht von dieser Appliance.',
    [CloseCode.TICKET_EXPIRED]: 'Das Ticket ist abgelaufen.',
    [CloseCode.TICKET_USED]: 'Das Ticket wurde schon verwendet.',
    [CloseCode.TICKET_DENIED]: 'Das Ticket wurde zurückgezogen.',
    [CloseCode.PROOF_WRONG]: 'Die Verbindung konnte nicht beweisen, dass sie den Schlüssel des Tickets besitzt.',
    [CloseCode.SESSION_KEY_WRONG]: 'Dieser Sitzungsschlüssel ist nicht gültig. Prüfen Sie ihn, oder bitten Sie um einen neuen.',
    [CloseCode.SESSION_KEY_EXPIRED]: 'Dieser Sitzungsschlüssel ist abgelaufen. Bitten Sie um einen neuen.',
    [CloseCode.SESSION_KEY_USED]: 'Dieser Sitzungsschlüssel wurde schon verwendet. Bitten Sie um einen neuen.',
    [CloseCode.ENROLMENT_WRONG]: 'Dieses Registrierungstoken ist nicht gültig oder wurde schon verwendet.',
    [CloseCode.TOO_MANY_TRIES]: 'Zu viele Versuche von Ihrer Adresse. Warten Sie einige Minuten.',
    [CloseCode.SUPPORT_BUTTON_WRONG]: 'Dieser Support-Button ist nicht mehr gültig. Bitten Sie um einen neuen.',
    [CloseCode.PORTAL_CLOSED]: 'Der Support ist gerade geschlossen.',
    [CloseCode.AGREEMENT]: 'Zuerst müssen Sie den Bedingungen dieses Supportportals zustimmen.',
    [CloseCode.TOO_SLOW]: 'Die Verbindung war zu langsam.',
    [CloseCode.TIMED_OUT]: 'Zu lange war nichts zu hören.',
    [CloseCode.OVERLOADED]: 'Die Appliance ist ausgelastet. Versuchen Sie es in Kürze noch einmal.',
    [CloseCode.UNAVAILABLE]: 'Die Appliance kann gerade nicht antworten. Versuchen Sie es in Kürze noch einmal.',
    [CloseCode.INTERNAL]: 'In der Appliance ist etwas schiefgegangen.',
    [CloseCode.RECORDING_FAILED]: 'Die Sitzung muss aufgezeichnet werden, und das ist nicht möglich.',
  },
};
