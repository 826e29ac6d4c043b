/* SPDX-License-Identifier: Apache-2.0 */
/* What both pages say: common words, failures of the network, and why a connection was closed. */
import { CloseCode } from '../../wire/frame';

export const common = {
  product: 'Causeway',
  skipToContent: 'Skip to the content',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Copying was not allowed. Select the text and copy it by hand.',
  close: 'Close',
  loading: 'Loading…',
  tryAgain: 'Try again',

  time: {
    justNow: 'just now',
    hoursMinutes: (hours: number, minutes: string) => `${hours} h ${minutes} min`,
  },

  errors: {
    unreachable: 'The appliance cannot be reached. Check your network and try again.',
    unavailable: 'The appliance cannot answer this right now. Try again shortly.',
    badReply: 'The appliance gave an answer that this page does not understand. Reload the page.',
    status: (status: number) => `The appliance refused this (status ${status}).`,
    unexpected: 'Something unexpected went wrong in this page. Reload it and try again.',
    noEd25519:
      'This browser cannot make Ed25519 keys, which the console needs to prove who it is. Update the browser: ' +
      'Chrome or Edge 137, Firefox 129 and Safari 17 or newer can. The page must also be opened with https.',
    badData: 'The appliance sent data that this page does not understand. Reload the page.',
    badTicket: 'The appliance gave a ticket that this page does not understand. Reload the page.',
    noWasm: 'The screen decoder could not be loaded. Reload the page; if that does not help, update the browser.',
    unknownParticipant: 'Somebody',
  },

  connectionLost: 'The connection was lost.',
  closed: {
    [CloseCode.OK]: 'Finished.',
    [CloseCode.ENDED_BY_REPRESENTATIVE]: 'The representative ended the session.',
    [CloseCode.ENDED_BY_CUSTOMER]: 'The customer ended the session.',
    [CloseCode.ENDED_BY_OPERATOR]: 'An operator of the appliance ended the session.',
    [CloseCode.ENDED_NOBODY_LEFT]: 'The session ended because nobody was connected to it any more.',
    [CloseCode.REPLACED]: 'This participant connected again from elsewhere.',
    [CloseCode.REMOVED]: 'You were removed from the session.',
    [CloseCode.SHUTTING_DOWN]: 'The appliance is shutting down.',
    [CloseCode.RESTARTING]: 'The appliance is being updated; connect again now.',
    [CloseCode.MALFORMED]: 'The appliance received data that breaks the protocol.',
    [CloseCode.TOO_LARGE]: 'The appliance received a message over its size limit.',
    [CloseCode.NOT_NOW]: 'The appliance received a message that is not allowed at this point.',
    [CloseCode.NOT_PERMITTED]: 'You are not permitted to do that.',
    [CloseCode.VERSION]: 'This program speaks another protocol version than the appliance.',
    [CloseCode.CREDIT_EXCEEDED]: 'The appliance received more data than it allowed.',
    [CloseCode.STREAM_UNKNOWN]: 'The other end no longer knows this transfer.',
    [CloseCode.STREAM_REFUSED]: 'The other end cannot take this now.',
    [CloseCode.TICKET_FORGED]: 'The ticket was not issued by this appliance.',
    [CloseCode.TICKET_EXPIRED]: 'The ticket has expired.',
    [CloseCode.TICKET_USED]: 'The ticket was used already.',
    [CloseCode.TICKET_DENIED]: 'The ticket has been withdrawn.',
    [CloseCode.PROOF_WRONG]: "The connection could not prove that it holds the ticket's key.",
    [CloseCode.SESSION_KEY_WRONG]: 'This session key is not valid. Check it, or ask for a new one.',
    [CloseCode.SESSION_KEY_EXPIRED]: 'This session key has expired. Ask for a new one.',
    [CloseCode.SESSION_KEY_USED]: 'This session key was used already. Ask for a new one.',
    [CloseCode.ENROLMENT_WRONG]: 'This enrolment token is not valid or was used already.',
    [CloseCode.TOO_MANY_TRIES]: 'Too many attempts from your address. Wait a few minutes.',
    [CloseCode.SUPPORT_BUTTON_WRONG]: 'This Support Button is not valid any more. Ask for a new one.',
    [CloseCode.PORTAL_CLOSED]: 'Support is closed now.',
    [CloseCode.AGREEMENT]: 'The terms of this support portal have to be accepted first.',
    [CloseCode.TOO_SLOW]: 'The connection was too slow to keep up.',
    [CloseCode.TIMED_OUT]: 'Nothing was heard for too long.',
    [CloseCode.OVERLOADED]: 'The appliance is at its limit. Try again shortly.',
    [CloseCode.UNAVAILABLE]: 'The appliance cannot answer this right now. Try again shortly.',
    [CloseCode.INTERNAL]: 'Something went wrong in the appliance.',
    [CloseCode.RECORDING_FAILED]: 'The session must be recorded, and that is not possible.',
  },
};
