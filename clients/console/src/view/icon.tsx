/* SPDX-License-Identifier: Apache-2.0 */
/* Line drawings of 20 by 20, in the colour of the text. Always beside a word or a name, so they are hidden. */
const paths = {
  live: 'M2 10h4l2.5-5.5 4 11L15 10h3',
  queues: 'M3 5h14M3 10h14M3 15h8',
  jump: 'M3 4h14v9H3zM7 17h6M10 13v4',
  team: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17c0-3 2.4-5 5.5-5s5.5 2 5.5 5M13.5 9a2.5 2.5 0 1 0-1-4.8M14.5 12.2c2.1.4 3.5 2 3.5 4.3',
  dashboard: 'M3 3h6v7H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 12h6v5H3z',
  reports: 'M3 17h14M5 14V9M9 14V4M13 14v-7M17 14v-3',
  admin: 'M10 12.6a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM10 2.5v2M10 15.5v2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M2.5 10h2M15.5 10h2M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4',
  chat: 'M3 4h14v9H9l-4 4v-4H3z',
  recording: 'M10 16a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  tag: 'M3 3h7l7 7-7 7-7-7zM6.5 6.5h.01',
  person: 'M10 9.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4zM3.5 17c0-3.3 2.8-5.3 6.5-5.3s6.5 2 6.5 5.3',
  camera: 'M3 6h3.500l1.500-2h4l1.500 2H17v10H3zM10 13.500a2.700 2.700 0 1 0 0-5.400 2.700 2.700 0 0 0 0 5.400z',
  expand: 'M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5',
  lock: 'M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  key: 'M12.5 10a3.5 3.5 0 1 0-3.3-4.7L3 11.5V16h4v-2h2v-2l1.5-2.1a3.5 3.5 0 0 0 2 .1z',
  settings: 'M3 6h8M15 6h2M13 6a1.8 1.8 0 1 0 0-.01M3 14h2M9 14h8M7 14a1.8 1.8 0 1 0 0-.01',
  keyboard: 'M2 5h16v10H2zM5 8h.01M8 8h.01M11 8h.01M14 8h.01M6 12h8',
  signOut: 'M8 3H3v14h5M12 6l4 4-4 4M16 10H7',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4.5 4.5',
  plus: 'M10 4v12M4 10h12',
  close: 'M5 5l10 10M15 5L5 15',
  check: 'M4 10.5l4 4 8-9',
  down: 'M5 8l5 5 5-5',
  up: 'M5 12l5-5 5 5',
  right: 'M8 5l5 5-5 5',
  left: 'M12 5l-5 5 5 5',
  more: 'M4.5 10a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0zM9.3 10a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0zM14.1 10a.7.7 0 1 0 1.4 0 .7.7 0 1 0-1.4 0z',
  edit: 'M4 16l.8-3.4L13.5 4l2.5 2.5-8.6 8.7z',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.8 11h7.4l.8-11M8.5 9v5M11.5 9v5',
  copy: 'M7 7h9v10H7zM4 13V3h9',
  download: 'M10 3v10M6 9.5l4 4 4-4M4 17h12',
  refresh: 'M16 6.5A7 7 0 1 0 17 10M16 3v4h-4',
  warning: 'M10 3l8 14H2zM10 8v4M10 14.5h.01',
  info: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 9v5M10 6.2h.01',
  star: 'M10 3l2.1 4.5 4.9.6-3.6 3.4.9 4.9-4.3-2.4-4.3 2.4.9-4.9L3 8.1l4.9-.6z',
  columns: 'M3 4h14v12H3zM8 4v12M12.5 4v12',
  filter: 'M3 5h14l-5.5 6v5l-3-1.5V11z',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  bell: 'M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13zM8.5 17.5h3',
  globe: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM2.5 10h15M10 2.5c4.5 4.5 4.5 10.5 0 15M10 2.5c-4.5 4.5-4.5 10.5 0 15',
  link: 'M8.5 11.5l3-3M9 6l2-2a3.5 3.5 0 0 1 5 5l-2 2M11 14l-2 2a3.5 3.5 0 0 1-5-5l2-2',
  clock: 'M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 5.5V10l3 2',
  home: 'M3 9.5L10 3.5l7 6V17h-4.5v-5h-5v5H3z',
  move: 'M4 10h11M11 6l4 4-4 4',
  window: 'M3 4h14v12H3zM3 7.5h14',
  share: 'M6.5 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM13.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM13.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8.3 9l3.4-2M8.3 11l3.4 2',
  shield: 'M10 2.5l6.5 2.5v4.5c0 4-2.700 6.800-6.5 8-3.800-1.200-6.5-4-6.5-8V5z',
  server: 'M3 4h14v5H3zM3 11h14v5H3zM6 6.5h.01M6 13.5h.01',
  file: 'M5 2.5h7l3.5 3.5v11.5H5zM12 2.5V6h3.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
