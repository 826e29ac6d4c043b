/* SPDX-License-Identifier: Apache-2.0 */
import type { portal as english } from '../en/portal';
import type { Text } from '../types';

export const portal: Text<typeof english> = {
  title: 'Hilfe erhalten',
  lead: 'Geben Sie den Sitzungsschlüssel ein, den Ihr Supportmitarbeiter Ihnen genannt hat.',
  keyLabel: 'Sitzungsschlüssel',
  keyHint: 'Zum Beispiel ABCD-EFGH-JK. Kleinbuchstaben, Leerzeichen und fehlende Striche schaden nicht.',
  button: 'Weiter',
  busy: 'Wird geprüft…',
  needKey: 'Geben Sie zuerst den Sitzungsschlüssel ein.',
  readyTitle: (name) => `${name} kann Ihnen jetzt helfen`,
  readyLead: 'Drei Schritte verbinden Ihren Computer. Niemand sieht etwas, bevor Sie es auf Ihrem eigenen Bildschirm erlauben.',
  step1: 'Programm herunterladen',
  step1Text: 'Es läuft unter Linux und installiert nichts.',
  download: 'causeway-client herunterladen',
  noDownload: 'Hier wird das Programm nicht zum Herunterladen angeboten. Fragen Sie Ihren Supportmitarbeiter, woher Sie causeway-client bekommen.',
  step2: 'Öffnen Sie ein Terminal im Ordner des Programms, und erlauben Sie, es auszuführen',
  step3: 'Starten Sie es mit diesem Befehl',
  step3Text: 'Ein Fenster fragt, was Sie erlauben möchten. Dort können Sie die Sitzung jederzeit beenden.',
  copyCommand: 'Befehl kopieren',
  otherKey: 'Einen anderen Schlüssel verwenden',
  staff: 'Für Supportmitarbeiter: ',
  staffLink: 'an der Konsole anmelden',
};
