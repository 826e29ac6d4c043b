/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's chat and screen share in a browser. */
export const customer = {
  title: 'Your support session',
  oldBrowser:
    'This browser is too old for a chat on this page. Update it (Chrome or Edge 137, Firefox 129 and Safari 17 or ' +
    'newer can), or use the program instead.',
  youEnded: 'You ended the session.',

  state: {
    entering: 'Connecting…',
    connecting: 'Connecting…',
    waiting: (name: string) => (name === '' ? 'Waiting for a representative.' : `Waiting for ${name}.`),
    with: (names: string) => `In a session with ${names}.`,
    reconnecting: 'The connection was lost. Connecting again…',
    ended: 'The session has ended.',
    replaced: 'The session goes on elsewhere.',
    failed: 'The session could not start.',
  },
  controlAway: 'The appliance is busy for a moment: messages are delivered as soon as it is back.',
  goesOnInClient: 'The session goes on in the full client. You can close this page.',
  goesOnElsewhere: 'This session was opened again in another window.',
  takeBack: 'Go on here',

  recordingTitle: 'Before we begin',
  recordingAgree: 'Agree and go on',
  recordingLeave: 'Do not start the chat',
  recordingDeclined: 'The chat was not started, because you did not agree that the session may be recorded.',

  chat: {
    title: 'Chat',
    log: 'Messages',
    empty: 'No messages yet. Say what you need help with.',
    input: 'Message',
    hint: 'Enter sends, Shift+Enter starts a new line.',
    send: 'Send',
    you: 'You',
    unsent: 'Not delivered yet',
    tooLong: 'This message is too long. Shorten it or send it in parts.',
  },

  share: 'Share my screen…',
  sharePicking: 'Choose in the browser’s window…',
  shareHint: 'You choose a screen, a window or a tab. It can be seen, and nobody can control it.',
  shareUnsupported: 'This browser cannot share a screen. On a computer, Chrome, Edge, Firefox and Safari can.',
  stopSharing: 'Stop sharing',
  sharing: (what: string, names: string) =>
    (names === '' ? `You share ${what}. Nobody sees it yet.` : `You share ${what}. ${names} can see it.`),
  surface: {
    monitor: 'your screen',
    window: 'a window',
    browser: 'a browser tab',
    unknown: 'your screen',
  },
  shareFailed: {
    cancelled: 'Nothing is shared. Press “Share my screen…” again and choose what to show.',
    forbidden:
      'The system or its administrator does not let this browser share a screen. Allow it in the system’s settings ' +
      'for privacy, or use the full client.',
    unsupported: 'This browser cannot share a screen. On a computer, Chrome, Edge, Firefox and Safari can.',
    unreadable: 'The browser could not read what you chose. Choose something else, or close other programs that record it.',
    load: 'The encoder could not be loaded. Check the network, and share again.',
    size: 'What you chose is larger than 7680 × 4320 pixels. Share a window or a tab instead.',
    encoder: 'The picture could not be encoded, so nothing is shared any more. Share again.',
  },
  shareFailedChat: 'My screen is not shared any more: this browser could not go on with it.',

  ask: {
    title: (name: string) => `${name} would like to see your screen`,
    lead:
      'You choose what to show: the whole screen, one window or one tab. It can only be seen, not controlled, and ' +
      'you can stop at any moment.',
    choose: 'Choose what to show…',
    no: 'Not now',
    moreTitle: (name: string) => `${name} joined`,
    moreLead: (name: string) => `May ${name} see what you share, too?`,
    moreYes: 'Yes, show it',
    moreNo: 'No',
  },
  tool: {
    title: 'A question',
    yes: 'Allow',
    no: 'Do not allow',
    seconds: (seconds: string, yes: boolean) =>
      `Without an answer within ${seconds} seconds it counts as ${yes ? 'allowed' : 'not allowed'}.`,
  },

  offer: {
    title: (name: string) => `${name} asks you to use the full client`,
    lead:
      'With the program, your representative can also control your computer, if you allow it. The session goes on ' +
      'there by itself; this page stays connected until then.',
    download: 'Download the program',
    noDownload: 'This appliance offers no download. Ask your representative for the program.',
    run: 'Allow it to run, and start it in a terminal in the folder of your downloads:',
    copy: 'Copy the command',
    until: (time: string) => `The command can be used once, until ${time}.`,
    later: 'Not now',
  },

  end: 'End session',
  endTitle: 'End the session?',
  endText: 'The chat and what you share end for everybody.',
  endConfirm: 'End session',
  cancel: 'Cancel',
};
