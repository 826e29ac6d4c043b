/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of what customers meet: portals, notices, messages, Support Buttons, canned texts, surveys. */
import { loadAll } from '../view/resource';
import { get, post } from './request';

export interface PortalRow {
  readonly id: number;
  readonly name: string;
  readonly code: string;
  readonly hosts: string;
  readonly url: string;
  readonly schedule: boolean;
  readonly time_zone: string;
  readonly open_now: boolean;
  readonly logo?: string;
}

export interface PortalSettings extends PortalRow {
  readonly title: string;
  readonly text: string;
  readonly accent: string;
  readonly background: string;
  readonly foreground: string;
  readonly show_keys: boolean;
  readonly show_issues: boolean;
  readonly show_representatives: boolean;
  readonly hours: string;
  readonly dates: string;
  readonly opens_unix_ms: number | null;
  readonly issues: readonly number[];
}

export interface Notice {
  readonly id: number;
  readonly portal: number | null;
  readonly text: string;
  readonly from_unix_ms: number;
  readonly until_unix_ms: number | null;
}

export interface CustomerMessage {
  readonly name: string;
  readonly text: string;
  readonly default: string;
  readonly when: string;
  readonly portal_own: boolean;
}

export interface SupportButton {
  readonly id: number;
  readonly name: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly account: number | null;
  readonly team: number | null;
  readonly issue: number | null;
  readonly leads_to: string;
  readonly portal: number | null;
  readonly owner: string;
  readonly created_unix_ms: number;
  readonly expires_unix_ms: number | null;
  readonly uses: number;
  readonly last_used_unix_ms: number | null;
}

export interface MadeButton {
  readonly support_button: SupportButton;
  readonly secret: string;
  readonly command: string;
  readonly url: string;
  readonly launcher: string;
}

export interface Category {
  readonly id: number;
  readonly name: string;
  readonly count: number;
}

export type Platform = 'any' | 'linux' | 'windows' | 'macos';

export interface Canned {
  readonly id: number;
  readonly category: number | null;
  readonly category_name: string | null;
  readonly name: string;
  readonly teams: readonly number[];
  readonly text?: string; /* of a script: canned_script.show has it */
  readonly description?: string;
  readonly platform?: Platform;
}

export type QuestionKind = 'text' | 'choice' | 'rating';
export type Audience = 'representative' | 'customer';

export interface SurveyQuestion {
  readonly id: number;
  readonly for: Audience;
  readonly kind: QuestionKind;
  readonly text: string;
  readonly choices: readonly string[];
  readonly required: boolean;
}

export interface Attribute {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly editable: boolean;
}

export interface CustomLink {
  readonly id: number;
  readonly name: string;
  readonly url: string;
}

export interface StatusCode {
  readonly id: number;
  readonly name: string;
  readonly shown_as: 'busy' | 'away';
}

/* Pages of 100 of a listing whose rows are in the member `name`. */
function every<R>(path: string, name: string, query: object = {}): Promise<R[]> {
  return loadAll<R>(async (after) => {
    const page = await get<Record<string, R[]> & { next?: number | null }>(path, { ...query, after, limit: 100 });
    return { rows: page[name] as R[], next: page.next ?? null };
  });
}

export const portalsApi = {
  list: async () => (await get<{ portals: PortalRow[] }>('portals')).portals,
  show: async (id: number) => (await get<{ portal: PortalSettings }>(`portals/${id}`)).portal,
  create: async (values: object) => (await post<{ portal: PortalSettings }>('portals', values)).portal,
  set: async (id: number, values: object) => (await post<{ portal: PortalSettings }>(`portals/${id}`, values)).portal,
  remove: (id: number) => post(`portals/${id}/remove`),
  setLogo: (id: number, picture: string) => post<{ logo?: string }>(`portals/${id}/logo`, { picture }),
  notices: () => every<Notice>('notices', 'notices'),
  createNotice: async (values: object) => (await post<{ notice: Notice }>('notices', values)).notice,
  setNotice: async (id: number, values: object) => (await post<{ notice: Notice }>(`notices/${id}`, values)).notice,
  removeNotice: (id: number) => post(`notices/${id}/remove`),
  /* portal 0: what all portals say that have nothing of their own. */
  messages: async (portal: number) =>
    (await get<{ messages: CustomerMessage[] }>('customer-messages', { portal: portal || undefined })).messages,
  setMessage: (portal: number, name: string, words: string | null) =>
    post('customer-messages', { name, ...(words !== null && { text: words }), ...(portal !== 0 && { portal }) }),
};

export const buttonsApi = {
  list: () => every<SupportButton>('support-buttons', 'support_buttons'),
  create: (values: object) => post<MadeButton>('support-buttons', values),
  set: (id: number, values: object) => post<{ support_button: SupportButton }>(`support-buttons/${id}`, values),
  revoke: (id: number) => post<{ support_button: SupportButton }>(`support-buttons/${id}/revoke`),

  /* All of them as CSV, page by page. */
  async csv(): Promise<string> {
    const parts: string[] = [];
    let after: number | null = 0;
    do {
      const page: { csv: string; next?: number | null } = await get('support-buttons/export', { after, limit: 1000 });
      parts.push(page.csv);
      after = page.next ?? null;
    } while (after !== null);
    return parts.join('');
  },
};

export type CannedKind = 'message' | 'script';

export const cannedApi = {
  list: (kind: CannedKind) => every<Canned>(`canned-${kind}s`, `${kind}s`, { all: true }),
  script: async (id: number) => (await get<{ script: Canned }>(`canned-scripts/${id}`)).script,
  create: (kind: CannedKind, values: object) => post<{ id: number }>(`canned-${kind}s`, values),
  set: (kind: CannedKind, id: number, values: object) => post<{ id: number }>(`canned-${kind}s/${id}`, values),
  remove: (kind: CannedKind, id: number) => post(`canned-${kind}s/${id}/remove`),
  categories: async (kind: CannedKind) => (await get<{ categories: Category[] }>(`canned-${kind}-categories`)).categories,
  createCategory: (kind: CannedKind, name: string) => post<{ id: number }>(`canned-${kind}-categories`, { name }),
  renameCategory: (kind: CannedKind, id: number, name: string) => post(`canned-${kind}-categories/${id}`, { name }),
  removeCategory: (kind: CannedKind, id: number) => post(`canned-${kind}-categories/${id}/remove`),
};

export const surveysApi = {
  questions: async () => (await get<{ questions: SurveyQuestion[] }>('survey-questions')).questions,
  createQuestion: (values: object) => post<{ id: number }>('survey-questions', values),
  order: (questions: readonly number[]) => post('survey-questions/order', { questions }),
  removeQuestion: (id: number) => post(`survey-questions/${id}/remove`),
  attributes: async () => (await get<{ attributes: Attribute[] }>('attributes')).attributes,
  createAttribute: (values: object) => post<{ id: number }>('attributes', values),
  removeAttribute: (id: number) => post(`attributes/${id}/remove`),
  links: async () => (await get<{ links: CustomLink[] }>('custom-links')).links,
  createLink: (values: object) => post<{ id: number }>('custom-links', values),
  setLink: (id: number, values: object) => post<{ id: number }>(`custom-links/${id}`, values),
  removeLink: (id: number) => post(`custom-links/${id}/remove`),
  statusCodes: async () => (await get<{ status_codes: StatusCode[] }>('status-codes')).status_codes,
  createStatusCode: (values: object) => post<{ id: number }>('status-codes', values),
  removeStatusCode: (id: number) => post(`status-codes/${id}/remove`),
};
