/* SPDX-License-Identifier: Apache-2.0 */
/* What reports there are: where they come from, their columns, and what they can be filtered by. */
import { text } from '../../text';

/* time: the row has it as NAME_unix_ms; seconds: a length of time; word: control's word, which the texts translate. */
export type CellKind = 'text' | 'number' | 'time' | 'seconds' | 'bytes' | 'flag' | 'word' | 'id';

export interface ReportColumn {
  readonly id: string;
  readonly kind: CellKind;
  readonly width?: number;
  readonly hidden?: boolean;
}

export type ReportFilter = 'team' | 'customer' | 'status' | 'external_key' | 'user' | 'by';

export interface ReportKind {
  readonly id: string; /* of its texts, and of the XML element that holds its rows */
  readonly path: string; /* below /api/v1/reports/ and #/reports/ */
  readonly columns: readonly ReportColumn[];
  readonly filters: readonly ReportFilter[];
  readonly chart?: { readonly value: string; readonly kind: CellKind };
  readonly opensSession?: string; /* the column with the session that a row leads to */
}

const shown = (id: string, kind: CellKind, width?: number): ReportColumn => ({ id, kind, ...(width !== undefined && { width }) });
const spare = (id: string, kind: CellKind): ReportColumn => ({ id, kind, hidden: true });

const sessionFilters: readonly ReportFilter[] = ['team', 'status', 'customer', 'external_key'];

export const reportKinds: readonly ReportKind[] = [
  {
    id: 'sessions', path: 'sessions', filters: sessionFilters, opensSession: 'id',
    columns: [
      shown('id', 'id', 90), shown('created', 'time', 195), shown('customer', 'text', 150), shown('representative_name', 'text', 140),
      shown('team_name', 'text', 110), shown('kind', 'word', 100), shown('status', 'word', 100), shown('duration_s', 'seconds', 105),
      shown('wait_s', 'seconds', 100), spare('jump_item_name', 'text'), spare('jump_group', 'text'), spare('customer_address', 'text'),
      spare('representative_address', 'text'), spare('title', 'text'), spare('external_key', 'text'), spare('ticket', 'text'),
      spare('priority', 'word'), spare('started', 'time'), spare('ended', 'time'), spare('end_text', 'text'),
      spare('recording', 'word'), spare('participant_count', 'number'), spare('chat_lines', 'number'), spare('note_count', 'number'),
      spare('recording_parts', 'number'), spare('answer_count', 'number'),
    ],
  },
  {
    id: 'session_summary', path: 'session-summary', filters: ['by', 'team'], chart: { value: 'sessions', kind: 'number' },
    columns: [
      shown('name', 'text', 160), shown('sessions', 'number', 100), shown('ended', 'number', 100), shown('wait_s', 'seconds', 120),
      shown('wait_longest_s', 'seconds', 140), shown('session_s', 'seconds', 155), shown('session_longest_s', 'seconds', 150),
    ],
  },
  {
    id: 'team_activity', path: 'team-activity', filters: ['team'], chart: { value: 'sessions', kind: 'number' },
    columns: [
      shown('team_name', 'text', 120), shown('name', 'text', 150), spare('user', 'text'), shown('role', 'word', 100),
      shown('sessions', 'number', 90), shown('session_s', 'seconds', 155), shown('passed_on', 'number', 115),
      shown('sign_ins', 'number', 90), shown('connected_s', 'seconds', 130), shown('available_s', 'seconds', 110),
      spare('busy_s', 'seconds'), spare('away_s', 'seconds'),
    ],
  },
  {
    id: 'jump_items', path: 'jump-items', filters: sessionFilters, opensSession: 'session',
    columns: [
      shown('started', 'time', 195), shown('jump_item_name', 'text', 180), shown('jump_group', 'text', 120),
      shown('account_name', 'text', 140), shown('duration_s', 'seconds', 105), shown('ticket', 'text', 100),
      shown('outside_hours', 'flag', 130), spare('address', 'text'), spare('ended', 'time'), shown('session', 'id', 95),
    ],
  },
  {
    id: 'support_buttons', path: 'support-buttons', filters: sessionFilters, opensSession: 'session',
    columns: [
      shown('created', 'time', 195), shown('button_name', 'text', 160), shown('owner_name', 'text', 130), shown('customer', 'text', 140),
      shown('team_name', 'text', 110), shown('representative_name', 'text', 140), shown('wait_s', 'seconds', 100),
      shown('duration_s', 'seconds', 105), spare('customer_address', 'text'), spare('started', 'time'), spare('ended', 'time'),
      shown('session', 'id', 95),
    ],
  },
  {
    id: 'surveys', path: 'surveys', filters: sessionFilters, opensSession: 'session',
    columns: [
      shown('time', 'time', 195), shown('audience', 'word', 120), shown('name', 'text', 140), shown('question_text', 'text', 220),
      shown('value', 'text', 220), shown('session', 'id', 95),
    ],
  },
  {
    id: 'logins', path: 'logins', filters: ['user'],
    columns: [
      shown('time', 'time', 195), shown('actor', 'text', 140), shown('action', 'text', 150), shown('result', 'text', 90),
      shown('source', 'text', 130), shown('detail', 'text', 260), spare('object', 'text'), spare('audit', 'id'),
    ],
  },
  {
    id: 'configuration_changes', path: 'configuration-changes', filters: ['user'],
    columns: [
      shown('time', 'time', 195), shown('actor', 'text', 140), shown('action', 'text', 170), shown('object', 'text', 120),
      shown('result', 'text', 90), shown('detail', 'text', 260), spare('source', 'text'), spare('audit', 'id'),
    ],
  },
];

/* The parts of one session, as its own page shows them. */
export const sessionParts: readonly { readonly id: string; readonly columns: readonly ReportColumn[] }[] = [
  {
    id: 'participants',
    columns: [
      shown('name', 'text', 160), shown('role', 'word', 120), shown('relation', 'word', 110), shown('address', 'text', 140),
      shown('joined', 'time', 195), shown('left', 'time', 195),
    ],
  },
  {
    id: 'chat',
    columns: [
      shown('time', 'time', 195), shown('name', 'text', 140), shown('role', 'word', 120), shown('audience', 'word', 130),
      shown('text', 'text', 360),
    ],
  },
  {
    id: 'events',
    columns: [
      shown('time', 'time', 195), shown('actor', 'text', 140), shown('action', 'text', 170), shown('result', 'text', 90),
      shown('detail', 'text', 280), spare('source', 'text'),
    ],
  },
  {
    id: 'queue',
    columns: [
      shown('since', 'time', 195), shown('until', 'time', 195), shown('state', 'word', 100), shown('team_name', 'text', 130),
      shown('account_name', 'text', 140), shown('duration_s', 'seconds', 105),
    ],
  },
  { id: 'notes', columns: [shown('time', 'time', 195), shown('name', 'text', 140), shown('text', 'text', 420)] },
  { id: 'attributes', columns: [shown('name', 'text', 180), shown('value', 'text', 320), spare('code', 'text')] },
  {
    id: 'surveys',
    columns: [
      shown('time', 'time', 195), shown('audience', 'word', 120), shown('name', 'text', 140), shown('question_text', 'text', 220),
      shown('value', 'text', 220),
    ],
  },
  {
    id: 'recordings',
    columns: [
      shown('recording', 'text', 200), shown('part', 'number', 70), shown('bytes', 'bytes', 100), shown('whole', 'flag', 90),
      shown('sealed', 'time', 195),
    ],
  },
];

/* A text by control's own name; what is not known yet is shown as it is. */
function named(texts: object, name: string): string {
  return (texts as Readonly<Record<string, string>>)[name] ?? name;
}

export const columnTitle = (id: string): string => named(text.reports.columns, id);
export const kindTitle = (id: string): string => named(text.reports.kinds, id);
export const kindLead = (id: string): string => named(text.reports.leads, id);
export const partTitle = (id: string): string => named(text.reports.parts, id);
export const wordOf = (value: string): string => named(text.reports.words, value);
