/* SPDX-License-Identifier: Apache-2.0 */
/* The page of customers. */
export const portal = {
  title: 'Get help',
  lead: 'Enter the session key that your representative gave you.',
  keyLabel: 'Session key',
  keyHint: 'For example ABCD-EFGH-JK. Small letters, spaces and missing dashes are fine.',
  button: 'Continue',
  busy: 'Checking…',
  needKey: 'Enter the session key first.',
  readyTitle: (name: string) => `${name} is ready to help you`,
  readyLead: 'Three steps connect your computer. Nothing is shown to anybody before you allow it on your own screen.',
  step1: 'Download the program',
  step1Text: 'It runs on Linux and installs nothing.',
  download: 'Download causeway-client',
  noDownload: 'This appliance does not offer the program for download. Ask your representative where to get causeway-client.',
  step2: 'Open a terminal in the folder of the download and allow the program to run',
  step3: 'Start it with this command',
  step3Text: 'A window asks what you want to allow. You can end the session at any time there.',
  copyCommand: 'Copy command',
  otherKey: 'Use another key',
  staff: 'Representatives: ',
  staffLink: 'sign in to the console',
};
