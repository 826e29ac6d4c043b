/* SPDX-License-Identifier: Apache-2.0 */
/* Every text a person reads in the console and the portal, in one place so that it can be translated. */
import { CloseCode } from './wire/frame';

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' });

export function formatDateTime(unixMs: number): string {
  return dateTime.format(unixMs);
}

export function formatClock(unixMs: number): string {
  return clock.format(unixMs);
}

/* "3 minutes ago"; beyond a day the date says more. */
export function formatAgo(unixMs: number, nowUnixMs: number): string {
  const seconds = Math.round((unixMs - nowUnixMs) / 1000);
  if (seconds > -45) {
    return 'just now';
  }
  if (seconds > -3600) {
    return relative.format(Math.round(seconds / 60), 'minute');
  }
  if (seconds > -86_400) {
    return relative.format(Math.round(seconds / 3600), 'hour');
  }
  return formatDateTime(unixMs);
}

/* "9:05" for a countdown, "2 h 05 min" for more than an hour. */
export function formatRemaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds >= 3600) {
    return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  }
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

const closeTexts: Readonly<Record<number, string>> = {
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
};

export function closeText(code: number | null, sent: string): string {
  if (sent !== '') {
    return sent;
  }
  return (code !== null ? closeTexts[code] : undefined) ?? 'The connection was lost.';
}

export const text = {
  product: 'Causeway',
  skipToContent: 'Skip to the content',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Copying was not allowed. Select the text and copy it by hand.',
  close: 'Close',
  loading: 'Loading…',
  tryAgain: 'Try again',

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

  signIn: {
    title: 'Sign in',
    lead: 'For representatives and administrators.',
    user: 'User name',
    password: 'Password',
    button: 'Sign in',
    busy: 'Signing in…',
    remember: 'Stay signed in on this computer',
    authenticator: 'Sign in with an authenticator',
    needUser: 'Enter your user name.',
    needPassword: 'Enter your password.',
    signedOut: 'You are signed out.',
    customerHint: 'Were you given a session key? ',
    customerLink: 'Enter it on the customer page',
  },

  factor: {
    title: 'Second step',
    label: { totp: 'One-time code', recovery_code: 'Recovery code' },
    go: { totp: 'Sign in', recovery_code: 'Sign in', webauthn: 'Use authenticator' },
    instead: {
      totp: 'Use a one-time code',
      recovery_code: 'Use a recovery code',
      webauthn: 'Use an authenticator',
    },
    authenticatorLead: 'Touch your security key, or confirm on this device.',
    authenticatorFailed: 'The authenticator gave no answer. Try again, or use another way.',
    needCode: 'Enter the code.',
    back: 'Start again',
  },

  agreement: {
    title: 'Agreement',
    accept: 'I accept',
    refuse: 'I do not accept: sign out',
  },

  setup: {
    title: 'Set up a second factor',
    lead: 'Type this secret into an authenticator app, then enter the code that the app shows.',
    confirm: 'Confirm',
    authenticator: 'Use a security key or this device instead',
    codesTitle: 'Recovery codes',
    codesLead: 'Each lets you in once when you have no second factor at hand. Keep them in a safe place.',
    done: 'I have stored them',
  },

  password: {
    title: 'Choose a new password',
    lead: 'The password you signed in with was for one use. Choose your own to go on.',
    current: 'Present password',
    next: 'New password',
    repeat: 'New password again',
    rule: 'Use at least 12 characters. A few unrelated words make a good password.',
    button: 'Change password',
    busy: 'Changing…',
    differs: 'The two new passwords are not the same.',
    tooShort: 'The new password needs at least 12 characters.',
    needCurrent: 'Enter your present password.',
    changed: 'The password was changed.',
    menu: 'Change password',
  },

  shell: {
    tabs: 'Work areas',
    home: 'Home',
    signOut: 'Sign out',
    eventsUp: 'Live updates are on.',
    eventsDown: 'Live updates are interrupted. The lists are fetched every few seconds until they return.',
    tabState: { connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', stopped: 'disconnected', ended: 'ended' },
  },

  home: {
    title: 'Home',
    jumpItems: 'Jump Items',
    filter: 'Filter by name, group, host or user',
    none: 'No Jump Items yet. An administrator can create an enrolment token and run the command it shows on a computer to add one.',
    noMatch: (filter: string) => `No Jump Item matches “${filter}”.`,
    shown: (shown: number, all: number) => (shown === all ? `${all} in all` : `${shown} of ${all} shown`),
    columns: { name: 'Name', group: 'Group', state: 'State', lastAccess: 'Last access', action: 'Action' },
    state: {
      online: 'Online', offline: 'Offline', in_session: 'In session', passive: 'Passive', lost: 'Lost',
      disabled: 'Disabled by its user',
    },
    never: 'Never',
    noGroup: 'No group',
    jump: 'Jump',
    jumping: 'Starting…',
    jumpTo: (name: string) => `Jump to ${name}`,
    queue: 'My queue',
    queueEmpty: 'Nobody is waiting. Create a session key and give it to a customer.',
    arrived: (ago: string) => `Waiting · arrived ${ago}`,
    accept: 'Accept',
    accepting: 'Accepting…',
    acceptOf: (name: string) => `Accept the session of ${name}`,
    sessions: 'My open sessions',
    open: 'Open',
    openOf: (name: string) => `Open the session with ${name}`,
    otherSessions: 'Sessions of others',
    watch: 'Join to watch',
    watchOf: (name: string, who: string) => `Join to watch the session of ${who} with ${name}`,
    kind: { jump: 'Jump', key: 'Session key' },
    customerWaiting: (name: string) => `${name} is waiting in your queue.`,
    unnamedCustomer: 'A customer',
  },

  sessionKey: {
    create: 'Create session key',
    title: 'Session key',
    lead: 'Tell the customer this key, or send the address. It works once.',
    key: 'Key',
    url: 'Address for the customer',
    copyKey: 'Copy key',
    copyUrl: 'Copy address',
    expiresIn: (remaining: string) => `Expires in ${remaining}`,
    expired: 'This key has expired. Create a new one.',
    again: 'Create another key',
  },

  enrolment: {
    create: 'Add a Jump Client',
    title: 'Add a Jump Client',
    lead: 'A Jump Client makes a computer reachable without anybody sitting at it. Create a token, then run the command on that computer.',
    name: 'Name (optional)',
    group: 'Group (optional)',
    button: 'Create token',
    busy: 'Creating…',
    command: 'Run this on the computer',
    copyCommand: 'Copy command',
    expires: (when: string) => `The token works once, until ${when}.`,
  },

  session: {
    label: (name: string) => `Session with ${name}`,
    toolbar: 'Session tools',
    status: 'Session status',
    scaleLabel: 'Size of the remote screen',
    colours: 'Colours of the remote screen',
    colour: {
      grey: 'Black and White', few: 'Few Colors', more: 'More Colors', full: 'Full Color', video: 'Video Optimized',
    },
    lossless: 'Lossless',
    losslessHint: 'Pictures arrive exact at once instead of becoming exact when they rest. Slower on slow lines.',
    fit: 'Fit',
    actual: 'Actual size',
    ctrlAltDel: 'Ctrl+Alt+Del',
    sendCtrlAltDel: 'Send Ctrl+Alt+Del to the remote computer',
    chat: 'Chat',
    escapeHint: 'Press and release Ctrl+Alt+Shift together to leave the remote screen',
    escapeKeys: 'Ctrl+Alt+Shift',
    escapeShort: 'leaves the remote screen',
    left: 'You left the remote screen. The focus is on the session tools.',
    screen: (name: string) => `Remote screen of ${name}. Keys go to the remote computer.`,
    screenViewOnly: (name: string) => `Remote screen of ${name}. View only.`,
    viewOnly: 'View only',
    control: 'View and control',
    end: 'End session',
    endTitle: 'End this session?',
    endLead: (name: string) => `The connection to ${name} closes for everybody in the session.`,
    endConfirm: 'End session',
    ending: 'Ending…',
    stay: 'Keep working',
    connecting: 'Connecting…',
    waitingPicture: 'Connected. Waiting for the picture…',
    waitingConsent: 'Waiting for the customer to allow viewing.',
    waitingSource: (name: string) => `Waiting for ${name} to connect…`,
    reconnecting: 'The connection was lost. Reconnecting…',
    leave: 'Leave',
    reducedPicture: 'Reduced picture: slow connection',
    controlAway: 'Chat is delayed: a part of the appliance is restarting.',
    recorded: 'This session is recorded',
    live: 'Connected',
    endedTitle: 'Session ended',
    endedByYou: 'You ended the session.',
    stoppedTitle: 'Disconnected',
    replaced: 'This session is open in another window. It can be shown in one window at a time.',
    takeBack: 'Use it here',
    closeTab: 'Close this tab',
    nowViewing: 'The customer allowed viewing.',
    nowControl: 'You can now control the remote computer.',
    noControl: 'Control was taken away. You can only view.',
    noViewing: 'Viewing was taken away.',
    joined: (name: string) => `${name} connected.`,
    gone: (name: string) => `${name} disconnected.`,
    people: (names: string) => `With ${names}`,
    nobody: 'Nobody else is connected',
    role: { 1: 'representative', 2: 'customer', 3: 'unattended computer' } as Readonly<Record<number, string>>,
    size: (width: number, height: number) => `${width} × ${height}`,
    unreadableUpdate: 'The picture could not be decoded.',
  },

  chat: {
    title: 'Chat',
    log: 'Chat messages',
    input: 'Message',
    send: 'Send',
    empty: 'No messages yet.',
    unsent: 'Not delivered yet',
    notPermitted: 'Chat is not permitted in this session.',
    tooLong: 'This message is too long. Shorten it or send it in parts.',
    you: 'You',
    newMessage: (name: string) => `New message from ${name}`,
    hint: 'Enter sends, Shift+Enter starts a new line.',
  },

  portal: {
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
  },
};
