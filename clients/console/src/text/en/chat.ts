/* SPDX-License-Identifier: Apache-2.0 */
/* The chat of a session. */
export const chat = {
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
};
