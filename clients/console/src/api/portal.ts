/* SPDX-License-Identifier: Apache-2.0 */
/* What the public portal asks, without a sign-in. */
import { get, post } from './request';

/* What has to be read before a session. */
export interface Terms {
  readonly notices?: readonly { readonly text: string }[];
  readonly agreement?: string;
  readonly recording?: string; /* empty: sessions are not recorded */
  readonly recording_is_own?: boolean;
}

/* How the customer comes in: by a session key, or by a Support Button. */
export interface Entrance extends Terms {
  readonly key?: string;
  readonly representative: string; /* or the team */
  readonly command: string;
  readonly download: string | null;
  readonly portal?: string;
  readonly agreed?: boolean;
  readonly expires_unix_ms?: number;
  readonly visit?: string | null;
}

export interface PortalLook extends Terms {
  readonly code: string;
  readonly title: string;
  readonly text: string;
  readonly accent: string | null;
  readonly background: string | null;
  readonly foreground: string | null;
  readonly logo: string | null;
  readonly show_keys: boolean;
  readonly show_issues: boolean;
  readonly show_representatives: boolean;
  readonly is_open: boolean;
  readonly opens_unix_ms: number | null;
  readonly closed: string;
  readonly closed_is_own: boolean;
  readonly issues: readonly { readonly code: string; readonly name: string }[];
  readonly representatives: readonly { readonly id: number; readonly name: string }[];
}

export interface PortalInfo {
  readonly name: string;
  readonly version: string;
  readonly download_available: boolean;
  readonly portal: PortalLook;
}

export interface Request {
  readonly portal: string;
  readonly issue?: string;
  readonly representative?: number;
  readonly name: string;
  readonly company: string;
  readonly code: string;
  readonly description: string;
  readonly agreed: boolean;
}

/* Where a customer is: control/API.md, portal.visit. */
export interface Visit {
  readonly state: 'ready' | 'expired' | 'waiting' | 'active' | 'ended';
  readonly portal: string;
  readonly representative: string;
  readonly customer: string;
  readonly session?: number;
  readonly expires_unix_ms?: number;
  readonly position?: number;
  readonly wait_ms?: number | null;
  readonly waiting_since_unix_ms?: number;
  readonly message?: string;
  readonly served?: boolean;
  readonly orphaned?: boolean;
  readonly ended_unix_ms?: number;
  readonly reason?: string;
  readonly url?: string | null;
  readonly survey?: boolean;
  readonly transcript?: boolean;
}

export interface Question {
  readonly id: number;
  readonly kind: 'text' | 'choice' | 'rating';
  readonly text: string;
  readonly choices: readonly string[];
  readonly required: boolean;
  readonly answer: string;
}

export interface TranscriptLine {
  readonly line: number;
  readonly time_unix_ms: number;
  readonly role: string;
  readonly name: string;
  readonly text: string;
}

export interface SessionData {
  readonly id: number;
  readonly appliance: string;
  readonly portal: string;
  readonly customer: string;
  readonly issue: string;
  readonly representatives: readonly string[];
  readonly created_unix_ms: number;
  readonly started_unix_ms: number;
  readonly ended_unix_ms: number;
}

interface TranscriptPart {
  readonly session: SessionData;
  readonly lines: readonly TranscriptLine[];
  readonly next: number | null;
}

export interface Transcript {
  readonly session: SessionData;
  readonly lines: readonly TranscriptLine[];
}

export const portalApi = {
  info: (code?: string) => get<PortalInfo>('portal', { portal: code }),
  checkKey: (key: string, agreed = false) =>
    post<Entrance>('portal/session-key', { key, ...(agreed && { agreed }) }),
  checkButton: (button: string) => post<Entrance>('portal/support-button', { button }),
  submitIssue: (wish: Request) => post<Entrance>('portal/issue', wish),
  visit: (token: string) => get<Visit>('portal/visit', { token }),
  survey: (token: string) => get<{ questions: Question[] }>('portal/survey', { token }),
  answerSurvey: (token: string, answers: Readonly<Record<string, string>>) =>
    post('portal/survey', { token, answers }),
  joinInvitation: (key: string, name: string, holderKey: string) =>
    post<{ session: number; ticket: string }>('portal/invitation', { key, name, holder_key: holderKey }),

  /* All of it, part by part. */
  async transcript(token: string): Promise<Transcript> {
    const lines: TranscriptLine[] = [];
    let after: number | null = 0;
    for (;;) {
      const part: TranscriptPart = await get<TranscriptPart>('portal/visit/transcript', { token, after });
      lines.push(...part.lines);
      after = part.next;
      if (after === null) {
        return { session: part.session, lines };
      }
    }
  },
};
