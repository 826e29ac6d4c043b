/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: rows of columns that control/report/tables.c names, a page at a time. */
import { ApiError, get, queryOf, type Query } from './request';
import { common } from '../text/common';

/* Times have their column's name with `_unix_ms` behind it. */
export type ReportRow = Readonly<Record<string, unknown>>;

export type ReportFormat = 'json' | 'csv' | 'xml';

interface ReportPage {
  readonly rows: readonly ReportRow[];
  readonly next?: string | null;
}

const PAGE_ROWS = 500;

export interface ReportTeam {
  readonly id: number;
  readonly name: string;
}

export interface ReportPart {
  readonly rows: readonly ReportRow[];
  readonly isCut: boolean; /* there are more than were asked for */
}

export const reportsApi = {
  /* Every row, oldest first, up to most. */
  rows: async (path: string, query: Query, most: number): Promise<ReportPart> => {
    const rows: ReportRow[] = [];
    let after: string | null = null;
    for (;;) {
      const page: ReportPage = await get<ReportPage>(`reports/${path}`, { ...query, after, limit: PAGE_ROWS });
      rows.push(...page.rows);
      after = page.next ?? null;
      if (after === null || rows.length >= most) {
        return { rows: rows.slice(0, most), isCut: after !== null || rows.length > most };
      }
    }
  },
  /* The teams that a report can be of. */
  teams: async (after: number): Promise<{ rows: readonly ReportTeam[]; next: number | null }> => {
    const page = await get<{ teams: ReportTeam[]; next?: number | null }>('teams', { after, limit: 100 });
    return { rows: page.teams, next: page.next ?? null };
  },
  /* One part of a session: participants, queue, events, chat, notes, attributes, surveys, recordings. */
  part: (session: number, part: string, most: number) => reportsApi.rows(`sessions/${session}`, { part }, most),
  session: async (session: number): Promise<ReportRow | null> =>
    (await get<ReportPage>('reports/sessions', { session, limit: 1 })).rows[0] ?? null,

  /* One page as a file, and what the next request gives as `after`. */
  file: async (path: string, query: Query, format: ReportFormat, after: string | null):
  Promise<{ text: string; next: string | null }> => {
    const all = { ...query, format, after, limit: PAGE_ROWS };
    const response = await fetch(`/api/v1/reports/${path}${queryOf(all)}`, { credentials: 'same-origin', cache: 'no-store' })
      .catch(() => {
        throw new ApiError(0, 'UNREACHABLE', common.errors.unreachable);
      });
    if (!response.ok) {
      const said = (await response.json().catch(() => null)) as { error?: { message?: unknown } } | null;
      const message = said?.error?.message;
      throw new ApiError(response.status, '', typeof message === 'string' ? message : common.errors.status(response.status));
    }
    const content = await response.text();
    const next = format === 'json' ? (JSON.parse(content) as ReportPage).next : response.headers.get('Causeway-Next');
    return { text: content, next: next ?? null };
  },
};
